import type { Analysis, Validation } from "./core/checks";
import type { Issue } from "./core/issue";
import type { CodeLanguage } from "./core/language";
import type { Metrics } from "./core/metrics";
import { scoreOf } from "./core/score";
import { inspect } from "./tools-client";
import type { CodeTools } from "./tools-client";

export { codeLanguageOf } from "./core/language";
export type { CodeLanguage } from "./core/language";
export { completeCode } from "./complete-code";
export type { CodeCompletions } from "./complete-code";
export { splitAnswer } from "./core/answer-parts";
export type { GeneratedAnswer } from "./core/answer-parts";
export { DEFAULT_PROFILE, mergeProfiles } from "./core/profile";
export type { CodeProfile } from "./core/profile";
export { PROMPT_VERSION } from "./core/prompts";
export { generateCode, generationContext, generationRequest } from "./generate";
export type { AskModel, CodeRunKind, GeneratedCode, Generation, ModelAnswer } from "./generate";
export { keepCode, keepMended } from "./keep-code";
export { codeStreamFormat } from "./stream-format";
export { codeToolsOf, inspect } from "./tools-client";
export type { CodeTools } from "./tools-client";

export interface CodeReport {
  readonly status: "success";
  readonly language: CodeLanguage;
  readonly issues: readonly Issue[];
  readonly issue_count: number;
}

export interface CodeValidation extends CodeReport {
  readonly validation_type: Validation;
  /** Whether no issue is an error. */
  readonly valid: boolean;
}

export interface CodeAnalysis extends CodeReport {
  readonly analysis_type: Analysis;
  readonly score: number;
  readonly metrics: Metrics;
}

/** Whether code is right. Throws CODE_TOO_COMPLEX for code that is beyond the tools. */
export async function validateCode(
  tools: CodeTools,
  { code, language, type }: { code: string; language: CodeLanguage; type: Validation },
): Promise<CodeValidation> {
  const { issues, issueCount, errorCount } = await inspect(tools, {
    code,
    language,
    check: type,
    isMeasured: false,
  });
  return {
    status: "success",
    language,
    validation_type: type,
    valid: errorCount === 0,
    issues,
    issue_count: issueCount,
  };
}

/** What code is like. Throws CODE_TOO_COMPLEX for code that is beyond the tools. */
export async function analyzeCode(
  tools: CodeTools,
  { code, language, type }: { code: string; language: CodeLanguage; type: Analysis },
): Promise<CodeAnalysis> {
  const { issues, issueCount, metrics } = await inspect(tools, {
    code,
    language,
    check: type,
    isMeasured: true,
  });
  if (metrics === null) throw new Error("naru-tools measured nothing");
  return {
    status: "success",
    language,
    analysis_type: type,
    score: scoreOf(type, issues, metrics),
    metrics,
    issues,
    issue_count: issueCount,
  };
}
