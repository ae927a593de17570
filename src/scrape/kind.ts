import type { JsonObject } from "#platform/json-value";
import * as z from "zod";
import { readConfig } from "#platform/config";
import type { Config } from "#platform/config";
import { ApiError } from "#platform/errors";
import type { FieldError } from "#platform/errors";
import { describeIssues, FAULT_TEXTS, toPointer } from "#platform/faults";
import type { Locale } from "#platform/locale";
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";
import { checkUrl, createAddressRules, describeRefusal } from "#egress/service";
import type { UrlRefusal } from "#egress/service";
import type { KindDefinition } from "#tasks/service";
import { fillTemplate } from "./core/address-template";
import { planScript } from "./core/script-plan";
import { chooseVersion } from "./core/script-version";
import { findScript } from "./core/scripts";
import { isBuiltIn, resolveScript } from "./scripts";
import type { OwnScript } from "./scripts";
import { answerOf, refusedByTool, toolsOf } from "./tools-client";

/** The input of a scrape as the wire has it, without what concerns its task. */
const InputSchema = z.strictObject({
  script_name: z
    .string()
    .regex(/^[a-zA-Z0-9_-]+$/)
    .max(64),
  script_version: z.string().max(64).optional(),
  parameters: z.record(z.string(), z.unknown()),
  max_age: z.int().min(0).max(604_800).optional(),
});

/**
 * Scrapes. What can be refused without a fetch is refused at the submit, while the caller still listens: an unknown script,
 * parameters that it does not take, an address that is never fetched. Names are resolved when the task runs.
 */
export const scrapeKind: KindDefinition = {
  kind: "scrape",
  scope: "scrape",
  lane: "slow",
  title: "Fetches a page and takes from it what a script describes",
  async validate(input, { env, ownerId, locale, root }) {
    const context = { config: readConfig(env), locale, root };
    const parsed = InputSchema.safeParse(input, { error: FAULT_TEXTS[locale] });
    if (!parsed.success || isBuiltIn(parsed.data.script_name))
      return validateScrape(input, context);
    const { script_name: name, script_version: version } = parsed.data;
    const script = await resolveScript(env, ownerId, name, version);
    return script.kind === "own"
      ? validateOwn(env, script, parsed.data, context)
      : validateScrape(input, context);
  },
};

export interface ScrapeContext {
  readonly config: Pick<Config, "scrapeAllowHosts" | "scrapeAllowPrivate">;
  readonly locale: Locale;
  /** Where the input stands in the body. */
  readonly root: readonly string[];
}

/** The input with its script's version and defaults, or why it is refused. */
export function validateScrape(
  input: JsonObject,
  { config, locale, root }: ScrapeContext,
): Result<JsonObject, ApiError> {
  const texts = { error: FAULT_TEXTS[locale] };
  const parsed = InputSchema.safeParse(input, texts);
  if (!parsed.success) return err(invalid(describeIssues(parsed.error.issues, root, locale)));
  const { script_name: name, script_version: version } = parsed.data;
  const script = findScript(name);
  if (script === null || chooseVersion([script.version], version) === null) {
    const named = version === undefined ? name : `${name}@${version}`;
    return err(new ApiError("SCRIPT_NOT_FOUND", { params: { script_name: named } }));
  }

  const at = [...root, "parameters"];
  // The form first, in the caller's language; then what only the script itself can judge.
  const form = script.parameters.safeParse(parsed.data.parameters, texts);
  if (!form.success) return err(invalid(describeIssues(form.error.issues, at, locale)));
  const checked = script.check(parsed.data.parameters, toPointer(at), locale);
  if (!checked.ok) {
    const { code, params, errors } = checked.error;
    return err(new ApiError(code, { ...(params && { params }), ...(errors && { errors }) }));
  }

  const address = checked.value["url"];
  const url = checkUrl(
    typeof address === "string" ? address : "",
    "user",
    createAddressRules(config.scrapeAllowHosts, config.scrapeAllowPrivate),
  );
  if (!url.ok) return err(notAllowed(url.error, toPointer([...at, "url"]), locale));
  const { max_age: maxAge } = parsed.data;
  return ok({
    script_name: name,
    script_version: script.version,
    parameters: checked.value,
    ...(maxAge === undefined ? {} : { max_age: maxAge }),
  });
}

/**
 * As `validateScrape`, for a script of the caller's own. The definition travels with the task: it was resolved at
 * the submit, and what becomes of the script afterwards changes no task that was accepted.
 */
async function validateOwn(
  env: Env,
  script: OwnScript,
  input: z.output<typeof InputSchema>,
  { config, locale, root }: ScrapeContext,
): Promise<Result<JsonObject, ApiError>> {
  const at = toPointer([...root, "parameters"]);
  const { definition } = script;
  const checked = await answerOf(
    toolsOf(env).checkParameters(definition.parameters, input.parameters as JsonObject, at, locale),
  );
  if (!checked.ok) return err(refusedByTool(checked));
  const { address } = planScript(definition);
  const url = checkUrl(
    fillTemplate(address, checked.parameters),
    "user",
    createAddressRules(config.scrapeAllowHosts, config.scrapeAllowPrivate),
  );
  // The address of a template with more than a parameter is the script's, and the fault then stands nowhere in particular.
  const whole = /^\{([^{}]+)\}$/.exec(address)?.[1];
  if (!url.ok)
    return err(
      notAllowed(url.error, whole === undefined ? at : `${at}${toPointer([whole])}`, locale),
    );
  return ok({
    script_name: script.name,
    script_version: script.version,
    parameters: checked.parameters,
    ...(input.max_age === undefined ? {} : { max_age: input.max_age }),
    script: { content_hash: script.contentHash, definition: definition as unknown as JsonObject },
  });
}

const notAllowed = (refusal: UrlRefusal, pointer: string, locale: Locale): ApiError =>
  new ApiError("URL_NOT_ALLOWED", {
    params: { reason: refusal },
    errors: [{ pointer, code: refusal, message: describeRefusal(refusal, locale) }],
  });

const invalid = (errors: readonly FieldError[]): ApiError =>
  new ApiError("VALIDATION_FAILED", { params: { count: errors.length }, errors });
