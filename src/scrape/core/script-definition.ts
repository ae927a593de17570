/** The form of a script that people write: what may stand where. What only trying tells is in `script-check`. */
import * as z from "zod";
import { FieldNameSchema } from "./field-name";
import { ParametersSchemaSchema } from "./parameters-schema";
import { MAX_SELECTOR_LENGTH } from "./select-validate";
import { SELECT_LIMITS } from "./select";
import { TransformsSchema } from "./transform-spec";
import type { Transform } from "./transform-spec";
import { MAX_VERSION_LENGTH } from "./script-version";

export const SCRIPT_LIMITS = {
  /** Of one definition as JSON, in UTF-16 units. */
  characters: 64 * 1024,
  steps: 10,
  /** Follow steps that stand inside of each other. */
  depth: 2,
  /** Pages of one run, the first included. */
  pages: 100,
  defaultPages: 20,
  links: 100,
} as const;

const SelectorSchema = z.string().min(1).max(MAX_SELECTOR_LENGTH);
const AttributeSchema = z.string().regex(/^[^\s"'<>/=]{1,100}$/);

/** One value of a script, as it is written. */
export interface ScriptField {
  readonly selector: string;
  readonly attribute?: string | undefined;
  readonly all?: boolean | undefined;
  readonly text?: boolean | undefined;
  readonly html?: boolean | undefined;
  readonly markdown?: boolean | undefined;
  readonly table?: boolean | undefined;
  readonly fields?: ScriptFields | undefined;
  readonly transforms?: readonly Transform[] | undefined;
  readonly default?: string | number | boolean | undefined;
  readonly required?: boolean | undefined;
}
export type ScriptFields = { readonly [name: string]: string | ScriptField };

const TAKES = ["attribute", "html", "text", "markdown", "table", "fields"] as const;
const takesOneThing = (field: object): boolean =>
  TAKES.filter((take) => {
    const value = (field as Record<string, unknown>)[take];
    return value !== undefined && value !== false;
  }).length <= 1;

const own = (code: string, en: string, ko: string) => ({ params: { code, en, ko } });
const ONE_TAKE = own(
  "conflicting_fields",
  `Only one of ${TAKES.join(", ")} can be taken`,
  `${TAKES.join(", ")} 가운데 하나만 쓸 수 있습니다`,
);
const NOT_EMPTY = own("too_small", "At least one is needed", "하나 이상 필요합니다");

const fieldShape = {
  selector: SelectorSchema.describe(
    "CSS selector. In nested fields it searches inside the match, and :scope is the match itself.",
  ),
  attribute: AttributeSchema.optional().describe(
    "This attribute's value; addresses in href, src and the like are made absolute.",
  ),
  all: z
    .boolean()
    .optional()
    .describe(`A list of all matches (${SELECT_LIMITS.matches} at most), not the first one.`),
  text: z.boolean().optional().describe("The match's text. This is the default."),
  html: z.boolean().optional().describe("The match as HTML, itself included."),
  markdown: z.boolean().optional().describe("What is inside the match, as Markdown."),
  table: z
    .boolean()
    .optional()
    .describe("A <table> as records by its headers, or without headers as rows."),
  transforms: TransformsSchema.optional().describe(
    "Steps that the value goes through, in order; with `all` the list of values.",
  ),
  default: z
    .union([z.string().max(1_000), z.number(), z.boolean()])
    .optional()
    .describe("Stands in place of null."),
  required: z
    .boolean()
    .optional()
    .describe(
      "Without a value, a match in a list is left out; elsewhere the page fails with FIELD_MISSING.",
    ),
};

/** Fields that nest so many levels deep; written out level by level, so that the schema shows the bound. */
function fieldsSchema(levels: number): z.ZodType<ScriptFields, ScriptFields> {
  const shape =
    levels > 1
      ? z.strictObject({
          ...fieldShape,
          fields: fieldsSchema(levels - 1)
            .optional()
            .describe("An object of values, each taken from inside the match."),
        })
      : z.strictObject(fieldShape);
  const field = shape.refine(takesOneThing, ONE_TAKE) as unknown as z.ZodType<
    ScriptField,
    ScriptField
  >;
  return z
    .record(FieldNameSchema, z.union([SelectorSchema, field]))
    .refine((fields) => Object.keys(fields).length > 0, NOT_EMPTY);
}
const FieldsSchema = fieldsSchema(SELECT_LIMITS.nesting);

const PagesSchema = z.int().min(1).max(SCRIPT_LIMITS.links);

const PaginateSchema = z
  .strictObject({
    next: SelectorSchema.describe("The link to the next page."),
    attribute: AttributeSchema.default("href").describe("The attribute that has its address."),
    limit: PagesSchema.default(5).describe("At most so many pages, the first one included."),
  })
  .describe(
    "Reads further pages in the same way. Lists grow page by page; every other value is the first page's.",
  );

export interface FollowStep {
  readonly links?: string | undefined;
  readonly from?: string | undefined;
  readonly attribute: string;
  readonly into: string;
  readonly limit: number;
  readonly same_site: boolean;
  readonly steps: readonly PageStep[];
}
export interface PageStep {
  readonly extract?: ScriptFields | undefined;
  readonly paginate?: z.output<typeof PaginateSchema> | undefined;
  readonly follow?: FollowStep | undefined;
}

const ONE_STEP = own(
  "conflicting_fields",
  "A step does exactly one thing",
  "한 단계는 정확히 한 가지 일만 합니다",
);
const doesOneThing = (step: object): boolean =>
  Object.values(step).filter((value) => value !== undefined).length === 1;

const ONE_SOURCE = own(
  "conflicting_fields",
  "Exactly one of links and from says what is followed",
  "links와 from 가운데 정확히 하나만 써야 합니다",
);

function pageSteps(levels: number): z.ZodType<readonly PageStep[]> {
  const shape = {
    extract: FieldsSchema.optional().describe("Takes values from the page, by name."),
    paginate: PaginateSchema.optional(),
  };
  const step =
    levels === 0
      ? z.strictObject(shape)
      : z.strictObject({ ...shape, follow: followSchema(levels).optional() });
  return z.array(step.refine(doesOneThing, ONE_STEP)).min(1).max(SCRIPT_LIMITS.steps);
}

const followSchema = (levels: number) =>
  z
    .strictObject({
      links: SelectorSchema.optional().describe("The links to follow, in the order of the page."),
      from: z
        .string()
        .regex(/^\p{L}[\p{L}\p{M}\p{N}_-]{0,63}\.\p{L}[\p{L}\p{M}\p{N}_-]{0,63}$/u)
        .optional()
        .describe(
          "Instead of `links`: `list.field`, the field of an extracted list that holds each record's address.",
        ),
      attribute: AttributeSchema.default("href").describe("The attribute that has the address."),
      into: FieldNameSchema.describe(
        "Where the pages' values go: a list of this name; with `from`, a member of each record.",
      ),
      limit: PagesSchema.default(10).describe("At most so many links."),
      same_site: z
        .boolean()
        .default(true)
        .describe("Only links to the site (registrable domain) of the page that they stand on."),
      steps: pageSteps(levels - 1).describe("What is done on each page."),
    })
    .refine(({ links, from }) => (links === undefined) !== (from === undefined), ONE_SOURCE)
    .describe("Fetches the pages behind links and takes values from each.");

const FIRST_STEP = own(
  "fetch_first",
  "The first step fetches, and no other one does",
  "첫 단계는 fetch여야 하고 다른 단계는 아니어야 합니다",
);

const StepSchema = z
  .strictObject({
    fetch: z
      .string()
      .min(1)
      .max(2_000)
      .optional()
      .describe(
        "The address, with parameters in braces: `{url}` alone, or `https://example.com/search?q={q}`, where they are percent-encoded and stand behind the host.",
      ),
    extract: FieldsSchema.optional().describe("Takes values from the page, by name."),
    paginate: PaginateSchema.optional(),
    follow: followSchema(SCRIPT_LIMITS.depth).optional(),
  })
  .refine(doesOneThing, ONE_STEP);

const OutputSchema = z
  .strictObject({
    format: z
      .enum(["json", "markdown", "text", "csv"])
      .default("json")
      .describe("`json` gives `values`; the others give `content`, a text, instead."),
    rows: FieldNameSchema.optional().describe(
      "For `csv`: the list that makes the rows; by default the first one that there is.",
    ),
    columns: z
      .array(FieldNameSchema)
      .min(1)
      .max(SELECT_LIMITS.fields)
      .optional()
      .describe("For `csv`: the columns and their order; by default all, as they first appear."),
  })
  .refine(({ format, rows, columns }) => format === "csv" || (rows ?? columns) === undefined, {
    ...own(
      "conflicting_fields",
      "rows and columns belong to csv",
      "rows와 columns는 csv에서만 씁니다",
    ),
  });

export const ScriptDefinitionSchema = z.strictObject({
  version: z
    .string()
    .min(1)
    .max(MAX_VERSION_LENGTH)
    .describe("Semantic version, without build metadata. Its content never changes."),
  title: z.string().trim().min(1).max(100),
  description: z.string().trim().max(1_000).default(""),
  parameters: ParametersSchemaSchema.describe(
    "What the script asks for, as JSON Schema (2020-12): an object whose members nest at most 4 deep, with type, enum, const, default, bounds of numbers and lengths, pattern (RE2), format, items, properties, required. Members that are not declared are refused.",
  ),
  steps: z
    .array(StepSchema)
    .min(2)
    .max(SCRIPT_LIMITS.steps)
    .refine(
      (steps) => steps.every((step, index) => (step.fetch !== undefined) === (index === 0)),
      FIRST_STEP,
    )
    .describe("What is done, in order: `fetch` first, then `extract`, `paginate` and `follow`."),
  output: OutputSchema.default({ format: "json" }),
  limits: z
    .strictObject({
      pages: z
        .int()
        .min(1)
        .max(SCRIPT_LIMITS.pages)
        .default(SCRIPT_LIMITS.defaultPages)
        .describe("At most so many pages in one run, the first included."),
    })
    .default({ pages: SCRIPT_LIMITS.defaultPages }),
});
export type ScriptDefinition = z.output<typeof ScriptDefinitionSchema>;
