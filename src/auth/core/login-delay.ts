/** Failures after which a login name has to wait, and those after which an address has to. */
export const NAME_THRESHOLD = 5;
export const ADDRESS_THRESHOLD = 20;

/** The first delay; each further failure doubles it, up to the last. */
export const FIRST_DELAY_MS = 30_000;
export const LAST_DELAY_MS = 900_000;
/** So long after the last failure all of them are forgotten. */
export const FORGET_MS = 3_600_000;
/** An attempt that is not settled by then counts as failed: whoever made it is gone. */
export const ATTEMPT_MS = 15_000;

export interface StoredFailures {
  readonly failures: number;
  readonly lastFailedAtMs: number;
}

/** `busy`: as many attempts are under way as failures are left, and the first of them ends at `untilMs` at the latest. */
export type AttemptVerdict =
  | { readonly kind: "allowed" }
  | { readonly kind: "wait"; readonly waitMs: number }
  | { readonly kind: "busy"; readonly untilMs: number };

/**
 * The failed logins of one name or one address.
 *
 * An attempt is let through before its password is looked at, and no more of them at once than failures are left until
 * the next delay. So thirty guesses sent together get no further than thirty sent in a row, while thirty right ones
 * pass, a few at a time.
 */
export class LoginAttempts {
  readonly #threshold: number;
  readonly #open = new Map<string, number>();
  #failures: number;
  #lastFailedAtMs: number;

  constructor(stored: StoredFailures | null, threshold: number) {
    this.#threshold = threshold;
    this.#failures = stored?.failures ?? 0;
    this.#lastFailedAtMs = stored?.lastFailedAtMs ?? 0;
  }

  /** Lets an attempt through under `id`, or tells how long to wait. */
  begin(id: string, nowMs: number): AttemptVerdict {
    this.#expire(nowMs);
    const waitMs = this.waitMs(nowMs);
    if (waitMs > 0) return { kind: "wait", waitMs };
    const room = Math.max(1, this.#threshold - this.#failures);
    if (this.#open.size >= room) return { kind: "busy", untilMs: Math.min(...this.#open.values()) };
    this.#open.set(id, nowMs + ATTEMPT_MS);
    return { kind: "allowed" };
  }

  /** Takes a failure. Counted even where the attempt is not known any more, since it did take place. */
  fail(id: string, nowMs: number): void {
    this.#open.delete(id);
    this.#forget(nowMs);
    this.#failures++;
    this.#lastFailedAtMs = nowMs;
  }

  /** Ends an attempt that tells nothing, such as one that another limit stopped. */
  drop(id: string): void {
    this.#open.delete(id);
  }

  /** Forgets the failures of a name whose owner came in. */
  clear(id: string): void {
    this.#open.delete(id);
    this.#failures = 0;
  }

  /** Milliseconds until the next attempt may be made. */
  waitMs(nowMs: number): number {
    this.#forget(nowMs);
    if (this.#failures < this.#threshold) return 0;
    const delayMs = Math.min(
      FIRST_DELAY_MS * 2 ** (this.#failures - this.#threshold),
      LAST_DELAY_MS,
    );
    // A clock that was set back must not make anybody wait longer than the delay.
    return Math.min(delayMs, Math.max(0, this.#lastFailedAtMs + delayMs - nowMs));
  }

  /** What storage is to hold; null where there is nothing to remember. */
  toStored(nowMs: number): StoredFailures | null {
    this.#forget(nowMs);
    if (this.#failures === 0) return null;
    return { failures: this.#failures, lastFailedAtMs: this.#lastFailedAtMs };
  }

  #forget(nowMs: number): void {
    if (nowMs - this.#lastFailedAtMs >= FORGET_MS) this.#failures = 0;
  }

  #expire(nowMs: number): void {
    for (const [id, untilMs] of this.#open) if (untilMs <= nowMs) this.fail(id, nowMs);
  }
}
