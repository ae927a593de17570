/** What a client asks of an answer's delivery with `Prefer` (RFC 7240). */
export interface Preferences {
  /** `respond-async`: answer 202 at once. */
  readonly respondAsync: boolean;
  /** `wait=N`: the longest that the caller waits, in whole seconds; null where it does not say. */
  readonly waitSeconds: number | null;
}

/** RFC 7240 section 2: `token [= (token / quoted-string)]`, with parameters that we have no use for. */
const PREFERENCE =
  /^\s*([!#$%&'*+.^_`|~\w-]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?\s*(?:;.*)?$/s;
const MAX_LENGTH = 1000;

/**
 * Reads a `Prefer` header. A preference is a wish: what is malformed or unknown is passed over, never
 * refused, and of two that name the same thing the first counts (RFC 7240 section 2).
 */
export function parsePrefer(header: string | null | undefined): Preferences {
  let respondAsync = false;
  let waitSeconds: number | null = null;
  const seen = new Set<string>();
  for (const item of splitOutsideQuotes((header ?? "").slice(0, MAX_LENGTH))) {
    const [, name = "", quoted, token] = PREFERENCE.exec(item) ?? [];
    const key = name.toLowerCase();
    if (key === "" || seen.has(key)) continue;
    seen.add(key);
    const value = quoted ?? token ?? "";
    if (key === "respond-async") respondAsync = true;
    if (key === "wait" && /^\d{1,9}$/.test(value)) waitSeconds = Number(value);
  }
  return { respondAsync, waitSeconds };
}

function splitOutsideQuotes(text: string): string[] {
  const items: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === "\\" && isQuoted) i++;
    else if (char === '"') isQuoted = !isQuoted;
    else if (char === "," && !isQuoted) {
      items.push(text.slice(start, i));
      start = i + 1;
    }
  }
  items.push(text.slice(start));
  return items;
}
