/** In which order all that is kept of a person is erased, and what becomes of a step that fails. */
import { backoffMs } from "#platform/retry";
import type { Backoff } from "#platform/retry";

/** One part of it. Each may be repeated, and says how far it has come. */
export const ERASURE_STEPS = [
  /** Shuts the gate: every session, key and token is refused from here on, streams and sockets end. */
  "close",
  /** Cancels what runs and waits, and forgets it with its input, result, events, deliveries. */
  "tasks",
  /** Takes the person's workers out of the pools, and what waits for one. */
  "workers",
  /** Rooms of theirs end, others lose a member and what it said. */
  "channels",
  /** Kept answers of models. */
  "answers",
  /** Kept pages. */
  "pages",
  /** What the gate holds: keys, sessions, limits, counts, kept answers to repeated requests. It stays shut. */
  "gate",
  /** The gate itself. */
  "forget",
  /** The audit log keeps its entries, and no longer says who it was. */
  "audit",
  /** Every table of the database. */
  "records",
  /** Notes that nothing is left. */
  "finish",
] as const;
export type ErasureStep = (typeof ERASURE_STEPS)[number];

export interface PlannedStep {
  readonly step: ErasureStep;
  /** So long after the step before it. */
  readonly afterMs: number;
}

/** Longer than any answer and any run of ours may take: whatever was under way when the gate was shut has ended by then. */
export const LATE_MS = 20 * 60_000;

const at = (step: ErasureStep, afterMs = 0): PlannedStep => ({ step, afterMs });

/**
 * The gate comes first, so that nobody can bring anything in any more; then what still works for the person; then what it left. Once the longest of what was under
 * way has ended, what it may have left behind where no trigger keeps it out (KV, the log) goes too, and the shut gate, which nobody could open again by then.
 */
export const ERASURE_PLAN: readonly PlannedStep[] = [
  at("close"),
  at("tasks"),
  at("workers"),
  at("channels"),
  at("answers"),
  at("pages"),
  at("gate"),
  at("audit"),
  at("records"),
  at("answers", LATE_MS),
  at("pages"),
  at("forget"),
  at("audit"),
  at("records"),
  at("finish"),
];

/** How far an erasure has come. */
export interface ErasureProgress {
  /** In the plan. */
  readonly position: number;
  /** Within the step; 0 at its beginning. */
  readonly cursor: number;
  /** Failures in a row. */
  readonly tries: number;
  readonly dueAtMs: number;
}

const RETRY: Backoff = { baseMs: 1_000, capMs: 5 * 60_000 };

/** After a part of a step: `cursor` is where it goes on, null where the step is done. Null where nothing is left to do. */
export function advance(
  { position }: ErasureProgress,
  cursor: number | null,
  nowMs: number,
): ErasureProgress | null {
  if (cursor !== null) return { position, cursor, tries: 0, dueAtMs: nowMs };
  const next = ERASURE_PLAN[position + 1];
  if (next === undefined) return null;
  return { position: position + 1, cursor: 0, tries: 0, dueAtMs: nowMs + next.afterMs };
}

/** After a failure: the same part again, after a growing while, for as long as it takes. */
export function putOff(progress: ErasureProgress, nowMs: number, random: number): ErasureProgress {
  const tries = progress.tries + 1;
  return { ...progress, tries, dueAtMs: nowMs + backoffMs(RETRY, tries, random) };
}
