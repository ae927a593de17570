import type { Document, Element } from "domhandler";
import { attributeOf } from "./document-parse";
import { HEADINGS } from "./document-rules";
import { walk } from "./document-walk";
import { imageUrl, resolveUrl } from "./links";
import { codeSpan, escapeDestination, escapeInline, fenceOf } from "./markdown-escape";
import { MarkdownWriter } from "./markdown-writer";
import { readGrid } from "./tables-grid";
import {
  BLOCKS,
  collapse,
  cut,
  type CutText,
  isUnread,
  PARAGRAPHS,
  PREFORMATTED,
  preformattedText,
  rawText,
} from "./text";

export interface MarkdownOptions {
  readonly baseUrl: string;
  readonly maxBytes: number;
  readonly skip?: (element: Element) => boolean;
}

const set = (names: string): ReadonlySet<string> => new Set(names.split(" "));

const EMPHASIS: ReadonlyMap<string, string> = new Map([
  ["b", "**"],
  ["strong", "**"],
  ["i", "*"],
  ["em", "*"],
  ["del", "~~"],
  ["s", "~~"],
  ["strike", "~~"],
]);
const CODE = set("code kbd samp tt");
/** What cannot stand in a cell of a Markdown table; a table with one of these lays out a page. */
const TOO_BIG_FOR_CELL = set(
  "table ul ol dl pre blockquote h1 h2 h3 h4 h5 h6 hr form article section figure",
);
const CELL = set("td th caption");
/** A link around more nodes than this is a fault of the page (never closed) or a whole card. */
const MAX_LINK_NODES = 200;
const MAX_CODE_SPAN_BYTES = 2_000;
const MAX_TABLE_NODES = 20_000;
const TABLE_LIMITS = { rows: 2_000, columns: 50, slots: 20_000 };

/** What is to be undone at the end of an element. */
type Undo = () => void;

const isInside = (element: Element, names: ReadonlySet<string>): boolean => {
  const parent = element.parent;
  return parent !== null && "name" in parent && names.has(parent.name);
};
const LISTS = set("ul ol menu dir");
const ITEM = set("li");

/**
 * Whether a table holds data and not the layout of a page: only lines in its cells, and no text outside of them, which
 * would have no place in the table that is written.
 */
function isDataTable(table: Element): boolean {
  let nodes = 0;
  let captions = 0;
  let openCells = 0;
  let isSimple = true;
  walk(table, {
    enter(element) {
      if (isUnread(element)) return false;
      nodes++;
      if (element.name === "caption") captions++;
      if (CELL.has(element.name)) openCells++;
      if (TOO_BIG_FOR_CELL.has(element.name) || nodes > MAX_TABLE_NODES || captions > 1)
        isSimple = false;
      return isSimple;
    },
    leave(element) {
      if (CELL.has(element.name)) openCells--;
    },
    text(text) {
      if (openCells === 0 && text.data.trim() !== "") isSimple = false;
    },
    isDone: () => !isSimple,
  });
  return isSimple;
}

function isSmallLink(link: Element): boolean {
  let nodes = 0;
  walk(link, {
    enter: () => {
      nodes++;
      return true;
    },
    isDone: () => nodes > MAX_LINK_NODES,
  });
  return nodes <= MAX_LINK_NODES;
}

class Renderer {
  readonly writer: MarkdownWriter;
  readonly #options: MarkdownOptions;
  readonly #undo = new Map<Element, Undo>();
  readonly #active = new Set<string>();
  /** Number of the next item of each open list; null in unordered ones. */
  readonly #lists: (number | null)[] = [];

  constructor(options: MarkdownOptions, isInline: boolean) {
    this.#options = options;
    this.writer = new MarkdownWriter(options.maxBytes, isInline);
  }

  render(root: Document | Element): void {
    const { writer } = this;
    walk(root, {
      enter: (element) => this.#enter(element),
      leave: (element) => {
        const undo = this.#undo.get(element);
        if (undo === undefined) return;
        this.#undo.delete(element);
        undo();
      },
      text: ({ data }) => writer.text(collapse(data)),
      isDone: () => writer.isFull,
    });
  }

