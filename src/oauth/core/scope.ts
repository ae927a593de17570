import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";
import { takesIn } from "#platform/scopes";

/** RFC 6749 section 3.3: visible ASCII without quotes and backslashes. The longest of ours is `gw:` and a name of 63. */
export const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]{1,66}$/;

/**
 * The scopes that a client gets when it asks for `requested` and was given `granted`: a part of them, all of them where
 * it asks for nothing in particular. Order and repetition mean nothing. Asking for more is refused and not cut down:
 * a client that goes on with less than it needs fails later and worse.
 */
export function narrowScope(
  requested: string | undefined,
  granted: readonly string[],
): Result<readonly string[], "invalid_scope"> {
  const wanted = [...new Set((requested ?? "").split(" ").filter(Boolean))];
  if (wanted.length === 0) return ok(granted);
  if (!wanted.every((scope) => SCOPE_TOKEN.test(scope))) return err("invalid_scope");
  return wanted.every((scope) => takesIn(granted, scope)) ? ok(wanted) : err("invalid_scope");
}
