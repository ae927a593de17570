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
import { type CutText, readableText, TextSink } from "./text";

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
}
export type FieldSpecs = { readonly [name: string]: string | FieldSpec };

interface Field {
  readonly name: string;
  readonly selector: CheckedSelector;
  readonly isList: boolean;
  readonly take:
    | { readonly kind: "attribute"; readonly name: string }
    | { readonly kind: "html" | "text" }
    | { readonly kind: "fields"; readonly fields: readonly Field[] };
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
    let take: Field["take"] = { kind: spec.html === true ? "html" : "text" };
    if (spec.attribute !== undefined)
      take = { kind: "attribute", name: spec.attribute.toLowerCase() };
    if (spec.fields !== undefined) {
      const nested = prepareFields(spec.fields, `${at}/fields`, locale, true);
      if (!nested.ok) return nested;
      take = { kind: "fields", fields: nested.value };
    }
    fields.push({ name, selector: checked.value, isList: spec.all === true, take });
  }
  return ok(fields);
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
  #values = 0;
  #characters = 0;

  constructor(page: HtmlDocument, selection: Selection) {
    this.#page = page;
    this.#selection = selection;
  }

  read(
    fields: readonly Field[],
    context: Element | HtmlDocument["root"],
    path: string,
  ): JsonObject {
    const data: JsonObject = {};
    for (const field of fields) {
      const name = `${path}${field.name}`;
      const found = this.#selection.all(field.selector, context);
      if (!found.ok) this.#outOfSteps(name);
      if (!field.isList) {
        const first = found.value[0];
        data[field.name] = first === undefined ? null : this.#take(field, first, name);
        continue;
      }
      if (found.value.length > SELECT_LIMITS.matches) this.truncated.add(name);
      data[field.name] = found.value
        .slice(0, SELECT_LIMITS.matches)
        .map((element) => this.#take(field, element, name));
    }
    return data;
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
    const { valueBytes } = SELECT_LIMITS;
    const { text, truncated } =
      take.kind === "html"
        ? outerHtml(element, valueBytes, charge)
        : readableText(element, valueBytes, charge);
    if (truncated) this.truncated.add(path);
    return this.#count(text);
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
 * Refuses with INVALID_SELECTOR, PAGE_TOO_COMPLEX (steps used up) or RESULT_TOO_LARGE.
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
    if (extraction.truncated.size > 0) data["_truncated"] = [...extraction.truncated];
    return ok(data);
  } catch (error) {
    if (error instanceof Ended) return err(error.refusal);
    throw error;
  }
}
