import {
  describeCaller,
  endSession,
  enter,
  entryDepsOf,
  genuineRefresh,
  identityDepsOf,
  issueAccessToken,
  refreshSession,
  revokeGrants,
  verifyAccessToken,
} from "#auth/service";
import { admitAddress, ask, ownerGateName } from "#limits/service";
import { ownerRoutingOf } from "#keys/service";
import { systemClock } from "#platform/clock";
import type { Config } from "#platform/config";
import { ApiError } from "#platform/errors";
import type { OAuthDeps } from "./ports";
import { clientSecrets } from "./secret";

export { createClient, getClient, pageOfClients, revokeClient } from "./clients";
export type { OAuthErrorCode } from "./core/refusal";
export { OAUTH_ERRORS, OAuthError, oauthCodeOf } from "./core/refusal";
export { grantToken, introspectToken, revokeToken } from "./grants";
export type { OAuthDeps } from "./ports";
export type { OAuthClient } from "./store";

/** What a client gets its tokens with counts as any call of its owner. */
const GRANT_POLICIES = ["burst", "client"] as const;

/** The token endpoint's needs, from the bindings and the other domains. */
export function oauthDepsOf(
  env: Pick<Env, "DB" | "ACCOUNT" | "CLIENT_GATE">,
  config: Config,
): OAuthDeps {
  const identity = identityDepsOf(env, config);
  const entry = entryDepsOf(env, config);
  const shownToken = (token: string) => ({ authorization: `Bearer ${token}`, apiKey: undefined });
  return {
    db: env.DB,
    clock: systemClock,
    secrets: clientSecrets(config.secretKey),
    accessTokenSeconds: config.accessTokenSeconds,
    issue: ({ ownerId, clientId, scope }) =>
      issueAccessToken(identity, {
        sub: ownerId,
        clientId,
        scope,
        role: "service",
        lifetimeSeconds: config.accessTokenSeconds,
      }),
    verify: async (token) => {
      const verified = await verifyAccessToken(token, config, systemClock());
      return verified.ok ? verified.value : null;
    },
    enter: async (token, { address }) => {
      const shown = shownToken(token);
      const entered = await enter(entry, { shown, address, scope: null, policies: GRANT_POLICIES });
      return entered.headers === null ? null : { ...entered.headers };
    },
    isTaken: async (token) => {
      try {
        await describeCaller(entry, shownToken(token), []);
        return true;
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return false;
        throw error;
      }
    },
    introduce: ({ ownerId, role }) =>
      ask(identity.limits, ownerGateName(ownerRoutingOf(ownerId) ?? ""), async (gate) =>
        gate.introduceOwner({ ownerId, role, limits: {} }),
      ),
    revokeGrants: (ownerId, names, untilMs) => revokeGrants(identity, ownerId, names, untilMs),
    countStranger: async (address) => {
      const headers = await admitAddress(entry.limits, address);
      return headers === null ? null : { ...headers };
    },
    refresh: async (token, { address, userAgent }) => {
      try {
        const { tokens } = await refreshSession(identity, token, { address, userAgent });
        return {
          accessToken: tokens.access_token,
          refreshToken: tokens.refresh_token,
          expiresInSeconds: tokens.expires_in,
        };
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return null;
        throw error;
      }
    },
    ownerRoutingOfRefresh: async (token) =>
      (await genuineRefresh(config, token))?.ownerRouting ?? null,
    endByRefresh: async (ownerId, token) => {
      const shown = await genuineRefresh(config, token);
      if (shown !== null) await endSession(identity, ownerId, shown.sessionId);
    },
  };
}
