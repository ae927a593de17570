/** Sign-in attempts and their refusals, for tests of what comes back from a provider. */
import type { Attempt } from "../../src/signin/core/attempt";
import { ApiError } from "#platform/errors";
import { toBase64Url } from "#platform/bytes";

const random = (): string => toBase64Url(crypto.getRandomValues(new Uint8Array(32)));

export const attemptFor = (provider: string, more: Partial<Attempt> = {}): Attempt => ({
  version: 1,
  provider,
  state: random(),
  nonce: random(),
  verifier: random(),
  link: null,
  expiresAtMs: Date.now() + 600_000,
  ...more,
});

/** The code with which something is refused; throws where it is not, or not by us. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ApiError) return error.code;
    throw error;
  }
  throw new Error("it was not refused");
}
