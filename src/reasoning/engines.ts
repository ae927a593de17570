/** What computes without a model, as plain calls for another Worker: plain data in, a verdict out, nothing bound and nothing kept. */
import type { ErrorCode } from "#platform/errors";
import type { JsonObject } from "#platform/json-value";
import { detectLanguage } from "#language/service";
import { findEntities, findKeywords, summarise } from "#text/service";
import { calculate } from "./core/calculator";
import { presentCalculation, presentRuns } from "./core/present";
import { runProlog } from "./core/prolog";
import type { PrologFault } from "./core/prolog-caps";

export interface ComputeInput {
  readonly engine: "prolog" | "arithmetic" | "text";
  readonly input: string;
  /** A further query of a logic program. */
  readonly query: string | null;
  /** What to do with a text. */
  readonly type: string;
}

export type ComputeVerdict =
  | { readonly ok: true; readonly data: JsonObject }
  | {
      readonly ok: false;
      readonly code: ErrorCode;
      readonly params: Readonly<Record<string, string | number>>;
    };

/** Proves, calculates or reads. Bounded by counted steps, since no clock goes on while it computes. */
export function compute({ engine, input, query, type }: ComputeInput): ComputeVerdict {
  if (engine === "text") return { ok: true, data: readText(type, input) };
  if (engine === "arithmetic") return evaluate(input);
  const runs = runProlog(input, query);
  return runs.ok ? { ok: true, data: presentRuns(runs.value) } : failedProgram(runs.error);
}

const failed = (
  code: "PROGRAM_NOT_VALID" | "EXPRESSION_NOT_VALID" | "COMPUTATION_TOO_LARGE",
  params: Record<string, string | number>,
): ComputeVerdict => ({ ok: false, code, params });

function failedProgram(fault: PrologFault): ComputeVerdict {
  const { reason } = fault;
  if (reason === "limit") return failed("COMPUTATION_TOO_LARGE", { limit: fault.limit });
  return failed("PROGRAM_NOT_VALID", {
    reason,
    ...("line" in fault && fault.line !== null ? { line: fault.line } : {}),
    ...("message" in fault && fault.message !== "" ? { near: fault.message } : {}),
    ...("name" in fault ? { near: fault.name } : {}),
  });
}

function evaluate(input: string): ComputeVerdict {
  const result = calculate(input);
  if (result.ok) return { ok: true, data: presentCalculation(result.value) };
  const { reason } = result.error;
  if (reason === "too_large") return failed("COMPUTATION_TOO_LARGE", { limit: "digits" });
  return failed("EXPRESSION_NOT_VALID", {
    reason,
    ...("name" in result.error ? { name: result.error.name } : {}),
  });
}

/** What can be said of a text without a model. All of it stands in the text, or is counted from it. */
function readText(type: string, text: string): JsonObject {
  const language = detectLanguage(text);
  const locale = language.code ?? "en";
  const keywords = findKeywords(text, locale).map(({ word, score, count }) => ({
    word,
    score,
    count,
  }));
  const detected = { code: language.code, confidence: language.confidence };
  if (type === "classification")
    return { label: language.code, confidence: language.confidence, by: "language", keywords };
  if (type === "extraction") {
    const entities = findEntities(text).map(({ kind, text, position }) => ({
      kind,
      text,
      position,
    }));
    return { entities, keywords, language: detected };
  }
  const { summary, sentences, total } = summarise(text, locale);
  return {
    summary,
    sentences: sentences.map(({ text, position, score }) => ({ text, position, score })),
    total_sentences: total,
    keywords,
    language: detected,
  };
}
