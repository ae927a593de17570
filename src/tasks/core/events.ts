import type { JsonValue } from "#platform/json-value";
import type { Fault, TaskRow, TaskStatus, TaskView } from "./state";
import { isTerminal } from "./state";

/**
 * The log of what happened to a task, for those who follow it. Events are numbered from 1 in the order in which they happened, and are stored in
 * the transaction of the change that they tell of, so that the log and the record never disagree. There is one gap: before a replay.
 */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A line that a worker writes for those who follow the task. */
export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  /** By the worker's clock, in milliseconds since the epoch. */
  readonly atMs: number;
}

export type EventBody =
  | {
      readonly type: "status";
      readonly status: TaskStatus;
      readonly attempt: number;
      readonly fault: Fault | null;
      /** Before when a waiting task is not tried; null where it waits for nothing but a worker. */
      readonly notBeforeMs: number | null;
    }
  | { readonly type: "progress"; readonly attempt: number; readonly progress: JsonValue }
  | {
      readonly type: "log";
      readonly attempt: number;
      readonly level: LogLevel;
      readonly message: string;
    }
  /** Follows the status of every end. What a completed task gave stands in its record, and once is enough. */
  | { readonly type: "result"; readonly status: TaskStatus; readonly fault: Fault | null };

export interface TaskEvent {
  readonly seq: number;
  readonly atMs: number;
  readonly body: EventBody;
}

/** A part of a task's log, as a follower gets it. */
export interface EventPage {
  readonly events: readonly TaskEvent[];
  /** The number of the newest event of the log. */
  readonly lastSeq: number;
  /** The task as it ended, where the log has nothing behind these events; null while more can come. */
  readonly ended: TaskView | null;
}

/** The newest events that a task keeps, and what they may weigh together; a long run's oldest go first. */
export const MAX_EVENTS = 500;
export const MAX_EVENTS_CHARS = 256 * 1024;
/** So many events are added between two looks at these bounds, which may be overstepped by as much meanwhile. */
export const TRIM_EVERY = 32;
/** Of one log line. */
export const MAX_LOG_CHARS = 2_000;
/** Of one report: a worker that writes more of them in two seconds writes for nobody. */
export const MAX_LOG_LINES = 50;
/** What one answer to a follower carries. */
export const PAGE_EVENTS = 100;

/**
 * The number of the event with which a stream over an ended log closes. It is kept free, so that a reader that saw the close and one that
 * missed it are told apart, and so that the events of a replay have numbers that no reader has seen.
 */
export const closingSeq = (lastSeq: number): number => lastSeq + 1;

/** What a change to a record tells its followers; nothing where only the record's own housekeeping changed. */
export function eventsOfChange(before: TaskRow | null, after: TaskRow): EventBody[] {
  const events: EventBody[] = [];
  if (after.progressJson !== null && after.progressJson !== (before?.progressJson ?? null))
    events.push({
      type: "progress",
      attempt: after.attempts,
      progress: JSON.parse(after.progressJson) as JsonValue,
    });
  if (!isNews(before, after)) return events;
  const { status, attempts: attempt, fault } = after;
  const notBeforeMs = status === "queued" && after.notBeforeMs > 0 ? after.notBeforeMs : null;
  events.push({ type: "status", status, attempt, fault, notBeforeMs });
  if (isTerminal(status)) events.push({ type: "result", status, fault });
  return events;
}

/** Another state, or the same one anew: a worker that takes over from a dead one, a task that waits for something else. */
const isNews = (before: TaskRow | null, after: TaskRow): boolean =>
  before?.status !== after.status ||
  before.fence !== after.fence ||
  (after.status === "queued" && before.notBeforeMs !== after.notBeforeMs);

/** The events of a worker's log lines. A worker says itself what it left out; whatever one sends, a log takes no more than this at once. */
export const eventsOfLines = (attempt: number, lines: readonly LogLine[]): TimedBody[] =>
  lines.slice(0, 2 * MAX_LOG_LINES).map(({ level, message, atMs }) => ({
    atMs,
    body: { type: "log", attempt, level, message: cutText(message) },
  }));

export interface TimedBody {
  readonly atMs: number;
  readonly body: EventBody;
}

/** At most `MAX_LOG_CHARS`, never half a character (UTF-16 pairs are kept whole). */
export const cutText = (text: string): string =>
  text.length <= MAX_LOG_CHARS ? text : text.slice(0, MAX_LOG_CHARS).toWellFormed();
