import type { Context } from "hono";
import { ApiError } from "#platform/errors";
import type { AppEnv } from "#http/context";
import { matchesTag } from "#http/etag";
import { readRange } from "#http/range";

/** A representation whose bytes can be read from any place. */
export interface ReadableBytes {
  readonly type: string;
  readonly etag: string;
  readonly bytes: number;
  /** From byte `first` to byte `last`, both included. Reads nothing before it is read itself. */
  readonly read: (first: number, last: number) => ReadableStream<Uint8Array>;
}

/**
 * Answers with the whole of it, or with the one part that a `Range` of a GET asks for. Refuses with RANGE_NOT_SATISFIABLE a part that begins behind its
 * end. Whether the caller holds it already is the business of `entityTag`, which sees answers with 200.
 */
export function answerBytes(
  c: Context<AppEnv>,
  { type, etag, bytes, read }: ReadableBytes,
): Response {
  const headers = { "Content-Type": type, ETag: etag, "Accept-Ranges": "bytes" };
  const isHeld = matchesTag(c.req.header("if-none-match"), etag);
  const range = c.req.method === "GET" && !isHeld ? c.req.header("range") : undefined;
  const verdict = readRange(range, bytes, c.req.header("if-range"), etag);
  if (verdict.kind === "unsatisfiable")
    throw new ApiError("RANGE_NOT_SATISFIABLE", {
      params: { bytes },
      headers: { "Content-Range": `bytes */${bytes}` },
    });
  if (verdict.kind === "whole") return c.newResponse(read(0, bytes - 1), 200, headers);
  const { first, last } = verdict;
  return c.newResponse(read(first, last), 206, {
    ...headers,
    "Content-Range": `bytes ${first}-${last}/${bytes}`,
    // The range counts the bytes as they are: compressed on the way they would be others.
    "Cache-Control": "private, no-cache, no-transform",
  });
}
