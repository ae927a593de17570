import Argon2, { Argon2Type, Argon2Version } from "@phi-ag/argon2";
import { toBase64Url, utf8 } from "#platform/bytes";
import { systemClock } from "#platform/clock";
import { ApiError } from "#platform/errors";
import { Pace } from "./core/pace";

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

/**
 * A hash holds the isolate's thread for 30 to 50 ms. A crowd of logins that were hashed in a row would keep everybody else waiting for
 * seconds, probes of its health among them. The places are counted, not handed on from one request to the next: in the runtime a request
 * must not wait for what belongs to another one, and its own timer it may.
 */
const pace = new Pace(60, 3);

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

/** The engine, when it is this request's turn to use it. */
async function takeEngine(): Promise<Argon2> {
  const waitMs = pace.reserve(systemClock());
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  return loadEngine();
}

/**
 * What is hashed for a password: its UTF-8 in NFC, so that it is the same from every keyboard, as base64url. The library
 * takes a string's UTF-16 length for its length in bytes, and would hash the first third of a Korean password only.
 */
const hashable = (password: string): string => toBase64Url(utf8(password.normalize("NFC")));

/** The stored form of a password: argon2id with a random salt. */
export async function hashPassword(password: string): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const hashed = (await takeEngine()).tryHash(hashable(password), { ...PARAMETERS, salt });
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
  const argon2 = await takeEngine();
  const { success } = argon2.tryVerify(stored ?? NOBODYS, hashable(password));
  return {
    isRight: success && stored !== null,
    isOutdated: stored !== null && !stored.startsWith(PREFIX),
  };
}
