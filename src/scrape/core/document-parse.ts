import { Document, Element, Text } from "domhandler";
import { Tokenizer, type TokenizerCallbacks } from "htmlparser2";
import { err, ok, type Result } from "#platform/result";
import type { Refusal } from "./document";
import {
  ENDS_PARAGRAPH,
  FORMATTING,
  HEAD_CONTENT,
  HEADINGS,
  ITEM_FENCE,
  RAW_TEXT,
  scopeOf,
  TABLE_CONTEXT,
  TRAIT,
  traitsOf,
  VOID,
} from "./document-rules";

/**
 * What one page may cost. A page beyond `nodes` or `attributes` is refused; a deeper one is
 * flattened at `depth`, as browsers do (Chromium's limit is 512 too), for real pages with hundreds
 * of unclosed tags exist; longer attributes are cut and further ones dropped.
 */
export const PARSE_LIMITS = {
  nodes: 200_000,
  attributes: 500_000,
  depth: 512,
  attributesPerElement: 256,
  nameLength: 128,
  attributeValueLength: 65_536,
} as const;

export type ParseLimits = { readonly [K in keyof typeof PARSE_LIMITS]: number };

type Attributes = Record<string, string>;
const NO_ATTRIBUTES: Attributes = Object.freeze({});

/**
 * Builds the tree over htmlparser2's tokenizer. Its own Parser keeps the open elements in an array
 * that it searches and shifts from the front for every tag, which is quadratic in depth; here each
 * tag looks at no more than `depth` open elements, an end tag without an open element at none, and
 * nothing recurses. Content lands where the HTML standard puts it for the usual faults (unclosed
 * p, li, td, a, stray end tags in cells); foster parenting and reconstruction are left out.
 */
class TreeBuilder implements TokenizerCallbacks {
  readonly root = new Document([]);
  exceeded: "nodes" | "attributes" | null = null;

  readonly #html: string;
  readonly #limits: ParseLimits;
  readonly #tokenizer: Tokenizer;
  #nodes = 0;
  #attributesSeen = 0;

  /** Open elements, outermost first, with the depth of each in the tree, which misnesting makes differ. */
  readonly #open: Element[] = [];
  readonly #depths: number[] = [];
  readonly #traits: number[] = [];
  /** Names that have an open element, but none in scope; true until the open elements change. */
  readonly #outOfScope = new Set<string>();
  readonly #openCounts = new Map<string, number>();
  /** Start tags below the depth limit whose end tags are still to come, by name. */
  readonly #flattened = new Map<string, number>();
  readonly #unique = new Map<string, Element>();

  #tagName = "";
  #attributes: Attributes = NO_ATTRIBUTES;
  #attributeCount = 0;
  #attributeName = "";
  #attributeValue = "";

  constructor(html: string, limits: ParseLimits) {
    this.#html = html;
    this.#limits = limits;
    this.#tokenizer = new Tokenizer({}, this);
  }

  build(): void {
    this.#tokenizer.write(this.#html);
    this.#tokenizer.end();
  }

  // Text

  ontext(start: number, endIndex: number): void {
    this.#addText(this.#html.slice(start, endIndex));
  }

  ontextentity(codepoint: number): void {
    this.#addText(String.fromCodePoint(codepoint));
  }

  oncdata(start: number, endIndex: number, endOffset: number): void {
    // CDATA exists in SVG and MathML only; elsewhere it is a comment.
    if (this.isInForeignContext()) this.#addText(this.#html.slice(start, endIndex - endOffset));
  }

  oncomment(): void {}
  ondeclaration(): void {}
  onprocessinginstruction(): void {}
  onend(): void {}

  #addText(data: string): void {
    if (data === "") return;
    const top = this.#open.at(-1);
    if (top?.name === "head" && data.trim() !== "") this.#pop();
    const parent = this.#open.at(-1) ?? this.root;
    const last = parent.children.at(-1);
    if (last instanceof Text) last.data += data;
    else if (this.#countNode()) this.#append(new Text(data), parent);
  }

  // Attributes

