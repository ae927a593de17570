import type { HistoryOrder } from "./frames";

/** A place in a channel's log. An offset means something only with its epoch. */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

/** How long a channel keeps what it is told. */
export const KEEP_EVENTS_MS = 24 * 3_600_000;

/** A gap of more is read anew from the start rather than event by event. */
export const MAX_RECOVERED_EVENTS = 300;
/** The same in bytes: what one answer to a subscriber may weigh. */
export const MAX_RECOVERED_BYTES = 1_048_576;

export interface LogState {
  readonly epoch: string;
  /** Of the newest event ever, 0 before the first. */
  readonly offset: number;
  /** Of the oldest event that is still kept; one beyond `offset` where none is. */
  readonly firstKept: number;
}

/**
 * Whether everything since a position can be given: all of it or nothing. A client that is told no reads the state anew, where half a gap
 * would leave it wrong without its knowing.
 */
export function isRecoverable(log: LogState, since: Position): boolean {
  if (since.epoch !== log.epoch || since.offset > log.offset) return false;
  return since.offset >= log.firstKept - 1 && log.offset - since.offset <= MAX_RECOVERED_EVENTS;
}

/** Whether a page from a position is what it says it is. Back from a position there is nothing to miss: what is gone was before all that is kept. */
export const isReadable = (log: LogState, since: Position, order: HistoryOrder | null): boolean =>
  since.epoch === log.epoch && (order === "newest_first" || since.offset >= log.firstKept - 1);
