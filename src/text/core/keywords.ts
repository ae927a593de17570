import { rankNodes } from "./rank";
import { MAX_TEXT_CHARS } from "./summary";
import { contentWords } from "./words";

/** Words so close together are taken to speak of the same. */
const WINDOW = 4;
const MAX_WORDS = 5_000;

export interface Keyword {
  readonly word: string;
  /** Relative to the best, 0 to 1. */
  readonly score: number;
  readonly count: number;
}

/** The words that a text turns on, best first, by TextRank over the words that stand near each other. */
export function findKeywords(text: string, language: string, limit = 10): Keyword[] {
  const words = contentWords(text.slice(0, MAX_TEXT_CHARS).normalize("NFC"), language).slice(
    0,
    MAX_WORDS,
  );
  const nodes = new Map<string, number>();
  const counts: number[] = [];
  const places = words.map((word) => {
    const node = nodes.get(word) ?? nodes.size;
    nodes.set(word, node);
    counts[node] = (counts[node] ?? 0) + 1;
    return node;
  });
  const graph = Array.from({ length: nodes.size }, () => new Map<number, number>());
  for (const [at, a] of places.entries())
    for (const b of places.slice(at + 1, at + WINDOW)) {
      if (a === b) continue;
      graph[a]?.set(b, (graph[a].get(b) ?? 0) + 1);
      graph[b]?.set(a, (graph[b].get(a) ?? 0) + 1);
    }
  const ranks = rankNodes(graph);
  const best = Math.max(...ranks, Number.EPSILON);
  return [...nodes]
    .map(([word, node]) => ({
      word,
      score: Math.round(((ranks[node] ?? 0) / best) * 1000) / 1000,
      count: counts[node] ?? 0,
    }))
    .sort((a, b) => b.score - a.score)
    .slice(0, limit);
}
