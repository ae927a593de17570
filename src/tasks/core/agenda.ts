import { DrainMeter } from "./drain";
import { PRIORITIES } from "./state";
import type { Lane, Priority, TaskRow } from "./state";

/** A start of a task costs its owner's turn so much: of nine starts six are `high`, two `normal`, one `low`. */
export const STRIDE: Record<Priority, number> = { high: 1, normal: 3, low: 6 };

interface Entry {
  readonly id: string;
  readonly ownerId: string;
  readonly lane: Lane;
  readonly priority: Priority;
  /** `later`: queued for a time that has not come. */
  readonly state: "ready" | "later" | "running";
  /** A wake-up of its own is on the way. */
  readonly isSent: boolean;
  readonly messageId: string | null;
}

/** A line of equals. `tag` says when its next one's turn is: lines are served by the least. */
interface Line {
  tag: number;
  readonly ids: Set<string>;
}

interface OwnerLane {
  tag: number;
  /** The tag of the line that was served last: a line that was empty begins here, and has saved up nothing. */
  served: number;
  ready: number;
  readonly lines: Record<Priority, Line>;
}

interface Owner {
  running: number;
  sent: number;
  ready: number;
  /** Ready, and no wake-up sent: they wait until others of their owner have ended. First come, first woken. */
  readonly held: Set<string>;
  readonly lanes: Partial<Record<Lane, OwnerLane>>;
  readonly meter: DrainMeter;
}

interface LaneTurns {
  served: number;
  sent: number;
  readonly owners: Set<string>;
  readonly meter: DrainMeter;
}

export interface WaitEstimate {
  readonly waitMs: number;
  /** Whether it is the owner's own tasks that stand in the way. */
  readonly isOwn: boolean;
}

/**
 * The tasks of a shard that have not ended, in memory: whose turn it is, and how much each owner has under way. It follows what the book writes and
 * is read from the book anew where a change was taken back.
 *
 * Turns are self-clocked fair queueing (Golestani 1994), twice: owners with something ready take even turns, and within an owner's turn its
 * priorities take theirs by weight. A line that was empty joins at the present turn, so nobody is starved and nobody saves up.
 */
