import { systemClock } from "#platform/clock";
import type { Clock } from "#platform/clock";
import { ApiError } from "#platform/errors";
import { addressName } from "./core/address";
import { DenialMemory } from "./core/denials";

type Gates = Env["CLIENT_GATE"];
export type Gate = ReturnType<Gates["getByName"]>;

/** What deciding about limits needs. `limitsOf` makes it from the bindings. */
export interface Limits {
  readonly gates: Gates;
  readonly clock: Clock;
  readonly denials: DenialMemory;
}

/** A key whose tag was found genuine, as the owner's gate wants to see it. */
export interface ShownKey {
  readonly keyId: string;
  readonly ownerRouting: string;
  /** SHA-256 of the secret, hexadecimal. */
  readonly hash: string;
}

/** An access token whose signature and claims were found good, as the owner's gate wants to see it. */
export interface ShownSession {
  readonly kind: "session";
  readonly ownerRouting: string;
  /** Null where only a session is named, which belongs to the gate's owner. */
  readonly ownerId: string | null;
  readonly sessionId: string | null;
  readonly tokenId: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number;
}

/** What a request shows, as its owner's gate wants to see it. */
export type ShownCaller = ShownKey | ShownSession;

/** The part of it that the gate compares. */
export function credentialOf(shown: ShownCaller) {
  if (!("kind" in shown)) return { keyId: shown.keyId, hash: shown.hash };
  const { ownerRouting: _routing, ...credential } = shown;
  return credential;
}

/** One memory an isolate: it is there to keep a flood that reaches this isolate away from the gates. */
const denials = new DenialMemory();

export const limitsOf = (env: Pick<Env, "CLIENT_GATE">): Limits => ({
  gates: env.CLIENT_GATE,
  clock: systemClock,
  denials,
});

/** The gate of an owner, by the routing characters that the owner's id and all of the owner's keys share. */
export const ownerGateName = (ownerRouting: string): string => `owner:${ownerRouting}`;

/** The gate of whoever shows no good credential. `address` is `CF-Connecting-IP`. */
export const addressGateName = (address: string | null | undefined): string =>
  `address:${addressName(address)}`;

/**
 * One call to a gate. Nobody comes in unasked: where the gate cannot answer, the request is refused with 503. An object
 * that was reset under the call (a deploy, a crash) is asked once more through a fresh stub; the first try may have
 * counted, and then the call counts twice, which errs on the safe side. An overloaded one is left alone.
 */
export async function ask<T>(
  limits: Limits,
  name: string,
  call: (gate: Gate) => Promise<T>,
): Promise<T> {
  try {
    return await call(limits.gates.getByName(name));
  } catch (error) {
    if (!isWorthRetrying(error)) throw unavailable(error);
  }
  try {
    return await call(limits.gates.getByName(name));
  } catch (error) {
    throw unavailable(error);
  }
}

/** The flags that the runtime puts on failures of a call to an object. */
function isWorthRetrying(error: unknown): boolean {
  const flags = error as {
    retryable?: boolean;
    overloaded?: boolean;
    durableObjectReset?: boolean;
  } | null;
  return (
    flags?.overloaded !== true && (flags?.retryable === true || flags?.durableObjectReset === true)
  );
}

const unavailable = (cause: unknown): ApiError =>
  new ApiError("DEPENDENCY_UNAVAILABLE", {
    cause,
    internal: "client gate",
    headers: { "Retry-After": "1" },
  });
