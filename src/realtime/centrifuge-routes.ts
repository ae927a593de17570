import type { OpenAPIHono } from "@hono/zod-openapi";
import { credentialHeaders } from "#auth/guard";
import type { AppEnv } from "#http/context";
import { defineRoute, newRouter } from "#http/router";
import { systemClock } from "#platform/clock";
import { ApiError } from "#platform/errors";
import { guestIdentity } from "./core/attachment";
import { guestAccess, showsCredential } from "./guard";
import { openSocket, socketIdentity } from "./service";

const centrifugeRoute = defineRoute({
  method: "get",
  path: "/ws/centrifuge",
  operationId: "realtime.centrifuge",
  tags: ["realtime"],
  summary: "Open a WebSocket for a Centrifugo client",
  description:
    "Centrifugo's client protocol (JSON) over the channels of `/ws/realtime`, for clients that there are for it. The credential stands in a header, or is the `token` of the command `connect`: an access token or an API key with the scope `realtime`, within 10 seconds. The `Origin` of a page has to be in `CORS_ORIGINS`.",
  access: guestAccess(),
  errors: [
    "UPGRADE_REQUIRED",
    "ORIGIN_NOT_ALLOWED",
    "AUTHENTICATION_REQUIRED",
    "INVALID_TOKEN",
    "INVALID_API_KEY",
    "INSUFFICIENT_SCOPE",
    "RATE_LIMITED",
    "DEPENDENCY_UNAVAILABLE",
  ],
  responses: { 101: { description: "The socket is open." } },
});

/** The WebSocket for clients of Centrifugo. */
export const centrifugeRoutes: OpenAPIHono<AppEnv> = newRouter().openapi(
  centrifugeRoute,
  async (c) => {
    if (c.req.header("upgrade")?.toLowerCase() !== "websocket")
      throw new ApiError("UPGRADE_REQUIRED", { headers: { Upgrade: "websocket" } });
    const call = { locale: c.get("locale"), traceparent: c.get("traceparent") };
    const identity = showsCredential(c)
      ? await socketIdentity(c.env, credentialHeaders(c), c.get("principal"), call)
      : guestIdentity(call, systemClock());
    const address = c.req.header("cf-connecting-ip") ?? "unknown";
    const answer = await openSocket(c.env, identity, address);
    if (answer.status === 503)
      throw new ApiError("DEPENDENCY_UNAVAILABLE", { headers: { "Retry-After": "10" } });
    return answer;
  },
);
