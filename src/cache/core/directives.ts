/** What a request asks of the cache by `Cache-Control` (RFC 9111 section 5.2.1). */
export interface Directives {
  /** An answer of the model itself is wanted; it replaces the one that is kept. */
  readonly isNoCache: boolean;
  /** Nothing is to be kept of it. */
  readonly isNoStore: boolean;
  /** The model is not to be asked. */
  readonly isOnlyIfCached: boolean;
  /** How old an answer may be; null where nothing is said. */
  readonly maxAgeMs: number | null;
  /** How long it has to stay good; null where nothing is said. */
  readonly minFreshMs: number | null;
}

const MAX_LENGTH = 1000;
/** RFC 9111 section 1.2.2: what is greater counts as this. */
const MAX_SECONDS = 2_147_483_648;

/** Reads the header. Directives that are unknown, or say no number where one belongs, count for nothing; the first of a name counts. */
export function readDirectives(header: string | null | undefined): Directives {
  const found = new Map<string, string>();
  for (const part of (header ?? "").slice(0, MAX_LENGTH).split(",")) {
    const [name = "", value = ""] = part.split("=", 2).map((text) => text.trim());
    if (!found.has(name.toLowerCase())) found.set(name.toLowerCase(), value);
  }
  return {
    isNoCache: found.has("no-cache"),
    isNoStore: found.has("no-store"),
    isOnlyIfCached: found.has("only-if-cached"),
    maxAgeMs: secondsOf(found.get("max-age")),
    minFreshMs: secondsOf(found.get("min-fresh")),
  };
}

/** Milliseconds of delta-seconds, which may stand in quotes; null where there is no such number. */
function secondsOf(value: string | undefined): number | null {
  const [, digits] = /^"?(\d+)"?$/.exec(value ?? "") ?? [];
  return digits === undefined ? null : Math.min(Number(digits), MAX_SECONDS) * 1000;
}
