/** What a site's robots.txt means for a page (RFC 9309). */
import robotsParser from "robots-parser";

/** RFC 9309 section 2.5 asks for at least 500 KiB; what is beyond is not read. */
export const MAX_ROBOTS_BYTES = 512 * 1024;
/** Section 2.3.1.2: at least five redirects are followed. */
export const MAX_ROBOTS_REDIRECTS = 5;

/** What is remembered of an origin: its rules as text, or that it has none. */
export type RobotsRecord =
  | { readonly kind: "rules"; readonly text: string }
  | { readonly kind: "open" };

export interface RobotsVerdict {
  readonly isAllowed: boolean;
  /** 0 where the site asks for none. */
  readonly crawlDelayMs: number;
}

export type RobotsReader = (url: URL) => RobotsVerdict;

/** A path longer than this is matched by its beginning, so that patterns full of wildcards stay cheap. */
const MAX_MATCHED_PATH = 2_000;
const MIN_TTL_SECONDS = 3_600;
const MAX_TTL_SECONDS = 86_400;

export const robotsUrl = (url: URL): string => `${url.origin}/robots.txt`;

/**
 * What an answer for robots.txt says (RFC 9309 section 2.3.1). Any 4xx means that there are no rules, except 429, which is a
 * server asking to be left alone, as is any 5xx: then nothing of the origin may be fetched, and null says so.
 */
export function robotsRecord(status: number, bytes: Uint8Array): RobotsRecord | null {
  if (status >= 200 && status < 300)
    return { kind: "rules", text: new TextDecoder().decode(bytes) };
  if (status === 429 || status >= 500) return null;
  return { kind: "open" };
}

/** How long rules are kept: as their own `Cache-Control` says, within an hour and a day (section 2.4). */
export function robotsTtlSeconds(cacheControl: string | null): number {
  const maxAge = /(?:^|[\s,])max-age\s*=\s*"?(\d{1,9})/i.exec(cacheControl ?? "")?.[1];
  const seconds = maxAge === undefined ? MAX_TTL_SECONDS : Number(maxAge);
  return Math.min(MAX_TTL_SECONDS, Math.max(MIN_TTL_SECONDS, seconds));
}

/** Reads the rules once and answers for any page of `origin`. `product` is our name in robots.txt. */
export function createRobotsReader(
  origin: string,
  record: RobotsRecord,
  product: string,
): RobotsReader {
  if (record.kind === "open") return () => ({ isAllowed: true, crawlDelayMs: 0 });
  const robots = robotsParser(`${origin}/robots.txt`, unescapeUnreserved(record.text));
  const delaySeconds = robots.getCrawlDelay(product) ?? 0;
  return (url) => {
    const path = comparable(`${url.pathname}${url.search}`).slice(0, MAX_MATCHED_PATH);
    // Undefined means that no rule speaks of the page.
    const isAllowed = robots.isAllowed(`${origin}${path}`, product) ?? true;
    return { isAllowed, crawlDelayMs: Math.max(0, delaySeconds) * 1000 };
  };
}

/**
 * Undoes the percent-encoding of what needs none, in rules and addresses alike: servers take `/%70rivate` for `/private` (RFC 9309
 * section 2.2.2). Everything else stays encoded, in capitals; no line break, `#`, `*` or `$` comes of it.
 */
const unescapeUnreserved = (text: string): string =>
  text.replaceAll(/%[0-9a-f]{2}/gi, (octet) => {
    const character = String.fromCharCode(Number.parseInt(octet.slice(1), 16));
    return /[\w.~-]/.test(character) ? character : octet.toUpperCase();
  });

/** A path as the parser keeps its rules: what the URL parser leaves bare, such as brackets, is encoded there. */
const comparable = (path: string): string =>
  unescapeUnreserved(encodeURI(path).replaceAll("%25", "%"));
