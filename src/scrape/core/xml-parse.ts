import { Tokenizer, type TokenizerCallbacks } from "htmlparser2";
import { err, ok, type Result } from "#platform/result";
import type { Refusal } from "./document";
import { cut } from "./text";

/** What one XML document may cost; one beyond is refused, whatever stands in it. */
export const XML_LIMITS = {
  elements: 500_000,
  attributes: 500_000,
  depth: 128,
  attributesPerElement: 64,
  attributeValueLength: 16_384,
} as const;

/** An element as it begins. Names are local and in lower case: feeds agree on them, hardly on prefixes. */
export interface XmlTag {
  readonly name: string;
  /** The prefix in lower case, empty where there is none. */
  readonly prefix: string;
  readonly attributes: ReadonlyMap<string, string>;
}
export interface XmlVisitor {
  readonly open: (tag: XmlTag, depth: number) => void;
  readonly close: (depth: number) => void;
  readonly text: (text: string) => void;
  /** Asked after each element; `true` ends the reading at once. */
  readonly isDone?: () => boolean;
}

const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();

/**
 * Goes through XML in time linear in its length and hands on what it meets; nothing is kept. A document that is
 * not well-formed is read as far as it makes sense. No entity is ever expanded but the five of XML and character
 * references: declarations are passed over, so that an entity costs its own few characters and reaches no file.
 */
class XmlReader implements TokenizerCallbacks {
  exceeded: "elements" | "attributes" | "depth" | null = null;
  readonly #xml: string;
  readonly #visitor: XmlVisitor;
  readonly #tokenizer: Tokenizer;
  readonly #open: string[] = [];
  #elements = 0;
  #attributesSeen = 0;
  #name = "";
  #attributes: Map<string, string> | null = null;
  #attributeName = "";
  #attributeValue = "";

  constructor(xml: string, visitor: XmlVisitor) {
    this.#xml = xml;
    this.#visitor = visitor;
    this.#tokenizer = new Tokenizer({ xmlMode: true, decodeEntities: true }, this);
  }

