import { EMPTY_WORDS, ENDINGS, FOREIGN_NAMES, LANGUAGE_NAMES, MEANINGS } from "./vocabulary";

/** One word of a question: what it may mean, and whether the question can do without it. */
export interface Word {
  /** Meanings of the vocabulary; of a word that is in none, the word itself after a `=`. */
  readonly meanings: readonly string[];
  readonly isKnown: boolean;
  /** A word such as "write", which says something in some questions and nothing in most. */
  readonly isOptional: boolean;
}

export interface Reading {
  readonly words: readonly Word[];
  /** The languages that are named. */
  readonly languages: readonly string[];
  /** A language or system is named of which there are no recipes. */
  readonly isForeign: boolean;
}

/** Characters of a question that are read: a longer one asks for more than one thing. */
export const MAX_QUESTION_CHARS = 1000;

const HANGUL = /[가-힣]/;
const KO_STEMS = new Map<string, string[]>();
const EN_STEMS = new Map<string, string[]>();
const MEANING_NAMES = new Set<string>();

for (const line of MEANINGS.split("\n")) {
  const [name = "", forms = ""] = line.split(":");
  MEANING_NAMES.add(name);
  for (const form of forms.split(/[\s|]+/).filter((text) => text !== "")) {
    const stems = HANGUL.test(form) ? KO_STEMS : EN_STEMS;
    const stem = HANGUL.test(form) ? form : stemOf(form);
    const names = stems.get(stem) ?? [];
    if (!names.includes(name)) stems.set(stem, [...names, name]);
  }
}

const EMPTY = new Set(EMPTY_WORDS.split(/\s+/));
const ENDING_SET = new Set(ENDINGS);
const FOREIGN = new Set(FOREIGN_NAMES);
const LANGUAGE_OF = new Map(
  Object.entries(LANGUAGE_NAMES).flatMap(([language, names]) =>
    names.map((name) => [name, language] as const),
  ),
);
const LONGEST_STEM = Math.max(
  ...[...KO_STEMS.keys(), ...EMPTY, ...ENDINGS].map((text) => text.length),
);

/** Whether a word of the vocabulary has this name. */
export const isMeaning = (name: string): boolean => MEANING_NAMES.has(name);

/** A question, taken apart. */
export function readQuestion(question: string): Reading {
  const text = question.slice(0, MAX_QUESTION_CHARS).normalize("NFC").toLowerCase();
  const words: Word[] = [];
  const languages = new Set<string>();
  let isForeign = false;
  for (const [chunk] of text.matchAll(/[a-z0-9가-힣+#.'-]+/g)) {
    let isAfterLatin = false;
    // A chunk such as "json을" is a word of one script and particles of the other.
    for (const [run] of chunk.matchAll(/[가-힣]+|[^가-힣]+/g)) {
      const word = HANGUL.test(run) ? run : run.replace(/^[.'+-]+|[.'-]+$/g, "");
      if (word === "" || /^\d+$/.test(word)) {
        isAfterLatin = true;
        continue;
      }
      const named = nameIn(word, LANGUAGE_OF);
      if (named !== null) languages.add(named);
      else if (isForeignName(word)) isForeign = true;
      else if (HANGUL.test(word)) words.push(...readKorean(word, isAfterLatin));
      else words.push(...readEnglish(word));
      isAfterLatin = !HANGUL.test(run);
    }
  }
  return { words, languages: [...languages], isForeign };
}

function nameIn(word: string, names: ReadonlyMap<string, string>): string | null {
  const exact = names.get(word);
  if (exact !== undefined) return exact;
  if (!HANGUL.test(word)) return null;
  for (const [name, language] of names)
    if (word.startsWith(name) && isEndings(word.slice(name.length))) return language;
  return null;
}

const isForeignName = (word: string): boolean =>
  FOREIGN.has(word) ||
  (HANGUL.test(word) &&
    FOREIGN_NAMES.some(
      (name) => HANGUL.test(name) && word.startsWith(name) && isEndings(word.slice(name.length)),
    ));

/** Particles and endings alone. */
function isEndings(text: string): boolean {
  if (text === "") return true;
  for (let length = Math.min(text.length, LONGEST_STEM); length > 0; length--)
    if (ENDING_SET.has(text.slice(0, length)) && isEndings(text.slice(length))) return true;
  return false;
}

function readEnglish(word: string): Word[] {
  const meanings = EN_STEMS.get(stemOf(word));
  const isEmpty = EMPTY.has(word);
  if (meanings !== undefined) return [{ meanings, isKnown: true, isOptional: isEmpty }];
  if (isEmpty || word.length === 1) return [];
  // "key-value", "client/server": by its parts where these are known.
  const parts = word.split(/[-.']/).filter((part) => part !== "");
  if (parts.length > 1) return parts.flatMap(readEnglish);
  return [{ meanings: [`=${stemOf(word)}`], isKnown: false, isOptional: false }];
}

interface Split {
  readonly words: readonly Word[];
  /** Characters that belong to stems rather than to endings. */
  readonly stemChars: number;
  readonly pieces: number;
}

/**
 * A Korean word as stems of the vocabulary and the particles and endings after them, such as 파일 + 을 or 중복 + 제거 + 하는 + 법: of all
 * ways to split it, the one with most in stems, in the fewest pieces. A word that does not split so is one that nothing is known about.
 */
function readKorean(word: string, isAfterLatin: boolean): Word[] {
  if (isAfterLatin && isEndings(word)) return [];
  const best: (Split | null)[] = [{ words: [], stemChars: 0, pieces: 0 }];
  for (let end = 1; end <= word.length; end++) {
    best[end] = null;
    for (let start = Math.max(0, end - LONGEST_STEM); start < end; start++) {
      const before = best[start];
      if (!before) continue;
      const piece = word.slice(start, end);
      const meanings = KO_STEMS.get(piece);
      const isStem = meanings !== undefined || EMPTY.has(piece);
      // Endings follow something.
      if (!isStem && (start === 0 || !ENDING_SET.has(piece))) continue;
      const split: Split = {
        words:
          meanings === undefined
            ? before.words
            : [...before.words, { meanings, isKnown: true, isOptional: EMPTY.has(piece) }],
        stemChars: before.stemChars + (isStem ? piece.length : 0),
        pieces: before.pieces + 1,
      };
      if (isBetter(split, best[end] ?? null)) best[end] = split;
    }
  }
  const whole = best[word.length];
  return whole ? [...whole.words] : [{ meanings: [`=${word}`], isKnown: false, isOptional: false }];
}

const isBetter = (split: Split, other: Split | null): boolean =>
  other === null ||
  split.stemChars > other.stemChars ||
  (split.stemChars === other.stemChars && split.pieces < other.pieces);

/** An English word without the endings that number and tense give it; the same for all forms of most words, and no word itself. */
function stemOf(word: string): string {
  let stem = word.replace(/'s?$/, "");
  if (stem.length > 4) stem = stem.replace(/ies$/, "y").replace(/(ss|sh|ch|x)es$/, "$1");
  if (stem.length > 3) stem = stem.replace(/([^s])s$/, "$1");
  if (stem.length > 5) stem = stem.replace(/ing$/, "");
  if (stem.length > 4) stem = stem.replace(/ed$/, "");
  // "stopp" of "stopped", "sort" of "sorted".
  stem = stem.replace(/([bdgmnprt])\1$/, "$1");
  return stem.length > 3 ? stem.replace(/e$/, "").replace(/y$/, "i") : stem;
}
