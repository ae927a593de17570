import { rankNodes } from "./rank";
import { contentWords } from "./words";

/** Characters of a text that are read, and sentences that are compared: each with each other one. */
export const MAX_TEXT_CHARS = 200_000;
const MAX_SENTENCES = 500;
const MAX_SENTENCE_CHARS = 2_000;

export interface RankedSentence {
  readonly text: string;
  /** Where it stands among the sentences, from 0. */
  readonly position: number;
  /** Relative to the best, 0 to 1. */
  readonly score: number;
}

export interface Summary {
  /** The chosen sentences, word for word, in the order of the text. */
  readonly summary: string;
  readonly sentences: readonly RankedSentence[];
  /** How many sentences the text has. */
  readonly total: number;
}

/** The sentences of a text. A line break ends one too: headings and lists have no full stop. */
export function splitSentences(text: string, language: string): string[] {
  const segmenter = new Intl.Segmenter(language, { granularity: "sentence" });
  const sentences: string[] = [];
  for (const line of text.slice(0, MAX_TEXT_CHARS).normalize("NFC").split(/\n+/)) {
    let pending = "";
    for (const { segment } of segmenter.segment(line)) {
      pending += segment;
      // "Dr. Kim", "No. 3", "J. Lee": the full stop of an abbreviation ends nothing.
      if (/(?:^|\s)(?:[A-Z]|Dr|Mr|Mrs|Ms|Prof|St|No|vs|etc|e\.g|i\.e)\.\s*$/.test(pending))
        continue;
      const sentence = pending.replaceAll(/\s+/g, " ").trim();
      if (/[\p{L}\p{N}]/u.test(sentence)) sentences.push(sentence.slice(0, MAX_SENTENCE_CHARS));
      pending = "";
    }
    const rest = pending.replaceAll(/\s+/g, " ").trim();
    if (/[\p{L}\p{N}]/u.test(rest)) sentences.push(rest.slice(0, MAX_SENTENCE_CHARS));
    if (sentences.length >= MAX_SENTENCES) break;
  }
  return sentences.slice(0, MAX_SENTENCES);
}

/**
 * The sentences that the others are most like, by TextRank: taken out of the text and never reworded. As many as asked, else about a fifth
 * of them, at least one and at most seven.
 */
export function summarise(text: string, language: string, wanted: number | null = null): Summary {
  const sentences = splitSentences(text, language);
  const bags = sentences.map((sentence) => new Set(contentWords(sentence, language)));
  const graph = sentences.map(() => new Map<number, number>());
  for (const [i, bag] of bags.entries())
    for (let j = i + 1; j < bags.length; j++) {
      const likeness = likenessOf(bag, bags[j] ?? new Set());
      if (likeness === 0) continue;
      graph[i]?.set(j, likeness);
      graph[j]?.set(i, likeness);
    }
  const ranks = rankNodes(graph);
  const best = Math.max(...ranks, Number.EPSILON);
  const count = wanted ?? Math.min(7, Math.max(1, Math.round(sentences.length / 5)));
  const chosen = sentences
    .map((sentence, position) => ({
      text: sentence,
      position,
      score: Math.round(((ranks[position] ?? 0) / best) * 1000) / 1000,
    }))
    // Of equal ones the earlier: a text says first what it is about.
    .sort((a, b) => b.score - a.score || a.position - b.position)
    .slice(0, count)
    .sort((a, b) => a.position - b.position);
  return {
    summary: chosen.map((sentence) => sentence.text).join(" "),
    sentences: chosen,
    total: sentences.length,
  };
}

/** Words in common, by how many there could be. */
function likenessOf(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size < 2 || b.size < 2) return 0;
  let common = 0;
  for (const word of a) if (b.has(word)) common++;
  return common / (Math.log(a.size) + Math.log(b.size));
}
