import { readConfig } from "#platform/config";
import { ApiError } from "#platform/errors";
import { gatewayNameOf } from "./core/gateway-name";

export type RealtimeEnv = Pick<Env, "GATEWAY" | "CHANNEL">;
export type GatewayStub = ReturnType<Env["GATEWAY"]["getByName"]>;

/** Name of the gateway that holds an owner's sockets in this deployment. */
export const gatewayNameFor = (env: object, ownerId: string): string =>
  gatewayNameOf(ownerId, readConfig(env).realtimeGateways);

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
