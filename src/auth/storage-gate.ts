import type { Clock } from "#platform/clock";
import { FORGET_MS, LoginAttempts } from "./core/login-delay";
import type { StoredFailures } from "./core/login-delay";
import type { SessionBook } from "./core/session";

const SESSION_PREFIX = "session:";
const REVOKED_PREFIX = "revoked:";
const ENDING_PREFIX = "ending:";
const FAILURES = "login-failures";

/** More than anybody's devices; the oldest is ended for the next, so that a gate cannot be filled. */
export const MAX_SESSIONS = 100;
/** Callers that wait at once for others' attempts to end; one more is told to come again. */
const MAX_WAITING = 100;
const CROWDED_WAIT_MS = 1000;

/**
 * What a gate holds of its owner's sessions, in storage and in memory: `session:<id>` → when it expires, for each that is
 * open; `revoked:<name>` → until when, for single tokens and clients; `ending:<id>` → true, for sessions that ended here
 * and of which the Account has not heard yet.
 */
export class GateSessions implements SessionBook {
  readonly #kv: SyncKvStorage;
  readonly #open: Map<string, number>;
  readonly #revoked: Map<string, number>;
  readonly #ending: Set<string>;

  constructor(kv: SyncKvStorage) {
    this.#kv = kv;
    this.#ending = new Set(
      Array.from(kv.list({ prefix: ENDING_PREFIX }), ([key]) => key.slice(ENDING_PREFIX.length)),
    );
    this.#open = readAll(kv, SESSION_PREFIX);
    this.#revoked = readAll(kv, REVOKED_PREFIX);
  }

  readonly isOpen = (sessionId: string, nowMs: number): boolean =>
    (this.#open.get(sessionId) ?? -Infinity) > nowMs;

  readonly isRevoked = (name: string, nowMs: number): boolean =>
    (this.#revoked.get(name) ?? -Infinity) > nowMs;

  /** The ids of all open sessions. */
  get openIds(): string[] {
    return [...this.#open.keys()];
  }

  /** Holds a session open until it expires. The oldest ones give way where there are too many. */
  open(sessionId: string, expiresAtMs: number, nowMs: number): void {
    for (const [id, untilMs] of this.#open) if (untilMs <= nowMs) this.#drop(id);
    // Ids sort by creation.
    const surplus = this.openIds.sort().slice(0, Math.max(0, this.#open.size + 1 - MAX_SESSIONS));
    this.close(surplus);
    this.#open.set(sessionId, expiresAtMs);
    this.#kv.put(`${SESSION_PREFIX}${sessionId}`, expiresAtMs);
  }

  /** Ends sessions. What follows of it for the Account is noted in the same turn, so in the same write. */
  close(sessionIds: readonly string[]): void {
    for (const id of sessionIds) {
      this.#drop(id);
      this.#ending.add(id);
      this.#kv.put(`${ENDING_PREFIX}${id}`, true);
    }
  }

  /** Refuses whatever bears one of the names until `untilMs`, after which it has expired by itself. */
  revoke(names: readonly string[], untilMs: number, nowMs: number): void {
    for (const [name, endsAtMs] of this.#revoked)
      if (endsAtMs <= nowMs) {
        this.#revoked.delete(name);
        this.#kv.delete(`${REVOKED_PREFIX}${name}`);
      }
    for (const name of names) {
      this.#revoked.set(name, untilMs);
      this.#kv.put(`${REVOKED_PREFIX}${name}`, untilMs);
    }
  }

  /** The ended sessions of which the Account is to hear. */
  ending(): string[] {
    return [...this.#ending];
  }

  get hasEnding(): boolean {
    return this.#ending.size > 0;
  }

  /** Forgets endings that the Account has taken. */
  settle(sessionIds: readonly string[]): void {
    for (const id of sessionIds) {
      this.#ending.delete(id);
      this.#kv.delete(`${ENDING_PREFIX}${id}`);
    }
  }

  /** Forgets what is in memory, for an object whose storage is being deleted. */
  drop(): void {
    this.#open.clear();
    this.#revoked.clear();
    this.#ending.clear();
  }

  #drop(sessionId: string): void {
    if (this.#open.delete(sessionId)) this.#kv.delete(`${SESSION_PREFIX}${sessionId}`);
  }
}

const readAll = (kv: SyncKvStorage, prefix: string): Map<string, number> =>
  new Map(
    Array.from(kv.list<number>({ prefix }), ([key, value]) => [key.slice(prefix.length), value]),
  );

/** `waitMs` null: the attempt may be made, and is to be settled under its id. */
export type LoginVerdict = { readonly waitMs: number | null };
export type LoginOutcome = "failed" | "passed" | "dropped";

/**
 * The failed logins of the name or address that a gate stands for: `login-failures` → `StoredFailures`, written when one
 * fails or a name is cleared. Attempts that have to wait for others wait here, in the order of their coming.
 */
export class LoginGate {
  readonly #kv: SyncKvStorage;
  readonly #clock: Clock;
  #attempts: LoginAttempts | null = null;
  #stored: StoredFailures | null;
  #waiting: (() => void)[] = [];

  constructor(kv: SyncKvStorage, clock: Clock) {
    this.#kv = kv;
    this.#clock = clock;
    this.#stored = kv.get<StoredFailures>(FAILURES) ?? null;
  }

  /** Lets one attempt through, as soon as there is room for it, or tells how long to wait. */
  async begin(id: string, threshold: number): Promise<LoginVerdict> {
    const attempts = this.#read(threshold);
    for (;;) {
      const verdict = attempts.begin(id, this.#clock());
      if (verdict.kind === "allowed") return { waitMs: null };
      if (verdict.kind === "wait") return { waitMs: verdict.waitMs };
      if (this.#waiting.length >= MAX_WAITING) return { waitMs: CROWDED_WAIT_MS };
      await this.#room(verdict.untilMs);
    }
  }

  /** Takes how an attempt ended. */
  settle(id: string, threshold: number, outcome: LoginOutcome): void {
    const attempts = this.#read(threshold);
    if (outcome === "failed") attempts.fail(id, this.#clock());
    else if (outcome === "passed") attempts.clear(id);
    else attempts.drop(id);
    this.#write();
    this.#wake();
  }

  /** When the failures will be forgotten; null where there are none. */
  forgottenAtMs(): number | null {
    return this.#stored === null ? null : this.#stored.lastFailedAtMs + FORGET_MS;
  }

  /** Deletes failures that are old enough. */
  forget(): void {
    const atMs = this.forgottenAtMs();
    if (atMs === null || atMs > this.#clock()) return;
    this.#stored = null;
    this.#kv.delete(FAILURES);
  }

  #read(threshold: number): LoginAttempts {
    return (this.#attempts ??= new LoginAttempts(this.#stored, threshold));
  }

  /** A login that succeeds where none had failed writes nothing. */
  #write(): void {
    const stored = this.#attempts?.toStored(this.#clock()) ?? null;
    if (stored !== null && stored.failures !== this.#stored?.failures)
      this.#kv.put(FAILURES, stored);
    else if (stored === null && this.#stored !== null) this.#kv.delete(FAILURES);
    this.#stored = stored;
  }

  /** Resolves when an attempt ends, or when the first that is under way passes for abandoned. */
  #room(untilMs: number): Promise<void> {
    return new Promise((resolve) => {
      const resume = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(
        () => {
          this.#waiting = this.#waiting.filter((other) => other !== resume);
          resolve();
        },
        Math.max(0, untilMs - this.#clock()) + 1,
      );
      this.#waiting.push(resume);
    });
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }
}
