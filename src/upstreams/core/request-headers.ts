/**
 * The headers of a request as an upstream gets it. It promises that no credential of ours, no word of a client about who
 * or where it is, and nothing that would turn the request into another one passes the gateway, in whatever spelling; and
 * that what the gateway and the operator say cannot be said by a client.
 */
import type { Principal } from "#platform/principal";
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";
import { endsHere, valueOf } from "./hop-by-hop";
import type { HeaderPair } from "./hop-by-hop";

export type HeaderRefusal =
  | { readonly kind: "too_large"; readonly limit: number }
  /** A character in a value that no value may have (RFC 9110 section 5.5). */
  | { readonly kind: "malformed"; readonly name: string }
  /** The request has been through this very upstream of ours before. */
  | { readonly kind: "loop" };

export interface Passage {
  readonly principal: Principal;
  /** `CF-Connecting-IP`; null where the platform tells none. */
  readonly address: string | null;
  /** Scheme and authority under which clients reach this server. */
  readonly proto: string;
  readonly host: string;
  readonly requestId: string;
  readonly traceparent: string;
  /** What belongs to the trace, where it is the caller's; null where there is nothing. */
  readonly tracestate: string | null;
  readonly upstream: { readonly id: string; readonly name: string };
  /** The operator's own headers, those with secrets last. */
  readonly added: readonly { readonly name: string; readonly value: string }[];
  /** The content codings that the client itself accepts; null where the platform did not write over them. */
  readonly acceptEncoding: string | null;
  readonly prefix: string;
}

/** Names and values together. Most servers take no more, and refuse it in ways that tell a client less. */
export const MAX_HEADER_BYTES = 32_768;

/** What shows a caller to us. An upstream that took it for its own user would hold a key to this server. */
const OUR_CREDENTIALS = ["authorization", "x-api-key", "x-csrf-token"];

/** What is said of a caller or of a request's way by whoever stands in front, and is never a client's to say. */
const SAID_BY_PROXIES: ReadonlySet<string> = new Set([
  ...OUR_CREDENTIALS,
  "forwarded",
  "via",
  "x-real-ip",
  "x-client-ip",
  "x-cluster-client-ip",
  "x-originating-ip",
  "x-remote-ip",
  "x-remote-addr",
  "true-client-ip",
  "client-ip",
  "fastly-client-ip",
  "remote-addr",
  // `HTTP_PROXY` to CGI and its kin, where libraries take it for the proxy of all their own calls (httpoxy).
  "proxy",
  // Whose word some servers take for the name of a signed-in user.
  "remote-user",
  "x-remote-user",
  "x-webauth-user",
  "x-authenticated-user",
  // What some frameworks take for the request's true path or host, past the paths that are open.
  "x-original-url",
  "x-original-uri",
  "x-original-host",
  "x-rewrite-url",
  "x-host",
  // And for its true method, past the methods that are.
  "x-http-method",
  "x-http-method-override",
  "x-method-override",
  // Set below.
  "x-request-id",
  "traceparent",
  "tracestate",
  "x-forwarded",
]);
const SAID_BY_PROXIES_PREFIXES = ["cf-", "x-forwarded-", "x-naru-", "x-auth-request-"];

/** What the runtime writes itself for the message that it sends. */
const OF_THE_MESSAGE: ReadonlySet<string> = new Set([
  "content-length",
  "expect",
  "host",
  "sec-websocket-accept",
  "sec-websocket-extensions",
  "sec-websocket-key",
  "sec-websocket-version",
]);

/** Our tickets come among the subprotocols of a WebSocket, since a page can send no header with one. */
export const TICKET_PREFIX = "naru.ticket.";

/** So many upstreams of ours behind one another are taken for a ring. */
const MAX_PASSED = 8;

/** Every character but those that a field value may have: tab, and from the space on all but DEL. */
const FORBIDDEN_IN_VALUE = /[^\t\u0020-\u007e\u0080-\u00ff]/;

