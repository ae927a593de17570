/**
 * Headers that belong to one connection and end there (RFC 9110 section 7.6.1), with those that older servers still
 * take for such.
 */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authentication-info",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** A header's name in lower case, and its value. */
export type HeaderPair = readonly [name: string, value: string];

/** Whether a header ends at this hop: by its own nature, or because the message's `Connection` names it. */
export function endsHere(headers: readonly HeaderPair[]): (name: string) => boolean {
  const named = headers
    .filter(([name]) => name === "connection")
    .flatMap(([, value]) => value.split(","))
    .map((name) => name.trim().toLowerCase());
  const own = new Set(named);
  return (name) => HOP_BY_HOP.has(name) || own.has(name);
}

export const valueOf = (headers: readonly HeaderPair[], wanted: string): string | null =>
  headers.find(([name]) => name === wanted)?.[1] ?? null;
