/**
 * Makes API keys and checks their tags with WebCrypto alone, so that the Worker and the scripts that a person
 * runs on Node share it. Node strips the types but resolves no bare `./file`, hence only `#` specifiers here.
 */
import { equalTexts, sha256Hex, toBase32, utf8 } from "#platform/bytes";
import { newId, randomBase32 } from "#platform/ids";
// oxlint-disable-next-line no-restricted-imports -- Node's type stripping resolves `#` specifiers, not extensionless relative ones
import * as format from "#keys/core/format";
// oxlint-disable-next-line no-restricted-imports -- as above
import type { DeploymentEnvironment, KeyParts } from "#keys/core/format";

export interface MintOptions {
  readonly environment: DeploymentEnvironment;
  /** The owner's routing characters; without them an owner is made together with the key. */
  readonly ownerRouting?: string;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** `SECRET_KEY` of the deployment that will accept the key. */
  readonly secretKey: string;
}

export interface MintedKey {
  /** Shown once, stored nowhere. */
  readonly key: string;
  readonly keyId: string;
  /** The new owner's id, or null where the owner was given. */
  readonly ownerId: string | null;
  /** SHA-256 of the secret in hexadecimal: what the owner's gate keeps. */
  readonly hash: string;
}

/** A new key: 160 random bits of secret, and a tag under the deployment's secret. */
export async function mintApiKey(options: MintOptions): Promise<MintedKey> {
  const { environment, nowMs, secretKey } = options;
  const ownerId = options.ownerRouting === undefined ? newId("usr", nowMs) : null;
  const routing = options.ownerRouting ?? format.ownerRoutingOf(ownerId ?? "") ?? "";
  const keyId = newId("key", nowMs, routing);
  return { keyId, ownerId, ...(await mintSecret(keyId, environment, secretKey)) };
}

/** A new secret for a key that has an id: what a rotation needs. */
export async function mintSecret(
  keyId: string,
  environment: DeploymentEnvironment,
  secretKey: string,
): Promise<Pick<MintedKey, "key" | "hash">> {
  const secret = randomBase32(format.SECRET_BYTES);
  const signed = format.assembleSigned(format.keyEnvironment(environment), keyId, secret);
  const tag = await keyTag(await importTagKey(secretKey), signed);
  return { key: `${signed}_${tag}`, hash: await hashSecret(secret) };
}

/** The form in which a secret is stored and compared. It has 160 random bits, so one plain hash is enough. */
export const hashSecret = (secret: string): Promise<string> => sha256Hex(secret);

/** The HMAC key behind the tags. Import it once and keep it: an import costs as much as a signature. */
export const importTagKey = (secretKey: string): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", utf8(secretKey), { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);

/** Whether a key was made under this deployment's secret. Says nothing of revocation or expiry. */
export const isGenuine = async (tagKey: CryptoKey, parts: KeyParts): Promise<boolean> =>
  equalTexts(await keyTag(tagKey, parts.signed), parts.tag);

async function keyTag(tagKey: CryptoKey, signed: string): Promise<string> {
  const mac = await crypto.subtle.sign("HMAC", tagKey, utf8(signed));
  return toBase32(new Uint8Array(mac)).slice(0, format.TAG_LENGTH);
}
