/**
 * What a definition may say of addresses, paths and headers. What is refused here would be sent with every call later, so
 * it is refused when it is written.
 */
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";

export type UrlFault = "malformed" | "scheme" | "credentials" | "query" | "too_long" | "link_local";

const MAX_URL = 2048;
const MAX_PATH = 512;
const MAX_HEADER_VALUE = 8192;

/** The canonical form of a target's base URL: no slash at its end, no default port, the host in ASCII and lower case. */
export function readTargetUrl(text: string): Result<string, UrlFault> {
  if (text.length > MAX_URL) return err("too_long");
  // The URL parser drops or turns these round without a word; then the address would not be the one that was read.
  if (/[\s\\\p{Cc}]/u.test(text)) return err("malformed");
  const url = URL.parse(text);
  if (url === null) return err("malformed");
  if (url.protocol !== "http:" && url.protocol !== "https:") return err("scheme");
  if (!/^https?:\/\/[^/]/i.test(text) || url.hostname === "") return err("malformed");
  if (url.username !== "" || url.password !== "" || /^[^/]*\/\/[^/?#]*@/.test(text))
    return err("credentials");
  // An empty one too: what is joined to it would become a part of it.
  if (/[?#]/.test(text)) return err("query");
  if (LINK_LOCAL.test(url.hostname)) return err("link_local");
  return ok(`${url.origin}${url.pathname.replace(/\/+$/, "")}`);
}

/**
 * 169.254.0.0/16 and fe80::/10, also written as IPv6. No service is kept there, but what tells a machine its own credentials
 * is (the metadata services of clouds): an upstream on it would hand those to its callers.
 */
const LINK_LOCAL = /^(?:169\.254\.|\[fe[89ab][\da-f]:|\[(?:64:ff9b)?::(?:ffff:)?a9fe:)/;

/**
 * Whether a target is the deployment itself, where a call would come round and round. The scheme does not count where
 * both have their default port, since the same front door opens to both, and all names of this machine are one.
 */
export function isOwnAddress(target: string, publicUrl: string): boolean {
  const [own, other] = [URL.parse(publicUrl), URL.parse(target)];
  if (own === null || other === null || hostOf(own) !== hostOf(other)) return false;
  return own.port === other.port;
}

function hostOf({ hostname }: URL): string {
  const host = hostname.replace(/\.$/, "");
  const isThisMachine =
    host === "localhost" ||
    host.endsWith(".localhost") ||
    /^(?:127\.\d+\.\d+\.\d+|\[::ffff:7f[\da-f]{2}:[\da-f]{1,4}\])$/.test(host) ||
    ["0.0.0.0", "[::]", "[::1]", "[::ffff:0:0]"].includes(host);
  return isThisMachine ? "localhost" : host;
}

/** Whether a text is a pattern for `allowsPath`: an absolute path in the spelling of the URL parser, `*` alone in a segment. */
export function isPathPattern(text: string): boolean {
  if (!isAbsolute(text) || /[?#\\\s\p{Cc}]/u.test(text)) return false;
  // Encoded slashes, backslashes and zeros never come to a pattern: calls with them are refused before.
  if (/%(?:2f|5c|00)/i.test(text) || /%(?![\da-f]{2})/i.test(text)) return false;
  if (text.split("/").some((segment) => segment !== "*" && segment.includes("*"))) return false;
  return URL.parse(`http://target${text}`)?.pathname === text;
}

/** Whether a text is the path of a health check: absolute, perhaps with a query. */
export function isCheckPath(text: string): boolean {
  if (!isAbsolute(text) || /[#\\\s\p{Cc}]/u.test(text)) return false;
  const url = URL.parse(`http://target${text}`);
  return url !== null && url.host === "target" && `${url.pathname}${url.search}` === text;
}

/** An empty segment is folded by some servers and not by others. */
const isAbsolute = (text: string): boolean =>
  text.startsWith("/") && !text.includes("//") && text.length <= MAX_PATH;

export type HeaderFault = "name" | "reserved" | "belongs_sealed" | "value";

/** RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~\da-z]{1,64}$/i;
/** RFC 9110 section 5.5 without obs-text: visible ASCII, and blanks between. */
const FIELD_VALUE = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/;

/** Of one hop (RFC 9110 section 7.6.1), of the message's framing, or told by the gateway itself of each call. */
const RESERVED_NAMES = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "content-range",
  "cdn-loop",
  "date",
  "expect",
  "forwarded",
  "host",
  "http2-settings",
  "keep-alive",
  "max-forwards",
  "origin",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "range",
  "te",
  "traceparent",
  "tracestate",
  "trailer",
  "transfer-encoding",
  "true-client-ip",
  "upgrade",
  "via",
  "x-real-ip",
  "x-request-id",
]);
const RESERVED_PREFIXES = ["cf-", "if-", "sec-", "x-forwarded-", "x-naru-", "x-original-"];

/** Names whose values are secrets wherever they stand. */
const SECRET_NAMES = /^(?:authorization|cookie|x-api-key)$|secret|token|passw|credential|api-?key/;

/** What is wrong with a header that is to be set on each call; null for nothing. */
export function headerFault(
  name: string,
  value: string | null,
  kind: "plain" | "secret",
): HeaderFault | null {
  if (!TOKEN.test(name)) return "name";
  const lower = name.toLowerCase();
  if (RESERVED_NAMES.has(lower) || RESERVED_PREFIXES.some((prefix) => lower.startsWith(prefix)))
    return "reserved";
  if (kind === "plain" && SECRET_NAMES.test(lower)) return "belongs_sealed";
  if (value !== null && (value.length > MAX_HEADER_VALUE || !FIELD_VALUE.test(value)))
    return "value";
  return null;
}
