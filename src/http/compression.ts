import type { Context, MiddlewareHandler } from "hono";
import type { AppEnv } from "#http/context";
import { replaceAnswer } from "#http/writable-answer";

/** Below this many bytes a compressed answer is hardly smaller. */
export const MIN_COMPRESSED_BYTES = 1024;
const COMPRESSIBLE =
  /^(?:text\/(?!event-stream)|application\/(?:[\w.+-]+\+)?(?:json|xml|javascript)|image\/svg\+xml)/i;
const GZIP_ITEM = /(?:^|,)\s*(?:x-)?gzip\s*(?:;\s*q\s*=\s*([\d.]+))?\s*(?=,|$)/i;
const ANY_ITEM = /(?:^|,)\s*\*\s*(?:;\s*q\s*=\s*([\d.]+))?\s*(?=,|$)/;

/**
 * Has the runtime compress what is worth it: an answer that says `Content-Encoding: gzip` over a plain
 * body is compressed by workerd itself. Streams of events are left alone, since a compressor would hold
 * an event back, and so is what is small, encoded already, or marked `no-transform`.
 */
export const compression: MiddlewareHandler<AppEnv> = async function compress(c, next) {
  await next();
  // An upstream chose its coding, and to look at the first bytes of its body would hold them back.
  if (c.get("isForwarded")) return;
  const { headers } = c.res;
  if (c.res.status === 304) headers.append("Vary", "Accept-Encoding");
  if (c.res.body === null || !COMPRESSIBLE.test(headers.get("Content-Type") ?? "")) return;
  headers.append("Vary", "Accept-Encoding");
  if (
    headers.has("Content-Encoding") ||
    headers.get("Cache-Control")?.includes("no-transform") ||
    !acceptsGzip(clientEncodings(c)) ||
    !(await isWorthIt(c))
  )
    return;
  c.res.headers.set("Content-Encoding", "gzip");
  c.res.headers.delete("Content-Length");
  // The encoded bytes are another representation, equal in meaning (RFC 9110 section 8.8.3.3).
  const etag = c.res.headers.get("ETag");
  if (etag?.startsWith('"')) c.res.headers.set("ETag", `W/${etag}`);
};

/**
 * What the client itself accepts. The platform writes its own Accept-Encoding over the client's and keeps
 * the original beside it, empty where there was none (Workers documentation, `request.cf`).
 */
const clientEncodings = (c: Context<AppEnv>): string | undefined => {
  const own = c.req.raw.cf?.["clientAcceptEncoding"];
  return typeof own === "string" ? own : c.req.header("accept-encoding");
};

/** Whether an `Accept-Encoding` allows gzip (RFC 9110 section 12.5.3). */
export function acceptsGzip(header: string | null | undefined): boolean {
  if (!header) return false;
  const item = GZIP_ITEM.exec(header) ?? ANY_ITEM.exec(header);
  return item !== null && Number(item[1] ?? 1) > 0;
}

/** Looks at the first bytes of a body whose length is not told; what was read stays in the answer. */
async function isWorthIt(c: Context<AppEnv>): Promise<boolean> {
  const told = c.res.headers.get("Content-Length");
  if (told !== null) return Number(told) >= MIN_COMPRESSED_BYTES;
  const { body } = c.res;
  if (body === null) return false;
  const [probe, rest] = body.tee();
  replaceAnswer(c, new Response(rest, c.res));
  const reader = probe.getReader();
  let seen = 0;
  while (seen < MIN_COMPRESSED_BYTES) {
    const { done, value } = await reader.read();
    if (done) return false;
    seen += value.byteLength;
  }
  // Not awaited: a branch of a tee ends its cancellation only when the other one ends too.
  reader.cancel().catch(() => undefined);
  return true;
}
