import { authenticate, entryDepsOf } from "#auth/service";
import type { CredentialHeaders } from "#auth/service";
import { admitAddress, credentialOf, ownerGateName, peekCaller } from "#limits/service";
import type { ShownCaller } from "#limits/service";
import { systemClock } from "#platform/clock";
import { readConfig } from "#platform/config";
import { ApiError } from "#platform/errors";
import type { JsonValue } from "#platform/json-value";
import { hasScope } from "#platform/principal";
import type { Principal } from "#platform/principal";
import { CENTRIFUGE_HEADER, IDENTITY_HEADER } from "./core/attachment";
import type { SocketIdentity } from "./core/attachment";
import type { Admission } from "./core/gateway-ports";
import { channelObjectName } from "./core/channel-name";
import { gatewayName, gatewayNumberOf } from "./core/gateway-name";
import { callGateway, gatewayNameFor } from "./gateway-client";
import type { RealtimeEnv } from "./gateway-client";
import { mintTicket, readTicket, TICKET_SECONDS } from "./ticket";

export { gatewayNameFor } from "./gateway-client";
export { eraseFromChannels, publishedBy } from "./owner";

/** What the server itself has to say in a channel. */
export interface Announcement {
  readonly event: string;
  readonly payload: JsonValue;
  /** The same id within five minutes is kept once, so that telling may be repeated until it has worked. */
  readonly messageId?: string;
  /** The request that led to it. */
  readonly cause?: string;
}

/** Says something in a channel in the server's own name. Resolves with its offset when it is kept. */
export async function publishTo(
  env: Pick<RealtimeEnv, "CHANNEL">,
  channel: string,
  announcement: Announcement,
): Promise<number> {
  const { event, payload, messageId = null, cause = null } = announcement;
  const published = await env.CHANNEL.getByName(channelObjectName(channel)).publish({
    channel,
    event,
    payloadJson: JSON.stringify(payload),
    messageId,
    publisher: "naru",
    cause,
  });
  return published.offset;
}

/** What of a request its socket keeps, besides who it is of. */
export type SocketCall = Pick<SocketIdentity, "locale" | "traceparent">;

/** Who a request's credential is of, as a gateway keeps it. For a request that the guard has let in. */
export async function socketIdentity(
  env: Env,
  headers: CredentialHeaders,
  principal: Principal,
  call: SocketCall,
): Promise<SocketIdentity> {
  const credential = await authenticate(entryDepsOf(env, readConfig(env)), headers);
  if (!("shown" in credential)) throw new ApiError("AUTHENTICATION_REQUIRED");
  return identityFrom(credential.shown, principal, call);
}

/** Who an access token is of, if it is good at this moment; null where it is not. */
export async function readSocketToken(
  env: Env,
  token: string,
  call: SocketCall,
): Promise<SocketIdentity | null> {
  const deps = entryDepsOf(env, readConfig(env));
  const credential = await authenticate(deps, {
    authorization: `Bearer ${token}`,
    apiKey: undefined,
  });
  if (credential.kind !== "session") return null;
  const found = await peekCaller(deps.limits, credential.shown, []);
  return found && identityFrom(credential.shown, found.caller, call);
}

/**
 * Whose access token or key somebody shows over a socket that they opened without one. A refusal counts against the address; where nothing is left for it, the
 * answer is the same.
 */
export async function admitGuest(
  env: Env,
  token: string,
  call: SocketCall,
  address: string,
): Promise<Admission> {
  const deps = entryDepsOf(env, readConfig(env));
  const credential = await authenticate(deps, {
    authorization: `Bearer ${token}`,
    apiKey: undefined,
  });
  if ("shown" in credential) {
    const found = await peekCaller(deps.limits, credential.shown, []);
    const identity = found && identityFrom(credential.shown, found.caller, call);
    if (identity && mayConnect(identity)) return { ok: true, identity };
  }
  try {
    await admitAddress(deps.limits, address);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
  return {
    ok: false,
    isExpired: "internal" in credential && credential.internal === "token: expired",
  };
}

/** How many sockets are open, over all gateways. */
export async function countSockets(env: RealtimeEnv): Promise<number> {
  const counts = await Promise.all(
    Array.from({ length: readConfig(env).realtimeGateways }, (_, number) =>
      callGateway(env, gatewayName(number), (stub) => stub.connections()),
    ),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/** A ticket for one connection of this person or service, to be used within 30 seconds. */
export async function issueTicket(
  env: Env,
  identity: SocketIdentity,
): Promise<{ ticket: string; expiresInSeconds: number }> {
  const config = readConfig(env);
  const number = gatewayNumberOf(identity.ownerId, config.realtimeGateways);
  const { gateway, text, hash } = await mintTicket(config, number);
  const untilMs = systemClock() + TICKET_SECONDS * 1000;
  await callGateway(env, gateway, async (stub) => {
    await stub.putTicket(hash, identity, untilMs);
  });
  return { ticket: text, expiresInSeconds: TICKET_SECONDS };
}

/** Uses a ticket up. Refuses with INVALID_TICKET; who it is of is still good at this moment. */
export async function redeemTicket(env: Env, text: string): Promise<SocketIdentity> {
  const ticket = await readTicket(readConfig(env), text);
  if (ticket === null) throw new ApiError("INVALID_TICKET");
  const identity = await env.GATEWAY.getByName(ticket.gateway).takeTicket(ticket.hash);
  if (identity === null) throw new ApiError("INVALID_TICKET");
  const { gate, credential } = identity;
  const answer = await env.CLIENT_GATE.getByName(gate).peek({ policies: [], credential });
  if (answer.refusal !== null) throw new ApiError("INVALID_TICKET");
  return identity;
}

/** Hands an upgrade over to the gateway of whoever it is of; that of a guest, whose owner is not known yet, goes by the address. */
export function openSocket(
  env: Env,
  identity: SocketIdentity,
  centrifugeFrom: string | null = null,
): Promise<Response> {
  // Nothing else goes along, the credential least of all: what a request carries is kept for as long as its socket is open.
  const headers = new Headers({
    Upgrade: "websocket",
    [IDENTITY_HEADER]: JSON.stringify(identity),
  });
  if (centrifugeFrom !== null) headers.set(CENTRIFUGE_HEADER, centrifugeFrom);
  const name = gatewayNameFor(env, identity.ownerId || (centrifugeFrom ?? ""));
  return env.GATEWAY.getByName(name).fetch("http://gateway/", { headers });
}

const mayConnect = (identity: SocketIdentity): boolean =>
  hasScope({ ...identity, keyId: null, sessionId: null }, "realtime");

const identityFrom = (
  shown: ShownCaller,
  { ownerId, role, scopes }: Pick<Principal, "ownerId" | "role" | "scopes">,
  { locale, traceparent }: SocketCall,
): SocketIdentity => ({
  ownerId,
  role,
  scopes,
  credential: credentialOf(shown),
  gate: ownerGateName(shown.ownerRouting),
  locale,
  traceparent,
});
