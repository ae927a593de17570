import { fnv1a } from "#platform/bytes";
import { readConfig } from "#platform/config";
import { ApiError } from "#platform/errors";

export type RealtimeEnv = Pick<Env, "GATEWAY" | "CHANNEL">;
export type GatewayStub = ReturnType<Env["GATEWAY"]["getByName"]>;

/** Name of the gateway that holds all sockets of an owner, so that a revocation and a ticket find them in one place. */
export const gatewayNameOf = (env: object, ownerId: string): string =>
  gatewayName(fnv1a(ownerId) % readConfig(env).realtimeGateways);

export const gatewayName = (number: number): string => `gw:${number}`;

/** One call to an owner's gateway, once more through a fresh stub where the object was reset. Refuses with DEPENDENCY_UNAVAILABLE. */
export async function callGateway<T>(
  env: RealtimeEnv,
  name: string,
  call: (stub: GatewayStub) => Promise<T>,
): Promise<T> {
  try {
    return await call(env.GATEWAY.getByName(name)).catch(() => call(env.GATEWAY.getByName(name)));
  } catch (error) {
    throw new ApiError("DEPENDENCY_UNAVAILABLE", {
      cause: error,
      internal: "gateway",
      headers: { "Retry-After": "1" },
    });
  }
}