export class Agenda {
  readonly #entries = new Map<string, Entry>();
  readonly #owners = new Map<string, Owner>();
  readonly #byMessage = new Map<string, string>();
  readonly #lanes: Record<Lane, LaneTurns> = {
    fast: newLane(),
    slow: newLane(),
    pool: newLane(),
  };

  /** Takes note of a record as it is now. */
  put(row: TaskRow, nowMs: number): void {
    const before = this.#entries.get(row.id);
    const after = entryOf(row, nowMs);
    if (before && after && isAlike(before, after)) return;
    if (before?.state === "ready" && after?.state === "running") this.#advance(before, nowMs);
    if (before) this.#leave(before, nowMs);
    if (after) this.#enter(after, nowMs);
  }

  /** Whose turn it is in a lane: the id of a task that may start, `own` where it is as good as any; null where none may. */
  pick(lane: Lane, own: string | null, limitOf: (ownerId: string) => number): string | null {
    const preferred = own === null ? undefined : this.#entries.get(own);
    const { owners, served } = this.#lanes[lane];
    let best = preferred ? this.#turnsOf(preferred.ownerId, lane, limitOf) : null;
    // No turn lies before the one that was served last: where the message's own is there, the others need not be asked.
    if (best === null || best.tag > served)
      for (const ownerId of owners) {
        const turns = this.#turnsOf(ownerId, lane, limitOf);
        if (turns && (best === null || turns.tag < best.tag)) best = turns;
      }
    return best && firstOf(best, preferred);
  }

  /** An owner's turns in a lane, where it has something ready and may run more. */
  #turnsOf(ownerId: string, lane: Lane, limitOf: (ownerId: string) => number): OwnerLane | null {
    const owner = this.#owners.get(ownerId);
    const turns = owner?.lanes[lane];
    if (!owner || !turns || turns.ready === 0) return null;
    return owner.running < limitOf(ownerId) ? turns : null;
  }

  /** The running task that this queue message led to. */
  runningBy(messageId: string): string | null {
    return this.#byMessage.get(messageId) ?? null;
  }

  running(ownerId: string): number {
    return this.#owners.get(ownerId)?.running ?? 0;
  }

  /** How many of an owner's tasks run or have been announced to a consumer. */
  underWay(ownerId: string): number {
    const owner = this.#owners.get(ownerId);
    return owner ? owner.running + owner.sent : 0;
  }

  /** How many of an owner's tasks could run and don't. */
  ready(ownerId: string): number {
    return this.#owners.get(ownerId)?.ready ?? 0;
  }

  /** The task of an owner that is woken next when another of them has ended. */
  nextHeld(ownerId: string): string | null {
    const [first] = this.#owners.get(ownerId)?.held ?? [];
    return first ?? null;
  }

  /** How long a new task of this owner would wait for its start, as far as the last minute tells; null where nothing speaks for a wait. */
  estimate(ownerId: string, lane: Lane, limit: number, nowMs: number): WaitEstimate | null {
    const owner = this.#owners.get(ownerId);
    const ownReady = owner?.lanes[lane]?.ready ?? 0;
    const rate = this.#lanes[lane].meter.perSecond(nowMs);
    let ahead = 0;
    // By turns: of every other owner no more come first than this one has waiting itself.
    if (rate !== null)
      for (const other of this.#lanes[lane].owners)
        ahead += Math.min(
          this.#owners.get(other)?.lanes[lane]?.ready ?? 0,
          ownReady + (other === ownerId ? 0 : 1),
        );
    const waitMs = rate === null || rate === 0 ? 0 : (ahead / rate) * 1000;
    const isAtLimit = owner !== undefined && owner.running + owner.sent >= limit;
    const ownRate = isAtLimit ? owner.meter.perSecond(nowMs) : null;
    const ownWaitMs =
      ownRate === null || ownRate === 0 ? 0 : ((owner?.ready ?? 0) / ownRate) * 1000;
    if (waitMs === 0 && ownWaitMs === 0) return null;
    return { waitMs: Math.max(waitMs, ownWaitMs), isOwn: ownWaitMs >= waitMs };
  }

  /** A task starts: its line's next turn, and its owner's, come after those of the others. */
  #advance(entry: Entry, nowMs: number): void {
    const lane = this.#lanes[entry.lane];
    const owner = this.#owners.get(entry.ownerId);
    const turns = owner?.lanes[entry.lane];
    if (!owner || !turns) return;
    const line = turns.lines[entry.priority];
    turns.served = Math.max(turns.served, line.tag);
    line.tag += STRIDE[entry.priority];
    lane.served = Math.max(lane.served, turns.tag);
    turns.tag += 1;
    lane.meter.noteStart(nowMs);
    owner.meter.noteStart(nowMs);
  }

  #enter(entry: Entry, nowMs: number): void {
    const { id, ownerId, lane: laneName, priority } = entry;
    const lane = this.#lanes[laneName];
    const owner = this.#owners.get(ownerId) ?? newOwner();
    this.#owners.set(ownerId, owner);
    this.#entries.set(id, entry);
    if (entry.state === "running") {
      owner.running += 1;
      if (entry.messageId !== null) this.#byMessage.set(entry.messageId, id);
      return;
    }
    if (entry.state === "later") return;
    const turns = (owner.lanes[laneName] ??= newOwnerLane());
    const line = turns.lines[priority];
    if (turns.ready === 0) {
      turns.tag = Math.max(turns.tag, lane.served + 1);
      lane.owners.add(ownerId);
    }
    if (line.ids.size === 0) line.tag = Math.max(line.tag, turns.served + STRIDE[priority]);
    line.ids.add(id);
    turns.ready += 1;
    owner.ready += 1;
    if (entry.isSent) {
      owner.sent += 1;
      lane.sent += 1;
    } else owner.held.add(id);
    lane.meter.setBacklog(lane.sent, nowMs);
    owner.meter.setBacklog(owner.ready, nowMs);
  }

  #leave(entry: Entry, nowMs: number): void {
    const { id, ownerId, lane: laneName, priority } = entry;
    const lane = this.#lanes[laneName];
    const owner = this.#owners.get(ownerId);
    this.#entries.delete(id);
    if (!owner) return;
    if (entry.state === "running") {
      owner.running -= 1;
      if (entry.messageId !== null && this.#byMessage.get(entry.messageId) === id)
        this.#byMessage.delete(entry.messageId);
    }
    const turns = owner.lanes[laneName];
    if (entry.state === "ready" && turns) {
      turns.lines[priority].ids.delete(id);
      turns.ready -= 1;
      owner.ready -= 1;
      if (turns.ready === 0) lane.owners.delete(ownerId);
      if (entry.isSent) {
        owner.sent -= 1;
        lane.sent -= 1;
      } else owner.held.delete(id);
      lane.meter.setBacklog(lane.sent, nowMs);
      owner.meter.setBacklog(owner.ready, nowMs);
    }
    // One who comes again joins at the present turn anyway.
    if (owner.running === 0 && owner.ready === 0) this.#owners.delete(ownerId);
  }
}

/** The id of the task that is first in an owner's turn: of the line with the least tag, the more urgent of two alike. */
function firstOf(turns: OwnerLane, preferred: Entry | undefined): string | null {
  let best: Line | null = null;
  for (const priority of PRIORITIES) {
    const line = turns.lines[priority];
    if (line.ids.size > 0 && (best === null || line.tag < best.tag)) best = line;
  }
  if (best === null) return null;
  if (preferred && best.ids.has(preferred.id)) return preferred.id;
  const [first] = best.ids;
  return first ?? null;
}

function entryOf(row: TaskRow, nowMs: number): Entry | null {
  if (row.status !== "queued" && row.status !== "running") return null;
  const { id, ownerId, lane, priority, sends, lease } = row;
  const isRunning = row.status === "running";
  const state = isRunning ? "running" : sends > 0 || row.notBeforeMs <= nowMs ? "ready" : "later";
  return {
    id,
    ownerId,
    lane,
    priority,
    state,
    isSent: !isRunning && sends > 0,
    messageId: lease?.messageId ?? null,
  };
}

const isAlike = (a: Entry, b: Entry): boolean =>
  a.state === b.state && a.isSent === b.isSent && a.messageId === b.messageId;

const newLane = (): LaneTurns => ({
  served: 0,
  sent: 0,
  owners: new Set(),
  meter: new DrainMeter(),
});

const newOwner = (): Owner => ({
  running: 0,
  sent: 0,
  ready: 0,
  held: new Set(),
  lanes: {},
  meter: new DrainMeter(),
});

const newOwnerLane = (): OwnerLane => ({
  tag: 0,
  served: 0,
  ready: 0,
  lines: {
    high: { tag: 0, ids: new Set() },
    normal: { tag: 0, ids: new Set() },
    low: { tag: 0, ids: new Set() },
  },
});
