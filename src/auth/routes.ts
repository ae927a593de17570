import type { Context } from "hono";
import { readConfig } from "#platform/config";
import { toTimestamp } from "#platform/clock";
import { roleAllows } from "#platform/principal";
import type { Role } from "#platform/principal";
import { defineRoute, newRouter } from "#http/router";
import type { AppEnv } from "#http/context";
import { DEFAULT_POLICIES } from "#limits/service";
import { credentialHeaders, requireCredential } from "./guard";
import { WhoAmISchema } from "./schemas";
import type { WhoAmI } from "./schemas";
import { describeCaller, entryDepsOf } from "./service";

/** All that a caller with a credential can run into: not the limits of strangers, nor those of routes that its role may not call. */
const policiesOf = (role: Role): string[] =>
  Object.keys(DEFAULT_POLICIES).filter(
    (name) =>
      name !== "anonymous" &&
      name !== "address-day" &&
      (name !== "workers" || roleAllows(role, "worker")),
  );

const definition = {
  method: "get" as const,
  access: requireCredential(),
  summary: "Who am I, and what may I still do",
  description:
    "Tells whom the credential belongs to, what it allows, and every limit that applies with what is left of it. The call counts against `burst` and `client`.",
  tags: ["auth"],
  // What is left differs at each call.
  tagged: [],
  responses: {
    200: {
      description: "The caller and its limits",
      content: { "application/json": { schema: WhoAmISchema } },
    },
  },
};

const whoAmI = defineRoute({ ...definition, path: "/api/v1/test", operationId: "auth.test" });
const whoAmIAlias = defineRoute({
  ...definition,
  path: "/test",
  operationId: "auth.testAlias",
  retirement: {
    since: "2026-11-01T00:00:00Z",
    sunset: "2027-11-01T00:00:00Z",
    successor: "/api/v1/test",
  },
});

export const authRoutes = newRouter()
  .openapi(whoAmI, async (c) => c.json(await describe(c), 200))
  .openapi(whoAmIAlias, async (c) => c.json(await describe(c), 200));

async function describe(c: Context<AppEnv>): Promise<WhoAmI> {
  const deps = entryDepsOf(c.env, readConfig(c.env));
  const { ownerId, keyId, sessionId, role, scopes } = c.get("principal");
  const { quotas, expiresAtMs } = await describeCaller(
    deps,
    credentialHeaders(c),
    policiesOf(role),
  );
  return {
    owner_id: ownerId,
    key_id: keyId,
    session_id: sessionId,
    role,
    scopes: [...scopes],
    expires_at: expiresAtMs === null ? null : toTimestamp(expiresAtMs),
    limits: quotas.map((quota) => ({
      policy: quota.name,
      limit: quota.limit,
      window_seconds: quota.windowMs === null ? null : quota.windowMs / 1000,
      remaining: quota.remaining,
      reset_seconds: quota.resetMs === null ? null : Math.ceil(quota.resetMs / 1000),
    })),
  };
}
