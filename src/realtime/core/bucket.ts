/** Tokens for frames: a burst, refilled steadily. In memory only: an object sleeps after 10 s of quiet, in which it is full again. */
export interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
  /** How often in a row there was none. */
  readonly refusals: number;
}

export const FRAMES_PER_SECOND = 20;
export const FRAME_BURST = 50;
/** A client that goes on after so many refusals is not listening. */
export const MAX_REFUSALS = 50;

export const fullBucket = (nowMs: number): Bucket => ({
  tokens: FRAME_BURST,
  atMs: nowMs,
  refusals: 0,
});

export interface BucketVerdict {
  readonly bucket: Bucket;
  readonly isAllowed: boolean;
  /** Milliseconds until the next token; 0 where there is one. */
  readonly retryAfterMs: number;
  readonly isFlood: boolean;
}

/** Takes a token, if there is one. */
export function takeToken(bucket: Bucket, nowMs: number): BucketVerdict {
  const passedMs = Math.max(0, nowMs - bucket.atMs);
  const tokens = Math.min(FRAME_BURST, bucket.tokens + (passedMs * FRAMES_PER_SECOND) / 1000);
  if (tokens >= 1) {
    // A refusal is forgiven by a second's worth of quiet, not by the single token that trickles in under a flood.
    const refusals = tokens > FRAMES_PER_SECOND ? 0 : bucket.refusals;
    return {
      bucket: { tokens: tokens - 1, atMs: nowMs, refusals },
      isAllowed: true,
      retryAfterMs: 0,
      isFlood: false,
    };
  }
  const refusals = bucket.refusals + 1;
  return {
    bucket: { tokens, atMs: nowMs, refusals },
    isAllowed: false,
    retryAfterMs: Math.ceil(((1 - tokens) * 1000) / FRAMES_PER_SECOND),
    isFlood: refusals > MAX_REFUSALS,
  };
}
