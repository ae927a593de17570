import type { JsonObject } from "#platform/json-value";
import type { ModelRequest, Usage } from "#ai/service";
import { ApiError } from "#platform/errors";
import type { Locale } from "#platform/locale";
import { languageLabel, splitAnswer } from "./core/answer-parts";
import type { GeneratedAnswer } from "./core/answer-parts";
import type { Issue } from "./core/issue";
import { codeLanguageOf } from "./core/language";
import type { CodeProfile } from "./core/profile";
import { generationPrompt, repairPrompt } from "./core/prompts";
import type { PromptMessage } from "./core/prompts";
import { inspect } from "./tools-client";
import type { CodeTools } from "./tools-client";

/** What usage and completions tell runs of the model apart by. */
export type CodeRunKind = "code" | "code-repair" | "code-complete" | "code-stream";

export interface ModelAnswer {
  readonly text: string;
  readonly usage: Usage;
  readonly model: string;
  /** Whether it was told from the cache, where there is one in front of the model. */
  readonly isCached?: boolean;
  /** Of the run's stream, under which its completion keeps it; null or absent where there is none. */
  readonly streamId?: string | null;
  /** Under which it is kept to be told again; null or absent where it is not. */
  readonly cacheKey?: string | null;
}

/** Asks the model in the name of a caller. Throws ApiError with what became of it. */
export type AskModel = (
  kind: CodeRunKind,
  request: ModelRequest,
  context: JsonObject,
) => Promise<ModelAnswer>;

export interface Generation {
  readonly question: string;
  /** Code that the answer has to fit; empty for none. */
  readonly codeContext: string;
  /** Empty where the question itself says it. */
  readonly language: string;
  readonly profile: CodeProfile;
  readonly locale: Locale;
}

export interface CodeVerdict {
  /** Whether the code could be checked: there are tools for its language, and it is within their bounds. */
  readonly checked: boolean;
  /** Null where it was not checked. */
  readonly valid: boolean | null;
  /** How often it was sent back to be mended. */
  readonly repairs: number;
  /** Errors and warnings. */
  readonly issues: readonly Issue[];
}

export interface GeneratedCode {
  readonly generated_code: string;
  readonly explanation: string;
  readonly status: "success" | "invalid_code" | "no_code";
  readonly language: string;
  readonly validation: CodeVerdict;
  readonly usage: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly total_tokens: number;
    readonly is_estimated: boolean;
  };
  readonly model: string;
  readonly cached: boolean;
}

const MAX_REPAIRS = 2;

/** How a model is asked to write code; the same for answers in one piece and for streams. */
export function generationRequest(asked: Generation): ModelRequest {
  const { question, codeContext, language, profile, locale } = asked;
  return request(
    "code",
    generationPrompt({ question, context: codeContext, language, profile, locale }),
    // The recipes are found by the question; a language that nobody named narrows nothing.
    { question, locale, ...(language === "" ? {} : { language: languageLabel(language) }) },
  );
}

/** What is kept with a run, for whoever writes its history. */
export const generationContext = ({ question, language, locale }: Generation): JsonObject => ({
  question,
  language,
  locale,
});

const request = (
  purpose: ModelRequest["purpose"],
  messages: PromptMessage[],
  hints: JsonObject,
  maxTokens: number | null = null,
): ModelRequest => ({ messages, model: null, temperature: null, maxTokens, purpose, hints });

interface Draft extends GeneratedAnswer {
  readonly verdict: CodeVerdict;
  readonly errors: readonly Issue[];
}

/**
 * Writes code and checks it. With `isEnhanced`, code with errors goes back to the model with what the tools say of it, at most
 * twice, and the best of the drafts is answered. Throws what the model's failure is (`MODEL_…`); a failure on the way to a better
 * draft is none: there is a draft.
 */
export async function generateCode(
  { tools, ask }: { readonly tools: CodeTools; readonly ask: AskModel },
  asked: Generation,
  isEnhanced: boolean,
): Promise<GeneratedCode> {
  const first = await ask("code", generationRequest(asked), generationContext(asked));
  const answers = [first];
  let best = await judge(tools, splitAnswer(first.text, asked.language), 0);
  const rounds = isEnhanced ? MAX_REPAIRS : 0;
  for (let round = 1; round <= rounds && best.errors.length > 0; round++) {
    const language = best.language;
    const prompt = repairPrompt({ ...asked, language }, best.code, best.errors);
    // The round tells apart what says the same: a round after one that mended nothing asks anew, and a cache must not answer it.
    const hints = { question: asked.question, language, round };
    const answer = await orNothing(ask("code-repair", request("repair", prompt, hints), {}));
    if (answer === null) break;
    answers.push(answer);
    const draft = await judge(tools, splitAnswer(answer.text, language), round);
    const verdict = { ...best.verdict, repairs: round };
    // A draft that is worse, or no code at all, is not what anybody asked for.
    if (draft.code === "" || draft.errors.length >= best.errors.length) best = { ...best, verdict };
    else best = { ...draft, explanation: draft.explanation || best.explanation };
  }
  const { code, explanation, verdict, language } = best;
  return {
    generated_code: code,
    explanation,
    status: code === "" ? "no_code" : verdict.valid === false ? "invalid_code" : "success",
    language,
    validation: verdict,
    usage: sumOf(answers.map(({ usage }) => usage)),
    model: first.model,
    cached: answers.every(({ isCached }) => isCached === true),
  };
}

/** What the tools say of a draft. */
async function judge(tools: CodeTools, answer: GeneratedAnswer, repairs: number): Promise<Draft> {
  const named = answer.language === "" ? "python" : answer.language;
  const language = codeLanguageOf(named);
  const unchecked: CodeVerdict = { checked: false, valid: null, repairs, issues: [] };
  const inspection =
    language === null || answer.code === ""
      ? null
      : await orNothing(
          inspect(tools, { code: `${answer.code}\n`, language, check: "all", isMeasured: false }),
        );
  const draft = { ...answer, language: language ?? named };
  if (inspection === null) return { ...draft, verdict: unchecked, errors: [] };
  const valid = inspection.errorCount === 0;
  const issues = inspection.issues.filter(({ severity }) => severity !== "info");
  return {
    ...draft,
    verdict: { checked: true, valid, repairs, issues },
    errors: issues.filter(({ severity }) => severity === "error"),
  };
}

/** Null where it was refused: what is there already is worth more. */
async function orNothing<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ApiError) return null;
    throw error;
  }
}

function sumOf(usages: readonly Usage[]): GeneratedCode["usage"] {
  const sum = (of: (usage: Usage) => number): number =>
    usages.reduce((total, usage) => total + of(usage), 0);
  const prompt = sum(({ promptTokens }) => promptTokens);
  const completion = sum(({ completionTokens }) => completionTokens);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    is_estimated: usages.some(({ isEstimated }) => isEstimated),
  };
}
