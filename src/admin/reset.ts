import { recordAudit } from "#audit/service";
import type { AuditEvent } from "#audit/service";
import {
  admitResetMail,
  findUserByEmail,
  findUserById,
  hashPassword,
  updateUser,
} from "#auth/service";
import type { ChangeOptions, IdentityDeps, User } from "#auth/service";
import { admitAddress } from "#limits/service";
import { sha256Hex, toBase64Url } from "#platform/bytes";
import { ApiError } from "#platform/errors";
import { canMail, mailResetLink } from "./mail-client";
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
  return issue(deps, user, {
    actorId: by.id,
    action: "password.reset_link",
    subjectId: userId,
    address: by.address,
    details: {},
  });
}

/** Whether people can be mailed reset links here. Throws MAIL_REQUIRED where they cannot. */
export function requireMail(deps: IdentityDeps): void {
  if (!canMail(deps.env, deps.config)) throw new ApiError("MAIL_REQUIRED");
}

/**
 * Mails a reset link to whoever has the address, if anybody has; a few at first, then with a delay that grows, whether
 * anybody has it or not. Nobody waits for it and nobody learns what came of it: the answer is the same, and so is its time.
 */
export async function mailRequestedLink(
  deps: IdentityDeps,
  request: { readonly email: string; readonly address: string | null },
): Promise<void> {
  const { email, address } = request;
  if (!(await admitResetMail(deps, email))) return;
  const user = await findUserByEmail(deps.env.DB, email);
  if (user === null || user.isDisabled) return;
  await issue(deps, user, {
    actorId: null,
    action: "password.reset_request",
    subjectId: user.id,
    address,
    details: {},
  });
}

async function issue(deps: IdentityDeps, user: User, event: AuditEvent): Promise<IssuedLink> {
  const token = toBase64Url(crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)));
  const nowMs = deps.clock();
  const expiresAtMs = nowMs + LIFETIME_MS;
  // On record before the link is: nobody gets one that the log does not know.
  await recordAudit(deps.env, event);
  const tokenHash = await sha256Hex(token);
  const link = { tokenHash, userId: user.id, expiresAtMs, issuedBy: event.actorId };
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
