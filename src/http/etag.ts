import type { Context, MiddlewareHandler } from "hono";
import { sha256, toBase64Url, utf8 } from "#platform/bytes";
import { ApiError } from "#platform/errors";
import type { AppEnv } from "#http/context";
import { replaceAnswer, writableHeaders } from "#http/writable-answer";

/** 128 bits of a digest: two representations that differ share a tag never in practice. */
const TAG_LENGTH = 22;

const tagOf = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
  `"${toBase64Url(await sha256(bytes)).slice(0, TAG_LENGTH)}"`;

/** The entity tag of a representation: the one that a GET of it carries. */
export const etagOf = (representation: unknown): Promise<string> =>
  tagOf(utf8(JSON.stringify(representation)));

/**
 * Tags answers of the given media types by their bytes and answers 304 where the client holds the same
 * (RFC 9110 section 13.1.2). A tag that the handler set is used as it is.
 */
export const entityTag = (types: readonly string[]): MiddlewareHandler<AppEnv> =>
  async function tagAnswer(c, next) {
    await next();
    const type = c.res.headers.get("Content-Type")?.split(";", 1)[0];
    if (c.res.status !== 200 || type === undefined || !types.includes(type)) return;
    const own = c.res.headers.get("ETag");
    const bytes = own === null ? new Uint8Array(await c.res.arrayBuffer()) : null;
    const etag = own ?? (bytes === null ? "" : await tagOf(bytes));
    if (matchesTag(c.req.header("if-none-match"), etag)) {
      if (bytes === null) await c.res.body?.cancel();
      const headers = new Headers(c.res.headers);
      headers.delete("Content-Type");
      headers.delete("Content-Length");
      replaceAnswer(c, new Response(null, { status: 304, headers }));
    } else if (bytes !== null) {
      replaceAnswer(c, new Response(bytes, c.res));
      c.res.headers.set("Content-Length", String(bytes.byteLength));
    }
    const headers = writableHeaders(c);
    headers?.set("ETag", etag);
    // Kept by the client alone, and asked about each time.
    if (!headers?.has("Cache-Control")) headers?.set("Cache-Control", "private, no-cache");
  };

/**
 * Refuses a change with 412 where `If-Match` names another version than the present one, `representation`
 * being what a GET would answer; null where there is none. Weak tags are compared by their opaque part:
 * ours are weak only because the answer was compressed on its way, so that the same state is meant.
 */
export async function requireMatch(c: Context<AppEnv>, representation: unknown): Promise<void> {
  const header = c.req.header("if-match");
  if (header === undefined) return;
  if (representation === null || !matchesTag(header, await etagOf(representation)))
    throw new ApiError("PRECONDITION_FAILED");
}

/** Whether a list of entity tags, or `*`, names `etag`, by weak comparison (RFC 9110 section 8.8.3.2). */
export function matchesTag(header: string | null | undefined, etag: string): boolean {
  if (!header) return false;
  if (header.trim() === "*") return true;
  const wanted = etag.replace(/^W\//, "");
  for (const [tag] of header.matchAll(/"[^"]*"/g)) if (tag === wanted) return true;
  return false;
}
