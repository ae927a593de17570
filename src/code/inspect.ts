import type { Check } from "./core/checks";
import type { CodeLanguage } from "./core/language";
import { boundsFault, readableText, unreadableCharacters } from "./core/bounds";
import type { BoundsFault } from "./core/bounds";
import { presentIssues, SYNTAX_RULE } from "./core/issue";
import type { Issue } from "./core/issue";
import { metricsOf } from "./core/metrics";
import type { Metrics } from "./core/metrics";
import { lintPython } from "./python-linter";
import { lintScript } from "./script-linter";

export interface InspectInput {
  readonly code: string;
  readonly language: CodeLanguage;
  readonly check: Check;
  /** Whether the code is measured too. */
  readonly isMeasured: boolean;
}

export interface Inspection {
  readonly ok: true;
  /** In the order of the code; the gravest where there are more than an answer shows. */
  readonly issues: readonly Issue[];
  /** How many there are in all. */
  readonly issueCount: number;
  readonly errorCount: number;
  /** Null where they were not asked for. */
  readonly metrics: Metrics | null;
}

export type InspectVerdict =
  | Inspection
  | { readonly ok: false; readonly reason: BoundsFault | "too_deep" };

/** Checks a piece of code with the parser and the linter of its language. Never throws for what the code is. */
export function inspectCode({ code, language, check, isMeasured }: InspectInput): InspectVerdict {
  const fault = boundsFault(code);
  if (fault !== null) return { ok: false, reason: fault };
  const unreadable = unreadableCharacters(code);
  const text = unreadable.length === 0 ? code : readableText(code);
  try {
    const found =
      language === "python" ? lintPython(text, check) : lintScript(text, language, check);
    const issues = [...unreadable, ...found.filter((issue) => !isTold(issue, unreadable))];
    const isBroken = issues.some(({ rule }) => rule === SYNTAX_RULE);
    return {
      ok: true,
      issues: presentIssues(issues),
      issueCount: issues.length,
      errorCount: issues.filter(({ severity }) => severity === "error").length,
      metrics: isMeasured ? metricsOf(text, language, isBroken) : null,
    };
  } catch (error) {
    if (!isOverflow(error)) throw error;
    return { ok: false, reason: "too_deep" };
  }
}

/** What the parser says of a character that was told already. */
const isTold = (issue: Issue, unreadable: readonly Issue[]): boolean =>
  issue.rule === SYNTAX_RULE &&
  unreadable.some(({ line, column }) => line === issue.line && column === issue.column);

/** The stack of the engine or that of the WebAssembly instance is at its end. */
const isOverflow = (error: unknown): boolean =>
  error instanceof RangeError || error instanceof WebAssembly.RuntimeError;
