import * as z from "zod";
import { err, ok } from "#platform/result";
import { FieldNameSchema } from "./field-name";
import { defineScript, PageUrlSchema } from "./script";
import {
  type FieldSpec,
  type FieldSpecs,
  prepareFields,
  SELECT_LIMITS,
  selectFields,
} from "./select";
import { MAX_SELECTOR_LENGTH } from "./select-validate";

const SelectorTextSchema = z.string().min(1).max(MAX_SELECTOR_LENGTH);

const TAKES = ["attribute", "html", "text", "fields"] as const;
type Wanted = { readonly [K in (typeof TAKES)[number]]?: unknown };
const takesOneThing = (spec: Wanted): boolean =>
  TAKES.filter((take) => spec[take] !== undefined && spec[take] !== false).length <= 1;

/** The members that say what is taken of a match; `fields` is there on all levels but the innermost. */
const shape = {
  selector: SelectorTextSchema.describe(
    "CSS selector. In nested fields it searches inside the match, and :scope is the match itself.",
  ),
  attribute: z
    .string()
    .regex(/^[^\s"'<>/=]{1,100}$/)
    .optional()
    .describe("This attribute's value; addresses in href, src and the like are made absolute."),
  all: z
    .boolean()
    .optional()
    .describe(`A list of all matches (${SELECT_LIMITS.matches} at most), not the first one.`),
  html: z.boolean().optional().describe("The match as HTML, itself included."),
  text: z.boolean().optional().describe("The match's text. This is the default."),
};
const ONE_THING = {
  params: {
    code: "conflicting_fields",
    en: "Only one of attribute, html, text and fields can be taken",
    ko: "attribute, html, text, fields 가운데 하나만 쓸 수 있습니다",
  },
};

/** Fields that nest so many levels deep; written out level by level, so that a schema shows the bound. */
function fieldsSchema(levels: number): z.ZodType<FieldSpecs, FieldSpecs> {
  const spec: z.ZodType<FieldSpec, FieldSpec> =
    levels > 1
      ? z
          .strictObject({
            ...shape,
            fields: fieldsSchema(levels - 1)
              .optional()
              .describe("An object of values, each taken from inside the match."),
          })
          .refine(takesOneThing, ONE_THING)
      : z.strictObject(shape).refine(takesOneThing, ONE_THING);
  return z
    .record(FieldNameSchema, z.union([SelectorTextSchema, spec]))
    .refine((fields) => Object.keys(fields).length > 0, {
      params: {
        code: "too_small",
        en: "At least one field is needed",
        ko: "항목이 하나 이상 필요합니다",
      },
    });
}

/** Fields on all levels. Levels are few, so this recursion is. */
const countFields = (specs: FieldSpecs): number =>
  Object.values(specs).reduce<number>(
    (sum, spec) =>
      sum +
      1 +
      (typeof spec === "object" && spec.fields !== undefined ? countFields(spec.fields) : 0),
    0,
  );

const ParametersSchema = z.strictObject({
  url: PageUrlSchema,
  selectors: fieldsSchema(SELECT_LIMITS.nesting)
    .refine((specs) => countFields(specs) <= SELECT_LIMITS.fields, {
      params: {
        code: "too_big",
        en: `At most ${SELECT_LIMITS.fields} selectors in all`,
        ko: `선택자는 모두 ${SELECT_LIMITS.fields}개까지입니다`,
      },
    })
    .describe(
      "What to take, by name: a CSS selector for its first match's text, or more about it.",
    ),
});

export const selectScript = defineScript({
  name: "select",
  version: "1.0.0",
  title: { ko: "선택", en: "Select" },
  description: {
    ko: "CSS 선택자로 고른 값을 이름별로 `values`에 담습니다. 없으면 null 또는 빈 목록입니다.",
    en: "Takes values by CSS selectors, by name, in `values`. What is not there is null or an empty list.",
  },
  parameters: ParametersSchema,
  validate(parameters, pointer, locale) {
    const prepared = prepareFields(parameters.selectors, `${pointer}/selectors`, locale);
    return prepared.ok ? null : prepared.error;
  },
  extract(document, parameters) {
    if (document.kind !== "html") return err({ code: "UNSUPPORTED_CONTENT" });
    const selected = selectFields(document, parameters.selectors);
    // Under a name of their own: those that a caller chose must not stand among the facts of the page.
    return selected.ok ? ok({ values: selected.value }) : selected;
  },
});
