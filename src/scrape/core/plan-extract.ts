/** Reads one page by a plan: the values, and the addresses that it leads to. */
import type { JsonObject } from "#platform/json-value";
import { err, ok, type Result } from "#platform/result";
import type { HtmlDocument, Refusal } from "./document";
import { attributeOf } from "./document-parse";
import { resolveResource } from "./links";
import { withoutFragment } from "./page-address";
import type { ScriptFields } from "./script-definition";
import type { LinkPlan, PagePlan } from "./script-plan";
import type { FieldSpec, FieldSpecs } from "./select";
import { selectFields } from "./select";
import { Selection } from "./select-query";
import { refuseSelector, validateSelector } from "./select-validate";
import { siteOf } from "./site";
import { Pipeline } from "./transforms";

/** The fields of a script as the selection reads them, with their steps ready to run. */
export function toFieldSpecs(fields: ScriptFields): FieldSpecs {
  const specs: Record<string, string | FieldSpec> = {};
  for (const [name, field] of Object.entries(fields)) {
    if (typeof field === "string") {
      specs[name] = field;
      continue;
    }
    const { transforms, fields: nested, ...rest } = field;
    specs[name] = {
      ...rest,
      ...(transforms === undefined ? {} : { pipeline: new Pipeline(transforms) }),
      ...(nested === undefined ? {} : { fields: toFieldSpecs(nested) }),
    };
  }
  return specs;
}

export interface PageExtract {
  readonly values: JsonObject;
  /** Addresses by the name of their list, each once, without fragments. */
  readonly links: Readonly<Record<string, readonly string[]>>;
  readonly next: string | null;
}

/** Elements looked at for one list of links; the rest of a page's hundred thousand is not what a script means. */
const MAX_CANDIDATES = 5_000;

/** Values and links of a page within one budget of steps. Refuses as `selectFields` does. */
export function extractByPlan(
  page: HtmlDocument,
  plan: PagePlan,
  url: string,
): Result<PageExtract, Refusal> {
  const selection = new Selection();
  const values = selectFields(page, toFieldSpecs(plan.fields), selection);
  if (!values.ok) return values;
  const links: Record<string, readonly string[]> = {};
  for (const link of plan.links) {
    const found = findLinks(page, selection, link, url);
    if (!found.ok) return found;
    links[link.into] = found.value;
  }
  if (plan.next === null) return ok({ values: values.value, links, next: null });
  const next = findLinks(page, selection, { ...plan.next, sameSite: true, limit: 1 }, url);
  return next.ok ? ok({ values: values.value, links, next: next.value[0] ?? null }) : next;
}

function findLinks(
  page: HtmlDocument,
  selection: Selection,
  plan: Omit<LinkPlan, "into">,
  url: string,
): Result<string[], Refusal> {
  const checked = validateSelector(plan.selector);
  if (!checked.ok) {
    const at = { selector: plan.selector, field: "links", pointer: "" };
    return err(refuseSelector(at, checked.error, "en"));
  }
  const found = selection.all(checked.value, page.root);
  if (!found.ok) return err({ code: "PAGE_TOO_COMPLEX", params: { limit: "selector_steps" } });
  const site = siteOf(new URL(url));
  const own = withoutFragment(url);
  const addresses = new Set<string>();
  for (const element of found.value.slice(0, MAX_CANDIDATES)) {
    if (addresses.size >= plan.limit) break;
    const reference = attributeOf(element, plan.attribute.toLowerCase())?.trim() || null;
    const address = resolveResource(reference, page.baseUrl);
    if (address === null) continue;
    const target = withoutFragment(address);
    // A link to the page itself leads nowhere further.
    if (target === own || (plan.sameSite && siteOf(new URL(target)) !== site)) continue;
    addresses.add(target);
  }
  return ok([...addresses]);
}
