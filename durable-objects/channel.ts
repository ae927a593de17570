import { describeError } from "#platform/log";
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";
import type { ChannelAct } from "#realtime/core/access";
import { isOfRoom } from "#realtime/core/channel-name";
import { judgeAppointment, judgeRemoval, MAX_ROOM_MEMBERS } from "#realtime/core/room";
import type { RoomFault, RoomMember, RoomRole, RoomView } from "#realtime/core/room";
import { roomIndexWrites, RoomStorage } from "#realtime/storage";
import { ChannelBroadcast } from "./channel-broadcast";

const INDEX_RETRY_MS = 5_000;
/** Whoever was put out hears nothing more within seconds, whatever fails. */
const PUT_OUT_RETRY_MS = 1_000;

/**
 * A channel, and where it is a room's, the room: its members stand beside its log, so who may come in is decided where the coming in is.
 * D1 has an index of rooms to list from; it is told after each change, by alarm where it can't be reached.
 */
export class ChannelObject extends ChannelBroadcast {
  readonly #rooms = new RoomStorage(this.ctx.storage);

  protected override readonly isKept = (): boolean =>
    this.#rooms.facts() !== null ||
    this.#rooms.unindexed() !== null ||
    this.#rooms.owedOut().length > 0;

  protected override readonly isLetIn = (ownerId: string): boolean =>
    !isOfRoom(this.channel) || this.#rooms.roleOf(ownerId) !== null;

  protected override readonly settle = async (): Promise<number | null> => {
    await Promise.all([this.#putOut(), this.#tellIndex()]);
    if (this.#rooms.owedOut().length > 0) return this.clock() + PUT_OUT_RETRY_MS;
    return this.#rooms.unindexed() === null ? null : this.clock() + INDEX_RETRY_MS;
  };

  /** Whether somebody may do this in the room: only its members know that there is one. */
  door(ownerId: string, _act: ChannelAct): "allowed" | "hidden" {
    return this.#rooms.roleOf(ownerId) === null ? "hidden" : "allowed";
  }

  /** Makes the room of this channel. */
  async createRoom(channel: string, id: string, name: string, ownerId: string): Promise<RoomView> {
    this.called(channel);
    this.#rooms.create(id, name, ownerId, this.clock());
    await this.#tellIndex();
    return this.#view("owner");
  }

  /** The room, for a member of it. */
  readRoom(userId: string): Result<RoomView, RoomFault> {
    const role = this.#rooms.roleOf(userId);
    return role === null ? err("hidden") : ok(this.#view(role));
  }

  /** Gives the room another name; `version` is what the caller has seen, null where it does not care. */
  async renameRoom(
    actorId: string,
    name: string,
    version: number | null,
  ): Promise<Result<RoomView, RoomFault | "stale">> {
    const role = this.#rooms.roleOf(actorId);
    if (role === null) return err("hidden");
    if (role === "member") return err("forbidden");
    if (version !== null && version !== this.#rooms.facts()?.version) return err("stale");
    this.#rooms.rename(name);
    await this.#tellIndex();
    return ok(this.#view(role));
  }

  /** Ends the room: everybody is put out, and nothing of it can be read any more. */
  async deleteRoom(
    actorId: string,
    version: number | null,
  ): Promise<Result<void, RoomFault | "stale">> {
    const role = this.#rooms.roleOf(actorId);
    if (role === null) return err("hidden");
    if (role !== "owner") return err("forbidden");
    if (version !== null && version !== this.#rooms.facts()?.version) return err("stale");
    this.#rooms.delete();
    this.storage.forgetLog();
    await Promise.all([this.#putOut(), this.#tellIndex()]);
    return ok(undefined);
  }

  /** Members by id, for a member. */
  readMembers(
    actorId: string,
    after: string,
    limit: number,
  ): Result<readonly RoomMember[], RoomFault> {
    if (this.#rooms.roleOf(actorId) === null) return err("hidden");
    return ok(this.#rooms.members(after, limit));
  }

  async putMember(
    actorId: string,
    userId: string,
    role: RoomRole,
  ): Promise<Result<RoomMember, RoomFault>> {
    const current = this.#rooms.roleOf(userId);
    const count = this.#rooms.facts() === null ? 0 : this.#rooms.countMembers();
    const judged = judgeAppointment(this.#rooms.roleOf(actorId), role, current, count);
    if (!judged.ok) return judged;
    const member = { userId, role, sinceMs: this.clock() };
    this.#rooms.put(member);
    await this.#tellIndex();
    return ok(member);
  }

  /** Takes somebody out, together with their sockets. */
  async removeMember(actorId: string, userId: string): Promise<Result<void, RoomFault>> {
    const actor = this.#rooms.roleOf(actorId);
    const judged = judgeRemoval(actor, actorId === userId, this.#rooms.roleOf(userId));
    if (!judged.ok) return judged;
    this.#rooms.remove(userId);
    await Promise.all([this.#putOut(), this.#tellIndex()]);
    return ok(undefined);
  }

  /** Takes out somebody who is being erased, with what they said; a room of theirs ends. Safe to repeat. */
  async eraseMember(userId: string): Promise<void> {
    const role = this.#rooms.roleOf(userId);
    if (role === "owner") await this.deleteRoom(userId, null);
    else if (role !== null) await this.removeMember(userId, userId);
    this.storage.blank(userId);
    // A room that has ended and of which nobody has to hear any more.
    if (this.storage.isOpen && !this.isKept()) await this.storage.drop();
  }

  #view(role: RoomRole): RoomView {
    const facts = this.#rooms.facts();
    if (facts === null) throw new Error("A room is read that is not there.");
    return { ...facts, role, members: this.#rooms.countMembers() };
  }

  /** Tells the gateways whose sockets are to go. Lets no error out: what could not be told is told again by alarm. */
  async #putOut(): Promise<void> {
    const owed = this.#rooms.owedOut();
    if (owed.length === 0) return;
    try {
      for (const gateway of this.fanout.gateways)
        await this.env.GATEWAY.getByName(gateway).putOut(this.channel, owed);
      this.#rooms.settleOut(owed);
    } catch (error) {
      this.log.warn("channel.put_out_failed", describeError(error));
      this.alarms.atLatest(this.clock() + PUT_OUT_RETRY_MS);
    }
  }

  /** Lets no error out: the room stands, and the index comes later. */
  async #tellIndex(): Promise<void> {
    const room = this.#rooms.unindexed();
    if (room === null) return;
    try {
      const members = room.isDeleted ? [] : this.#rooms.members("", MAX_ROOM_MEMBERS);
      await this.env.DB.batch(roomIndexWrites(this.env.DB, room, members));
      this.#rooms.markIndexed(room.version);
    } catch (error) {
      this.log.warn("channel.index_failed", describeError(error));
      this.alarms.atLatest(this.clock() + INDEX_RETRY_MS);
    }
  }
}