  /** Begins an element. `false` where it is done with, or not read at all. */
  #enter(element: Element): boolean {
    if (isUnread(element) || this.#options.skip?.(element) === true) return false;
    const { writer } = this;
    const { name } = element;
    if (name === "br") writer.lineBreak();
    else if (name === "hr") return this.#rule();
    else if (name === "img") return this.#image(element);
    else if (CODE.has(name)) return this.#code(element);
    else if (PREFORMATTED.has(name) && !writer.isInline) return this.#preformatted(element);
    else if (name === "table" && !writer.isInline && isDataTable(element)) {
      if (this.#table(element)) return false;
      this.#block(element, 2);
    } else if (name === "a") this.#link(element);
    else if (EMPHASIS.has(name)) this.#emphasis(element, EMPHASIS.get(name) ?? "");
    else if (HEADINGS.has(name)) this.#heading(element);
    else if (LISTS.has(name)) this.#list(element);
    else if (name === "li") this.#item(element);
    else if (name === "blockquote") this.#quote(element);
    else if (PARAGRAPHS.has(name)) this.#block(element, 2);
    else if (BLOCKS.has(name) || name === "td" || name === "th") {
      // One line end would join two blocks into one paragraph; in a list it keeps the list tight.
      this.#block(element, this.#lists.length > 0 ? 1 : 2);
    }
    return true;
  }

  #rule(): false {
    if (!this.writer.isInline) this.writer.lines(["---"]);
    return false;
  }

