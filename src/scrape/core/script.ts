import type { JsonObject } from "#platform/json-value";
import * as z from "zod";
import { describeIssues, FAULT_TEXTS } from "#platform/faults";
import type { Locale } from "#platform/locale";
import { err, ok, type Result } from "#platform/result";
import type { PageDocument, Refusal } from "./document";
import { type BuiltInName, typesOf } from "./script-types";

/** A text for people in both languages. */
export interface LocalText {
  readonly ko: string;
  readonly en: string;
}

/** A named way to turn one fetched page into data. */
export interface Script {
  readonly name: string;
  /** Semantic version of the result's shape. */
  readonly version: string;
  readonly title: LocalText;
  readonly description: LocalText;
  /** Media types that the script reads; anything else ends in UNSUPPORTED_CONTENT. */
  readonly accepts: readonly string[];
  /** `source` where the script takes the document apart itself; else it gets HTML as a tree, and text as text. */
  readonly reads: "page" | "source";
  readonly parameters: z.ZodType;
  /** The parameters as JSON Schema 2020-12, as a caller writes them (defaults are optional). */
  readonly parametersJsonSchema: () => JsonObject;
  /**
   * Judges parameters without a page, so that a submit can refuse them at once.
   * Refuses with VALIDATION_FAILED and all faults, or with INVALID_SELECTOR and the field.
   * Pointers are rooted at `pointer`, by default `/parameters`; faults are told in `locale`, by default English.
   */
  readonly check: (
    parameters: unknown,
    pointer?: string,
    locale?: Locale,
  ) => Result<JsonObject, Refusal>;
  /** Judges the parameters as `check` does, then reads the page. Pure: same page, same answer. */
  readonly run: (
    document: PageDocument,
    parameters: unknown,
    url: string,
  ) => Result<JsonObject, Refusal>;
}

/** The address of the page, which every script takes. Whether it may be fetched is not decided here. */
export const PageUrlSchema = z
  .url({ protocol: /^https?$/, hostname: /./ })
  .max(4096)
  .describe("The page to read: an absolute http or https address.");

interface ScriptDefinition<S extends z.ZodType> {
  readonly name: BuiltInName;
  readonly version: string;
  readonly title: LocalText;
  readonly description: LocalText;
  readonly reads?: "source";
  readonly parameters: S;
  /** What a schema cannot say: the selectors. `pointer` is where the parameters stand in the body. */
  readonly validate?: (parameters: z.output<S>, pointer: string, locale: Locale) => Refusal | null;
  readonly extract: (
    document: PageDocument,
    parameters: z.output<S>,
    url: string,
  ) => Result<JsonObject, Refusal>;
}

/** Makes a script whose `run` cannot be called with parameters that were not judged. */
export function defineScript<S extends z.ZodType>(definition: ScriptDefinition<S>): Script {
  const { name, version, title, description, reads = "page", parameters } = definition;
  const judge = (input: unknown, pointer: string, locale: Locale): Result<z.output<S>, Refusal> => {
    const parsed = parameters.safeParse(input, { error: FAULT_TEXTS[locale] });
    if (!parsed.success) {
      const errors = describeIssues(parsed.error.issues, [], locale).map((fault) => ({
        ...fault,
        pointer: `${pointer}${fault.pointer}`,
      }));
      return err({ code: "VALIDATION_FAILED", params: { count: errors.length }, errors });
    }
    const refusal = definition.validate?.(parsed.data, pointer, locale) ?? null;
    return refusal === null ? ok(parsed.data) : err(refusal);
  };
  let schema: JsonObject | null = null;
  return {
    name,
    version,
    title,
    description,
    accepts: typesOf(name) ?? [],
    reads,
    parameters,
    parametersJsonSchema() {
      // Made on the first call: a Worker that only runs scripts never pays for it at start.
      schema ??= z.toJSONSchema(parameters, { io: "input" }) as JsonObject;
      return schema;
    },
    check: (input, pointer = "/parameters", locale = "en") =>
      judge(input, pointer, locale) as Result<JsonObject, Refusal>,
    run(document, input, url) {
      const judged = judge(input, "/parameters", "en");
      return judged.ok ? definition.extract(document, judged.value, url) : judged;
    },
  };
}
