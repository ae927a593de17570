import { escapeInline, escapeLineStart } from "./markdown-escape";
import { TextSink } from "./text-sink";

/** Deeper quotes and lists keep the indentation of this level, so that depth cannot multiply the output. */
const MAX_PREFIXES = 16;

interface Prefix {
  /** Stands once, before the first line (a list marker), then `rest` does. */
  first: string | null;
  readonly rest: string;
}

interface Span {
  readonly opener: string;
  readonly closer: string;
  isWritten: boolean;
}

/**
 * Puts Markdown together piece by piece. Separators are written late, with the next piece: so white
 * space never stands at the edge of a line or inside an emphasis, a block without content leaves
 * nothing behind, and an emphasis that reaches over a paragraph's end is closed and opened again.
 */
export class MarkdownWriter {
  readonly #sink: TextSink;
  #isCut = false;
  readonly #prefixes: Prefix[] = [];
  #prefixDepth = 0;
  /** How many prefixes the last line has in common with the one to come. */
  #commonPrefixes = 0;
  readonly #spans: Span[] = [];
  /** Spans that ended with the last text, innermost first; a next one of the same kind goes on instead. */
  readonly #ended: Span[] = [];
  #endsInCode = false;
  #inlineDepth: number;
  #breaks = 0;
  #hardBreak = false;
  #needsSpace = false;
  #atStart = true;
  /** What stands in the line so far, as far as it could still become a list marker. */
  #lineHead = "";
  #atLineStart = true;
  /** Whether the last text ends in what the next one could complete to an entity (`&` and `amp;`). */
  #opensEntity = false;

  /** `isInline` makes everything one line, as the inside of a table cell is. */
  constructor(maxBytes: number, isInline = false) {
    this.#sink = new TextSink(maxBytes);
    this.#inlineDepth = isInline ? 1 : 0;
  }

  get isFull(): boolean {
    return this.#sink.isFull || this.#isCut;
  }

  /** What is written next was cut already; nothing after it is wanted. */
  endAfterThis(): void {
    this.#isCut = true;
  }

  /** Whether blocks are not possible here: in a heading, a link, a cell. */
  get isInline(): boolean {
    return this.#inlineDepth > 0;
  }

  enterInline(): void {
    this.#inlineDepth++;
  }

  leaveInline(): void {
    this.#inlineDepth--;
  }

