/** A call that waits inside an object is cut into slices: a shut-down object may hold it, and a slice bounds what that costs. */
export const MAX_SLICE_MS = 10_000;

/** How long the next slice of a wait is; 0 when the wait is over. */
export const planSlice = (nowMs: number, untilMs: number): number =>
  Math.max(0, Math.min(MAX_SLICE_MS, untilMs - nowMs));

/** What to do about a call to an object that failed. */
export type CallFailure =
  /** The object moved or was reset: the same call on a fresh stub finds its successor. */
  | "again"
  /** Asking again would add to the load. */
  | "overloaded"
  | "fatal";

/**
 * The marks that the runtime puts on errors of object calls (Durable Objects, "Error handling"). A reset object carries
 * `durableObjectReset` and may lack `retryable`; eviction shows in some runtimes by the message only.
 */
export function classifyCallFailure(error: unknown): CallFailure {
  if (typeof error !== "object" || error === null) return "fatal";
  const marks = error as Record<string, unknown>;
  if (marks["overloaded"] === true) return "overloaded";
  if (marks["durableObjectReset"] === true || marks["retryable"] === true) return "again";
  const message = typeof marks["message"] === "string" ? marks["message"] : "";
  return /no longer active|object (?:was|has been) (?:reset|evicted)|network connection lost|shut down|broken\.|internal error; reference/i.test(
    message,
  )
    ? "again"
    : "fatal";
}

/** The pause before a call is repeated: short, since the successor is usually there, and growing. */
export const callRetryMs = (tries: number, random: number): number =>
  Math.round(Math.min(1_000, 20 * 2 ** tries) * (0.5 + random / 2));
export const MAX_CALL_TRIES = 8;
