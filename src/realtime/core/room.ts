import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";

export const ROOM_ROLES = ["owner", "moderator", "member"] as const;
export type RoomRole = (typeof ROOM_ROLES)[number];

export interface RoomFacts {
  readonly id: string;
  readonly name: string;
  readonly createdAtMs: number;
  /** Rises with every change of the room or its members. */
  readonly version: number;
}

/** A room as one of its members sees it. */
export interface RoomView extends RoomFacts {
  readonly role: RoomRole;
  readonly members: number;
}

export interface RoomMember {
  readonly userId: string;
  readonly role: RoomRole;
  readonly sinceMs: number;
}

export type RoomFault = "hidden" | "forbidden" | "owner_stays" | "full" | "not_a_member";

export const MAX_ROOM_MEMBERS = 1_000;

const RANK: Record<RoomRole, number> = { member: 0, moderator: 1, owner: 2 };

/**
 * Whether somebody may give a person this role in a room. Moderators bring members in and take them out; roles are the owner's to give.
 * Whoever is not in the room does not learn that it exists.
 */
export function judgeAppointment(
  actor: RoomRole | null,
  role: RoomRole,
  current: RoomRole | null,
  members: number,
): Result<void, RoomFault> {
  if (actor === null) return err("hidden");
  if (actor === "member") return err("forbidden");
  if (current === "owner" || role === "owner") return err("owner_stays");
  const isBelow = RANK[role] < RANK[actor] && (current === null || RANK[current] < RANK[actor]);
  if (!isBelow) return err("forbidden");
  return current === null && members >= MAX_ROOM_MEMBERS ? err("full") : ok(undefined);
}

/** Whether somebody may take a person out. Everybody may leave but the owner, who deletes the room instead. */
export function judgeRemoval(
  actor: RoomRole | null,
  isSelf: boolean,
  current: RoomRole | null,
): Result<void, RoomFault> {
  if (actor === null) return err("hidden");
  if (current === null) return err("not_a_member");
  if (current === "owner") return err("owner_stays");
  return isSelf || RANK[current] < RANK[actor] ? ok(undefined) : err("forbidden");
}
