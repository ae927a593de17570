export const ENTITY_KINDS = [
  "email",
  "url",
  "date",
  "time",
  "phone",
  "money",
  "percentage",
  "number",
] as const;
export type EntityKind = (typeof ENTITY_KINDS)[number];

export interface Entity {
  readonly kind: EntityKind;
  /** As it stands in the text. */
  readonly text: string;
  /** Where it begins, in UTF-16 units. */
  readonly position: number;
}

const MONTHS =
  "(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)";
const NUMBER = "\\d{1,3}(?:,\\d{3})+(?:\\.\\d+)?|\\d+(?:\\.\\d+)?";

/** In order: what one takes, those after it no longer see. None can run long on a text that is made to: each repeats one class at a time. */
const PATTERNS: readonly (readonly [EntityKind, RegExp])[] = [
  ["url", /\bhttps?:\/\/[^\s<>"'()[\]{}]{1,2000}[^\s<>"'()[\]{}.,;:!?]/giu],
  ["email", /\b[A-Z0-9._%+-]{1,64}@[A-Z0-9-]{1,63}(?:\.[A-Z0-9-]{1,63}){1,8}\b/giu],
  [
    "date",
    new RegExp(
      `\\b\\d{4}-\\d{2}-\\d{2}(?:T\\d{2}:\\d{2}(?::\\d{2}(?:\\.\\d+)?)?(?:Z|[+-]\\d{2}:?\\d{2})?)?(?!\\d)|\\b\\d{4}[./]\\s?\\d{1,2}[./]\\s?\\d{1,2}\\b|(?:\\d{2,4}년\\s?)?\\d{1,2}월\\s?\\d{1,2}일|\\d{4}년(?:\\s?\\d{1,2}월)?|\\b${MONTHS}\\.? \\d{1,2}(?:st|nd|rd|th)?(?:, ?\\d{4})?\\b|\\b\\d{1,2} ${MONTHS}(?: \\d{4})?\\b`,
      "giu",
    ),
  ],
  [
    "time",
    /(?:오전|오후)\s?\d{1,2}시(?:\s?\d{1,2}분)?|\d{1,2}시(?!간)(?:\s?\d{1,2}분)?|\b\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]\.?m\b\.?)?/giu,
  ],
  [
    "phone",
    /(?<![\d-])(?:\+\d{1,3}[ -]?)?(?:\(0?\d{1,4}\)[ -]?|0\d{1,3}-)\d{3,4}-\d{4}(?!\d)|\+\d{8,15}(?!\d)/gu,
  ],
  [
    "money",
    new RegExp(
      `[$€£¥₩]\\s?(?:${NUMBER})(?:\\s?(?:million|billion|thousand))?|(?:${NUMBER})\\s?(?:[만억조]\\s?)?(?:원|달러|유로|엔|USD|EUR|KRW|JPY|dollars?|euros?|won)(?![A-Za-z])`,
      "giu",
    ),
  ],
  ["percentage", new RegExp(`(?:${NUMBER})\\s?(?:%|퍼센트|percent)`, "giu")],
  ["number", new RegExp(`(?<![\\w.])[-−]?(?:${NUMBER})(?![\\d.]*\\d)`, "gu")],
];

const MAX_ENTITIES = 500;

/** Addresses, dates and numbers in a text, found by their form alone, in the order of the text. */
export function findEntities(text: string): Entity[] {
  const found: Entity[] = [];
  const taken: [number, number][] = [];
  for (const [kind, pattern] of PATTERNS)
    for (const match of text.matchAll(pattern)) {
      if (found.length >= MAX_ENTITIES) break;
      const start = match.index;
      const end = start + match[0].length;
      if (taken.some(([from, to]) => start < to && end > from)) continue;
      taken.push([start, end]);
      found.push({ kind, text: match[0].trim(), position: start });
    }
  return found.sort((a, b) => a.position - b.position);
}
