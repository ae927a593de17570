import type { JsonObject, JsonValue } from "#platform/json-value";
import { Element, type Text } from "domhandler";
import { toPointer } from "#platform/faults";
import type { Locale } from "#platform/locale";
import { err, ok, type Result } from "#platform/result";
import type { HtmlDocument, Refusal } from "./document";
import { attributeOf } from "./document-parse";
import { VOID } from "./document-rules";
import { walk } from "./document-walk";
import { resolveUrl } from "./links";
import { Selection } from "./select-query";
import { type CheckedSelector, refuseSelector, validateSelector } from "./select-validate";
import { toMarkdown } from "./markdown";
import { newTableBudget, readTable } from "./tables";
import { type CutText, readableText } from "./text";
import { TextSink } from "./text-sink";

export const SELECT_LIMITS = {
  fields: 50,
  matches: 1_000,
  nesting: 4,
  /** Values in one answer, over all fields and nested ones. */
  values: 50_000,
  valueBytes: 256 * 1024,
  /** UTF-16 units of all values together. */
  characters: 4 * 1024 * 1024,
} as const;

/** One thing to take from a page; see `SelectorSchema` for what each member means. */
export interface FieldSpec {
  readonly selector: string;
  readonly attribute?: string | undefined;
  readonly all?: boolean | undefined;
  readonly html?: boolean | undefined;
  readonly text?: boolean | undefined;
  readonly fields?: FieldSpecs | undefined;
  readonly markdown?: boolean | undefined;
  readonly table?: boolean | undefined;
  /** What becomes of the value, and with `all` of the list; made by whoever knows the steps. */
  readonly pipeline?: Pipeline | undefined;
  /** Instead of null. */
  readonly default?: string | number | boolean | undefined;
  /** Inside of a list, a match without it is left out; elsewhere the page is refused. */
  readonly required?: boolean | undefined;
}
/** Steps over a value; refuses where the steps of the page are used up. */
export interface Pipeline {
  readonly apply: (
    value: JsonValue,
    context: { readonly baseUrl: string; readonly charge: (steps: number) => boolean },
  ) => Result<JsonValue, "out_of_steps">;
}
export type FieldSpecs = { readonly [name: string]: string | FieldSpec };

interface Field {
  readonly name: string;
  readonly selector: CheckedSelector;
  readonly isList: boolean;
  readonly take:
    | { readonly kind: "attribute"; readonly name: string }
    | { readonly kind: "html" | "text" | "markdown" | "table" }
    | { readonly kind: "fields"; readonly fields: readonly Field[] };
  readonly pipeline: Pipeline | null;
  readonly fallback: string | number | boolean | null;
  readonly isRequired: boolean;
}

/** Checks every selector of the fields. Refuses with INVALID_SELECTOR for the first that is not one. */
export function prepareFields(
  specs: FieldSpecs,
  pointer: string,
  locale: Locale,
  isNested = false,
): Result<Field[], Refusal> {
  // Specifications nest four deep at most, as their schema says, so this recursion does too.
  const fields: Field[] = [];
  for (const [name, value] of Object.entries(specs)) {
    const spec: FieldSpec = typeof value === "string" ? { selector: value } : value;
    const at = `${pointer}${toPointer([name])}`;
    const checked = validateSelector(spec.selector, isNested);
    if (!checked.ok) {
      const where = typeof value === "string" ? at : `${at}/selector`;
      const refused = { selector: spec.selector, field: name, pointer: where };
      return err(refuseSelector(refused, checked.error, locale));
    }
    let take: Field["take"] = { kind: simpleTake(spec) };
    if (spec.attribute !== undefined)
      take = { kind: "attribute", name: spec.attribute.toLowerCase() };
    if (spec.fields !== undefined) {
      const nested = prepareFields(spec.fields, `${at}/fields`, locale, true);
      if (!nested.ok) return nested;
      take = { kind: "fields", fields: nested.value };
    }
    fields.push({
      name,
      selector: checked.value,
      isList: spec.all === true,
      take,
      pipeline: spec.pipeline ?? null,
      fallback: spec.default ?? null,
      isRequired: spec.required === true,
    });
  }
  return ok(fields);
}

function simpleTake(spec: FieldSpec): "html" | "text" | "markdown" | "table" {
  if (spec.html === true) return "html";
  if (spec.markdown === true) return "markdown";
  return spec.table === true ? "table" : "text";
}

/** Attributes that hold an address; their value is given as an absolute one. */
const ADDRESSES: ReadonlySet<string> = new Set(["href", "src", "action", "poster", "cite", "data"]);

const escapeText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const escapeAttribute = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");

const RAW_CONTENT: ReadonlySet<string> = new Set([
  "script",
  "style",
  "xmp",
  "iframe",
  "noembed",
  "noframes",
  "plaintext",
]);

/** An element as HTML, itself included; the tree as it was understood, so faults of the source are mended. */
export function outerHtml(
  element: Element,
  maxBytes: number,
  onElement: () => void = () => {},
): CutText {
  const sink = new TextSink(maxBytes);
  const open = ({ name, attribs }: Element): void => {
    const attributes = Object.entries(attribs);
    sink.write(
      `<${name}${attributes.map(([key, value]) => ` ${key}="${escapeAttribute(value)}"`).join("")}>`,
    );
  };
  const close = ({ name }: Element): void => {
    if (!VOID.has(name)) sink.write(`</${name}>`);
  };
  open(element);
  walk(element, {
    enter(child) {
      onElement();
      open(child);
      return true;
    },
    leave: close,
    text(text: Text) {
      const isRaw = text.parent instanceof Element && RAW_CONTENT.has(text.parent.name);
      sink.write(isRaw ? text.data : escapeText(text.data));
    },
    isDone: () => sink.isFull,
  });
  close(element);
  return { text: sink.toString(), truncated: sink.isFull };
}

