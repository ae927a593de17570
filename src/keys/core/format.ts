import { TIME_LENGTH, RANDOM_LENGTH } from "#platform/ids";

/**
 * The form of an API key: `nr_<env>_<id>_<secret>_<tag>`.
 * The id leads to the owner's gate, the secret is what the gate compares, and the tag (a keyed one) lets the
 * Worker refuse a mistyped or made-up key without asking anybody. The prefix is there for secret scanners.
 */
export type KeyEnvironment = "dev" | "stg" | "live";
export type DeploymentEnvironment = "development" | "staging" | "production";

/** A key taken apart. Nothing here says that it is genuine: that takes the tag, then the owner's gate. */
export interface KeyParts {
  readonly environment: KeyEnvironment;
  /** `key_…`, which is not secret. */
  readonly keyId: string;
  /** The 16 characters that the owner's id and all of the owner's keys share. */
  readonly ownerRouting: string;
  readonly secret: string;
  readonly tag: string;
  /** What the tag signs: everything before it. */
  readonly signed: string;
}

/** 16 base-32 digits: 80 random bits, as in every id. */
export const OWNER_ROUTING_LENGTH = RANDOM_LENGTH;
export const KEY_ID_BODY_LENGTH = TIME_LENGTH + OWNER_ROUTING_LENGTH + RANDOM_LENGTH;
/** 160 random bits: a secret that needs no slow hash, because nobody can try them all. */
export const SECRET_BYTES = 20;
const SECRET_LENGTH = 32;
/** 60 bits, the chance of a made-up key to pass is one in 10^18. */
export const TAG_LENGTH = 12;

const DIGIT = "[0-9a-hjkmnp-tv-z]";
const KEY = new RegExp(
  `^nr_(dev|stg|live)_(${DIGIT}{${KEY_ID_BODY_LENGTH}})_(${DIGIT}{${SECRET_LENGTH}})_(${DIGIT}{${TAG_LENGTH}})$`,
);
const OWNER_ID = new RegExp(`^usr_${DIGIT}{${TIME_LENGTH}}(${DIGIT}{${OWNER_ROUTING_LENGTH}})$`);
const KEY_ID = new RegExp(
  `^key_${DIGIT}{${TIME_LENGTH}}(${DIGIT}{${OWNER_ROUTING_LENGTH}})${DIGIT}{${RANDOM_LENGTH}}$`,
);

/** Whether a text claims to be one of our keys, well-formed or not. */
export const looksLikeKey = (text: string): boolean => text.startsWith("nr_");

/** Takes a key apart, or null where the text has not exactly a key's form: one spelling only, no case folding. */
export function parseKey(text: string): KeyParts | null {
  const match = KEY.exec(text);
  if (match === null) return null;
  const [, environment = "", idBody = "", secret = "", tag = ""] = match;
  return {
    environment: environment as KeyEnvironment,
    keyId: `key_${idBody}`,
    ownerRouting: idBody.slice(TIME_LENGTH, TIME_LENGTH + OWNER_ROUTING_LENGTH),
    secret,
    tag,
    signed: text.slice(0, -(TAG_LENGTH + 1)),
  };
}

/** The part of a key that its tag signs. */
export const assembleSigned = (
  environment: KeyEnvironment,
  keyId: string,
  secret: string,
): string => `nr_${environment}_${keyId.slice("key_".length)}_${secret}`;

/** What a key begins with, for people to tell their keys apart. */
export const keyPrefix = (environment: KeyEnvironment, keyId: string): string =>
  `nr_${environment}_${keyId.slice("key_".length)}`;

/** A key's text for a person or a log: its id stays readable, its secret and tag do not. */
export function redactKey(text: string): string {
  const parts = parseKey(text);
  return parts === null
    ? "nr_***"
    : `nr_${parts.environment}_${parts.keyId.slice("key_".length)}_***`;
}

/**
 * The routing characters inside an owner's id (`usr_…`) or a key's id (`key_…`), null where the text is neither.
 * Both lead to the same gate, so a token's subject and a key need no table between them.
 */
export const ownerRoutingOf = (id: string): string | null =>
  OWNER_ID.exec(id)?.[1] ?? KEY_ID.exec(id)?.[1] ?? null;

/** The owner that was made together with a key, for keys minted without an owner (the demo key of development). */
export const firstOwnerIdOf = (keyId: string): string =>
  `usr_${keyId.slice("key_".length, "key_".length + TIME_LENGTH + OWNER_ROUTING_LENGTH)}`;

/** Which keys a deployment accepts: one of staging opens nothing in production, and the reverse. */
export function keyEnvironment(environment: DeploymentEnvironment): KeyEnvironment {
  return environment === "production" ? "live" : environment === "staging" ? "stg" : "dev";
}
