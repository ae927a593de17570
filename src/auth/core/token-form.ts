import * as z from "zod";
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";

export interface TokenHeader {
  readonly alg: string;
  readonly kid: string;
}

/** `form`: not one JWS in its one canonical spelling. `header`: it asks for something that is never done here. */
export type HeaderRefusal = "form" | "header";

/** Far more than ours have, and little enough to be read by anybody who asks. */
const MAX_LENGTH = 4096;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const COMPACT = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/;

/**
 * Strict: every further member is refused. A header that brings its own key (`jwk`, `x5c`) or says where to fetch one
 * (`jku`, `x5u`) is an attack, and `crit` asks for what we do not do (RFC 8725 section 3.5, RFC 7515 section 4.1.11).
 */
const HeaderSchema = z.strictObject({
  alg: z.enum(["EdDSA", "ES256"]),
  kid: z.string().min(1).max(64),
  // RFC 9068 section 4: what is no access token by its own word is none, whoever signed it (RFC 8725 section 3.11).
  typ: z.string().regex(/^(application\/)?at\+jwt$/i),
});

/** Whether a text looks like a JWS, so that it is worth telling apart from other credentials. */
export const looksLikeToken = (text: string): boolean => COMPACT.test(text);

/**
 * The header of a compact JWS. Says nothing of its signature. One spelling only: decoders accept padding, spaces, the
 * standard alphabet and stray last bits, and what has many spellings cannot be remembered by its text.
 */
export function readHeader(text: string): Result<TokenHeader, HeaderRefusal> {
  if (text.length > MAX_LENGTH) return err("form");
  const parts = COMPACT.exec(text)?.slice(1);
  if (parts === undefined || !parts.every(isCanonical)) return err("form");
  const parsed = HeaderSchema.safeParse(parseJson(parts[0] ?? ""));
  if (!parsed.success) return err("header");
  return ok({ alg: parsed.data.alg, kid: parsed.data.kid });
}

/** Whether base64url text has a possible length and no set bits beyond its last byte. */
function isCanonical(part: string): boolean {
  const rest = part.length % 4;
  if (rest === 0) return true;
  if (rest === 1) return false;
  const last = ALPHABET.indexOf(part.slice(-1));
  return last % (rest === 2 ? 16 : 4) === 0;
}

function parseJson(part: string): unknown {
  try {
    return JSON.parse(atob(part.replaceAll("-", "+").replaceAll("_", "/"))) as unknown;
  } catch {
    return undefined;
  }
}
