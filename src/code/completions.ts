import { completeFromCode } from "./core/complete";
import type { Completion, CompletionQuestion } from "./core/completion";

export type { Completion, CompletionQuestion } from "./core/completion";

/** What can follow the cursor; nothing where the code nests deeper than a parser can follow. */
export function completeCode(question: CompletionQuestion): readonly Completion[] {
  try {
    return completeFromCode(question);
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}
