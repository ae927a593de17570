/** In UTF-8 at most 1.5 MB: D1 takes rows of 2 MB, and an item has a question beside its answer. */
export const MAX_STORED_CHARS = 500_000;

/**
 * A text as it is kept: without NUL, where SQLite's functions take a text to end, without halves of surrogate pairs, which are no text, and
 * not longer than a row can hold: of more, the beginning, and a sign that there was more.
 */
export function storableText(text: string): string {
  const kept = text.length > MAX_STORED_CHARS ? `${text.slice(0, MAX_STORED_CHARS - 1)}…` : text;
  return kept.replaceAll("\u0000", "\uFFFD").toWellFormed();
}