  #block(element: Element, lines: number): void {
    this.writer.separate(lines);
    this.#undo.set(element, () => this.writer.separate(lines));
  }

  #heading(element: Element): void {
    const { writer } = this;
    const marks = `${"#".repeat(Number(element.name.charAt(1)))} `;
    const isBlock = !writer.isInline;
    writer.separate(2);
    // A list marker or quote mark may still be to come; the heading's own stands behind it.
    if (isBlock) writer.pushPrefix(marks, "");
    writer.enterInline();
    this.#undo.set(element, () => {
      writer.leaveInline();
      if (isBlock) writer.popPrefix();
      writer.separate(2);
    });
  }

  #list(element: Element): void {
    const lines = isInside(element, ITEM) ? 1 : 2;
    const start = Number.parseInt(attributeOf(element, "start") ?? "1", 10);
    this.#lists.push(
      element.name === "ol"
        ? Math.min(Math.max(Number.isFinite(start) ? start : 1, 0), 99_999)
        : null,
    );
    this.writer.separate(lines);
    this.#undo.set(element, () => {
      this.#lists.pop();
      this.writer.separate(lines);
    });
  }

  #item(element: Element): void {
    const { writer } = this;
    writer.separate(1);
    if (writer.isInline) {
      this.#undo.set(element, () => writer.separate(1));
      return;
    }
    const number = this.#lists.at(-1) ?? null;
    const marker = number === null ? "- " : `${number}. `;
    if (number !== null) this.#lists[this.#lists.length - 1] = number + 1;
    writer.pushPrefix(marker, " ".repeat(marker.length));
    this.#undo.set(element, () => {
      writer.popPrefix();
      writer.separate(1);
    });
  }

  #quote(element: Element): void {
    const { writer } = this;
    writer.separate(2);
    const isBlock = !writer.isInline;
    if (isBlock) writer.pushPrefix(null, "> ");
    this.#undo.set(element, () => {
      if (isBlock) writer.popPrefix();
      writer.separate(2);
    });
  }

  #emphasis(element: Element, mark: string): void {
    if (this.#active.has(mark)) return;
    this.#active.add(mark);
    this.writer.openSpan(mark, mark);
    this.#undo.set(element, () => {
      this.#active.delete(mark);
      this.writer.closeSpan();
    });
  }

  #link(element: Element): void {
    const { writer } = this;
    const href = attributeOf(element, "href")?.trim() ?? "";
    const url =
      href === "" || href.startsWith("#") ? null : resolveUrl(href, this.#options.baseUrl);
    if (url === null || this.#active.has("[") || !isSmallLink(element)) return;
    this.#active.add("[");
    writer.openSpan("[", `](${escapeDestination(url)})`);
    writer.enterInline();
    this.#undo.set(element, () => {
      this.#active.delete("[");
      writer.leaveInline();
      writer.closeSpan();
    });
  }

  #image(element: Element): false {
    const url = imageUrl(element, this.#options.baseUrl);
    const alt = cut(collapse(attributeOf(element, "alt") ?? "").trim(), 500);
    if (url !== null) {
      this.writer.markup(`![${escapeInline(alt)}](${escapeDestination(url)})`);
    }
    return false;
  }

  #code(element: Element): boolean {
    const { text, truncated } = rawText(element, MAX_CODE_SPAN_BYTES, MAX_LINK_NODES);
    // Far too long for a line: a tag that was never closed. Its content is ordinary then.
    if (truncated) return true;
    const code = collapse(text);
    if (code.startsWith(" ")) this.writer.space();
    if (code.trim() !== "") this.writer.markup(codeSpan(code.trim()));
    if (code.endsWith(" ")) this.writer.space();
    return false;
  }

  #preformatted(element: Element): false {
    const { text: code, truncated } = preformattedText(element, this.#options.maxBytes);
    if (truncated) this.writer.endAfterThis();
    if (code === "") return false;
    const fence = fenceOf(code);
    this.writer.lines([`${fence}${languageOf(element)}`, ...code.split("\n"), fence]);
    return false;
  }

  /** A GFM table; `false` where it is none, for want of a second column. */
  #table(element: Element): boolean {
    const grid = readGrid(element, TABLE_LIMITS);
    const width = grid.rows[0]?.length ?? 0;
    if (width < 2 || grid.truncated) return false;
    const cellText = (row: (typeof grid.rows)[number] | undefined): string => {
      const cells = (row ?? Array.from({ length: width }, () => null)).map((slot) =>
        slot?.isOrigin === true ? this.#cell(slot.cell) : "",
      );
      return `| ${cells.join(" | ")} |`;
    };
    if (grid.caption !== null) this.#paragraph(grid.caption);
    const hasHeader = grid.headerRows > 0;
    this.writer.lines([
      cellText(hasHeader ? grid.rows[0] : undefined),
      `|${" --- |".repeat(width)}`,
      ...grid.rows.slice(hasHeader ? 1 : 0).map(cellText),
    ]);
    return true;
  }

  #inline(element: Element): string {
    const renderer = new Renderer(this.#options, true);
    renderer.render(element);
    return renderer.writer.toString();
  }

  /** A pipe ends a cell even inside of code, so every one that is not escaped yet is, wherever it stands. */
  #cell(element: Element): string {
    return this.#inline(element).replaceAll(/\\[^]|\|/g, (found) =>
      found === "|" ? "\\|" : found,
    );
  }

  #paragraph(element: Element): void {
    const text = this.#inline(element);
    if (text !== "") this.writer.lines([text]);
  }
}

/** The language of a code block as its class names it (`language-ts`, `lang-ts`), else nothing. */
function languageOf(pre: Element): string {
  const child = pre.children.find(
    (node): node is Element => "name" in node && node.name === "code",
  );
  for (const element of [pre, ...(child === undefined ? [] : [child])]) {
    const classes = (attributeOf(element, "class") ?? "").slice(0, 500);
    const match = /(?:^|\s)lang(?:uage)?-([\w+#-]{1,30})(?:\s|$)/.exec(classes);
    if (match?.[1] !== undefined) return match[1];
  }
  return "";
}

/**
 * A subtree as GitHub Flavored Markdown: headings, paragraphs, lists, links, images, code, quotes,
 * tables, rules, emphasis. Text is escaped, so that no HTML and no markup of the page's own comes
 * through; addresses are absolute, and only http, https and mailto. One walk, one step a node; what
 * is beyond `maxBytes` is cut.
 */
export function toMarkdown(root: Document | Element, options: MarkdownOptions): CutText {
  const renderer = new Renderer(options, false);
  renderer.render(root);
  return { text: renderer.writer.toString().trim(), truncated: renderer.writer.isFull };
}
