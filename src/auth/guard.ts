import type { Context, MiddlewareHandler } from "hono";
import { readConfig } from "#platform/config";
import { ApiError } from "#platform/errors";
import type { ErrorCode } from "#platform/errors";
import { describeError } from "#platform/log";
import { count } from "#platform/meter";
import type { AuthResult } from "#platform/metric-table";
import type { Scope } from "#platform/scopes";
import type { AppEnv } from "#http/context";
import type { SseWatch } from "#http/sse";
import type { Access } from "#http/router";
import { isRoutePolicy, SLOT_RENEWAL_MS } from "#limits/service";
import type { SlotLoss } from "#limits/service";
import { randomBase32 } from "#platform/ids";
import { ensureDevelopmentAdmin } from "./development-admin";
import { enter, entryDepsOf, findRevoked, identityDepsOf, openStream } from "./service";
import type { CredentialHeaders } from "./service";

const countResult = (result: AuthResult): void => count("naru_auth_total", { result });

const DEFAULT_ROUTE_POLICIES = ["burst", "client"] as const;

/** Asks for a credential that carries `scope`, and counts the call against `policies` in the owner's gate. */
export const requireScope = (
  scope: Scope,
  policies: readonly string[] = DEFAULT_ROUTE_POLICIES,
): Access => access(scope, policies);

/** Asks for any good credential, and counts the call against `policies` in the owner's gate. */
export const requireCredential = (policies: readonly string[] = DEFAULT_ROUTE_POLICIES): Access =>
  access(null, policies);

function access(scope: Scope | null, policies: readonly string[]): Access {
  // A misspelt policy would limit nobody; it fails when the server starts, not when somebody calls.
  for (const name of policies)
    if (!isRoutePolicy(name)) throw new Error(`A route cannot count against "${name}"`);

  const guard: MiddlewareHandler<AppEnv> = async function admit(c, next) {
    try {
      const { principal, headers, cache } = await enter(entryDepsOf(c.env, readConfig(c.env)), {
        shown: credentialHeaders(c),
        address: c.req.header("cf-connecting-ip"),
        scope,
        policies,
        onResult: countResult,
      });
      c.set("principal", principal);
      c.set("cacheStanding", cache);
      // Before the handler runs, so that its errors carry them too.
      for (const name in headers) c.header(name, headers[name]);
    } catch (error) {
      const policy = error instanceof ApiError ? error.options.params?.["policy"] : undefined;
      if (policy !== undefined) c.get("logFields")["limited_by"] = policy;
      throw error;
    }
    await next();
  };
  return { scope, policies, isPublic: false, guard };
}

/**
 * Takes one of the caller's places for open streams: what `answerSse` needs to keep it, to end the stream when it is lost or the credential is
 * no good any more, which is seen within SLOT_RENEWAL_MS, and to give it back. Throws TOO_MANY_CONCURRENT where all are taken.
 */
export async function holdStream(
  c: Context<AppEnv>,
): Promise<{ readonly watch: SseWatch; readonly onOver: () => Promise<void> }> {
  // Not the request's id, which the caller may choose: two streams under one id would be one to the gate.
  const slotId = `sse-${randomBase32()}`;
  const slot = await openStream(
    entryDepsOf(c.env, readConfig(c.env)),
    credentialHeaders(c),
    slotId,
  );
  const isKey = c.get("principal").keyId !== null;
  return {
    watch: {
      everyMs: SLOT_RENEWAL_MS,
      check: async () => {
        const standing = await slot.renew();
        if (standing.kind === "held") return null;
        throw new ApiError(lossCode(standing.reason, isKey), {
          internal: `stream: ${standing.reason}`,
        });
      },
    },
    onOver: () => slot.release(),
  };
}

/**
 * Whether the caller of a request that has waited may still have what it came for: the credential is good at this moment and carries `scope`.
 * Counts nothing. False also where the gate can't tell: nobody comes in unasked.
 */
export async function isStillAdmitted(c: Context<AppEnv>, scope: Scope): Promise<boolean> {
  try {
    await enter(entryDepsOf(c.env, readConfig(c.env)), {
      shown: credentialHeaders(c),
      address: c.req.header("cf-connecting-ip"),
      scope,
      policies: [],
    });
    return true;
  } catch {
    return false;
  }
}

/**
 * Why the caller of a request that is still waiting is no longer admitted. Null while it is, where the gate can't tell, and where the token has merely
 * expired since: what was asked for in time is answered. Counts nothing.
 */
export const lostAdmission = (c: Context<AppEnv>): Promise<ApiError | null> =>
  findRevoked(entryDepsOf(c.env, readConfig(c.env)), credentialHeaders(c)).catch(() => null);

function lossCode(reason: SlotLoss, isKey: boolean): ErrorCode {
  if (reason === "lost") return "TOO_MANY_CONCURRENT";
  if (reason === "changed") return "INSUFFICIENT_SCOPE";
  if (!isKey) return "INVALID_TOKEN";
  return reason === "expired" ? "API_KEY_EXPIRED" : "INVALID_API_KEY";
}

const prepared = new WeakSet<object>();

/**
 * In development, makes the admin account of the settings at the first request that an isolate serves. Nobody waits for
 * it: a sign-in that comes sooner makes the account itself. In production the settings have none.
 */
export const developmentAdmin: MiddlewareHandler<AppEnv> = async function prepareAdmin(c, next) {
  const config = c.get("config");
  if (config.adminEmail !== "" && !prepared.has(c.env)) {
    prepared.add(c.env);
    const log = c.get("log");
    c.executionCtx.waitUntil(
      ensureDevelopmentAdmin(identityDepsOf(c.env, config)).catch((error: unknown) => {
        log.warn("auth.admin_not_made", describeError(error));
      }),
    );
  }
  await next();
};

/** The headers in which a request can show a credential. */
export const credentialHeaders = (c: Context<AppEnv>): CredentialHeaders => ({
  authorization: c.req.header("authorization"),
  apiKey: c.req.header("x-api-key"),
});
