import { recordAudit } from "#audit/service";
import { findUserById, hashPassword, updateUser } from "#auth/service";
import type { ChangeOptions, IdentityDeps, User } from "#auth/service";
import { admitAddress } from "#limits/service";
import { sha256Hex, toBase64Url } from "#platform/bytes";
import { ApiError } from "#platform/errors";
import { mailResetLink } from "./mail-client";
import { findLink, insertLink, useLink } from "./reset-store";

const LIFETIME_MS = 3_600_000;
/** 256 random bits: one plain hash is enough to keep them by. */
const TOKEN_BYTES = 32;

export interface IssuedLink {
  /** Shown once. */
  readonly token: string;
  readonly expiresAtMs: number;
  /** Whether the person was sent it. */
  readonly isSent: boolean;
}

/** Makes a link with which a person sets a new password, once, within an hour. Refuses with RESOURCE_NOT_FOUND. */
export async function issueResetLink(
  deps: IdentityDeps,
  by: { readonly id: string; readonly address: string | null },
  userId: string,
): Promise<IssuedLink> {
  const user = await findUserById(deps.env.DB, userId);
  if (user === null) throw new ApiError("RESOURCE_NOT_FOUND");
  const token = toBase64Url(crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)));
  const nowMs = deps.clock();
  const expiresAtMs = nowMs + LIFETIME_MS;
  // On record before the link is: nobody gets one that the log does not know.
  await recordAudit(deps.env, {
    actorId: by.id,
    action: "password.reset_link",
    subjectId: userId,
    address: by.address,
    details: {},
  });
  const link = { tokenHash: await sha256Hex(token), userId, expiresAtMs, issuedBy: by.id };
  await insertLink(deps.env.DB, link, nowMs);
  const isSent = await mailResetLink(deps.env, deps.config, user.email, token);
  return { token, expiresAtMs, isSent };
}

/**
 * Sets a new password by a link, and ends all sessions of its person. A link works once, whoever else tries it at the same
 * time. Refuses with INVALID_RESET_LINK alike for one that was used, has expired or never was, and with RATE_LIMITED before
 * anything is looked up.
 */
export async function redeemResetLink(
  deps: IdentityDeps,
  request: {
    readonly token: string;
    readonly password: string;
    readonly address: string | undefined;
  },
): Promise<Readonly<Record<string, string>>> {
  const { token, password, address } = request;
  const headers = { ...(await admitAddress(deps.limits, address)) };
  const invalid = (): ApiError => new ApiError("INVALID_RESET_LINK", { headers });
  const { DB } = deps.env;
  const tokenHash = await sha256Hex(token);
  const userId = await findLink(DB, tokenHash, deps.clock());
  const user = userId === null ? null : await findUserById(DB, userId);
  if (user === null || user.isDisabled) throw invalid();
  const passwordHash = await hashPassword(password);
  if (!(await useLink(DB, tokenHash, deps.clock()))) throw invalid();
  // The record may have moved on for another reason meanwhile; the link is used up, so it is written on what stands now.
  const options = {
    closing: { allBut: null },
    event: {
      actorId: user.id,
      action: "password.reset",
      subjectId: user.id,
      address: address ?? null,
      details: {},
    },
  } as const;
  const changed =
    (await updateUser(deps, user.id, user.version, { passwordHash }, options)) ??
    (await updateLatest(deps, user.id, passwordHash, options));
  if (changed === null) throw new ApiError("CONFLICT", { headers });
  return headers;
}

async function updateLatest(
  deps: IdentityDeps,
  userId: string,
  passwordHash: string,
  options: ChangeOptions,
): Promise<User | null> {
  const latest = await findUserById(deps.env.DB, userId);
  if (latest === null || latest.isDisabled) return null;
  return updateUser(deps, userId, latest.version, { passwordHash }, options);
}