/** The headers to send, names in lower case, in an order in which the later ones win. */
export function requestHeaders(
  headers: readonly HeaderPair[],
  passage: Passage,
): Result<HeaderPair[], HeaderRefusal> {
  let bytes = 0;
  for (const [name, value] of headers) {
    // As on the wire: a colon, a space and the line's end.
    bytes += name.length + value.length + 4;
    if (FORBIDDEN_IN_VALUE.test(value)) return err({ kind: "malformed", name });
  }
  if (bytes > MAX_HEADER_BYTES) return err({ kind: "too_large", limit: MAX_HEADER_BYTES });
  const pseudonym = `naru-${passage.upstream.id}`;
  const passed = passedOf(valueOf(headers, "via"));
  if (passed.includes(pseudonym) || passed.length > MAX_PASSED) return err({ kind: "loop" });

  const ends = endsHere(headers);
  const set = [
    ...saidByUs(passage, [...passed, pseudonym]),
    ...passage.added.map(({ name, value }) => [name, value] as const),
  ];
  const ours = new Set(set.map(([name]) => sameMeaning(name)));
  const kept = headers.flatMap(([name, value]): HeaderPair[] => {
    const meaning = sameMeaning(name);
    if (ends(name) || ours.has(meaning) || isDropped(meaning)) return [];
    const text = valueToPass(name, value, passage);
    return text === "" && value !== "" ? [] : [[name, text]];
  });
  // A later one replaces an earlier one of its name, so that a secret header has the last word.
  return ok([...kept, ...new Map(set)]);
}

/**
 * CGI and its kin make one variable of `X_Forwarded_For` and `X-Forwarded-For`, some of `X.Forwarded.For` as well: whatever
 * differs in neither letters nor digits may be one header to an upstream.
 */
const sameMeaning = (name: string): string => name.replaceAll(/[^a-z\d]/g, "-");

const isDropped = (name: string): boolean =>
  SAID_BY_PROXIES.has(name) ||
  OF_THE_MESSAGE.has(name) ||
  SAID_BY_PROXIES_PREFIXES.some((prefix) => name.startsWith(prefix));

function valueToPass(name: string, value: string, { acceptEncoding }: Passage): string {
  if (name === "cookie") return withoutOurCookies(value);
  if (name === "sec-websocket-protocol")
    return value
      .split(",")
      .map((protocol) => protocol.trim())
      .filter((protocol) => protocol !== "" && !protocol.startsWith(TICKET_PREFIX))
      .join(", ");
  // The platform writes what it can undo itself over what the client accepts, and passes on what comes as it is.
  if (name === "accept-encoding") return acceptEncoding ?? value;
  return value;
}

/**
 * Cookies but those that only this server sets: all whose name begins with `__Host-`. No upstream can have set one, since
 * its cookies are kept below its own path. The runtime joins repeated headers with a comma, where cookies take a semicolon
 * (RFC 9113 section 8.2.3), so one behind a comma is looked at too.
 */
function withoutOurCookies(value: string): string {
  return value
    .split(/;|,(?=\s*[\w!#$%&'*+\-.^`|~]+=)/)
    .map((pair) => pair.trim())
    .filter((pair) => pair !== "" && !/^__host-/i.test(pair))
    .join("; ");
}

function saidByUs(
  { principal, address, proto, host, requestId, traceparent, tracestate, prefix }: Passage,
  pseudonyms: readonly string[],
): HeaderPair[] {
  return [
    ...(address === null
      ? []
      : ([
          ["x-forwarded-for", address],
          ["x-real-ip", address],
        ] as const)),
    ["x-forwarded-proto", proto],
    ["x-forwarded-host", host],
    ["x-forwarded-prefix", prefix],
    ["forwarded", forwarded(address, host, proto)],
    ["via", pseudonyms.map((pseudonym) => `1.1 ${pseudonym}`).join(", ")],
    ["x-request-id", requestId],
    ["traceparent", traceparent],
    ...(tracestate === null ? [] : ([["tracestate", tracestate]] as const)),
    // The names that proxies in front of a service use for a signed-in user, oauth2-proxy's among them.
    ["x-forwarded-user", principal.ownerId],
    ["x-forwarded-groups", principal.role],
    ["x-naru-scopes", principal.scopes.join(" ")],
  ];
}

/** RFC 7239: an IPv6 address in brackets, and both it and whatever has a colon between quotes. */
function forwarded(address: string | null, host: string, proto: string): string {
  const quoted = (text: string): string =>
    /^[\w.!#$%&'*+^`|~-]+$/.test(text) ? text : `"${text}"`;
  const node = address?.includes(":") === true ? `[${address}]` : address;
  return [
    ...(node === null ? [] : [`for=${quoted(node)}`]),
    `host=${quoted(host)}`,
    `proto=${proto}`,
  ].join(";");
}

/**
 * The upstreams of ours that `Via` tells of (RFC 9110 section 7.6.3), in the order of the passages. They are told on where
 * all else in it is dropped: two upstreams that lead to each other would else send a request round without end.
 */
const passedOf = (via: string | null): string[] =>
  (via ?? "")
    .split(",")
    .map((hop) => hop.trim().split(/\s+/)[1] ?? "")
    .filter((pseudonym) => /^naru-ups_\w{1,40}$/.test(pseudonym));
