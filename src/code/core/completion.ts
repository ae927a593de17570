import type { CodeLanguage } from "./language";

export const COMPLETION_CATEGORIES = [
  ...(["parameter", "variable", "function", "class", "import", "type", "member"] as const),
  ...(["keyword", "builtin", "module", "snippet", "call", "model"] as const),
] as const;
export type CompletionCategory = (typeof COMPLETION_CATEGORIES)[number];

export const COMPLETION_COMPLEXITIES = ["simple", "moderate", "complex"] as const;

export interface Completion {
  /** What comes after the cursor: the text before it and this make the completed text. */
  readonly code: string;
  readonly label: string;
  /** From 0 to 1. */
  readonly confidence: number;
  readonly category: CompletionCategory;
  readonly complexity: (typeof COMPLETION_COMPLEXITIES)[number];
}

export interface CompletionQuestion {
  readonly prefix: string;
  /** UTF-16 units in `prefix`, at most its length. */
  readonly cursor: number;
  readonly language: CodeLanguage;
  /** Further code whose names may be used. */
  readonly context: string;
}
