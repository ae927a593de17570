import type { Document, Element } from "domhandler";
import { attributeOf } from "./document-parse";
import { walk } from "./document-walk";
import { TextSink } from "./text-sink";

const set = (names: string): ReadonlySet<string> => new Set(names.split(" "));

/** Not text for a reader: code, alternatives that a browser does not show, embedded media, form state. */
const UNREAD = set(
  "script style template noscript head title svg canvas iframe object embed audio video datalist " +
    "select textarea noembed noframes meter progress",
);

/** Begin on a line of their own. */
export const BLOCKS = set(
  "address article aside body caption center details dialog dir div dd dt fieldset figcaption " +
    "footer form header hgroup hr html legend li listing main menu nav optgroup option search " +
    "section summary tbody tfoot thead tr",
);

/** Have an empty line around them. */
export const PARAGRAPHS = set(
  "blockquote dl figure h1 h2 h3 h4 h5 h6 ol p plaintext pre table ul xmp",
);

const HIDING_STYLE = /(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\s*(?:!|;|$)/i;

/** Whether a reader of the page would not see this element, as far as its own markup tells. */
export function isUnread(element: Element): boolean {
  if (UNREAD.has(element.name)) return true;
  const hidden = attributeOf(element, "hidden");
  if (hidden !== null && hidden.toLowerCase() !== "until-found") return true;
  const style = attributeOf(element, "style");
  return style !== null && HIDING_STYLE.test(style.slice(0, 1000));
}

/** White space counts in these. */
export const PREFORMATTED = set("pre listing xmp plaintext");
const LISTS = set("ul ol menu dir");

/** White space as a browser shows it: every run is one space, no-break and ideographic ones included. */
export const collapse = (text: string): string => text.replaceAll(/\s+/g, " ");

export interface CutText {
  readonly text: string;
  readonly truncated: boolean;
}

/**
 * The text of a subtree as a reader sees it: blocks on lines of their own, an empty line around
 * paragraphs, cells parted by tabs, `<pre>` kept, hidden things left out. `skip` leaves out more.
 */
export function readableText(
  root: Document | Element,
  maxBytes: number,
  skip: (element: Element) => boolean = () => false,
): CutText {
  const sink = new TextSink(maxBytes);
  let breaks = 0;
  let needsSpace = false;
  let needsTab = false;
  const separate = (lines: number): void => {
    breaks = Math.max(breaks, lines);
    needsSpace = false;
  };
  const write = (piece: string): void => {
    if (!sink.isEmpty) {
      if (breaks > 0) sink.write("\n".repeat(breaks));
      else if (needsTab) sink.write("\t");
      else if (needsSpace) sink.write(" ");
    }
    breaks = 0;
    needsSpace = false;
    needsTab = false;
    sink.write(piece);
  };
  const linesAround = ({ name, parent }: Element): number => {
    if (!PARAGRAPHS.has(name)) return BLOCKS.has(name) ? 1 : 0;
    // A list inside of a list item goes on with it.
    return parent !== null && "name" in parent && parent.name === "li" && LISTS.has(name) ? 1 : 2;
  };
  walk(root, {
    enter(element) {
      if (isUnread(element) || skip(element)) return false;
      const { name } = element;
      if (name === "br") {
        breaks = Math.min(breaks + 1, 2);
        needsSpace = false;
      } else if (name === "td" || name === "th") {
        needsTab = breaks === 0;
        needsSpace = false;
      } else {
        const lines = linesAround(element);
        if (lines > 0) separate(lines);
        if (PREFORMATTED.has(name)) {
          const code = preformattedText(element, maxBytes);
          if (code.text !== "") write(code.text);
          sink.isFull ||= code.truncated;
          separate(lines);
          return false;
        }
      }
      return true;
    },
    leave(element) {
      const lines = linesAround(element);
      if (lines > 0) separate(lines);
    },
    text({ data }) {
      const text = collapse(data);
      if (text === " ") {
        needsSpace = true;
        return;
      }
      if (text.startsWith(" ")) needsSpace = true;
      write(text.trim());
      needsSpace = text.endsWith(" ");
    },
    isDone: () => sink.isFull,
  });
  return { text: sink.toString().trim(), truncated: sink.isFull };
}

/** Elements looked at for one short text; so a page of nested links or headings stays linear. */
const MAX_INLINE_NODES = 10_000;

/**
 * The text of a small element on one line, at most `maxLength` UTF-16 units, without hidden things.
 * `skip` leaves out more.
 */
export function inlineText(
  root: Element,
  maxLength: number,
  skip: (element: Element) => boolean = () => false,
): string {
  let text = "";
  let nodes = 0;
  const space = (): void => {
    if (text !== "" && !text.endsWith(" ")) text += " ";
  };
  const isBlock = (name: string): boolean =>
    BLOCKS.has(name) || PARAGRAPHS.has(name) || name === "td" || name === "th" || name === "br";
  walk(root, {
    enter(element) {
      nodes++;
      if (isBlock(element.name)) space();
      return !isUnread(element) && !skip(element);
    },
    leave(element) {
      if (isBlock(element.name)) space();
    },
    text({ data }) {
      nodes++;
      const room = maxLength + 1 - text.length;
      // A long run of white space may hide that more text follows, so a little extra is read.
      const piece = collapse(data.slice(0, room * 2 + 64));
      text += text === "" || text.endsWith(" ") ? piece.trimStart() : piece;
    },
    isDone: () => text.length > maxLength || nodes > MAX_INLINE_NODES,
  });
  return cut(text.trim(), maxLength).trimEnd();
}

/** At most `maxLength` UTF-16 units, never half of a surrogate pair. */
export function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const last = text.charCodeAt(maxLength - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? maxLength - 1 : maxLength);
}

/**
 * Every character below an element as it stands, scripts and hidden things included (DOM
 * `textContent`), with `<br>` as a line end. Also cut after `maxNodes` nodes.
 */
export function rawText(root: Element, maxBytes: number, maxNodes = 200_000): CutText {
  const sink = new TextSink(maxBytes);
  let nodes = 0;
  walk(root, {
    enter(element) {
      nodes++;
      if (element.name === "br") sink.write("\n");
      return true;
    },
    text: ({ data }) => sink.write(data),
    isDone: () => sink.isFull || nodes > maxNodes,
  });
  return { text: sink.toString(), truncated: sink.isFull || nodes > maxNodes };
}

/** The lines of a preformatted element, without an empty first one and white space at the end. */
export function preformattedText(element: Element, maxBytes: number): CutText {
  const { text, truncated } = rawText(element, maxBytes);
  return { text: text.replaceAll(/\r\n?/g, "\n").replace(/^\n/, "").trimEnd(), truncated };
}

/** Words as parted by white space (in Korean, eojeol). */
export function countWords(text: string): number {
  let words = 0;
  let inWord = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const isSpace = code === 32 || (code >= 9 && code <= 13) || code === 0xa0 || code === 0x3000;
    if (!isSpace && !inWord) words++;
    inWord = !isSpace;
  }
  return words;
}
