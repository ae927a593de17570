import Argon2, { Argon2Type, Argon2Version } from "@phi-ag/argon2";
import { toBase64Url, utf8 } from "#platform/bytes";
import { ApiError } from "#platform/errors";

/**
 * Argon2id with the parameters of OWASP and ASVS appendix C: 19 MiB, two passes, one lane. They stand in each stored
 * string, so that other ones can follow.
 */
const PARAMETERS = {
  type: Argon2Type.Argon2id,
  version: Argon2Version.Version13,
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
  hashLength: 32,
} as const;
const PREFIX = "$argon2id$v=19$m=19456,t=2,p=1$";
/** A well-formed string that no password is known for: what is compared where there is nothing to compare with. */
const NOBODYS = `${PREFIX}bmFydS1kdW1teS1zYWx0IQ$Zm9yIG5hbWVzIHRoYXQgbm9ib2R5IGhhcyBhdCBhbGw`;

let engine: Promise<Argon2> | null = null;

/**
 * One instance for the isolate, made at the first password. A new one for each hash would take 19 MiB each time, gigabytes
 * under a crowd of logins; hashing is synchronous, so one is never used by two at once. Loaded when it is needed, because
 * most isolates never see a password.
 */
const loadEngine = (): Promise<Argon2> =>
  (engine ??= import("@phi-ag/argon2/argon2.wasm").then(
    (module) => new Argon2(new WebAssembly.Instance(module.default)),
  ));

/**
 * What is hashed for a password: its UTF-8 in NFC, so that it is the same from every keyboard, as base64url. The library
 * takes a string's UTF-16 length for its length in bytes, and would hash the first third of a Korean password only.
 */
const hashable = (password: string): string => toBase64Url(utf8(password.normalize("NFC")));

/** The stored form of a password: argon2id with a random salt. */
export async function hashPassword(password: string): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const hashed = (await loadEngine()).tryHash(hashable(password), { ...PARAMETERS, salt });
  if (!hashed.success) throw new ApiError("INTERNAL", { internal: "a password was not hashed" });
  return hashed.data.encoded;
}

export interface PasswordCheck {
  readonly isRight: boolean;
  /** Whether the stored form is of older parameters and is to be made anew. */
  readonly isOutdated: boolean;
}

/**
 * Compares a password with a stored form. Null, where nobody has the name or the person has no password, takes as long as
 * any other and is never right.
 */
export async function verifyPassword(
  password: string,
  stored: string | null,
): Promise<PasswordCheck> {
  const argon2 = await loadEngine();
  const { success } = argon2.tryVerify(stored ?? NOBODYS, hashable(password));
  return {
    isRight: success && stored !== null,
    isOutdated: stored !== null && !stored.startsWith(PREFIX),
  };
}
