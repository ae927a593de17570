import { numberFromBase32, numberToBase32, toBase32 } from "#platform/bytes";
import { hmacSha256 } from "#platform/hmac";
import { RANDOM_LENGTH, TIME_LENGTH } from "#platform/ids";

/**
 * The form of a refresh token: `nrr_<session>_<counter>_<secret>_<tag>`, opaque to clients.
 * The session's id leads to its owner's gate and Account, the counter tells the tokens of one family apart, the secret
 * is what the Account compares, and the tag lets the Worker refuse a made-up token without asking anybody.
 *
 * A secret is nowhere stored. It is an HMAC under the deployment's `SECRET_KEY` over a random seed that the Account
 * keeps for the family, the session's id and the counter. So the same answer can be given again to whoever lost it,
 * while what lies in storage opens nothing without the deployment's secret, nor that secret without the seed.
 */
export interface RefreshParts {
  /** `ses_…`. */
  readonly sessionId: string;
  /** The characters that the owner's id, keys and sessions share. */
  readonly ownerRouting: string;
  /** Rotations before this token: 0 in the one that a login gives. */
  readonly counter: number;
  readonly secret: string;
  readonly tag: string;
  /** What the tag signs: everything before it. */
  readonly signed: string;
}

/** A refresh token as its parts, after its tag was found genuine. */
export interface ShownToken {
  readonly sessionId: string;
  readonly counter: number;
  readonly secret: string;
}

/** The youngest token of a session, and what an access token beside it has to say. */
export interface IssuedToken extends ShownToken {
  readonly clientId: string;
  /** When this token was made. The same for everybody who is answered with it. */
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

const SESSION_BODY_LENGTH = TIME_LENGTH + RANDOM_LENGTH + RANDOM_LENGTH;
const COUNTER_LENGTH = 6;
/** 160 bits, as in an API key. */
const SECRET_LENGTH = 32;
/** 60 bits: a made-up token passes once in 10^18 tries, and then meets the secret. */
const TAG_LENGTH = 12;
const DIGIT = "[0-9a-hjkmnp-tv-z]";
const TOKEN = new RegExp(
  `^nrr_(${DIGIT}{${SESSION_BODY_LENGTH}})_(${DIGIT}{${COUNTER_LENGTH}})_(${DIGIT}{${SECRET_LENGTH}})_(${DIGIT}{${TAG_LENGTH}})$`,
);

/** Takes a token apart, or null where the text has not exactly the form of one. Says nothing of whether it is genuine. */
export function parseRefreshToken(text: string): RefreshParts | null {
  const match = TOKEN.exec(text);
  if (match === null) return null;
  const [, body = "", counter = "", secret = "", tag = ""] = match;
  return {
    sessionId: `ses_${body}`,
    ownerRouting: body.slice(TIME_LENGTH, TIME_LENGTH + RANDOM_LENGTH),
    counter: numberFromBase32(counter) ?? 0,
    secret,
    tag,
    signed: text.slice(0, -(TAG_LENGTH + 1)),
  };
}

/** A whole token out of its parts. */
export async function assembleRefreshToken(
  key: CryptoKey,
  token: Pick<RefreshParts, "sessionId" | "counter" | "secret">,
): Promise<string> {
  const counter = numberToBase32(token.counter, COUNTER_LENGTH);
  const signed = `nrr_${token.sessionId.slice("ses_".length)}_${counter}_${token.secret}`;
  return `${signed}_${await refreshTag(key, signed)}`;
}

/** The tag over everything before it. */
export const refreshTag = async (key: CryptoKey, signed: string): Promise<string> =>
  toBase32(await hmacSha256(key, `refresh-tag ${signed}`)).slice(0, TAG_LENGTH);

/** The secret of one token of a family. `seed` is the family's own, random and kept by its Account. */
export const refreshSecret = async (
  key: CryptoKey,
  family: { readonly seed: string; readonly sessionId: string },
  counter: number,
): Promise<string> =>
  toBase32(
    await hmacSha256(key, `refresh-secret ${family.seed} ${family.sessionId} ${counter}`),
  ).slice(0, SECRET_LENGTH);
