import * as z from "zod";
import type { ConfigIssue } from "#platform/config";

/** A private key that signs or once signed access tokens, as `JWT_SIGNING_KEYS` states it. */
export interface SigningKey {
  readonly kid: string;
  /** Decided by the key's type and never by a token. */
  readonly alg: "EdDSA" | "ES256";
  readonly publicJwk: PublicJwk;
  /** The private part, base64url. */
  readonly d: string;
}

/** What anybody may read of a key (RFC 7517, RFC 8037 section 2). */
export interface PublicJwk {
  readonly kty: "OKP" | "EC";
  readonly crv: "Ed25519" | "P-256";
  readonly x: string;
  readonly y?: string;
  readonly kid: string;
  readonly alg: "EdDSA" | "ES256";
  readonly use: "sig";
}

/** One that signs, one that is still believed, and room for a third while a rotation is under way. */
const MAX_KEYS = 4;
/** 32 bytes in base64url. */
const COORDINATE = z.string().regex(/^[\w-]{43}$/);
const KID = z.string().regex(/^[\w.-]{1,64}$/);

const KeySchema = z.discriminatedUnion("kty", [
  z.object({
    kty: z.literal("OKP"),
    crv: z.literal("Ed25519"),
    x: COORDINATE,
    d: COORDINATE,
    kid: KID,
  }),
  z.object({
    kty: z.literal("EC"),
    crv: z.literal("P-256"),
    x: COORDINATE,
    y: COORDINATE,
    d: COORDINATE,
    kid: KID,
  }),
]);
const KeysSchema = z.array(KeySchema).min(1).max(MAX_KEYS);

/**
 * The keys in `text`, a JSON array of private JWKs: the first signs, all verify. Empty where there is a fault, so that
 * no token is made or believed by half a list. An issue never holds a value.
 */
export function readSigningKeys(
  text: string,
  severity: ConfigIssue["severity"],
  issues: ConfigIssue[],
): readonly SigningKey[] {
  const refuse = (message: string): readonly [] => {
    issues.push({ severity, setting: "JWT_SIGNING_KEYS", message });
    return [];
  };
  if (text === "") return refuse("is missing");
  const parsed = KeysSchema.safeParse(parseJson(text));
  if (!parsed.success) return refuse("is not a JSON array of private Ed25519 or P-256 JWKs");
  const kids = parsed.data.map(({ kid }) => kid);
  if (new Set(kids).size < kids.length) return refuse("has two keys of one kid");
  return parsed.data.map(({ d, ...jwk }) => {
    const alg = jwk.kty === "OKP" ? "EdDSA" : "ES256";
    return { kid: jwk.kid, alg, d, publicJwk: { ...jwk, alg, use: "sig" } };
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
