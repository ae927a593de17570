import type * as z from "zod";
import type { JsonValue } from "#platform/json-value";
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";

/** Faults that are told to the model when it is asked again. */
const MAX_FAULTS = 10;
/** Characters of an answer that are read. */
export const MAX_ANSWER_CHARS = 200_000;

/**
 * The JSON of an answer, held against its form. Models put fences and words around what they were asked for; what stands between the
 * outermost braces is taken, and nothing of it that the form does not name.
 */
export function readStructured<T extends z.ZodType>(
  text: string,
  form: T,
): Result<z.output<T>, readonly string[]> {
  if (text.length > MAX_ANSWER_CHARS) return err(["The answer is too long."]);
  const start = text.indexOf("{");
  const end = text.lastIndexOf("}");
  if (start < 0 || end < start) return err(["The answer holds no JSON object."]);
  let value: unknown;
  try {
    value = JSON.parse(text.slice(start, end + 1));
  } catch {
    return err(["The answer is not valid JSON."]);
  }
  const parsed = form.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  return err(
    parsed.error.issues
      .slice(0, MAX_FAULTS)
      .map((issue) => `/${issue.path.map(String).join("/")}: ${issue.message}`),
  );
}

const STRING = /\s*,?\s*("(?:[^"\\]|\\.)*")/y;
const SHOWN_STEPS = 8;
const SHOWN_CHARS = 300;
/** How far a list of steps is looked for, and how long one may be: an answer made to be long is read once, not at each piece. */
const MAX_SEARCH_CHARS = 10_000;

export interface StepReader {
  /** The whole of the answer so far. Tells the steps that are complete: how many, and the last few. */
  readonly read: (text: string) => { readonly count: number; readonly latest: JsonValue };
}

/** Reads the steps of an answer while it comes, for those who follow it. */
export function createStepReader(): StepReader {
  let at: number | null = null;
  let count = 0;
  const latest: string[] = [];
  return {
    read(text) {
      if (at === null && text.length <= MAX_SEARCH_CHARS) {
        const begin = /"steps"\s*:\s*\[/.exec(text);
        if (begin !== null) at = begin.index + begin[0].length;
      }
      while (at !== null && text.length - at <= MAX_SEARCH_CHARS) {
        STRING.lastIndex = at;
        const step = STRING.exec(text);
        if (step === null) break;
        at = STRING.lastIndex;
        count += 1;
        latest.push(unescaped(step[1] ?? "").slice(0, SHOWN_CHARS));
        if (latest.length > SHOWN_STEPS) latest.shift();
      }
      return { count, latest: [...latest] };
    },
  };
}

function unescaped(literal: string): string {
  try {
    return String(JSON.parse(literal));
  } catch {
    return literal.slice(1, -1);
  }
}
