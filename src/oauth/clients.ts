import type { AuditEvent } from "#audit/service";
import { ownerRoutingOf } from "#keys/service";
import { ApiError } from "#platform/errors";
import { newId } from "#platform/ids";
import { hasScope, roleAllows } from "#platform/principal";
import type { Principal } from "#platform/principal";
import type { OAuthDeps } from "./ports";
import { hashClientSecret } from "./secret";
import { findClient, insertClient, listClients, revokeClientRow } from "./store";
import type { OAuthClient } from "./store";

const MAX_CLIENTS = 100;
/** Longer than any token lives that was signed before the revocation. */
const REVOCATION_MARGIN_MS = 60_000;

export type ClientDeps = Pick<
  OAuthDeps,
  "db" | "clock" | "secrets" | "accessTokenSeconds" | "introduce" | "revokeGrants"
>;

export interface NewClient {
  readonly name: string;
  readonly scopes: readonly string[];
}

/** Who asks, for the audit log. */
export interface Actor {
  readonly principal: Principal;
  readonly address: string | null;
}

/**
 * A new client of the caller's account, and its secret, which is shown this once. Throws GRANT_TOO_WIDE for a scope that
 * the caller's own credential does not carry, and OAUTH_TOO_MANY_CLIENTS.
 */
export async function createClient(
  deps: ClientDeps,
  actor: Actor,
  wanted: NewClient,
): Promise<{ readonly client: OAuthClient; readonly secret: string }> {
  const { principal } = actor;
  // A client acts as a service, whoever its owner is: what that role never may is not given to it in the first place.
  const excess = wanted.scopes.filter(
    (scope) => !hasScope(principal, scope) || !roleAllows("service", scope),
  );
  if (excess.length > 0)
    throw new ApiError("GRANT_TOO_WIDE", { params: { excess: excess.join(" ").slice(0, 200) } });
  const createdAtMs = deps.clock();
  const id = newId("cli", createdAtMs, ownerRoutingOf(principal.ownerId) ?? "");
  const client: OAuthClient = {
    id,
    ownerId: principal.ownerId,
    name: wanted.name,
    scopes: [...new Set(wanted.scopes)],
    createdAtMs,
  };
  const secret = await deps.secrets.make(id);
  // Tokens are judged there. An owner who was never signed in, as that of the demo key, may be unknown to it.
  if (!(await deps.introduce(principal))) throw new ApiError("INTERNAL", { internal: "gate" });
  const event = eventOf(actor, "oauth_client.create", client.id, { name: client.name });
  const hash = await hashClientSecret(secret);
  const isAdded = await insertClient(deps.db, client, hash, MAX_CLIENTS, event);
  if (!isAdded) throw new ApiError("OAUTH_TOO_MANY_CLIENTS", { params: { limit: MAX_CLIENTS } });
  return { client, secret };
}

/** A page of the caller's clients, newest first, and the id to go on from. */
export async function pageOfClients(
  deps: ClientDeps,
  query: { readonly ownerId: string; readonly beforeId: string | null; readonly limit: number },
): Promise<{ readonly clients: readonly OAuthClient[]; readonly nextId: string | null }> {
  const found = await listClients(deps.db, { ...query, limit: query.limit + 1 });
  const clients = found.slice(0, query.limit);
  return { clients, nextId: found.length > query.limit ? (clients.at(-1)?.id ?? null) : null };
}

/** One client. Another owner's is as unknown as one that never was. */
export async function getClient(
  deps: ClientDeps,
  ownerId: string,
  id: string,
): Promise<OAuthClient> {
  const found = await findClient(deps.db, id);
  if (found === null || found.client.ownerId !== ownerId)
    throw new ApiError("OAUTH_CLIENT_NOT_FOUND");
  return found.client;
}

/**
 * Revokes a client: first it gets no more tokens, then those that it has are refused at the gate. A token that is signed
 * between the two carries the client's id as well, so the gate refuses it too.
 */
export async function revokeClient(deps: ClientDeps, actor: Actor, id: string): Promise<void> {
  const { ownerId } = actor.principal;
  const nowMs = deps.clock();
  const event = eventOf(actor, "oauth_client.revoke", id, {});
  if (!(await revokeClientRow(deps.db, ownerId, id, nowMs, event)))
    throw new ApiError("OAUTH_CLIENT_NOT_FOUND");
  const untilMs = nowMs + deps.accessTokenSeconds * 1000 + REVOCATION_MARGIN_MS;
  await deps.revokeGrants(ownerId, [id], untilMs);
}

const eventOf = (
  { principal, address }: Actor,
  action: `oauth_client.${string}`,
  subjectId: string,
  details: Readonly<Record<string, string>>,
): AuditEvent => ({
  actorId: principal.keyId ?? principal.ownerId,
  action,
  subjectId,
  address,
  details,
});
