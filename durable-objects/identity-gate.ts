import { DurableObject } from "cloudflare:workers";
import { decideSession } from "#auth/core/session";
import type { SessionCredential, SessionStanding } from "#auth/core/session";
import { ExpectedChanges, GateSessions, LoginGate } from "#auth/storage";
import type { ExpectedChange, LoginOutcome, LoginVerdict } from "#auth/storage";
import type { OwnerRecord } from "#keys/core/record";
import { KeyStorage } from "#keys/storage";
import { systemClock } from "#platform/clock";
import type { Clock } from "#platform/clock";
import { readConfig } from "#platform/config";
import { createLogger, describeError } from "#platform/log";

/** Which sessions to end: those that are named, or all but one. */
export type SessionSelection =
  | { readonly only: readonly string[] }
  | { readonly allBut: string | null };

/** The Account is told again after so long, until it has heard. */
const RETRY_MS = 1_000;

/**
 * What a gate knows of the person whose it is: the role and limits of this moment, which sessions are open, and how many
 * logins failed. Whatever ends a session ends it here first, which every request asks, and then in the Account, which
 * only a refresh and the list of sessions ask. What the Account has not heard is stored and told by alarm.
 */
export abstract class IdentityGate extends DurableObject<Env> {
  /** Own fields are out of reach over RPC. Tests set the clock. */
  clock: Clock = systemClock;
  readonly config = readConfig(this.env);
  readonly keys = new KeyStorage(this.ctx.storage.kv);
  readonly sessions = new GateSessions(this.ctx.storage.kv);
  readonly changes = new ExpectedChanges(this.ctx.storage.kv);
  readonly logins = new LoginGate(this.ctx.storage.kv, () => this.clock());
  protected readonly log = createLogger(this.config.logLevel);

  /** Takes what is known of the owner. False where the gate belongs to another, or knows something younger. */
  holdOwner(owner: OwnerRecord): boolean {
    return this.keys.holdOwner(owner);
  }

  /** As `holdOwner`, but where somebody is known already, that stays. False where it is another. */
  introduceOwner(owner: OwnerRecord): boolean {
    const known = this.keys.owner;
    return known === null ? this.keys.holdOwner(owner) : known.ownerId === owner.ownerId;
  }

  /** Opens a session of the owner as the caller knows it. False, and nothing opened, where the gate knows better. */
  async openSession(owner: OwnerRecord, sessionId: string, expiresAtMs: number): Promise<boolean> {
    if (!this.keys.holdOwner(owner) || owner.isDisabled === true) return false;
    this.sessions.open(sessionId, expiresAtMs, this.clock());
    await this.#tellAccount();
    return true;
  }

  /**
   * Ends sessions, and takes what changed of the owner together with it: whoever is let in by what was known before finds
   * the door shut. Answers with the ids of those that were open.
   */
  async closeSessions(selection: SessionSelection, owner?: OwnerRecord): Promise<string[]> {
    if (owner !== undefined) this.keys.holdOwner(owner);
    const { openIds } = this.sessions;
    const closing =
      "only" in selection ? selection.only : openIds.filter((id) => id !== selection.allBut);
    this.sessions.close(closing);
    await this.#tellAccount();
    return openIds.filter((id) => closing.includes(id));
  }

  /** Notes that the owner's record is about to change, so that the gate learns of it even where nobody can tell it after. */
  expectChange(change: ExpectedChange): void {
    this.changes.add(change, this.clock());
    this.arm();
  }

  /** Takes what became of a change that was expected: the record after it, or null where it was not made. */
  async takeChange(id: string, owner: OwnerRecord | null): Promise<void> {
    const change = this.changes.find(id);
    this.changes.forget(id);
    if (owner === null) return;
    const closing = owner.isDisabled === true ? { allBut: null } : change?.closing;
    if (closing) await this.closeSessions(closing, owner);
    else this.keys.holdOwner(owner);
  }

  /** Whether a token is good at this moment: its session is open, its owner not disabled. */
  standingOf(shown: SessionCredential): SessionStanding {
    return decideSession(this.keys.owner, this.sessions, shown, this.clock());
  }

  /** Refuses tokens by their id, or by the client that they were made for, until the last of them has expired. */
  revokeGrants(names: readonly string[], untilMs: number): void {
    this.sessions.revoke(names, untilMs, this.clock());
  }

  /** Lets a login be tried under `id`, as soon as no more are under way than failures are left. */
  beginLogin(id: string, threshold: number): Promise<LoginVerdict> {
    return this.logins.begin(id, threshold);
  }

  /** Takes how a login ended. A gate that only counts failures deletes itself when they are forgotten. */
  endLogin(id: string, threshold: number, outcome: LoginOutcome): void {
    this.logins.settle(id, threshold, outcome);
    this.arm();
  }

  /** For the alarm: tells the Account what it has not heard, looks what became of expected changes, forgets old failures. */
  async settleIdentity(): Promise<void> {
    this.logins.forget();
    await this.#lookForChanges();
    await this.#tellAccount();
  }

  /** When there is something to settle again; null where there is nothing. */
  identityDueAtMs(): number | null {
    if (this.sessions.hasEnding) return this.clock() + RETRY_MS;
    // A gate that counts failures belongs to a name or an address, and has no record to look at.
    return this.changes.dueAtMs() ?? this.logins.forgottenAtMs();
  }

  /** Whether the gate is somebody's, and so must not be forgotten. */
  get isOwned(): boolean {
    return this.keys.owner !== null || !this.keys.isEmpty;
  }

  /** Sees to it that the alarm comes in time for everything that is due. */
  abstract arm(): void;

  /** Lets no error out: what could not be looked at is looked at again. */
  async #lookForChanges(): Promise<void> {
    try {
      const made = await this.changes.look(this.env.DB, this.clock());
      for (const { id, owner } of made) await this.takeChange(id, owner);
    } catch (error) {
      this.log.warn("gate.record_not_read", describeError(error));
    }
  }

  /** Lets no error out: the sessions have ended, and the Account hears of it later. */
  async #tellAccount(): Promise<void> {
    if (!this.sessions.hasEnding) return;
    const ending = this.sessions.ending();
    try {
      await this.env.ACCOUNT.getByName(this.ctx.id.name ?? "").end(ending);
      this.sessions.settle(ending);
    } catch (error) {
      this.log.warn("gate.account_not_told", describeError(error));
      this.arm();
    }
  }
}
