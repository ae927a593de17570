import type { Locale } from "#platform/locale";

export const RECIPE_LANGUAGES = ["python", "javascript", "typescript", "sql"] as const;
export type RecipeLanguage = (typeof RECIPE_LANGUAGES)[number];

/** An answer that was run before it was given out: its check is executed by the language's own interpreter in a test. */
export interface Recipe {
  readonly id: string;
  readonly language: RecipeLanguage;
  readonly title: Readonly<Record<Locale, string>>;
  /** What a question must speak of for this to be its answer: all of the words, of `a|b` either. Words of the vocabulary. */
  readonly needs: string;
  /** Further words that a question for this may hold, in both languages. */
  readonly keywords: string;
  readonly explanation: Readonly<Record<Locale, string>>;
  readonly code: string;
  readonly check: RecipeCheck;
}

/** Statements to run after the code, which throw where it is wrong; of SQL the tables it is asked about and the rows it must answer with. */
export type RecipeCheck =
  | string
  | {
      readonly setup: string;
      readonly rows: readonly Readonly<Record<string, string | number | null>>[];
      /** What to ask afterwards, where the code itself answers with nothing. */
      readonly readBack?: string;
    };
