/** When a call is made again: only where it cannot do a thing twice, and never so often that it adds to an outage. */
import { backoffMs } from "#platform/retry";

/** Methods of which a second call has the effect of the first (RFC 9110 section 9.2.2). */
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);

/** Bodies up to this many bytes are held back, so that they can be sent again. */
export const MAX_REPLAYED_BYTES = 65_536;

/** Statuses by which a proxy or a server says that this one could not, and another may. */
const TRANSIENT: ReadonlySet<number> = new Set([502, 503, 504]);

/** `lost`: no connection, or none any more before the head of an answer. `late`: no answer in time. */
export type TryOutcome =
  | { readonly kind: "lost" | "late" }
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly retryAfterMs?: number | undefined;
    };

export interface Attempted {
  readonly outcome: TryOutcome;
  /** Tries so far. */
  readonly tries: number;
  /** Further tries that the definition allows. */
  readonly retries: number;
  /** Whether there is a target that has not been tried. */
  readonly hasOther: boolean;
  /** Milliseconds since the first try began. */
  readonly elapsedMs: number;
  readonly random: number;
}

const BACKOFF = { baseMs: 50, capMs: 1_000 };
/** Nobody is kept waiting longer for what an upstream asks to be left in peace for: the caller is told instead. */
const MAX_PAUSE_MS = 2_000;
/** No try begins later: what waited so long is better told. */
const MAX_ELAPSED_MS = 30_000;

/**
 * Whether a request may be sent again at all, by its method and body alone. An Idempotency-Key is not looked at: whether
 * an upstream honours one, nobody here can know.
 */
export const isRepeatable = (method: string, bodyBytes: number | null): boolean =>
  IDEMPOTENT.has(method) && bodyBytes !== null && bodyBytes <= MAX_REPLAYED_BYTES;

/** A status that says that nobody is behind the target who could answer. */
export const isTransient = (status: number): boolean => TRANSIENT.has(status);

/** How long to wait before the next try; null where there is none. Of a request that `isRepeatable`. */
export function nextTryMs(attempted: Attempted): number | null {
  const { outcome, tries, retries, hasOther, elapsedMs, random } = attempted;
  if (tries > retries || elapsedMs > MAX_ELAPSED_MS) return null;
  if (outcome.kind === "answered" && !isTransient(outcome.status)) return null;
  const pauseMs = backoffMs(BACKOFF, tries, random);
  const askedMs = outcome.kind === "answered" ? outcome.retryAfterMs : undefined;
  // Another target has not asked for anything.
  if (askedMs === undefined || hasOther) return pauseMs;
  return askedMs > MAX_PAUSE_MS ? null : Math.max(askedMs, pauseMs);
}

/**
 * What tries again may add to an upstream's load: a fifth of its calls, and a few to begin with. Where all calls fail, ten
 * would otherwise become thirty. One for each upstream in an isolate.
 */
export interface RetryBudget {
  readonly tokens: number;
}
const SHARE = 0.2;
const MAX_TOKENS = 10;
export const FULL_BUDGET: RetryBudget = { tokens: MAX_TOKENS };

export const afterCall = ({ tokens }: RetryBudget): RetryBudget => ({
  tokens: Math.min(MAX_TOKENS, tokens + SHARE),
});

/** The budget after one more try; null where it does not allow one. */
export const spend = ({ tokens }: RetryBudget): RetryBudget | null =>
  tokens < 1 ? null : { tokens: tokens - 1 };
