import { z } from "@hono/zod-openapi";
import { PAGE_QUERY, pageOf } from "#http/pagination";
import { ROOM_ROLES } from "./core/room";

export const TicketSchema = z
  .object({
    ticket: z.string().openapi({
      description:
        "Offer it as the subprotocol `naru.ticket.<ticket>` beside `naru.v1`; good once.",
      example: "7.3f9k2m8q1w5x7z0c4v6b9n2m1a8s4d6f.k3j9x2m1q8w4",
    }),
    expires_in: z.int().openapi({ description: "Seconds.", example: 30 }),
  })
  .openapi("RealtimeTicket");

const ChannelName = z.string().min(1).max(128).openapi({
  description:
    "`public:*` (anybody signed in), `room:<id>` (its members), `user:<id>` and `task:<id>` (their owner), `system:*` (administrators).",
  example: "public:news",
});

export const ChannelParamsSchema = z.object({
  channel: ChannelName.openapi({ param: { name: "channel", in: "path" } }),
});

export const PublishSchema = z
  .strictObject({
    event: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)
      .openapi({
        description:
          "What happened. Names that begin with `task.`, `chat.`, `system.` or `naru.` are the server's.",
        example: "note",
      }),
    // What was parsed from a body is JSON of bounded depth; only its absence is left to refuse.
    payload: z
      .unknown()
      .refine((payload) => payload !== undefined)
      .openapi({
        description: "What there is to say of it, at most 64 KiB as JSON.",
        example: { text: "hello" },
      }),
    message_id: z.string().min(1).max(64).optional().openapi({
      description: "The same id within five minutes is the same message: it is kept once.",
      example: "01J9Z3",
    }),
  })
  .openapi("Publish");

export const PublishedSchema = z
  .object({
    channel: z.string(),
    offset: z.int().openapi({ description: "Its place in the channel." }),
    duplicate: z.boolean().openapi({ description: "It was there already." }),
  })
  .openapi("Published");

export const HistoryQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(300).default(50).openapi({ type: "integer" }),
  epoch: z.string().min(1).max(64).optional().openapi({
    description: "With `offset`: only what came behind that place. Without: the newest events.",
  }),
  offset: z.coerce.number().int().min(0).optional().openapi({ type: "integer" }),
});

export const HistorySchema = z
  .object({
    channel: z.string(),
    epoch: z.string().openapi({ description: "Of the log that the offsets belong to." }),
    offset: z.int().openapi({ description: "Of the newest event there has been." }),
    recovered: z.boolean().openapi({
      description: "False where something behind the asked place is no longer kept.",
    }),
    events: z.array(
      z.object({
        channel: z.string(),
        event: z.string(),
        id: z.string(),
        offset: z.int(),
        payload: z.unknown(),
        cause: z.string().optional(),
      }),
    ),
  })
  .openapi("ChannelHistory");

export const PresenceSchema = z
  .object({
    channel: z.string(),
    members: z
      .array(z.object({ user_id: z.string(), since: z.iso.datetime({ precision: 3 }) }))
      .openapi({ description: "One for each connection, the first thousand." }),
    count: z.int().openapi({ description: "How many connections there are." }),
  })
  .openapi("ChannelPresence");

export const SseQuerySchema = z.strictObject({
  channel: z
    .union([ChannelName, z.array(ChannelName).min(1).max(16)])
    .openapi({ description: "Once for each channel, at most 16." }),
});

const RoomId = z.string().openapi({ example: "room_01kcm4v7d03q6zr1w8n5tbe2y9" });
const UserId = z.string().min(1).max(64).openapi({ example: "usr_01kcm4v7d03q6zr1w8n5tbe2y9" });
const RoomName = z.string().trim().min(1).max(100).openapi({ example: "Crew" });
const Role = z.enum(ROOM_ROLES);

export const CreateRoomSchema = z.strictObject({ name: RoomName }).openapi("CreateRoom");
export const RoomParamsSchema = z.object({
  id: RoomId.openapi({ param: { name: "id", in: "path" } }),
});
export const RoomMemberParamsSchema = RoomParamsSchema.extend({
  user_id: UserId.openapi({ param: { name: "user_id", in: "path" } }),
});

const ROOM = {
  id: RoomId,
  channel: z.string().openapi({ description: "Where it speaks: `room:<id>`." }),
  name: z.string(),
  role: Role.openapi({ description: "The caller's own." }),
  created_at: z.iso.datetime({ precision: 3 }),
};
export const RoomSummarySchema = z.object(ROOM).openapi("RoomSummary");
export const RoomSchema = z.object({ ...ROOM, members: z.int() }).openapi("Room");
export const RoomPageSchema = pageOf(RoomSummarySchema).openapi("RoomPage");
export const ListRoomsQuerySchema = z.strictObject(PAGE_QUERY);

export const RoomMemberSchema = z
  .object({ user_id: UserId, role: Role, since: z.iso.datetime({ precision: 3 }) })
  .openapi("RoomMember");
export const RoomMemberPageSchema = pageOf(RoomMemberSchema).openapi("RoomMemberPage");
export const PutMemberSchema = z
  .strictObject({
    user_id: UserId,
    role: z.enum(["moderator", "member"]).default("member").openapi({
      description: "Moderators bring members in and take them out; roles are the owner's to give.",
    }),
  })
  .openapi("PutRoomMember");

export const AsyncApiSchema = z
  .looseObject({ asyncapi: z.string(), info: z.looseObject({}), channels: z.looseObject({}) })
  .openapi("AsyncApiDocument");
