/**
 * What becomes of a request with an `Idempotency-Key`. The first one with a key runs, and its answer is kept; the same
 * request again gets that answer, another one under the same key is refused, and so is one that comes while the first
 * still runs. A refusal changes nothing, so it is not kept: the caller may mend its cause and send the key again.
 */
export interface ReplayClaim {
  /** The caller's key; unique among all requests of one client, whatever their path. */
  readonly key: string;
  /** A keyed hash of method, path and body: what "the same request" means. */
  readonly fingerprint: string;
  /** Unique to this try: only whoever holds the claim may settle it. */
  readonly token: string;
}

/** An answer as it is kept. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Null for an answer that shows a secret, or that is too large to be kept: it is known to exist, and not told again. */
  readonly body: string | null;
}

/** A key that was used. */
export interface ReplayRecord {
  readonly fingerprint: string;
  readonly token: string;
  /** Milliseconds: while it runs, when its holder counts as lost; afterwards, when the answer is forgotten. */
  readonly untilMs: number;
  readonly answer: KeptAnswer | null;
}

export type ReplayVerdict =
  | { readonly verdict: "run" | "in_progress" | "reused" }
  | { readonly verdict: "replay"; readonly answer: KeptAnswer };

/** How long a request may run before its key counts as free again: its isolate died, or it would have answered. */
export const LEASE_MS = 120_000;
/** How long an answer is kept. */
export const KEPT_MS = 24 * 3_600_000;
/** What one client may have kept; the oldest answers go first. The default limits let nobody come near it. */
export const MAX_KEPT = 25_000;
export const MAX_KEPT_CHARS = 32 * 1024 * 1024;
/** A larger answer is not kept. */
export const MAX_ANSWER_CHARS = 128 * 1024;

/** What a claim meets at `nowMs`, given what stands under its key. */
export function decideReplay(
  record: ReplayRecord | null,
  claim: ReplayClaim,
  nowMs: number,
): ReplayVerdict {
  if (record === null || record.untilMs <= nowMs) return { verdict: "run" };
  if (record.fingerprint !== claim.fingerprint) return { verdict: "reused" };
  return record.answer === null
    ? { verdict: "in_progress" }
    : { verdict: "replay", answer: record.answer };
}
