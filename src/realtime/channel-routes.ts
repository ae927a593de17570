import { z } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { holdStream, requireScope } from "#auth/guard";
import { json } from "#http/json-content";
import type { AppEnv } from "#http/context";
import { defineRoute, newRouter } from "#http/router";
import { answerSse } from "#http/sse-answer";
import { idempotent } from "#limits/guard";
import { toTimestamp } from "#platform/clock";
import { ApiError } from "#platform/errors";
import { randomBase32 } from "#platform/ids";
import { enterChannel, publishAs, readHistory, readPresence } from "./channels";
import { MAX_FRAME_BYTES } from "./core/frames";
import {
  ChannelParamsSchema,
  HistoryQuerySchema,
  HistorySchema,
  PresenceSchema,
  PublishedSchema,
  PublishSchema,
  SseQuerySchema,
} from "./schemas";
import { followChannels, readPlaces } from "./sse";

const access = requireScope("realtime");
const tags = ["realtime"];

const publishRoute = defineRoute({
  method: "post",
  path: "/api/v1/realtime/channels/{channel}/publish",
  operationId: "realtime.publish",
  tags,
  access,
  summary: "Publish in a channel",
  description:
    "The event is kept before this answers, and goes to everybody who is subscribed. Its `cause` is this request's id.",
  errors: ["CHANNEL_NOT_FOUND", "CHANNEL_FORBIDDEN", "BODY_TOO_LARGE"],
  idempotency: idempotent(),
  request: {
    params: ChannelParamsSchema,
    body: { required: true, content: { "application/json": { schema: PublishSchema } } },
  },
  responses: { 201: json(PublishedSchema, "The event is kept.") },
});

const historyRoute = defineRoute({
  method: "get",
  path: "/api/v1/realtime/channels/{channel}/history",
  operationId: "realtime.history",
  tags,
  access,
  summary: "Read what was said in a channel",
  description: "A channel keeps its newest 1,000 events for 24 hours.",
  errors: ["CHANNEL_NOT_FOUND", "CHANNEL_FORBIDDEN"],
  request: { params: ChannelParamsSchema, query: HistoryQuerySchema },
  responses: { 200: json(HistorySchema, "Events, oldest first.") },
});

const presenceRoute = defineRoute({
  method: "get",
  path: "/api/v1/realtime/channels/{channel}/presence",
  operationId: "realtime.presence",
  tags,
  access,
  summary: "See who is in a channel",
  description: "Of `public:*` and `room:*`; other channels tell of nobody.",
  errors: ["CHANNEL_NOT_FOUND", "CHANNEL_FORBIDDEN"],
  request: { params: ChannelParamsSchema },
  responses: { 200: json(PresenceSchema, "Who is there.") },
});

const sseRoute = defineRoute({
  method: "get",
  path: "/api/v1/realtime/sse",
  operationId: "realtime.sse",
  tags,
  access,
  summary: "Follow channels without a socket",
  description:
    "Server-sent events: `subscribed` for each channel, then each `event` once. Every one has an `id`; connect again with `Last-Event-ID`, and with the same channels in the same order, and the stream goes on behind it; where something was lost meanwhile, `subscribed` says `recovered: false`. Ends after 5 minutes in `done` with `reason: recycle`, to be connected anew, or in `error`.",
  errors: ["CHANNEL_NOT_FOUND", "CHANNEL_FORBIDDEN", "INVALID_HEADER", "TOO_MANY_CONCURRENT"],
  request: {
    query: SseQuerySchema,
    headers: z.object({
      "last-event-id": z.string().optional().openapi({
        description: "The id of the last event that was seen.",
        example: "0v2k9m1x:17",
      }),
    }),
  },
  responses: {
    200: {
      description: "The stream.",
      content: {
        "text/event-stream": {
          schema: z.string(),
          example:
            'id: 0v2k9m1x:17\nevent: event\ndata: {"channel":"public:news","event":"note","id":"evt_01","offset":17,"payload":{"text":"hello"}}\n\n',
        },
      },
    },
  },
});

/** Channels for those without a socket. */
export const channelRoutes: OpenAPIHono<AppEnv> = newRouter()
  .openapi(publishRoute, async (c) => {
    const { event, payload, message_id: messageId = randomBase32() } = c.req.valid("json");
    const { channel } = c.req.valid("param");
    if (JSON.stringify(payload).length > MAX_FRAME_BYTES)
      throw new ApiError("BODY_TOO_LARGE", { params: { limit: MAX_FRAME_BYTES } });
    const message = { event, payload, messageId, cause: c.get("requestId") };
    const published = await publishAs(c.env, c.get("principal"), channel, message);
    return c.json({ channel, offset: published.offset, duplicate: published.isDuplicate }, 201);
  })
  .openapi(historyRoute, async (c) => {
    const { channel } = c.req.valid("param");
    const { limit, epoch, offset } = c.req.valid("query");
    const since = epoch === undefined || offset === undefined ? null : { epoch, offset };
    const page = await readHistory(c.env, c.get("principal"), channel, since, limit);
    const events = page.events.map((one) => JSON.parse(one.dataJson) as never);
    const { recovered } = page;
    return c.json({ channel, epoch: page.epoch, offset: page.offset, recovered, events }, 200);
  })
  .openapi(presenceRoute, async (c) => {
    const { channel } = c.req.valid("param");
    const { members, count } = await readPresence(c.env, c.get("principal"), channel);
    const shown = members.map(({ user_id, since_ms }) => ({
      user_id,
      since: toTimestamp(since_ms),
    }));
    return c.json({ channel, members: shown, count }, 200);
  })
  .openapi(sseRoute, async (c) => {
    const channels = [c.req.valid("query").channel].flat();
    const since = readPlaces(c.req.header("last-event-id"), channels.length);
    const visitor = c.get("principal");
    for (const channel of channels) await enterChannel(c.env, visitor, channel, "subscribe");
    const hold = await holdStream(c);
    const resumedFrom = c.req.header("last-event-id");
    return answerSse(
      c,
      async (out) => {
        await followChannels(c.env, visitor, channels, since, out);
        return { event: "done", data: JSON.stringify({ reason: "recycle" }) };
      },
      { ...hold, ...(resumedFrom ? { resumedFrom } : {}) },
    );
  });
