import type * as z from "zod";
import type { JsonValue } from "#platform/json-value";
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";

/** Faults that are told to the model when it is asked again. */
const MAX_FAULTS = 10;
const MAX_ANSWER_CHARS = 200_000;

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

/** The steps of an answer that is still coming, as far as they are whole, the last few of them: what its followers see. */
export function readSteps(text: string): { readonly count: number; readonly latest: JsonValue } {
  const begin = /"steps"\s*:\s*\[/.exec(text);
  const steps: string[] = [];
  if (begin !== null) {
    STRING.lastIndex = begin.index + begin[0].length;
    for (let match = STRING.exec(text); match !== null; match = STRING.exec(text)) {
      try {
        steps.push(String(JSON.parse(match[1] ?? '""')).slice(0, SHOWN_CHARS));
      } catch {
        break;
      }
    }
  }
  return { count: steps.length, latest: steps.slice(-SHOWN_STEPS) };
}
