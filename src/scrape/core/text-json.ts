import type { CutText } from "./text";
import { TextSink } from "./text-sink";

const INDENT = 2;
/** Deeper levels are not indented further, so that depth cannot multiply the output. */
const MAX_INDENTED_LEVELS = 32;
const MARKS: ReadonlySet<string> = new Set(["{", "}", "[", "]", ",", ":"]);

/**
 * JSON with line breaks and indentation. It moves white space only: numbers keep every digit, keys
 * their order, and text that is not quite JSON comes out as readable as it can. Never builds the
 * value, so nesting costs nothing.
 */
export function prettyJson(json: string, maxBytes: number): CutText {
  const sink = new TextSink(maxBytes);
  let level = 0;
  const newLine = (): void => {
    sink.write(`\n${" ".repeat(INDENT * Math.min(level, MAX_INDENTED_LEVELS))}`);
  };
  let previous = "";
  let position = 0;
  while (position < json.length && !sink.isFull) {
    if (isSpace(json, position)) {
      position++;
      continue;
    }
    const end = endOfToken(json, position);
    const token = json.slice(position, end);
    position = end;
    if (token === "}" || token === "]") {
      level = Math.max(0, level - 1);
      if (previous !== "{" && previous !== "[") newLine();
    } else if (previous === "{" || previous === "[" || previous === ",") {
      newLine();
    }
    sink.write(token === ":" ? ": " : token);
    if (token === "{" || token === "[") level++;
    previous = token;
  }
  return { text: sink.toString(), truncated: sink.isFull };
}

const isSpace = (text: string, at: number): boolean => text.charAt(at).trim() === "";

/** A token is a string, one mark of structure, or a run of anything else up to white space. */
function endOfToken(json: string, start: number): number {
  const first = json.charAt(start);
  if (MARKS.has(first)) return start + 1;
  let end = start + 1;
  if (first === '"') {
    while (end < json.length && json.charAt(end) !== '"') {
      end += json.charAt(end) === "\\" ? 2 : 1;
    }
    return Math.min(end + 1, json.length);
  }
  while (end < json.length && !MARKS.has(json.charAt(end)) && json.charAt(end) !== '"') {
    if (isSpace(json, end)) break;
    end++;
  }
  return end;
}
