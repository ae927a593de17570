import type { Issue } from "./issue";
import { SYNTAX_RULE } from "./issue";

/**
 * What code may be before a parser sees it. Parsers and linters recurse: 20,000 open brackets overflow the stack of any
 * of them, and what overflows inside of WebAssembly leaves an instance that is not to be used again.
 */
export const MAX_CODE_CHARS = 100_000;
/** What CPython itself refuses to read: 200 open brackets and 100 levels of indentation (Parser/lexer/state.h). */
export const MAX_BRACKETS = 200;
export const MAX_INDENTS = 100;

export type BoundsFault = "too_long" | "too_many_brackets" | "too_many_indents";

const OPEN = new Set(["(", "[", "{"].map((mark) => mark.charCodeAt(0)));
const CLOSE = new Set([")", "]", "}"].map((mark) => mark.charCodeAt(0)));
const SPACE = 0x20;
const TAB = 0x09;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/**
 * Whether code is within the bounds, in one pass and without a stack. Brackets inside of strings and comments count too:
 * telling them apart is what the parsers are for, and 200 more open than closed are no text that people write.
 */
export function boundsFault(code: string): BoundsFault | null {
  if (code.length > MAX_CODE_CHARS) return "too_long";
  let open = 0;
  let indent = 0;
  let isLineStart = true;
  const indents: number[] = [];
  for (let at = 0; at < code.length; at++) {
    const unit = code.charCodeAt(at);
    if (unit === NEWLINE || unit === RETURN) {
      isLineStart = true;
      indent = 0;
      continue;
    }
    if (isLineStart && (unit === SPACE || unit === TAB)) {
      // The next multiple of eight, as Python reads it.
      indent = unit === TAB ? indent + 8 - (indent % 8) : indent + 1;
      continue;
    }
    if (isLineStart) {
      isLineStart = false;
      while ((indents.at(-1) ?? 0) > indent) indents.pop();
      if (indent > (indents.at(-1) ?? 0)) indents.push(indent);
      if (indents.length > MAX_INDENTS) return "too_many_indents";
    }
    if (OPEN.has(unit)) open++;
    else if (CLOSE.has(unit)) open = Math.max(0, open - 1);
    if (open > MAX_BRACKETS) return "too_many_brackets";
  }
  return null;
}

// oxlint-disable-next-line no-control-regex -- NUL is what is looked for
const NO_TEXT = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** At most this many are told one by one. */
const MAX_TOLD = 20;

/**
 * Characters that no source file holds: NUL, and halves of surrogate pairs, which UTF-8 cannot write. Tools differ in what
 * they make of them (some stop reading, one reads on as if it were a space), so they are told here.
 */
export function unreadableCharacters(code: string): readonly Issue[] {
  const issues: Issue[] = [];
  for (const match of code.matchAll(NO_TEXT)) {
    if (issues.length === MAX_TOLD) break;
    const before = code.slice(0, match.index);
    const line = before.split(/\r\n|\r|\n/).length;
    const column = match.index - Math.max(before.lastIndexOf("\n"), before.lastIndexOf("\r"));
    issues.push({
      line,
      column,
      end_line: line,
      end_column: column + 1,
      severity: "error",
      rule: SYNTAX_RULE,
      message:
        match[0] === "\0"
          ? "A NUL character cannot stand in source code"
          : "Half of a surrogate pair cannot be written in UTF-8",
      fix: null,
    });
  }
  return issues;
}

/** The same text, position by position, without what tools cannot be given. */
export const readableText = (code: string): string =>
  code.toWellFormed().replaceAll("\0", "\ufffd");
