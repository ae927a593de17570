import { ApiError } from "#platform/errors";
import type { ErrorCode } from "#platform/errors";
import { newId } from "#platform/ids";
import { systemClock } from "#platform/clock";
import type { Result } from "#platform/result";
import { callChannel, channelStub } from "./channels";
import type { RoomFault, RoomMember, RoomRole } from "./core/room";
import { MAX_ROOM_MEMBERS } from "./core/room";

/** A room as one of its members sees it. */
export interface Room {
  readonly id: string;
  readonly name: string;
  readonly createdAtMs: number;
  readonly version: number;
  readonly role: RoomRole;
  readonly members: number;
}

export interface RoomSummary {
  readonly id: string;
  readonly name: string;
  readonly createdAtMs: number;
  readonly role: RoomRole;
}

export const roomChannel = (id: string): string => `room:${id}`;

/** What a fault of a room is to a client. A room that one is not in is as unknown as one that never was. */
const REFUSALS: Record<RoomFault | "stale", ErrorCode> = {
  hidden: "RESOURCE_NOT_FOUND",
  not_a_member: "RESOURCE_NOT_FOUND",
  forbidden: "CHANNEL_FORBIDDEN",
  owner_stays: "ROOM_OWNER_STAYS",
  full: "ROOM_FULL",
  stale: "PRECONDITION_FAILED",
};

/** Asks a room's channel. An id that can be none reaches no object. */
async function askRoom<T>(
  env: Env,
  id: string,
  call: (stub: ReturnType<typeof channelStub>) => Promise<Result<T, RoomFault | "stale">>,
): Promise<T> {
  if (!/^room_[0-9a-z]{26}$/.test(id)) throw new ApiError("RESOURCE_NOT_FOUND");
  const answer = await callChannel(env, roomChannel(id), call);
  if (!answer.ok) throw new ApiError(REFUSALS[answer.error], { params: { max: MAX_ROOM_MEMBERS } });
  return answer.value;
}

export async function createRoom(env: Env, ownerId: string, name: string): Promise<Room> {
  const id = newId("room", systemClock());
  const channel = roomChannel(id);
  return channelStub(env, channel).createRoom(channel, id, name, ownerId);
}

export const readRoom = (env: Env, userId: string, id: string): Promise<Room> =>
  askRoom<Room>(env, id, async (stub) => stub.readRoom(userId));

export const renameRoom = (
  env: Env,
  userId: string,
  id: string,
  name: string,
  version: number | null,
): Promise<Room> => askRoom<Room>(env, id, async (stub) => stub.renameRoom(userId, name, version));

export const deleteRoom = (
  env: Env,
  userId: string,
  id: string,
  version: number | null,
): Promise<void> => askRoom<void>(env, id, async (stub) => stub.deleteRoom(userId, version));

export const readMembers = (
  env: Env,
  userId: string,
  id: string,
  after: string,
  limit: number,
): Promise<readonly RoomMember[]> =>
  askRoom<readonly RoomMember[]>(env, id, async (stub) => stub.readMembers(userId, after, limit));

export const putMember = (
  env: Env,
  actorId: string,
  id: string,
  userId: string,
  role: RoomRole,
): Promise<RoomMember> =>
  askRoom<RoomMember>(env, id, async (stub) => stub.putMember(actorId, userId, role));

export const removeMember = (
  env: Env,
  actorId: string,
  id: string,
  userId: string,
): Promise<void> => askRoom<void>(env, id, async (stub) => stub.removeMember(actorId, userId));

/** The rooms that somebody is in, newest first, from behind `before` on. */
export async function listRooms(
  env: Env,
  userId: string,
  before: string | null,
  limit: number,
): Promise<RoomSummary[]> {
  const { results } = await env.DB.prepare(
    `SELECT rooms.id, rooms.name, rooms.created_at, room_members.role FROM room_members
     JOIN rooms ON rooms.id = room_members.room_id
     WHERE room_members.user_id = ?1 AND room_members.room_id < ?2 ORDER BY room_members.room_id DESC LIMIT ?3`,
  )
    .bind(userId, before ?? "~", limit)
    .all<{ id: string; name: string; created_at: number; role: RoomRole }>();
  return results.map((row) => ({
    id: row.id,
    name: row.name,
    createdAtMs: row.created_at,
    role: row.role,
  }));
}