  onattribname(start: number, endIndex: number): void {
    this.#attributeName = this.#name(start, endIndex);
    this.#attributeValue = "";
  }

  onattribdata(start: number, endIndex: number): void {
    const room = this.#limits.attributeValueLength - this.#attributeValue.length;
    if (room > 0) this.#attributeValue += this.#html.slice(start, Math.min(endIndex, start + room));
  }

  onattribentity(codepoint: number): void {
    if (this.#attributeValue.length < this.#limits.attributeValueLength) {
      this.#attributeValue += String.fromCodePoint(codepoint);
    }
  }

  onattribend(): void {
    const name = this.#attributeName;
    if (++this.#attributesSeen > this.#limits.attributes) {
      this.#stop("attributes");
      return;
    }
    if (this.#attributeCount >= this.#limits.attributesPerElement || name === "__proto__") return;
    if (this.#attributes === NO_ATTRIBUTES) this.#attributes = {};
    if (Object.hasOwn(this.#attributes, name)) return;
    // A cut may have split a surrogate pair; then half of it becomes U+FFFD.
    this.#attributes[name] = this.#attributeValue.toWellFormed();
    this.#attributeCount++;
  }

  // Tags

  onopentagname(start: number, endIndex: number): void {
    const name = this.#name(start, endIndex);
    this.#tagName = name === "image" ? "img" : name;
    this.#attributes = NO_ATTRIBUTES;
    this.#attributeCount = 0;
  }

  onopentagend(): void {
    this.#openElement(this.#tagName, this.#attributes, VOID.has(this.#tagName));
  }

  onselfclosingtag(): void {
    const isClosed = VOID.has(this.#tagName) || this.isInForeignContext();
    this.#openElement(this.#tagName, this.#attributes, isClosed);
  }

  onclosetag(start: number, endIndex: number): void {
    const name = this.#name(start, endIndex);
    const flattened = this.#flattened.get(name) ?? 0;
    if (flattened > 0) this.#flattened.set(name, flattened - 1);
    else if (name === "br") this.#openElement("br", NO_ATTRIBUTES, true);
    else this.#close(name);
  }

  isInForeignContext(): boolean {
    return this.#count("svg") + this.#count("math") > this.#count("foreignobject");
  }

  #openElement(name: string, attributes: Attributes, isChildless: boolean): void {
    if (name === "html" || name === "head" || name === "body") {
      const first = this.#unique.get(name);
      if (first !== undefined) {
        first.attribs = { ...attributes, ...first.attribs };
        return;
      }
    }
    this.#endImplied(name);
    if (!this.#countNode()) return;
    const element = new Element(name, attributes);
    if (name === "html" || name === "head" || name === "body") this.#unique.set(name, element);
    const depth = (this.#depths.at(-1) ?? 0) + 1;
    this.#append(element, this.#open.at(-1) ?? this.root);
    if (isChildless) return;
    // Raw text stays in its element at any depth: a script must not become text of the page.
    if (depth >= this.#limits.depth && !RAW_TEXT.has(name)) {
      this.#flattened.set(name, (this.#flattened.get(name) ?? 0) + 1);
      return;
    }
    this.#open.push(element);
    this.#depths.push(depth);
    this.#traits.push(traitsOf(name));
    if (this.#outOfScope.size > 0) this.#outOfScope.clear();
    this.#openCounts.set(name, this.#count(name) + 1);
  }

  /** Ends what this start tag implies the end of. */
  #endImplied(name: string): void {
    const top = this.#open.at(-1)?.name;
    if (top === "head" && !HEAD_CONTENT.has(name)) this.#pop();
    if (this.#count("p") > 0 && ENDS_PARAGRAPH.has(name)) this.#close("p");
    if (HEADINGS.has(name) && HEADINGS.has(this.#open.at(-1)?.name ?? "")) this.#pop();
    if (name === "li") this.#endItem("li", "li");
    else if (name === "dd" || name === "dt") this.#endItem("dd", "dt");
    else if (name === "option" && top === "option") this.#pop();
    else if (name === "optgroup") {
      if (this.#open.at(-1)?.name === "option") this.#pop();
      if (this.#open.at(-1)?.name === "optgroup") this.#pop();
    } else if ((name === "rt" || name === "rp") && (top === "rt" || top === "rp")) this.#pop();
    else if (name === "a" || name === "button") this.#close(name);
    const context = TABLE_CONTEXT.get(name);
    if (context !== undefined) this.#endInTable(name, context);
  }

  #endItem(one: string, other: string): void {
    if (this.#count(one) + this.#count(other) === 0) return;
    for (let i = this.#open.length - 1; i >= 0; i--) {
      const name = this.#open[i]?.name ?? "";
      if (name === one || name === other) {
        this.#popTo(i);
        return;
      }
      if (ITEM_FENCE.has(name)) return;
    }
  }

  #endInTable(name: string, context: ReadonlySet<string>): void {
    if (this.#count("table") === 0) {
      // A row or cell in a fragment without its table still ends the one before it.
      this.#close(name);
      return;
    }
    for (let i = this.#open.length - 1; i >= 0; i--) {
      if (context.has(this.#open[i]?.name ?? "")) {
        this.#popTo(i + 1);
        return;
      }
    }
  }

  #close(name: string): void {
    if (this.#count(name) === 0 || this.#outOfScope.has(name)) return;
    const scope = scopeOf(name);
    let crossed = 0;
    for (let i = this.#open.length - 1; i >= 0; i--) {
      if (this.#open[i]?.name === name) {
        if ((crossed & TRAIT.special) !== 0 && FORMATTING.has(name)) this.#remove(i);
        else this.#popTo(i);
        return;
      }
      const traits = this.#traits[i] ?? 0;
      if ((traits & scope) !== 0) {
        this.#outOfScope.add(name);
        return;
      }
      crossed |= traits;
    }
  }

  #popTo(length: number): void {
    while (this.#open.length > length) this.#pop();
  }

  #pop(): void {
    const element = this.#open.pop();
    this.#depths.pop();
    this.#traits.pop();
    this.#forget(element);
  }

  #remove(index: number): void {
    const [element] = this.#open.splice(index, 1);
    this.#depths.splice(index, 1);
    this.#traits.splice(index, 1);
    this.#forget(element);
  }

  #forget(element: Element | undefined): void {
    if (this.#outOfScope.size > 0) this.#outOfScope.clear();
    if (element !== undefined) this.#openCounts.set(element.name, this.#count(element.name) - 1);
  }

  #count(name: string): number {
    return this.#openCounts.get(name) ?? 0;
  }

  #name(start: number, endIndex: number): string {
    return this.#html
      .slice(start, Math.min(endIndex, start + this.#limits.nameLength))
      .toLowerCase();
  }

  #append(node: Element | Text, parent: Document | Element): void {
    const previous = parent.children.at(-1);
    if (previous !== undefined) {
      previous.next = node;
      node.prev = previous;
    }
    node.parent = parent;
    parent.children.push(node);
  }

  #countNode(): boolean {
    if (this.#nodes >= this.#limits.nodes) {
      this.#stop("nodes");
      return false;
    }
    this.#nodes++;
    return true;
  }

  #stop(limit: "nodes" | "attributes"): void {
    this.exceeded ??= limit;
    // A paused tokenizer leaves its loop and emits nothing more, not even at the end.
    this.#tokenizer.pause();
  }
}

/**
 * Parses HTML into a tree in time linear in its length, within `limits`.
 * Refuses with PAGE_TOO_COMPLEX (`limit`, `max`); every other input has a tree, an empty one too.
 */
export function parseHtml(
  html: string,
  limits: ParseLimits = PARSE_LIMITS,
): Result<Document, Refusal> {
  const builder = new TreeBuilder(html, limits);
  builder.build();
  if (builder.exceeded === null) return ok(builder.root);
  return err({
    code: "PAGE_TOO_COMPLEX",
    params: { limit: builder.exceeded, max: limits[builder.exceeded] },
  });
}

/** The value of an attribute, or null. Never a property that objects inherit. */
export const attributeOf = (element: Element, name: string): string | null =>
  Object.hasOwn(element.attribs, name) ? (element.attribs[name] ?? null) : null;
