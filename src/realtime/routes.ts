import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { credentialHeaders, requireScope } from "#auth/guard";
import type { AppEnv } from "#http/context";
import { defineRoute, newRouter } from "#http/router";
import { ApiError } from "#platform/errors";
import { identityByTicket, offeredProtocols, SUBPROTOCOL, socketAccess } from "./guard";
import { TicketSchema } from "./schemas";
import { issueTicket, openSocket, socketIdentity } from "./service";
import type { SocketCall } from "./service";

const ticketRoute = defineRoute({
  method: "post",
  path: "/api/v1/realtime/tickets",
  operationId: "realtime.tickets.create",
  tags: ["realtime"],
  summary: "Get a ticket for one WebSocket",
  description:
    'A browser can send no header with a WebSocket: it offers the ticket as a subprotocol. It is good once, for 30 seconds, and for what the credential of this call may do. `new WebSocket(url, ["naru.v1", "naru.ticket." + ticket])`',
  access: requireScope("realtime"),
  responses: {
    201: {
      description: "The ticket, shown once.",
      content: { "application/json": { schema: TicketSchema } },
    },
  },
});

const socketRoute = defineRoute({
  method: "get",
  path: "/ws/realtime",
  operationId: "realtime.connect",
  tags: ["realtime"],
  summary: "Open a WebSocket",
  description:
    "One socket, many channels. Offer the subprotocol `naru.v1`, and a credential in a header or a ticket as `naru.ticket.<ticket>`. `/asyncapi.json` describes the frames. The `Origin` of a page has to be in `CORS_ORIGINS`.",
  access: socketAccess(),
  errors: ["UPGRADE_REQUIRED", "UNSUPPORTED_SUBPROTOCOL", "ORIGIN_NOT_ALLOWED", "INVALID_TICKET"],
  responses: { 101: { description: "The socket is open." } },
});

/** The WebSocket, the tickets to it, and what it speaks. */
export const realtimeRoutes: OpenAPIHono<AppEnv> = newRouter()
  .openapi(ticketRoute, async (c) => {
    const identity = await socketIdentity(
      c.env,
      credentialHeaders(c),
      c.get("principal"),
      callOf(c),
    );
    const { ticket, expiresInSeconds } = await issueTicket(c.env, identity);
    return c.json({ ticket, expires_in: expiresInSeconds }, 201);
  })
  .openapi(socketRoute, async (c) => {
    if (c.req.header("upgrade")?.toLowerCase() !== "websocket")
      throw new ApiError("UPGRADE_REQUIRED", { headers: { Upgrade: "websocket" } });
    if (!offeredProtocols(c.req.header("sec-websocket-protocol")).includes(SUBPROTOCOL))
      throw new ApiError("UNSUPPORTED_SUBPROTOCOL");
    const identity =
      identityByTicket(c.req.raw) ??
      (await socketIdentity(c.env, credentialHeaders(c), c.get("principal"), callOf(c)));
    return openSocket(c.env, identity);
  });

const callOf = (c: Context<AppEnv>): SocketCall => ({
  locale: c.get("locale"),
  traceparent: c.get("traceparent"),
});
