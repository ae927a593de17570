import type { ChatMessage, Usage } from "./port";

/** What the frame of a message (its role and marks) costs in the chat formats in use. */
const MESSAGE_OVERHEAD = 4;
/** Hangul, kana and Chinese characters: about one token each in the vocabularies in use. */
const WIDE = /[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef]/g;
const CHARS_PER_TOKEN = 4;

/**
 * About how many tokens a text is, for where nobody counts them: a fourth of its characters, and one for each that is
 * Korean, Japanese or Chinese. Real tokenizers differ by model; what is counted so is always marked as estimated.
 */
export function estimateTokens(text: string): number {
  const wide = text.match(WIDE)?.length ?? 0;
  return wide + Math.ceil((text.length - wide) / CHARS_PER_TOKEN);
}

/** About how many tokens a prompt is. */
export const estimatePrompt = (messages: readonly ChatMessage[]): number =>
  messages.reduce(
    (sum, { content, extra }) =>
      sum +
      MESSAGE_OVERHEAD +
      estimateTokens(content) +
      (extra === undefined ? 0 : estimateTokens(JSON.stringify(extra))),
    0,
  );

/** What an answer used, as far as it can be told from its texts. */
export const estimateUsage = (promptTokens: number, answer: string): Usage => ({
  promptTokens,
  completionTokens: estimateTokens(answer),
  isEstimated: true,
});
