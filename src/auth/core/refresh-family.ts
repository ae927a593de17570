import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";

/** A rotation answered again within this time of itself: an answer that got lost, or a second tab that asked too. */
export const REPLAY_MS = 10_000;
/** A family ends so long after its login, however often it is rotated (ASVS 10.4.8). */
export const FAMILY_LIFETIME_MS = 7 * 86_400_000;

/** One rotation, remembered while it may be asked for again. */
export interface Rotation {
  /** The counter of the token that was shown. */
  readonly from: number;
  readonly atMs: number;
  /** Who asked: only the same client is answered again. */
  readonly userAgent: string;
}

/** The refresh tokens that follow from one login. Only the youngest is good. */
export interface RefreshFamily {
  /** The counter of the good token. */
  readonly counter: number;
  readonly expiresAtMs: number;
  /** Those of the last `REPLAY_MS`. */
  readonly recent: readonly Rotation[];
}

export interface ShownRefresh {
  readonly counter: number;
  readonly userAgent: string;
}

/** The token to answer with, and the family as it is to be stored; null where nothing changed. */
export interface RotationAnswer {
  readonly counter: number;
  /** When the rotation took place that the answer tells of: replays carry the first one's time. */
  readonly rotatedAtMs: number;
  readonly next: RefreshFamily | null;
}

/** `reused` means that somebody has an old copy: the caller ends the family. */
export type RotationRefusal = "expired" | "reused";

export const openFamily = (nowMs: number): RefreshFamily => ({
  counter: 0,
  expiresAtMs: nowMs + FAMILY_LIFETIME_MS,
  recent: [],
});

/**
 * What a genuine token of the family gets at `nowMs` (RFC 9700 section 4.14.2). The youngest rotates. An older one that
 * was rotated less than `REPLAY_MS` ago gets that rotation's answer once more, if the same client asks; a client whose
 * connection broke is not logged out for it. Any other has leaked or was kept: the whole family is suspect.
 */
export function decideRotation(
  family: RefreshFamily,
  shown: ShownRefresh,
  nowMs: number,
): Result<RotationAnswer, RotationRefusal> {
  if (nowMs >= family.expiresAtMs) return err("expired");
  const recent = family.recent.filter(({ atMs }) => nowMs - atMs <= REPLAY_MS);
  if (shown.counter === family.counter) {
    const counter = family.counter + 1;
    const rotation = { from: shown.counter, atMs: nowMs, userAgent: shown.userAgent };
    return ok({
      counter,
      rotatedAtMs: nowMs,
      next: { ...family, counter, recent: [...recent, rotation] },
    });
  }
  const first = recent.find(({ from }) => from === shown.counter);
  if (first === undefined || first.userAgent !== shown.userAgent) return err("reused");
  return ok({ counter: first.from + 1, rotatedAtMs: first.atMs, next: null });
}
