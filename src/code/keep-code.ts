import type { EndedStream } from "#ai/service";
import { amendHistory, recordHistory } from "#history/service";
import { splitAnswer } from "./core/answer-parts";
import type { GeneratedCode } from "./generate";

/**
 * Writes an answer in code to its owner's history, whoever still reads it. Safe to run again. The text is the model's own, with its
 * explanation.
 */
export async function keepCode(
  env: Pick<Env, "DB">,
  { streamId, ownerId, context, outcome, endedAtMs, isRecorded }: EndedStream,
): Promise<void> {
  if (!outcome.ok) return;
  const { question, language } = context;
  const { text, model } = outcome.answer;
  const asked = typeof language === "string" ? language : "";
  await recordHistory(env.DB, {
    streamId,
    ownerId,
    kind: "code",
    question: typeof question === "string" ? question : "",
    answer: text,
    language: splitAnswer(text, asked).language || null,
    model,
    isCached: isRecorded,
    conversationId: null,
    createdAtMs: endedAtMs,
  });
}

/** Puts what was mended in place of the first draft, which stands in the history under its stream. */
export const keepMended = (
  env: Pick<Env, "DB">,
  ownerId: string,
  streamId: string,
  { generated_code: code, explanation, language }: GeneratedCode,
): Promise<void> =>
  amendHistory(
    env.DB,
    ownerId,
    streamId,
    `\`\`\`${language}\n${code}\n\`\`\`\n\n${explanation}`.trimEnd(),
  );
