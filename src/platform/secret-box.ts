import { fromBase64Url, toBase64Url, utf8 } from "#platform/bytes";
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";

/**
 * A box for secrets that have to be read again: an upstream's headers, a client secret at a provider. What need only be
 * recognised (passwords, API keys, links) is hashed and never comes here.
 *
 * AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce for each seal: a key may seal 2^32 texts, far more than a
 * deployment has secrets. A sealed text is `v<k>.<nonce>.<ciphertext>`, base64url, and is bound to its context, a text
 * that names what it is for: copied into another row or column, it does not open.
 */
export interface EncryptionKeys {
  /** The version that seals. */
  readonly newest: number;
  /** Version → 32 bytes. Versions that are no longer listed open nothing. */
  readonly byVersion: ReadonlyMap<number, Uint8Array<ArrayBuffer>>;
}

/** Why a sealed text does not open: no such form, a key that was taken out of the settings, or another text, key or context than sealed it. */
export type OpenFault = "malformed" | "unknown_version" | "not_authentic";

export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const MAX_VERSIONS = 16;

const LISTED_KEY = /^v([1-9]\d{0,5})\.([\w-]+)$/;
const SEALED = /^v([1-9]\d{0,5})\.([\w-]{16})\.([\w-]{22,})$/;

/** Imported once and kept: an import costs as much as a seal. Keyed by the bytes, which live as long as the settings. */
const imported = new WeakMap<Uint8Array, Promise<CryptoKey>>();

/**
 * Reads `ENCRYPTION_KEYS`: `v<k>.<32 bytes in base64url>`, separated by commas, in any order; the highest version seals.
 * The error says what is wrong and repeats no value. An empty text is no key at all: `newest` 0.
 */
export function parseEncryptionKeys(text: string): Result<EncryptionKeys, string> {
  const byVersion = new Map<number, Uint8Array<ArrayBuffer>>();
  const items = text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
  if (items.length > MAX_VERSIONS) return err(`lists more than ${MAX_VERSIONS} keys`);
  for (const item of items) {
    const match = LISTED_KEY.exec(item);
    const bytes = fromBase64Url(match?.[2] ?? "");
    if (match === null || bytes?.byteLength !== KEY_BYTES)
      return err("is not a list of v<number>.<32 bytes in base64url>");
    const version = Number(match[1]);
    if (byVersion.has(version)) return err(`has version ${version} twice`);
    // A repeated byte is a placeholder, not a key.
    if (new Set(bytes).size < 8) return err(`has a guessable key as version ${version}`);
    byVersion.set(version, bytes);
  }
  return ok({ newest: Math.max(0, ...byVersion.keys()), byVersion });
}

/** Seals a text under the newest key, for `context` only. Throws where there is no key: nothing is ever stored unsealed. */
export async function seal(
  keys: EncryptionKeys,
  plaintext: string,
  context: string,
): Promise<string> {
  const bytes = keys.byVersion.get(keys.newest);
  if (bytes === undefined) throw new Error("ENCRYPTION_KEYS has no key to seal with");
  const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const algorithm = { name: "AES-GCM", iv, additionalData: utf8(context) };
  const sealed = await crypto.subtle.encrypt(algorithm, await importKey(bytes), utf8(plaintext));
  return `v${keys.newest}.${toBase64Url(iv)}.${toBase64Url(new Uint8Array(sealed))}`;
}

/** The text that was sealed for `context`, under whichever listed key. */
export async function open(
  keys: EncryptionKeys,
  sealed: string,
  context: string,
): Promise<Result<string, OpenFault>> {
  const [, version = "", nonce = "", ciphertext = ""] = SEALED.exec(sealed) ?? [];
  const iv = fromBase64Url(nonce);
  const data = fromBase64Url(ciphertext);
  if (version === "" || iv === null || data === null) return err("malformed");
  const bytes = keys.byVersion.get(Number(version));
  if (bytes === undefined) return err("unknown_version");
  try {
    const algorithm = { name: "AES-GCM", iv, additionalData: utf8(context) };
    const plain = await crypto.subtle.decrypt(algorithm, await importKey(bytes), data);
    return ok(new TextDecoder().decode(plain));
  } catch {
    return err("not_authentic");
  }
}

/** Whether a sealed text is under the newest key. One that is not is worth sealing again when it is next read. */
export const isSealedWithNewest = (keys: EncryptionKeys, sealed: string): boolean =>
  sealed.startsWith(`v${keys.newest}.`);

/** The same secret under the newest key: the sealed text itself where it is so already. */
export async function reseal(
  keys: EncryptionKeys,
  sealed: string,
  context: string,
): Promise<Result<string, OpenFault>> {
  const opened = await open(keys, sealed, context);
  if (!opened.ok || isSealedWithNewest(keys, sealed)) return opened.ok ? ok(sealed) : opened;
  return ok(await seal(keys, opened.value, context));
}

/** `text` with one key more, which is the newest, in front. For the commands that make and rotate keys. */
export function addEncryptionKey(text: string, bytes: Uint8Array): Result<string, string> {
  const known = parseEncryptionKeys(text);
  if (!known.ok) return known;
  const added = `v${known.value.newest + 1}.${toBase64Url(bytes)}`;
  return ok(text.trim() === "" ? added : `${added},${text.trim()}`);
}

function importKey(bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const known = imported.get(bytes);
  if (known !== undefined) return known;
  const key = crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
  imported.set(bytes, key);
  return key;
}
