import { equalTexts, toBase64Url } from "#platform/bytes";
import { hmacSha256, importHmacKey } from "#platform/hmac";
import { leaseText, readLeaseToken, writeLeaseToken } from "./core/lease-token";
import type { LeaseClaim } from "./core/lease-token";

/** 128 bits: a guess is hopeless, and a lease ends in minutes. */
const TAG_BYTES = 16;

/** The token with which a worker shows that a run of a task is its own. */
export const signLease = async (secretKey: string, claim: LeaseClaim): Promise<string> =>
  writeLeaseToken(claim.fence, await tagOf(secretKey, claim));

/** The fence that a token is for, or null where it is not this worker's for this task. */
export async function openLease(
  secretKey: string,
  token: string,
  about: Omit<LeaseClaim, "fence">,
): Promise<number | null> {
  const parts = readLeaseToken(token);
  if (parts === null) return null;
  const { fence, tag } = parts;
  return equalTexts(tag, await tagOf(secretKey, { ...about, fence })) ? fence : null;
}

async function tagOf(secretKey: string, claim: LeaseClaim): Promise<string> {
  const tag = await hmacSha256(await importHmacKey(secretKey), leaseText(claim));
  return toBase64Url(tag.slice(0, TAG_BYTES));
}
