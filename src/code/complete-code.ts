import type { ModelRequest } from "#ai/service";
import { ApiError } from "#platform/errors";
import { languageLabel, splitAnswer } from "./core/answer-parts";
import type { Completion, CompletionQuestion } from "./core/completion";
import { completionPrompt } from "./core/prompts";
import type { AskModel } from "./generate";
import type { CodeTools } from "./tools-client";

/** What a model reads of the code around the cursor. */
const MAX_TOLD_CHARS = 8_000;
const MAX_TOKENS = 200;
const MAX_CHARS = 2_000;
/** A model does not tell how sure it is. */
const MODEL_CONFIDENCE = 0.5;

export interface CodeCompletions {
  readonly completions: readonly Completion[];
  readonly status: "success";
  /** Which model answered; null where the code alone did. */
  readonly model: string | null;
}

/**
 * What can follow the cursor. The code alone always answers; where there is a model, what it writes comes first, and where it fails the
 * answer is the one without it.
 */
export async function completeCode(
  { tools, ask }: { readonly tools: CodeTools; readonly ask: AskModel | null },
  question: CompletionQuestion,
): Promise<CodeCompletions> {
  const [found, written] = await Promise.all([
    tools.completeCode(question).catch((error: unknown) => {
      throw new ApiError("DEPENDENCY_UNAVAILABLE", { cause: error, internal: "naru-tools failed" });
    }),
    ask === null ? null : write(ask, question),
  ]);
  const own = written === null ? [] : [written.completion];
  return {
    completions: [...own, ...found.filter(({ code }) => code !== own[0]?.code)],
    status: "success",
    model: written?.model ?? null,
  };
}

async function write(
  ask: AskModel,
  question: CompletionQuestion,
): Promise<{ completion: Completion; model: string } | null> {
  const { language, cursor } = question;
  const before = question.prefix.slice(Math.max(0, cursor - MAX_TOLD_CHARS), cursor);
  const after = question.prefix.slice(cursor, cursor + MAX_TOLD_CHARS);
  const request: ModelRequest = {
    messages: completionPrompt(before, after, question.context.slice(-MAX_TOLD_CHARS), language),
    model: null,
    temperature: null,
    maxTokens: MAX_TOKENS,
    purpose: "complete",
    hints: { language: languageLabel(language) },
  };
  try {
    const { text, model } = await ask("code-complete", request, { language });
    const code = withoutRepetition(splitAnswer(text, language).code, before).slice(0, MAX_CHARS);
    if (code.trim() === "") return null;
    const [line = ""] = code.trim().split("\n", 1);
    return {
      model,
      completion: {
        code: code.toWellFormed(),
        label: line.slice(0, 80).toWellFormed(),
        confidence: MODEL_CONFIDENCE,
        category: "model",
        complexity: code.includes("\n") ? "complex" : "moderate",
      },
    };
  } catch (error) {
    if (error instanceof ApiError) return null;
    throw error;
  }
}

/** Models like to begin with the line that they were to go on with. */
function withoutRepetition(code: string, before: string): string {
  const line = before.slice(before.lastIndexOf("\n") + 1);
  return line.trim() !== "" && code.startsWith(line.trim()) ? code.slice(line.trim().length) : code;
}
