import { auditStatement } from "#audit/service";
import { systemClock } from "#platform/clock";
import { readConfig } from "#platform/config";
import { ApiError } from "#platform/errors";
import type { Principal } from "#platform/principal";
import { ensureSecret, makeSecret, replaceSecret } from "./storage";
import type { NewSecret, SecretBox } from "./storage";

export type WebhookEnv = Pick<Env, "DB">;

/** How long the old secret signs beside the new one unless told, in seconds. */
export const DEFAULT_OVERLAP_S = 24 * 3600;
export const MAX_OVERLAP_S = 7 * 24 * 3600;

/** Sees to it that what is sent to an owner will be signed. Throws MISCONFIGURED where the deployment has no key to seal with. */
export async function prepareSigning(env: WebhookEnv, ownerId: string): Promise<void> {
  await ensureSecret(boxOf(env), ownerId, systemClock());
}

export interface RotatedSecret extends NewSecret {
  /** Until when older secrets sign as well. */
  readonly overlapUntilMs: number;
}

/** A new secret of the caller's owner, shown this once. The older ones sign for `overlapSeconds` more; 0 ends them at once. */
export async function rotateSecret(
  env: WebhookEnv,
  principal: Principal,
  address: string | null,
  overlapSeconds: number,
): Promise<RotatedSecret> {
  const box = boxOf(env);
  const made = makeSecret(systemClock());
  const overlapUntilMs = made.createdAtMs + overlapSeconds * 1000;
  // In one transaction with its record: a secret that nobody knows how it came is never in force.
  await replaceSecret(box, principal.ownerId, made, overlapUntilMs, [
    auditStatement(env, {
      actorId: principal.keyId ?? principal.ownerId,
      action: "webhook_secret.rotate",
      subjectId: made.id,
      address,
      details: { overlap_seconds: overlapSeconds },
    }),
  ]);
  return { ...made, overlapUntilMs };
}

function boxOf(env: WebhookEnv): SecretBox {
  const { encryptionKeys: keys } = readConfig(env);
  if (keys.newest === 0)
    throw new ApiError("MISCONFIGURED", { internal: "ENCRYPTION_KEYS is missing" });
  return { db: env.DB, keys };
}
