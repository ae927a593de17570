import MiniSearch from "minisearch";
import { RECIPES } from "./recipes/book";
import type { Recipe, RecipeLanguage } from "./recipes/recipe";
import { isMeaning, readQuestion } from "./words";
import type { Reading, Word } from "./words";

/**
 * How much of a question's words a recipe must be about. Calibrated on the questions in its test: below this lie those that ask for
 * something else with most of the same words, as "read a CSV file from a URL" does.
 */
export const LEAST_COVERAGE = 0.83;

export interface Found {
  readonly recipe: Recipe;
  /** What share of the question's words the recipe is about, 0 to 1. */
  readonly coverage: number;
}

interface Entry {
  readonly recipe: Recipe;
  readonly meanings: ReadonlySet<string>;
  /** Each of them, in any of its forms, must be in the question. */
  readonly needs: readonly (readonly string[])[];
}

const meaningsOf = (text: string): string[] =>
  readQuestion(text).words.flatMap((word) => word.meanings);

const ENTRIES: ReadonlyMap<string, Entry> = new Map(
  RECIPES.map((recipe) => {
    const needs = recipe.needs.split(" ").map((alternatives) => alternatives.split("|"));
    const stray = needs.flat().find((name) => !isMeaning(name));
    if (stray !== undefined) throw new Error(`${recipe.id} needs ${stray}, which is no meaning`);
    const { title, keywords } = recipe;
    const text = `${title.ko} ${title.en} ${keywords}`;
    return [
      recipe.id,
      { recipe, needs, meanings: new Set([...needs.flat(), ...meaningsOf(text)]) },
    ];
  }),
);

/** Ranked by BM25+ over meanings, so that a question in one language finds words of the other. */
const index = new MiniSearch<{ id: string; title: string; keywords: string }>({
  fields: ["title", "keywords"],
  tokenize: (text) => text.split(" "),
  processTerm: (term) => term,
  searchOptions: { boost: { title: 3 }, combineWith: "OR" },
});
index.addAll(
  RECIPES.map(({ id, title, needs, keywords }) => ({
    id,
    title: [...meaningsOf(`${title.ko} ${title.en}`), ...needs.split(/[ |]/)].join(" "),
    keywords: meaningsOf(keywords).join(" "),
  })),
);

/** Recipes looked at by rank: one that is about the question is never far down. */
const MAX_CANDIDATES = 12;

const TABLE_WORDS = new Set([
  "query",
  "row",
  "record",
  "table",
  "column",
  "select",
  "join",
  "upsert",
]);

/**
 * The recipe that answers a question, or null where none surely does: then all that could be said would be invented. `language` is what
 * the caller set; a language that the question itself names must be the same.
 */
export function findRecipe(question: string, language: string | null = null): Found | null {
  const reading = readQuestion(question);
  const wanted = languageOf(reading, language);
  if (wanted === "none" || reading.words.length === 0) return null;
  // "Next page" and "our best customers" are said in many a place: without its name, SQL needs a word of its own.
  const speaksOfTables = reading.words.some((word) =>
    word.meanings.some((meaning) => TABLE_WORDS.has(meaning)),
  );
  const terms = reading.words.flatMap((word) => word.meanings).join(" ");
  const candidates = index
    .search(terms, {
      boostDocument: (id) => (id.startsWith("python") ? 1.1 : 1),
      filter: ({ id }) => {
        const spoken = ENTRIES.get(String(id))?.recipe.language;
        return wanted === null ? spoken !== "sql" || speaksOfTables : spoken === wanted;
      },
    })
    .slice(0, MAX_CANDIDATES);
  let best: Found | null = null;
  for (const { id } of candidates) {
    const entry = ENTRIES.get(String(id));
    if (!entry || !meets(entry, reading.words)) continue;
    const coverage = coverageOf(entry, reading.words);
    // Of equal ones the first: the better ranked.
    if (coverage >= LEAST_COVERAGE && coverage > (best?.coverage ?? 0))
      best = { recipe: entry.recipe, coverage };
  }
  return best;
}

function languageOf(reading: Reading, set: string | null): RecipeLanguage | null | "none" {
  const named = new Set(reading.languages);
  if (set !== null) named.add(set.toLowerCase());
  if (reading.isForeign || named.size > 1) return "none";
  const [language] = named;
  if (language === undefined) return null;
  return RECIPES.some((recipe) => recipe.language === language)
    ? (language as RecipeLanguage)
    : "none";
}

/** Every need is met by a word of its own or shares one: "두 번째" is two words for one thing. */
const meets = ({ needs }: Entry, words: readonly Word[]): boolean =>
  needs.every((alternatives) =>
    words.some((word) => word.meanings.some((meaning) => alternatives.includes(meaning))),
  );

function coverageOf({ meanings }: Entry, words: readonly Word[]): number {
  let covered = 0;
  let missed = 0;
  for (const word of words) {
    if (word.meanings.some((meaning) => meanings.has(meaning))) covered++;
    else if (!word.isOptional) missed++;
  }
  return covered / (covered + missed || 1);
}
