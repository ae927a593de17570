/**
 * The headers of an upstream's answer as the client gets it. The answer comes from this server's origin, beside other
 * upstreams and our own pages: whatever acts on a whole origin is not an upstream's to say.
 */
import { endsHere } from "./hop-by-hop";
import type { HeaderPair } from "./hop-by-hop";

export interface AnswerPlace {
  /** `/api/v1/gw/<name>`. */
  readonly prefix: string;
  /** Base URLs of all targets. */
  readonly targets: readonly string[];
  /** The URL that was called. */
  readonly calledUrl: string;
}

/** What this server says itself on each answer, or what would speak for the whole of its origin. */
const NOT_PASSED: ReadonlySet<string> = new Set([
  // Written by the runtime for the message that it sends; a length that is known is set with the body.
  "content-length",
  // Ours: the client's limits here, not ours there.
  "ratelimit",
  "ratelimit-policy",
  "server-timing",
  "x-request-id",
  "x-trace-id",
  // Acts on the origin: its other upstreams and pages, its cookies, its TLS.
  "accept-ch",
  "alt-svc",
  "clear-site-data",
  "critical-ch",
  "expect-ct",
  "nel",
  "origin-agent-cluster",
  "public-key-pins",
  "report-to",
  "reporting-endpoints",
  "service-worker-allowed",
  "strict-transport-security",
]);
/** Who may read answers across origins says `CORS_ORIGINS`, and no upstream. */
const NOT_PASSED_PREFIXES = ["access-control-", "cf-", "x-ratelimit-", "x-naru-", "sec-websocket-"];

/** Cookies that browsers take for this very host alone: they need `Path=/`, which reaches beyond an upstream. */
const HOST_COOKIE = /^\s*__host-/i;

/** The headers to answer with, names in lower case; several of one name stay several. */
export function responseHeaders(headers: readonly HeaderPair[], place: AnswerPlace): HeaderPair[] {
  const ends = endsHere(headers);
  const kept = headers.flatMap(([name, value]): HeaderPair[] => {
    if (ends(name) || NOT_PASSED.has(name)) return [];
    if (NOT_PASSED_PREFIXES.some((prefix) => name.startsWith(prefix))) return [];
    if (name === "set-cookie") return confineCookie(value, place).map((text) => [name, text]);
    if (name === "location" || name === "content-location")
      return [[name, ownLocation(value, place)]];
    return [[name, value]];
  });
  // Behind what the upstream's own proxies said (RFC 9110 section 7.6.3).
  const said: HeaderPair[] = [["via", "1.1 naru"]];
  // What is public at the upstream is behind a credential here: a cache further on must not tell it to whoever asks.
  if (mayBeKept(headers)) said.push(["vary", "Authorization, X-API-Key"]);
  return [...kept, ...said];
}

/** Whether a cache that is shared may take the answer to a request whose credential it does not know (RFC 9111 section 3.5). */
const mayBeKept = (headers: readonly HeaderPair[]): boolean =>
  headers.some(
    ([name, value]) =>
      name === "expires" ||
      (name === "cache-control" &&
        /public|max-age|s-maxage|must-revalidate/i.test(value) &&
        !/private|no-store/i.test(value)),
  );

/**
 * A cookie for paths below the upstream only, so that a browser gives it to no other upstream and not to us; without
 * `Domain`, which would give it to other hosts. None where it asks for the whole host by its name.
 */
export function confineCookie(
  value: string,
  { prefix, calledUrl, targets }: AnswerPlace,
): string[] {
  if (HOST_COOKIE.test(value)) return [];
  const [pair = "", ...attributes] = value.split(";");
  // Nameless cookies are read back as if their value were a name (RFC 6265bis section 5.6).
  if (!/^\s*[^=\s]/.test(pair)) return [];
  const base = baseOf(calledUrl, targets);
  const path = attributes
    .map((attribute) => /^\s*path\s*=\s*(\/.*)$/i.exec(attribute)?.[1]?.trim())
    .findLast((found) => found !== undefined);
  const kept = attributes
    .map((attribute) => attribute.trim())
    .filter((attribute) => attribute !== "" && !/^(?:path|domain)\s*(?:=|$)/i.test(attribute));
  const below = path === undefined ? "" : (pathBelow(path, base) ?? "");
  return [[pair.trim(), ...kept, `Path=${prefix}${below === "" ? "/" : below}`].join("; ")];
}

/**
 * Where an answer points, in the client's terms: what stands at a target is behind the gateway to the client. A reference
 * that is relative to the path is right as it is, and what is elsewhere is the client's own to follow.
 */
export function ownLocation(value: string, { prefix, calledUrl, targets }: AnswerPlace): string {
  if (!/^\s*(?:[/\\]|[a-z][a-z\d+.-]*:)/i.test(value)) return value;
  const url = URL.parse(value, calledUrl);
  if (url === null) return value;
  for (const target of [baseOf(calledUrl, targets), ...targets]) {
    const base = URL.parse(target);
    if (base === null || base.origin !== url.origin) continue;
    const below = pathBelow(url.pathname, target);
    if (below !== null) return `${prefix}${below === "" ? "/" : below}${url.search}${url.hash}`;
  }
  return value;
}

/** The target that was called: of several with one beginning the longest. */
const baseOf = (calledUrl: string, targets: readonly string[]): string =>
  targets
    .filter((target) => calledUrl.startsWith(`${target}/`))
    .reduce((longest, target) => (target.length > longest.length ? target : longest), "");

/** What of an absolute path is below a base URL's path; null where it is beside it. */
function pathBelow(path: string, base: string): string | null {
  const root = (URL.parse(base)?.pathname ?? "/").replace(/\/$/, "");
  if (path === root) return "";
  return path.startsWith(`${root}/`) ? path.slice(root.length) : null;
}
