import type { Context } from "hono";
import { ApiError } from "#platform/errors";
import type { Result } from "#platform/result";
import { err, ok } from "#platform/result";
import type { AppEnv } from "#http/context";

const VISIBLE_ASCII = /^[\x21-\x7e]{1,255}$/;
/** RFC 9651 section 3.3.3, without parameters. */
const STRUCTURED_STRING = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;

/**
 * The key in an `Idempotency-Key` header: 1–255 visible ASCII characters, written plainly (as clients
 * do) or as a structured-field string (as the IETF draft says); both spellings name the same key.
 * Null where there is no header.
 */
export function parseIdempotencyKey(
  header: string | null | undefined,
): Result<string | null, "malformed"> {
  if (header === null || header === undefined) return ok(null);
  const text = header.trim();
  const key = text.startsWith('"')
    ? STRUCTURED_STRING.exec(text)?.[1]?.replaceAll(/\\(["\\])/g, "$1")
    : text;
  return key !== undefined && VISIBLE_ASCII.test(key) ? ok(key) : err("malformed");
}

/** The request's idempotency key, or null. Refuses a malformed one with INVALID_HEADER. */
export function idempotencyKeyOf(c: Context<AppEnv>): string | null {
  const parsed = parseIdempotencyKey(c.req.header("idempotency-key"));
  if (parsed.ok) return parsed.value;
  throw new ApiError("INVALID_HEADER", { params: { header: "Idempotency-Key" } });
}
