import { toTimestamp } from "#platform/clock";
import { ApiError } from "#platform/errors";
import { keyEnvironment, parseKey } from "./core/format";
import type { DeploymentEnvironment, KeyParts } from "./core/format";
import { hashSecret, importTagKey, isGenuine } from "./mint";

export { keyEnvironment, looksLikeKey, ownerRoutingOf, redactKey } from "./core/format";
export { createKey, getKey, listKeys, revokeKey, rotateKey, updateKey } from "./manage";
export type { KeyCaller, KeyUpdate, NewKey, ShownOnce } from "./manage";
export type { KeyCredential, KeyRecord, KeyRefusal, OwnerRecord } from "./core/record";

/** A key that was made under this deployment's secret. Whether it is still good is known to its owner's gate. */
export interface GenuineKey {
  readonly keyId: string;
  readonly ownerRouting: string;
  /** SHA-256 of its secret, hexadecimal. */
  readonly hash: string;
}

export interface KeyVerifier {
  /** The key behind a text, or null where it has not the form, is of another environment or has a wrong tag. */
  readonly verify: (text: string) => Promise<GenuineKey | null>;
}

/** Keys that an isolate remembers as genuine, so that a hot one costs neither a signature nor a hash. */
const MAX_REMEMBERED = 1000;

/**
 * A verifier for one deployment. Does no I/O. Throws MISCONFIGURED where the deployment has no secret: without one
 * anybody could make keys.
 */
export function createKeyVerifier(
  secretKey: string,
  environment: DeploymentEnvironment,
): KeyVerifier {
  if (secretKey === "") throw new ApiError("MISCONFIGURED", { internal: "SECRET_KEY is missing" });
  const accepted = keyEnvironment(environment);
  const genuine = new Map<string, GenuineKey>();
  let tagKey: Promise<CryptoKey> | null = null;

  const check = async (parts: KeyParts): Promise<GenuineKey | null> => {
    tagKey ??= importTagKey(secretKey);
    if (!(await isGenuine(await tagKey, parts))) return null;
    const { keyId, ownerRouting } = parts;
    return { keyId, ownerRouting, hash: await hashSecret(parts.secret) };
  };

  return {
    verify: async (text) => {
      const known = genuine.get(text);
      if (known !== undefined) {
        // Moved to the young end, so that the least used one goes first.
        genuine.delete(text);
        genuine.set(text, known);
        return known;
      }
      const parts = parseKey(text);
      if (parts === null || parts.environment !== accepted) return null;
      const key = await check(parts);
      if (key === null) return null;
      genuine.set(text, key);
      for (const oldest of genuine.keys()) {
        if (genuine.size <= MAX_REMEMBERED) break;
        genuine.delete(oldest);
      }
      return key;
    },
  };
}

let verifier: { secretKey: string; environment: string; verifier: KeyVerifier } | null = null;

/** The isolate's own verifier, made anew only when the settings are others. */
export function keyVerifier(settings: {
  readonly secretKey: string;
  readonly environment: DeploymentEnvironment;
}): KeyVerifier {
  const { secretKey, environment } = settings;
  if (verifier?.secretKey !== secretKey || verifier.environment !== environment)
    verifier = { secretKey, environment, verifier: createKeyVerifier(secretKey, environment) };
  return verifier.verifier;
}

/** How long before its end a key warns of it. */
const WARN_MS = 14 * 86_400_000;

/** `X-API-Key-Expires` for an answer to a key that ends soon, or to an old secret of one: when it ends. */
export const expiryHeaders = (
  expiresAtMs: number | null,
  nowMs: number,
): Readonly<Record<string, string>> =>
  expiresAtMs !== null && expiresAtMs - nowMs <= WARN_MS
    ? { "X-API-Key-Expires": toTimestamp(expiresAtMs) }
    : {};
