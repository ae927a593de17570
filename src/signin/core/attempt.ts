import * as z from "zod";
import { equalTexts } from "#platform/bytes";
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";

/** How long a person may take at the provider. */
export const ATTEMPT_LIFETIME_MS = 600_000;

/**
 * A sign-in that has begun and not come back yet. It travels in a cookie, sealed: nobody but this server reads or makes
 * one, and only the browser that began can finish (RFC 9700 section 4.7: `state` bound to the user agent).
 */
const AttemptSchema = z.strictObject({
  version: z.literal(1),
  provider: z.string(),
  state: z.string(),
  /** Comes back inside the id_token (OpenID Connect Core, section 3.1.2.1). */
  nonce: z.string(),
  /** RFC 7636: proves to the provider that who brings the code is who began. */
  verifier: z.string(),
  /** Who wants to link; null for signing in. */
  link: z.strictObject({ userId: z.string(), sessionId: z.string() }).nullable(),
  /** How the browser wants to end; the answer itself where nothing is said. */
  landing: z.strictObject({ asCookie: z.boolean(), returnTo: z.string().nullable() }).optional(),
  expiresAtMs: z.number(),
});
export type Attempt = z.infer<typeof AttemptSchema>;

export const writeAttempt = (attempt: Attempt): string => JSON.stringify(attempt);

/** What is wrong with an attempt that comes back. Callers learn only that it is not valid; the log has the rest. */
export type AttemptFault = "unreadable" | "other_state" | "other_provider" | "expired";

/** The attempt that `text` holds, if it is the one that comes back with `state` from `provider` in time. */
export function readAttempt(
  text: string,
  back: { readonly provider: string; readonly state: string; readonly nowMs: number },
): Result<Attempt, AttemptFault> {
  const parsed = AttemptSchema.safeParse(parseJson(text));
  if (!parsed.success) return err("unreadable");
  const attempt = parsed.data;
  if (!equalTexts(attempt.state, back.state)) return err("other_state");
  // Each provider has its own redirect URI: an answer at another's is a mix-up (RFC 9700 section 4.4).
  if (attempt.provider !== back.provider) return err("other_provider");
  if (attempt.expiresAtMs <= back.nowMs) return err("expired");
  return ok(attempt);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The random part of a state that names its cookie, so that two tabs can sign in side by side. */
const NAME_LENGTH = 8;
const STATE = /^[\w-]{43}$/;

/**
 * The cookie that holds the attempt of `state`, or null where it is no state of ours. `__Host-`: set by this very host
 * over a secure connection, and by none of its subdomains (RFC 6265bis section 4.1.3.2).
 */
export const cookieNameOf = (state: string): string | null =>
  STATE.test(state) ? `__Host-naru-signin-${state.slice(0, NAME_LENGTH)}` : null;

/** The `Set-Cookie` of an attempt; without a value it takes the cookie away. Lax, since the provider's answer comes from another site. */
export function attemptCookie(name: string, sealed: string | null): string {
  const maxAge = sealed === null ? 0 : ATTEMPT_LIFETIME_MS / 1000;
  return `${name}=${sealed ?? ""}; Path=/; Max-Age=${maxAge}; Secure; HttpOnly; SameSite=Lax`;
}

/** The value of a cookie in a `Cookie` header; null where it is not there, or there twice and nobody can tell which is ours. */
export function readCookie(header: string | null | undefined, name: string): string | null {
  const values = (header ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 ? (values[0] ?? null) : null;
}
