import type { Context, MiddlewareHandler } from "hono";
import { credentialHeaders, requireScope } from "#auth/guard";
import type { AppEnv } from "#http/context";
import { PUBLIC } from "#http/router";
import type { Access } from "#http/router";
import { ApiError } from "#platform/errors";
import type { SocketIdentity } from "./core/attachment";
import { redeemTicket } from "./service";
import { TICKET_PROTOCOL } from "./ticket";

/** Who came with a ticket, for the handler of the same request. */
const byTicket = new WeakMap<Request, SocketIdentity>();
export const identityByTicket = (request: Request): SocketIdentity | undefined =>
  byTicket.get(request);

export const SUBPROTOCOL = "naru.v1";

/** The subprotocols that a request offers, in its order (RFC 6455 section 4.1). */
export const offeredProtocols = (header: string | undefined): string[] =>
  (header ?? "")
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");

/**
 * A browser sends cookies and its page's origin with a WebSocket but asks nobody whether it may: an origin that is not listed comes in with neither
 * (RFC 6455 section 10.2).
 */
export function requireOwnOrigin(c: Context<AppEnv>): void {
  const origin = c.req.header("origin");
  const { corsOrigins } = c.get("config");
  if (origin === undefined || origin === new URL(c.req.url).origin) return;
  if (!corsOrigins.includes(origin) && !corsOrigins.includes("*"))
    throw new ApiError("ORIGIN_NOT_ALLOWED");
}

/** Whether a request shows a credential in a header, good or not. */
export function showsCredential(c: Context<AppEnv>): boolean {
  const { authorization, apiKey } = credentialHeaders(c);
  return authorization !== undefined || apiKey !== undefined;
}

/** Lets in whoever shows a credential in a header, and whoever shows none: such a guest says over the socket who it is. */
export function guestAccess(): Access {
  const byHeader = requireScope("realtime");
  const guard: MiddlewareHandler<AppEnv> = async function admitGuest(c, next) {
    requireOwnOrigin(c);
    if (showsCredential(c)) return byHeader.guard(c, next);
    return next();
  };
  return { ...PUBLIC, security: [{ bearerAuth: [] }, { apiKeyAuth: [] }, {}], guard };
}

/** Lets in whoever shows a credential with the scope `realtime` in a header, or a ticket among the subprotocols. */
export function socketAccess(): Access {
  const byHeader = requireScope("realtime");
  const guard: MiddlewareHandler<AppEnv> = async function admitSocket(c, next) {
    requireOwnOrigin(c);
    const offered = offeredProtocols(c.req.header("sec-websocket-protocol"));
    const ticket = offered.find((one) => one.startsWith(TICKET_PROTOCOL));
    if (ticket === undefined) return byHeader.guard(c, next);
    const { credential, ...identity } = await redeemTicket(
      c.env,
      ticket.slice(TICKET_PROTOCOL.length),
    );
    byTicket.set(c.req.raw, { ...identity, credential });
    c.set("principal", {
      ...identity,
      keyId: "keyId" in credential ? credential.keyId : null,
      sessionId: "kind" in credential ? credential.sessionId : null,
    });
    return next();
  };
  return { ...byHeader, guard };
}
