import type { Element } from "domhandler";
import * as z from "zod";
import { err, ok, type Result } from "#platform/result";
import type { HtmlDocument, Refusal } from "./document";
import { defineScript, PageUrlSchema } from "./script";
import { Selection } from "./select-query";
import { MAX_SELECTOR_LENGTH, refuseSelector, validateSelector } from "./select-validate";
import { cut } from "./text";
import { findTables, newTableBudget, readTable, TABLE_LIMITS } from "./tables";

const ParametersSchema = z.strictObject({
  url: PageUrlSchema,
  selector: z
    .string()
    .min(1)
    .max(MAX_SELECTOR_LENGTH)
    .optional()
    .describe("CSS selector: only tables that match, or that stand inside of what matches."),
  index: z
    .int()
    .min(0)
    .max(100_000)
    .optional()
    .describe("Only this one of them, counted from 0 in the order of the page."),
});

function chooseTables(
  page: HtmlDocument,
  selector: string | undefined,
): Result<Element[], Refusal> {
  if (selector === undefined) return ok(findTables(page.root));
  const checked = validateSelector(selector);
  if (!checked.ok)
    return err({ code: "INVALID_SELECTOR", params: { selector: cut(selector, 200) } });
  const matches = new Selection().all(checked.value, page.root);
  if (!matches.ok) return err({ code: "PAGE_TOO_COMPLEX", params: { limit: "selector_steps" } });
  const chosen = new Set<Element>(matches.value);
  // One pass over the tables, each asking its ancestors, of which there are few hundred at most.
  return ok(
    findTables(page.root).filter((table) => {
      let at: Element | null = table;
      while (at !== null) {
        if (chosen.has(at)) return true;
        const parent: Element["parent"] = at.parent;
        at = parent !== null && "name" in parent ? parent : null;
      }
      return false;
    }),
  );
}

export const tablesScript = defineScript({
  name: "tables",
  version: "1.0.0",
  title: { ko: "표", en: "Tables" },
  description: {
    ko: "페이지의 표를 행과, 머리글이 있으면 레코드로 읽습니다. 병합된 칸은 모든 자리에 채웁니다.",
    en: "Reads a page's tables as rows and, where they have headers, records. Merged cells fill every place.",
  },
  parameters: ParametersSchema,
  validate({ selector }, pointer, locale) {
    if (selector === undefined) return null;
    const checked = validateSelector(selector);
    if (checked.ok) return null;
    const at = { selector, field: "selector", pointer: `${pointer}/selector` };
    return refuseSelector(at, checked.error, locale);
  },
  extract(document, parameters) {
    if (document.kind !== "html") return err({ code: "UNSUPPORTED_CONTENT" });
    const found = chooseTables(document, parameters.selector);
    if (!found.ok) return found;
    const { index } = parameters;
    const chosen = index === undefined ? found.value : found.value.slice(index, index + 1);
    const budget = newTableBudget();
    const tables = chosen.slice(0, TABLE_LIMITS.tables).map((table) => readTable(table, budget));
    return ok({
      tables: tables.map((table) => ({ ...table })),
      count: tables.length,
      truncated: chosen.length > TABLE_LIMITS.tables || tables.some(({ truncated }) => truncated),
    });
  },
});
