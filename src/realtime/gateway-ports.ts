import type { GatewayPorts } from "./core/gateway-ports";
import { readSocketToken } from "./service";

/** What the gateways' objects ask of this Worker. */
export const createGatewayPorts = (env: Env): GatewayPorts => ({
  readToken: (token, locale) => readSocketToken(env, token, locale),
  tasks: async () => ({ ok: false, code: "UNKNOWN_FRAME_TYPE", params: {} }),
});
