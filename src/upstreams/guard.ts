import type { Context, MiddlewareHandler } from "hono";
import { holdStream, requireCredential } from "#auth/guard";
import type { AppEnv } from "#http/context";
import type { Access } from "#http/router";
import { ownerRoutingOf } from "#keys/service";
import { admitCaller, limitsOf, SLOT_RENEWAL_MS, takeStreamSlot } from "#limits/service";
import type { ShownCaller } from "#limits/service";
import { ApiError } from "#platform/errors";
import { randomBase32 } from "#platform/ids";
import { offeredProtocols, requireOwnOrigin } from "#realtime/guard";
import { redeemTicket } from "#realtime/service";
import { TICKET_PREFIX } from "./core/request-headers";
import type { HeldPlace } from "./forward";

const POLICIES = ["burst", "client"] as const;

/** What came with a ticket, for the rest of the same request. */
const byTicket = new WeakMap<Request, ShownCaller>();

/**
 * Lets in whoever shows a good credential; what upstream it is for, and so which scope it takes, is not known yet. A
 * WebSocket may come with a ticket instead, as one of ours may, and from pages of our origins alone.
 */
export function gatewayAccess(): Access {
  const byHeader = requireCredential(POLICIES);
  const guard: MiddlewareHandler<AppEnv> = async function admitToGateway(c, next) {
    if (c.req.header("upgrade")?.toLowerCase() !== "websocket") return byHeader.guard(c, next);
    requireOwnOrigin(c);
    const ticket = offeredProtocols(c.req.header("sec-websocket-protocol")).find((one) =>
      one.startsWith(TICKET_PREFIX),
    );
    if (ticket === undefined) return byHeader.guard(c, next);
    await admitTicket(c, ticket.slice(TICKET_PREFIX.length));
    return next();
  };
  return { ...byHeader, guard };
}

/** Counts as a call with the credential that the ticket was given for, and refuses where that would be refused. */
async function admitTicket(c: Context<AppEnv>, text: string): Promise<void> {
  const { credential, ownerId } = await redeemTicket(c.env, text);
  const ownerRouting = ownerRoutingOf(ownerId);
  if (ownerRouting === null) throw new ApiError("INVALID_TICKET");
  const shown = { ...credential, ownerRouting };
  const admission = await admitCaller(limitsOf(c.env), shown, POLICIES);
  if (admission.refusal !== null) throw new ApiError("INVALID_TICKET");
  const { caller, cache, headers } = admission;
  const sessionId = "keyId" in shown ? null : shown.sessionId;
  byTicket.set(c.req.raw, shown);
  c.set("principal", {
    ownerId: caller.ownerId,
    keyId: "keyId" in shown ? shown.keyId : null,
    sessionId,
    role: "keyId" in shown || sessionId !== null ? caller.role : "service",
    scopes: caller.scopes,
  });
  c.set("cacheStanding", cache);
  for (const name in headers) c.header(name, headers[name as keyof typeof headers]);
}

/**
 * One of the caller's places for what stays open. It is lost within SLOT_RENEWAL_MS of what takes the right to it: a
 * revoked key, a session that has ended, a role or scopes that are others.
 */
export async function holdPlace(c: Context<AppEnv>): Promise<HeldPlace> {
  const shown = byTicket.get(c.req.raw);
  if (shown === undefined) {
    const { watch, onOver } = await holdStream(c);
    return { everyMs: watch.everyMs, check: watch.check, release: onOver };
  }
  const slot = await takeStreamSlot(limitsOf(c.env), shown, `gw-${randomBase32()}`);
  return {
    everyMs: SLOT_RENEWAL_MS,
    check: async () => {
      const standing = await slot.renew();
      if (standing.kind === "gone")
        throw new ApiError("INVALID_TICKET", { internal: `socket: ${standing.reason}` });
    },
    release: () => slot.release(),
  };
}
