import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { toBase64Url, utf8 } from "#platform/bytes";
import { ApiError } from "#platform/errors";
import type { AppEnv } from "#http/context";

export const DEFAULT_PAGE_SIZE = 20;
export const MAX_PAGE_SIZE = 100;
const MAX_CURSOR_LENGTH = 1024;

/** The query members of every list. Spread them into a route's own strict query object. */
export const PAGE_QUERY = {
  limit: z.coerce.number().int().min(1).max(MAX_PAGE_SIZE).default(DEFAULT_PAGE_SIZE).openapi({
    type: "integer",
    description: "How many items a page has at most.",
    example: 20,
  }),
  cursor: z.string().min(1).max(MAX_CURSOR_LENGTH).optional().openapi({
    description: "Where to go on: the `next_cursor` of the page before, as it was given.",
  }),
};

/** The answer of every list: its items, and how to get the next page. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    next_cursor: z
      .string()
      .nullable()
      .openapi({ description: "Send it as `cursor` for the next page; null at the end." }),
  });

/** An opaque cursor: base64url of JSON, so that it survives a query string as it is. */
export const encodeCursor = (position: unknown): string =>
  toBase64Url(utf8(JSON.stringify(position)));

/**
 * The position that a cursor holds, checked against `schema`, because a cursor comes back from outside
 * and may be forged. Null without a cursor; INVALID_CURSOR where it is none of ours.
 */
export function decodeCursor<T>(cursor: string | undefined, schema: z.ZodType<T>): T | null {
  if (cursor === undefined) return null;
  const parsed = schema.safeParse(readJson(cursor));
  if (!parsed.success) throw new ApiError("INVALID_CURSOR");
  return parsed.data;
}

function readJson(cursor: string): unknown {
  if (cursor.length > MAX_CURSOR_LENGTH || !/^[\w-]+$/.test(cursor)) return undefined;
  try {
    const binary = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** Names the next page in a `Link` header (RFC 8288), relative, with the request's other parameters kept. */
export function linkNextPage(c: Context<AppEnv>, nextCursor: string | null): void {
  if (nextCursor === null) return;
  const url = new URL(c.req.url);
  url.searchParams.set("cursor", nextCursor);
  c.header("Link", `<${url.pathname}${url.search}>; rel="next"`, { append: true });
}
