import type { OwnerRecord } from "#keys/core/record";
import { GateAlarm } from "#limits/core/gate-alarm";
import type { KeptAnswer, ReplayClaim, ReplayVerdict } from "#limits/core/replays";
import { ReplayStorage } from "#limits/storage";
import { inOwnTrace } from "#platform/correlation";
import { LimitGate } from "./limit-gate";

/**
 * Decides everything that needs state before a request may come in, each part in the class of its name. One object per owner, and one per address
 * that shows no credential. Here is what holds for all parts: when the object wakes up, and when it forgets.
 */
export class ClientGate extends LimitGate {
  readonly #replays = new ReplayStorage(this.parts);
  readonly #alarm = new GateAlarm({
    clock: () => this.clock(),
    dueAtMs: () => [
      // A gate with an owner stays, so it need not wake up to see that its windows have passed.
      this.isOwned ? null : this.ledgerStorage.emptyAtMs(),
      this.identityDueAtMs(),
      this.keysDueAtMs(),
      this.socketsDueAtMs(),
      this.#replays.nextAtMs(),
      this.requests.dueAtMs(),
      this.isOwned ? null : this.answers.heldUntilMs(),
    ],
    set: (atMs) => void this.ctx.storage.setAlarm(atMs),
    clear: () => void this.ctx.storage.deleteAlarm(),
  });

  /** Takes an `Idempotency-Key` for a request that is about to run, or tells what became of the first one with it. */
  claimReplay(claim: ReplayClaim): ReplayVerdict {
    return this.#replays.claim(claim);
  }

  /** Keeps the answer of the request that holds the key; null frees the key. */
  settleReplay(key: string, token: string, answer: KeptAnswer | null): void {
    this.#replays.settle(key, token, answer);
  }

  /** Sees to it that the alarm comes in time for everything that is due. */
  override arm(): void {
    this.#alarm.arm();
  }

  /** Answers, for health probes. */
  ping(): true {
    return true;
  }

  /** Forgets what has expired, and a gate in which nothing is left to remember altogether. Safe to run twice. */
  override alarm(): Promise<void> {
    return inOwnTrace(() => this.#wakeUp());
  }

  async #wakeUp(): Promise<void> {
    await this.settleIdentity();
    await this.settleKeys();
    await this.settleSockets();
    await this.requests.settle(this.env.DB, this.log);
    this.#replays.expire();
    if (this.#alarm.rearm() !== null || this.isOwned) return;
    await this.#forget();
  }

  /**
   * Leaves nothing of an owner who is being erased but what keeps them out, `closed`, and not even that where it is null. Throws while somebody has still to
   * hear of what happened here: the log of what was done with the keys, the gateways of sockets that end, the Account of sessions that have ended.
   */
  async eraseOwner(closed: OwnerRecord | null): Promise<void> {
    await this.settleIdentity();
    await this.settleKeys();
    await this.settleSockets();
    if (this.outbox.read() !== null || this.sessions.hasEnding || this.socketsDueAtMs() !== null)
      throw new Error("The gate owes others what it knows.");
    await this.#forget();
    if (closed !== null) this.keys.holdOwner(closed);
    this.#alarm.rearm();
  }

  async #forget(): Promise<void> {
    this.keys.drop();
    this.outbox.drop();
    this.sessions.drop();
    this.changes.drop();
    this.ledgerStorage.drop();
    this.#replays.drop();
    this.requests.drop();
    this.answers.drop();
    await this.ctx.storage.deleteAll();
  }
}
