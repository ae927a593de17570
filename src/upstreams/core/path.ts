/**
 * What a caller asks of an upstream, read from the request's target as it was written.
 *
 * The runtime hands the target on as the client sent it, `..` included; a front door that normalises URLs may have taken
 * such segments out before. Both are safe for the same reason: the name and the path are taken from the very text that
 * routed the request, and whatever some decoder behind the gateway could read as another path is refused, not cleaned up.
 */
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";

export const GATEWAY_PREFIX = "/api/v1/gw/";

export interface GatewayTarget {
  readonly name: string;
  /** As the caller wrote it, with its slash in front; `/` where nothing follows the name. */
  readonly path: string;
  /** With its question mark, or empty. */
  readonly query: string;
}

export type PathRefusal =
  /** The target is not spelt as a call to an upstream, though a router that decodes took it for one. */
  | "not_gateway"
  /** A dot segment, also one that appears when the path is decoded, once or more. */
  | "dot_segment"
  /** A slash or a backslash that appears when a segment is decoded, or a backslash as it is. */
  | "hidden_slash"
  /** Two slashes in a row: some servers fold them, others do not. */
  | "empty_segment"
  | "control_character"
  /** A percent sign that encodes nothing, bytes that are no UTF-8, or what no path may hold unencoded. */
  | "malformed";

/** Nobody honest encodes a path so often; a decoder that goes on as long as it can must not be left to itself. */
const MAX_LAYERS = 4;
/** RFC 3986 section 3.3, `pchar` and the slash. Vertical bar, caret, braces and the like have to be encoded. */
const PATH_TEXT = /^[\w\-.~!$&'()*+,;=:@/%|{}^`"<>[\]]*$/;
const BROKEN_ESCAPE = /%(?![\da-f]{2})/i;
const CONTROL = /[\p{Cc}]/u;
/** `..;x=1` is `..` to servers that know path parameters. */
const DOT_SEGMENT = /^\.{1,2}(?:;.*)?$/su;

/** The upstream's name and the path below it from a request's URL, or why such a path is not passed on. */
export function readTarget(url: string): Result<GatewayTarget, PathRefusal> {
  const target = targetOf(url);
  const at = target.indexOf("?");
  const path = at < 0 ? target : target.slice(0, at);
  const query = at < 0 ? "" : target.slice(at);
  if (!path.startsWith(GATEWAY_PREFIX)) return err("not_gateway");
  const below = path.slice(GATEWAY_PREFIX.length);
  const slash = below.indexOf("/");
  const name = slash < 0 ? below : below.slice(0, slash);
  const rest = slash < 0 ? "/" : below.slice(slash);
  const refusal = refusalOf(name) ?? refusalOf(rest);
  return refusal === null ? ok({ name, path: rest, query }) : err(refusal);
}

/** From the first slash behind the authority on, without a fragment, which no request should carry. */
function targetOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  return start < 0 ? "/" : (url.slice(start).split("#", 1)[0] ?? "/");
}

function refusalOf(path: string): PathRefusal | null {
  if (CONTROL.test(path)) return "control_character";
  if (path.includes("\\")) return "hidden_slash";
  if (!PATH_TEXT.test(path) || BROKEN_ESCAPE.test(path)) return "malformed";
  const segments = path.split("/");
  // The first one stands before the leading slash; the last one is empty where the path ends in a slash.
  if (segments.slice(1, -1).includes("")) return "empty_segment";
  for (const segment of segments) {
    const refusal = refusalOfSegment(segment);
    if (refusal !== null) return refusal;
  }
  return null;
}

function refusalOfSegment(segment: string): PathRefusal | null {
  let text = segment;
  for (let layer = 0; layer <= MAX_LAYERS; layer++) {
    if (CONTROL.test(text)) return "control_character";
    if (/[/\\]/.test(text)) return "hidden_slash";
    if (DOT_SEGMENT.test(text)) return "dot_segment";
    // What is left below the first layer is text, in which a percent sign may stand by itself.
    if (!/%[\da-f]{2}/i.test(text)) return null;
    const decoded = decode(text);
    if (decoded === null) return "malformed";
    text = decoded;
  }
  return "malformed";
}

/** One layer of percent-encoding undone; null where the bytes are no UTF-8, such as an overlong form of a slash. */
function decode(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll(BROKEN_ESCAPE_ALL, "%25"));
  } catch {
    return null;
  }
}
const BROKEN_ESCAPE_ALL = /%(?![\da-f]{2})/gi;

/**
 * The URL to call: the target's base with the caller's path and query behind it. Null where the parser that `fetch` uses
 * would lead anywhere else than to that path below that base: the last look, whatever the ones before let through.
 */
export function urlAt(
  base: string,
  { path, query }: Pick<GatewayTarget, "path" | "query">,
): string | null {
  const url = URL.parse(`${base}${path}${query}`);
  const root = URL.parse(base);
  if (url === null || root === null || url.origin !== root.origin) return null;
  const prefix = root.pathname.replace(/\/$/, "");
  return url.pathname.startsWith(`${prefix}/`) && sameText(url.pathname.slice(prefix.length), path)
    ? `${base}${path}${query}`
    : null;
}

/** Whether the parser kept the path. It encodes what stands unencoded and should not; nothing else may differ. */
const sameText = (parsed: string, written: string): boolean =>
  parsed ===
  written.replaceAll(/["<>^`{}]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
