import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import * as zod from "zod";
import { requireScope } from "#auth/guard";
import { body, json } from "#http/json-content";
import type { AppEnv } from "#http/context";
import { etagOf, requireMatch } from "#http/etag";
import { decodeCursor, encodeCursor, linkNextPage } from "#http/pagination";
import { defineRoute, newRouter } from "#http/router";
import { idempotent } from "#limits/guard";
import { toTimestamp } from "#platform/clock";
import type { RoomMember } from "./core/room";
import {
  createRoom,
  deleteRoom,
  listRooms,
  putMember,
  readMembers,
  readRoom,
  removeMember,
  renameRoom,
  roomChannel,
} from "./rooms";
import type { Room, RoomSummary } from "./rooms";
import {
  CreateRoomSchema,
  ListRoomsQuerySchema,
  PutMemberSchema,
  RoomMemberPageSchema,
  RoomMemberParamsSchema,
  RoomMemberSchema,
  RoomPageSchema,
  RoomParamsSchema,
  RoomSchema,
} from "./schemas";

const access = requireScope("realtime");
const tags = ["realtime"];
const path = "/api/v1/rooms";

const createRoute = defineRoute({
  method: "post",
  path,
  operationId: "rooms.create",
  tags,
  access,
  summary: "Open a room",
  description: "Its channel is `room:<id>`; only its members see it. The caller is its owner.",
  idempotency: idempotent(),
  request: { body: body(CreateRoomSchema) },
  responses: { 201: json(RoomSchema, "The room; `Location` names it.") },
});
const listRoute = defineRoute({
  method: "get",
  path,
  operationId: "rooms.list",
  tags,
  access,
  summary: "List the rooms that you are in",
  description: "Newest first. The list may lag behind a change by a moment.",
  errors: ["INVALID_CURSOR"],
  request: { query: ListRoomsQuerySchema },
  responses: { 200: json(RoomPageSchema, "A page of rooms.") },
});
const getRoute = defineRoute({
  method: "get",
  path: `${path}/{id}`,
  operationId: "rooms.get",
  tags,
  access,
  summary: "Read a room",
  errors: ["RESOURCE_NOT_FOUND"],
  request: { params: RoomParamsSchema },
  responses: { 200: json(RoomSchema, "The room.") },
});
const updateRoute = defineRoute({
  method: "patch",
  path: `${path}/{id}`,
  operationId: "rooms.update",
  tags,
  access,
  summary: "Rename a room",
  errors: ["RESOURCE_NOT_FOUND", "CHANNEL_FORBIDDEN", "PRECONDITION_FAILED"],
  request: { params: RoomParamsSchema, body: body(CreateRoomSchema) },
  responses: { 200: json(RoomSchema, "The room as it is after the change.") },
});
const deleteRoute = defineRoute({
  method: "delete",
  path: `${path}/{id}`,
  operationId: "rooms.delete",
  tags,
  access,
  summary: "Delete a room",
  description: "By its owner. Everybody is put out, and nothing that was said can be read again.",
  errors: ["RESOURCE_NOT_FOUND", "CHANNEL_FORBIDDEN", "PRECONDITION_FAILED"],
  request: { params: RoomParamsSchema },
  responses: { 204: { description: "The room is gone." } },
});
const membersRoute = defineRoute({
  method: "get",
  path: `${path}/{id}/members`,
  operationId: "rooms.members.list",
  tags,
  access,
  summary: "List the members of a room",
  errors: ["RESOURCE_NOT_FOUND", "INVALID_CURSOR"],
  request: { params: RoomParamsSchema, query: ListRoomsQuerySchema },
  responses: { 200: json(RoomMemberPageSchema, "A page of members, by id.") },
});
const putMemberRoute = defineRoute({
  method: "post",
  path: `${path}/{id}/members`,
  operationId: "rooms.members.put",
  tags,
  access,
  summary: "Bring somebody into a room, or give them another role",
  description: "The same again changes nothing. At most 1,000 members.",
  errors: ["RESOURCE_NOT_FOUND", "CHANNEL_FORBIDDEN", "ROOM_OWNER_STAYS", "ROOM_FULL"],
  idempotency: idempotent(),
  request: { params: RoomParamsSchema, body: body(PutMemberSchema) },
  responses: { 201: json(RoomMemberSchema, "The member.") },
});
const removeMemberRoute = defineRoute({
  method: "delete",
  path: `${path}/{id}/members/{user_id}`,
  operationId: "rooms.members.remove",
  tags,
  access,
  summary: "Take somebody out of a room, or leave it",
  description: "Their sockets leave its channel at once.",
  errors: ["RESOURCE_NOT_FOUND", "CHANNEL_FORBIDDEN", "ROOM_OWNER_STAYS"],
  request: { params: RoomMemberParamsSchema },
  responses: { 204: { description: "They are out." } },
});