  /** Asks for so many line ends before the next piece: 1 begins a line, 2 leaves an empty one. */
  separate(lines: number): void {
    if (this.isInline) {
      this.#needsSpace = true;
      return;
    }
    // Nothing stands yet behind a fresh list marker: its first block begins right there.
    if (this.#prefixes.at(-1)?.first !== null && this.#prefixes.length > 0) return;
    this.#breaks = Math.max(this.#breaks, lines);
    this.#needsSpace = false;
    this.#hardBreak = false;
  }

  /** A line break inside a paragraph; two make a new paragraph. */
  lineBreak(): void {
    if (this.isInline) this.#needsSpace = true;
    else if (this.#hardBreak) this.separate(2);
    else this.#hardBreak = this.#breaks === 0 && !this.#atLineStart;
  }

  space(): void {
    this.#needsSpace = true;
  }

  pushPrefix(first: string | null, rest: string): void {
    this.#prefixDepth++;
    if (this.#prefixDepth <= MAX_PREFIXES) this.#prefixes.push({ first, rest });
    else if (first !== null) {
      // Too deep to indent: the marker stands at the deepest level that there is.
      const last = this.#prefixes.at(-1);
      if (last !== undefined) last.first = (last.first ?? last.rest) + first;
    }
  }

  popPrefix(): void {
    if (this.#prefixDepth <= MAX_PREFIXES) this.#prefixes.pop();
    this.#prefixDepth--;
    this.#commonPrefixes = Math.min(this.#commonPrefixes, this.#prefixes.length);
  }

  /** Opens a span of inline markup; it is written with its first text, or never. */
  openSpan(opener: string, closer: string): void {
    this.#spans.push({ opener, closer, isWritten: false });
  }

  closeSpan(): void {
    const span = this.#spans.pop();
    if (span?.isWritten === true) this.#ended.push(span);
  }

  /** Text of the page with its white space collapsed; escaped here. */
  text(collapsed: string): void {
    const text = collapsed.trim();
    if (collapsed.startsWith(" ")) this.#needsSpace = true;
    if (text === "") return;
    const completes = this.#opensEntity && !this.#needsSpace;
    this.#begin();
    let escaped = escapeInline(text);
    if (completes) escaped = escaped.replace(/^(#?[a-z0-9]*);/i, "$1\\;");
    if (this.#atLineStart) escaped = escapeLineStart(escaped);
    else if (this.#lineHead !== "" && /^[.)](?:$|\s)/.test(escaped)) escaped = `\\${escaped}`;
    this.#put(escaped);
    this.#lineHead =
      (this.#atLineStart || this.#lineHead !== "") && /^\d{1,9}$/.test(this.#lineHead + text)
        ? this.#lineHead + text
        : "";
    this.#atLineStart = false;
    this.#needsSpace = collapsed.endsWith(" ");
    this.#opensEntity =
      /&#?[a-z0-9]{0,40}$/i.test(text) || (completes && /^[#a-z0-9]{0,40}$/i.test(text));
  }

  /** Finished markup inside a line, such as a code span or an image. */
  markup(piece: string): void {
    const isCode = piece.startsWith("`");
    // Two code spans that touch would be read as one.
    if (isCode && this.#endsInCode) this.#needsSpace = true;
    this.#begin();
    this.#put(piece);
    this.#endsInCode = isCode;
    this.#lineHead = "";
    this.#atLineStart = false;
  }

  /** Finished lines of a block, each to stand behind the prefix of its place; no span reaches into them. */
  lines(lines: readonly string[]): void {
    this.separate(2);
    for (const line of lines) {
      if (this.#sink.isFull) return;
      this.#begin(false);
      this.#put(line);
      this.#breaks = 1;
    }
    this.separate(2);
  }

  toString(): string {
    this.#closeEnded();
    return this.#sink.toString();
  }

  #put(piece: string): void {
    this.#sink.write(piece);
    this.#atStart = false;
    this.#endsInCode = false;
  }

  #closeEnded(): void {
    for (const span of this.#ended) this.#sink.write(span.closer);
    this.#ended.length = 0;
  }

  /** `<b>a</b><b>b</b>` is one span: `**a****b**` would be read as neither. */
  #joinSpans(): void {
    if (this.#breaks > 0 || this.#hardBreak || this.#needsSpace) return;
    for (const span of this.#spans) {
      if (span.isWritten) continue;
      const last = this.#ended.at(-1);
      if (last?.opener !== span.opener || last.closer !== span.closer) return;
      this.#ended.pop();
      span.isWritten = true;
    }
  }

  /** Writes what was asked for before the next piece: line ends, prefixes, a space, openers. */
  #begin(opensSpans = true): void {
    if (opensSpans) this.#joinSpans();
    this.#closeEnded();
    const isFresh = this.#atStart;
    if (!isFresh && (this.#breaks > 0 || this.#hardBreak)) {
      for (const span of this.#spans.toReversed()) {
        if (span.isWritten && this.#breaks > 0) {
          this.#sink.write(span.closer);
          span.isWritten = false;
        }
      }
      if (this.#breaks === 0) this.#sink.write("  ");
      else if (this.#breaks > 1) this.#sink.write(`\n${this.#emptyPrefix()}`);
      this.#sink.write("\n");
    }
    if (isFresh || this.#breaks > 0 || this.#hardBreak) {
      this.#sink.write(this.#prefix());
      this.#atLineStart = true;
      this.#lineHead = "";
    } else if (this.#needsSpace) {
      this.#sink.write(" ");
    }
    this.#breaks = 0;
    this.#hardBreak = false;
    this.#needsSpace = false;
    if (!opensSpans) return;
    for (const span of this.#spans) {
      if (span.isWritten) continue;
      span.isWritten = true;
      this.#put(span.opener);
      this.#atLineStart = false;
      this.#lineHead = "";
    }
  }

  #prefix(): string {
    let prefix = "";
    for (const part of this.#prefixes) {
      prefix += part.first ?? part.rest;
      part.first = null;
    }
    this.#commonPrefixes = this.#prefixes.length;
    return prefix;
  }

  /** The prefix of an empty line: a quote that ends above it or begins below it is not marked in it. */
  #emptyPrefix(): string {
    const common = this.#prefixes.slice(0, this.#commonPrefixes);
    return common
      .map(({ rest }) => rest)
      .join("")
      .trimEnd();
  }
}
