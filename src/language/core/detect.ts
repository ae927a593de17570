import { detectAll } from "tinyld/light";

export interface DetectedLanguage {
  /** ISO 639-1, or null where it can't be told. */
  readonly code: string | null;
  /** 0 to 1. */
  readonly confidence: number;
}

/** Scripts that one language alone writes. */
const SCRIPTS: readonly (readonly [string, RegExp])[] = [
  ["ko", /\p{Script=Hangul}/gu],
  ["ja", /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ["th", /\p{Script=Thai}/gu],
  ["el", /\p{Script=Greek}/gu],
  ["he", /\p{Script=Hebrew}/gu],
];

const READ_CHARS = 5_000;
/** Letters below which a guess by letters alone is one of chance. */
const LEAST_LETTERS = 12;
/** Two languages closer to each other than this are not told apart. */
const LEAST_CONFIDENCE = 0.55;
/** What is written alike in all languages. */
const NO_WORDS = /\bhttps?:\/\/\S+|\S+@\S+|\d+/g;

/** The language of a text: by its script where that tells, else by the frequency of its letter groups. */
export function detectLanguage(text: string): DetectedLanguage {
  const read = text.slice(0, READ_CHARS).replaceAll(NO_WORDS, " ");
  const letters = read.match(/\p{L}/gu)?.length ?? 0;
  if (letters === 0) return { code: null, confidence: 0 };
  for (const [code, script] of SCRIPTS) {
    const share = (read.match(script)?.length ?? 0) / letters;
    // Korean and Japanese texts hold names and terms in Latin or Chinese letters.
    if (share > 0.2)
      return { code, confidence: Math.min(1, Math.round((0.5 + share) * 100) / 100) };
  }
  const isIdeographic = /\p{Script=Han}/u.test(read);
  if (letters < LEAST_LETTERS && !isIdeographic) return { code: null, confidence: 0 };
  const [best, second] = detectAll(read);
  if (best === undefined) return { code: null, confidence: 0 };
  // The detector's own figures say which is likelier, and not how likely one is.
  const confidence = best.accuracy / (best.accuracy + (second?.accuracy ?? 0) || 1);
  return confidence < LEAST_CONFIDENCE
    ? { code: null, confidence: 0 }
    : { code: best.lang, confidence: Math.round(confidence * 100) / 100 };
}
