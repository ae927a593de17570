import type { LogLine } from "./events";
import type { TaskRow } from "./state";

/**
 * A part of a shard that follows its tasks and may have a clock of its own: the event log, the deliveries, the waiting callers. The shard has one
 * alarm, which serves all parts.
 */
export interface ShardPart {
  /**
   * A record was written, in the transaction that writes it: what this writes stands or falls with the change. `before` is null for a new
   * task. Called for every write, heartbeats and sends included; a change that the task's owner can see has another `version`.
   */
  readonly saved?: (before: TaskRow | null, after: TaskRow) => void;
  /** The worker that holds the task has written lines for those who follow it, in the transaction that takes its report. */
  readonly logged?: (row: TaskRow, lines: readonly LogLine[]) => void;
  /** A record is forgotten, in the transaction that deletes it. */
  readonly forgotten?: (row: TaskRow) => void;
  /** An owner is being erased: what stands under their name beside their tasks goes, in the transaction that takes the last of those. */
  readonly erased?: (ownerId: string) => void;
  /** When the alarm is wanted next, in milliseconds since the epoch; null for not at all. Asked after each alarm: cheap, from memory or an index. */
  readonly nextDueAtMs?: () => number | null;
  /** Does what is due, in a transaction of its own; what has to wait for something outside goes to `ctx.waitUntil`. */
  readonly sweep?: (nowMs: number) => void;
}