/** Whether a required field found nothing: no value, or a list or text without content. */
const isMissing = (value: JsonValue): boolean =>
  value === null || value === "" || (Array.isArray(value) && value.length === 0);

/** Thrown where a limit of the whole answer ends the extraction; caught in `selectFields` only. */
class Ended extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

class Extraction {
  readonly truncated = new Set<string>();
  readonly #page: HtmlDocument;
  readonly #selection: Selection;
  readonly #tables = newTableBudget();
  #missing: string | null = null;
  #values = 0;
  #characters = 0;

  constructor(page: HtmlDocument, selection: Selection) {
    this.#page = page;
    this.#selection = selection;
  }

  /** The fields of one match; null where one that is required is missing. */
  read(
    fields: readonly Field[],
    context: Element | HtmlDocument["root"],
    path: string,
  ): JsonObject | null {
    const data: JsonObject = {};
    for (const field of fields) {
      const name = `${path}${field.name}`;
      const value = this.#finish(field, this.#find(field, context, name), name);
      if (field.isRequired && isMissing(value)) {
        this.#missing = name;
        return null;
      }
      data[field.name] = value;
    }
    return data;
  }

  /** The required field that was missing last, which is the outermost where the page has none. */
  get missing(): string | null {
    return this.#missing;
  }

  #find(field: Field, context: Element | HtmlDocument["root"], name: string): JsonValue {
    const found = this.#selection.all(field.selector, context);
    if (!found.ok) this.#outOfSteps(name);
    if (!field.isList) {
      const first = found.value[0];
      return first === undefined ? null : this.#take(field, first, name);
    }
    if (found.value.length > SELECT_LIMITS.matches) this.truncated.add(name);
    const values = found.value
      .slice(0, SELECT_LIMITS.matches)
      .map((element) => this.#take(field, element, name));
    // A record without what it needs is none; any other match stands in the list, an empty one too.
    return field.take.kind === "fields" ? values.filter((value) => value !== null) : values;
  }

  #finish(field: Field, value: JsonValue, name: string): JsonValue {
    if (field.pipeline === null) return value ?? field.fallback;
    const charge = (steps: number): boolean => this.#selection.charge(steps);
    const made = field.pipeline.apply(value, { baseUrl: this.#page.baseUrl, charge });
    if (!made.ok) this.#outOfSteps(name);
    // Steps can lengthen a text, so what they made counts again.
    this.#count(typeof made.value === "string" ? made.value : JSON.stringify(made.value));
    return made.value ?? field.fallback;
  }

  #take(field: Field, element: Element, path: string): JsonValue {
    if (++this.#values > SELECT_LIMITS.values) this.#tooLarge();
    // Matches may nest, so that reading each costs more than the page has nodes: it takes steps too.
    const charge = (): boolean => !this.#selection.charge(3) && this.#outOfSteps(path);
    const { take } = field;
    if (take.kind === "fields") return this.read(take.fields, element, `${path}.`);
    if (take.kind === "attribute") {
      const value = attributeOf(element, take.name);
      if (value === null) return null;
      const isAddress = ADDRESSES.has(take.name);
      return this.#count(
        (isAddress ? resolveUrl(value.trim(), this.#page.baseUrl) : null) ?? value,
      );
    }
    if (take.kind === "table") return this.#table(element, path);
    const { text, truncated } = this.#text(take.kind, element, charge);
    if (truncated) this.truncated.add(path);
    return this.#count(text);
  }

  #text(kind: "html" | "text" | "markdown", element: Element, charge: () => boolean): CutText {
    const { valueBytes } = SELECT_LIMITS;
    if (kind === "html") return outerHtml(element, valueBytes, charge);
    if (kind === "text") return readableText(element, valueBytes, charge);
    const options = { baseUrl: this.#page.baseUrl, maxBytes: valueBytes, skip: charge };
    return toMarkdown(element, options);
  }

  #table(element: Element, path: string): JsonValue {
    if (element.name !== "table") return null;
    const { headers, rows, records, truncated } = readTable(element, this.#tables);
    if (truncated) this.truncated.add(path);
    return headers.length > 0 ? records : rows;
  }

  #count(value: string): string {
    this.#characters += value.length;
    if (this.#characters > SELECT_LIMITS.characters) this.#tooLarge();
    return value;
  }

  #outOfSteps(field: string): never {
    throw new Ended({ code: "PAGE_TOO_COMPLEX", params: { limit: "selector_steps", field } });
  }

  #tooLarge(): never {
    throw new Ended({ code: "RESULT_TOO_LARGE", params: { limit: SELECT_LIMITS.characters } });
  }
}

/**
 * Takes fields from a page: each a value, or with `all` a list; nothing found is null or `[]`.
 * Where a list or value was cut, `_truncated` lists the fields (no field's name begins with `_`).
 * Refuses with INVALID_SELECTOR, PAGE_TOO_COMPLEX (steps used up), FIELD_MISSING or RESULT_TOO_LARGE.
 */
export function selectFields(
  page: HtmlDocument,
  specs: FieldSpecs,
  selection: Selection = new Selection(),
): Result<JsonObject, Refusal> {
  const fields = prepareFields(specs, "/parameters/selectors", "en");
  if (!fields.ok) return fields;
  const extraction = new Extraction(page, selection);
  try {
    const data = extraction.read(fields.value, page.root, "");
    if (data === null) {
      return err({ code: "FIELD_MISSING", params: { field: extraction.missing ?? "" } });
    }
    if (extraction.truncated.size > 0) data["_truncated"] = [...extraction.truncated];
    return ok(data);
  } catch (error) {
    if (error instanceof Ended) return err(error.refusal);
    throw error;
  }
}
