import * as z from "zod";
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";
import { ROLES } from "#platform/principal";
import type { Role } from "#platform/principal";

/** What an access token says (RFC 9068 section 2.2, with `type` and `role` of our own). Times are seconds. */
export interface AccessClaims {
  readonly type: "access";
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  readonly client_id: string;
  readonly scope: string;
  /** The owner's role when the token was made, for clients to read; what counts is what the gate says. */
  readonly role: Role;
  readonly sid?: string | undefined;
  readonly jti: string;
  readonly iat: number;
  readonly nbf?: number | undefined;
  readonly exp: number;
}

/** Why claims are refused, for the log; the client reads one answer for all of them. */
export type ClaimsRefusal = "malformed" | "issuer" | "audience" | "expired" | "not yet valid";

/** How far the clocks of two machines may be apart. */
export const LEEWAY_SECONDS = 5;

const ID = z.string().min(1).max(200);
const SECONDS = z.number().int().nonnegative();
const ClaimsSchema = z.object({
  // A refresh or an identity token is never an access token, whoever signed it (RFC 8725 section 3.11).
  type: z.literal("access"),
  iss: z.string(),
  aud: z.union([z.string(), z.array(z.string())]),
  sub: z.string().regex(/^usr_[0-9a-z]{26}$/),
  client_id: ID,
  scope: z.string().max(4000),
  role: z.enum(ROLES),
  sid: z
    .string()
    .regex(/^ses_[0-9a-z]{42}$/)
    .optional(),
  jti: ID,
  iat: SECONDS,
  nbf: SECONDS.optional(),
  exp: SECONDS,
});

/** Checks everything that a token's payload has to say (RFC 8725 sections 3.8 to 3.12) at `nowMs`. */
export function checkClaims(
  payload: unknown,
  expected: { readonly issuer: string; readonly audience: string },
  nowMs: number,
): Result<AccessClaims, ClaimsRefusal> {
  const parsed = ClaimsSchema.safeParse(payload);
  if (!parsed.success) return err("malformed");
  const claims = parsed.data;
  if (claims.iss !== expected.issuer) return err("issuer");
  if (![claims.aud].flat().includes(expected.audience)) return err("audience");
  const nowSeconds = nowMs / 1000;
  if (claims.exp <= nowSeconds) return err("expired");
  const latest = nowSeconds + LEEWAY_SECONDS;
  if (claims.iat > latest || (claims.nbf ?? 0) > latest) return err("not yet valid");
  return ok({ ...claims, aud: expected.audience });
}

/** The scopes in a `scope` claim (RFC 6749 section 3.3). */
export const scopesOf = (scope: string): string[] => scope.split(" ").filter((item) => item !== "");