  read(): void {
    this.#tokenizer.write(this.#xml);
    this.#tokenizer.end();
    if (this.exceeded === null) while (this.#open.length > 0) this.#close();
  }

  ontext(start: number, endIndex: number): void {
    if (this.#open.length > 0) this.#visitor.text(this.#xml.slice(start, endIndex));
  }

  ontextentity(codepoint: number): void {
    if (this.#open.length > 0) this.#visitor.text(String.fromCodePoint(codepoint));
  }

  oncdata(start: number, endIndex: number, endOffset: number): void {
    if (this.#open.length > 0) this.#visitor.text(this.#xml.slice(start, endIndex - endOffset));
  }

  oncomment(): void {}
  ondeclaration(): void {}
  onprocessinginstruction(): void {}
  onend(): void {}

  onattribname(start: number, endIndex: number): void {
    this.#attributeName = this.#xml.slice(start, Math.min(endIndex, start + 128)).toLowerCase();
    this.#attributeValue = "";
  }

  onattribdata(start: number, endIndex: number): void {
    const room = XML_LIMITS.attributeValueLength - this.#attributeValue.length;
    if (room > 0) this.#attributeValue += this.#xml.slice(start, Math.min(endIndex, start + room));
  }

  onattribentity(codepoint: number): void {
    if (this.#attributeValue.length < XML_LIMITS.attributeValueLength)
      this.#attributeValue += String.fromCodePoint(codepoint);
  }

  onattribend(): void {
    if (++this.#attributesSeen > XML_LIMITS.attributes) this.#stop("attributes");
    this.#attributes ??= new Map();
    if (this.#attributes.size < XML_LIMITS.attributesPerElement)
      this.#attributes.set(this.#attributeName, this.#attributeValue.toWellFormed());
  }

  onopentagname(start: number, endIndex: number): void {
    this.#name = this.#nameAt(start, endIndex);
    this.#attributes = null;
  }

  onopentagend(): void {
    this.#begin();
  }

  onselfclosingtag(): void {
    this.#begin();
    if (this.exceeded === null) this.#close();
  }

  onclosetag(start: number, endIndex: number): void {
    const name = this.#nameAt(start, endIndex);
    const at = this.#open.lastIndexOf(name);
    // An end tag without a beginning is passed over; one that misses some ends them with it.
    if (at >= 0) while (this.#open.length > at) this.#close();
  }

  #begin(): void {
    if (this.#open.length >= XML_LIMITS.depth) this.#stop("depth");
    if (++this.#elements > XML_LIMITS.elements) this.#stop("elements");
    if (this.exceeded !== null) return;
    const colon = this.#name.indexOf(":");
    this.#open.push(this.#name);
    this.#visitor.open(
      {
        name: this.#name.slice(colon + 1),
        prefix: colon < 0 ? "" : this.#name.slice(0, colon),
        attributes: this.#attributes ?? NO_ATTRIBUTES,
      },
      this.#open.length,
    );
  }

  #close(): void {
    const depth = this.#open.length;
    this.#open.pop();
    this.#visitor.close(depth);
    // A paused tokenizer leaves its loop and emits nothing more, not even at the end.
    if (this.#visitor.isDone?.() === true) this.#tokenizer.pause();
  }

  #nameAt(start: number, endIndex: number): string {
    return this.#xml.slice(start, Math.min(endIndex, start + 128)).toLowerCase();
  }

  #stop(limit: "elements" | "attributes" | "depth"): void {
    this.exceeded ??= limit;
    this.#tokenizer.pause();
  }
}

/** Reads XML. Refuses with PAGE_TOO_COMPLEX (`limit`, `max`) where it is more than is read; any text is read else. */
export function readXml(xml: string, visitor: XmlVisitor): Result<void, Refusal> {
  const reader = new XmlReader(xml, visitor);
  reader.read();
  if (reader.exceeded === null) return ok(undefined);
  return err({
    code: "PAGE_TOO_COMPLEX",
    params: { limit: reader.exceeded, max: XML_LIMITS[reader.exceeded] },
  });
}

/** An element with all that is in it, for documents whose parts are small. */
export interface XmlElement extends XmlTag {
  readonly children: readonly XmlElement[];
  /** Its own text and that of everything inside it, in order. */
  readonly text: string;
}

/** Longest text of one element, in UTF-16 units; also what bounds its copies on the way up. */
const MAX_TEXT_LENGTH = 262_144;

interface Growing extends XmlTag {
  readonly children: XmlElement[];
  parts: string[];
  text: string;
}

/** Gathers elements of some names into trees, each given to `found` when it ends; what is around them is not kept. */
export function gatherXml(
  xml: string,
  wanted: (tag: XmlTag, depth: number) => boolean,
  found: (element: XmlElement, depth: number) => boolean,
): Result<void, Refusal> {
  let open: Growing[] = [];
  let base = 0;
  let isDone = false;
  return readXml(xml, {
    open(tag, depth) {
      if (open.length === 0) {
        if (!wanted(tag, depth)) return;
        base = depth;
      }
      open.push({ ...tag, children: [], parts: [], text: "" });
    },
    text(text) {
      open.at(-1)?.parts.push(text);
    },
    close(depth) {
      const element = open.pop();
      if (element === undefined) return;
      element.text = cut(element.parts.join(""), MAX_TEXT_LENGTH);
      element.parts = [];
      const parent = open.at(-1);
      if (parent !== undefined) {
        parent.children.push(element);
        // Few levels at most (the depth is bounded), and each text is copied once a level.
        parent.parts.push(element.text);
      } else if (depth === base) {
        open = [];
        isDone = !found(element, depth);
      }
    },
    isDone: () => isDone,
  });
}