const BeforeSchema = zod.strictObject({ before: zod.string().max(64) });
const AfterSchema = zod.strictObject({ after: zod.string().max(64) });

/** Rooms: channels with members. */
export const roomRoutes: OpenAPIHono<AppEnv> = newRouter()
  .openapi(createRoute, async (c) => {
    const room = await createRoom(c.env, c.get("principal").ownerId, c.req.valid("json").name);
    c.header("Location", `${path}/${room.id}`);
    return c.json(await tagged(c, room), 201);
  })
  .openapi(listRoute, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const before = decodeCursor(cursor, BeforeSchema)?.before ?? null;
    const rooms = await listRooms(c.env, c.get("principal").ownerId, before, limit + 1);
    const page = rooms.slice(0, limit);
    const last = page.at(-1);
    const nextCursor = rooms.length > limit && last ? encodeCursor({ before: last.id }) : null;
    linkNextPage(c, nextCursor);
    return c.json({ items: page.map(presentSummary), next_cursor: nextCursor }, 200);
  })
  .openapi(getRoute, async (c) => {
    const room = await readRoom(c.env, c.get("principal").ownerId, c.req.valid("param").id);
    return c.json(await tagged(c, room), 200);
  })
  .openapi(updateRoute, async (c) => {
    const { id } = c.req.valid("param");
    const { ownerId } = c.get("principal");
    const version = await versionSeen(c, id);
    const room = await renameRoom(c.env, ownerId, id, c.req.valid("json").name, version);
    return c.json(await tagged(c, room), 200);
  })
  .openapi(deleteRoute, async (c) => {
    const { id } = c.req.valid("param");
    await deleteRoom(c.env, c.get("principal").ownerId, id, await versionSeen(c, id));
    return c.body(null, 204);
  })
  .openapi(membersRoute, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const after = decodeCursor(cursor, AfterSchema)?.after ?? "";
    const { id } = c.req.valid("param");
    const members = await readMembers(c.env, c.get("principal").ownerId, id, after, limit + 1);
    const page = members.slice(0, limit);
    const last = page.at(-1);
    const nextCursor = members.length > limit && last ? encodeCursor({ after: last.userId }) : null;
    linkNextPage(c, nextCursor);
    return c.json({ items: page.map(presentMember), next_cursor: nextCursor }, 200);
  })
  .openapi(putMemberRoute, async (c) => {
    const { user_id: userId, role } = c.req.valid("json");
    const { id } = c.req.valid("param");
    const member = await putMember(c.env, c.get("principal").ownerId, id, userId, role);
    return c.json(presentMember(member), 201);
  })
  .openapi(removeMemberRoute, async (c) => {
    const { id, user_id: userId } = c.req.valid("param");
    await removeMember(c.env, c.get("principal").ownerId, id, userId);
    return c.body(null, 204);
  });

const presentSummary = ({ id, name, role, createdAtMs }: RoomSummary) => ({
  id,
  channel: roomChannel(id),
  name,
  role,
  created_at: toTimestamp(createdAtMs),
});
const presentRoom = (room: Room) => ({ ...presentSummary(room), members: room.members });
const presentMember = ({ userId, role, sinceMs }: RoomMember) => ({
  user_id: userId,
  role,
  since: toTimestamp(sinceMs),
});

async function tagged(c: Context<AppEnv>, room: Room): Promise<ReturnType<typeof presentRoom>> {
  const shown = presentRoom(room);
  c.header("ETag", await etagOf(shown));
  return shown;
}

/** The version that `If-Match` means, null without one. The room compares it again in the change itself. */
async function versionSeen(c: Context<AppEnv>, id: string): Promise<number | null> {
  if (c.req.header("if-match") === undefined) return null;
  const room = await readRoom(c.env, c.get("principal").ownerId, id);
  await requireMatch(c, presentRoom(room));
  return room.version;
}
