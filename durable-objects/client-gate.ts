import type { KeyRecord, OwnerRecord } from "#keys/core/record";
import type { Caller } from "#keys/core/standing";
import { GateAlarm } from "#limits/core/gate-alarm";
import type { Denial, QuotaState } from "#limits/core/ledger";
import { rulesFor } from "#limits/core/policy";
import type { Rule } from "#limits/core/policy";
import type { KeptAnswer, ReplayClaim, ReplayVerdict } from "#limits/core/replays";
import type { SlotRequest } from "#limits/core/slots";
import { LedgerStorage, ReplayStorage, RequestCounts } from "#limits/storage";
import type { CacheStanding } from "#platform/cache-standing";
import { correlated, inOwnTrace } from "#platform/correlation";
import { CacheGate } from "./cache-gate";
import type { GateCredential, GateRefusal } from "./key-gate";

export interface GateRequest {
  /** Names of the policies to decide under; the gate knows their quotas. */
  readonly policies: readonly string[];
  /** Null at the gate of an address. */
  readonly credential: GateCredential | null;
  readonly slot?: SlotRequest;
  /** Of the request that asks (W3C Trace Context), for the log. */
  readonly traceparent?: string | undefined;
}

export type GateAnswer =
  | { readonly refusal: GateRefusal }
  | {
      readonly refusal: null;
      readonly caller: Caller | null;
      readonly admitted: boolean;
      readonly quotas: readonly QuotaState[];
      readonly denials: readonly Denial[];
      /** Only with an admission. */
      readonly cache?: CacheStanding;
    };

/**
 * Decides everything that needs state before a request may come in: is the key good, do the limits allow one more,
 * is a slot free. One object per owner, and one per address that shows no credential. It decides in memory; the
 * ledger says when storage must hear of it.
 */
export class ClientGate extends CacheGate {
  readonly #parts = {
    storage: this.ctx.storage,
    clock: () => this.clock(),
    onWrite: () => this.arm(),
  };
  readonly ledgerStorage = new LedgerStorage(this.#parts);
  readonly requests = new RequestCounts(this.#parts);
  readonly #replays = new ReplayStorage(this.#parts);
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

  /** Whether the caller's key is good and one more call may pass; if so, it is counted. */
  admit(request: GateRequest): Promise<GateAnswer> {
    const { traceparent } = request;
    if (traceparent === undefined) return this.#admit(request);
    return correlated({ traceparent }, () => this.#admit(request));
  }

  async #admit(request: GateRequest): Promise<GateAnswer> {
    const standing = await this.identify(request.credential);
    if (standing.refusal !== null) return standing;
    const rules = this.#rules(request.policies, standing.key);
    const decision = this.ledgerStorage.ledger.admit(rules, this.clock(), request.slot);
    if (decision.mustStore) this.ledgerStorage.write();
    if (decision.admitted) this.ledgerStorage.settleLater();
    // A place for a stream is no call of its own.
    if (decision.admitted && standing.caller !== null && request.slot === undefined)
      this.requests.count(standing.caller.ownerId, standing.key?.keyId ?? null);
    const { admitted, quotas, denials } = decision;
    this.log.debug("gate.admit", { admitted });
    const { standing: cache } = this.answers;
    return { refusal: null, caller: standing.caller, admitted, quotas, denials, cache };
  }

  /** What is left of the policies, counting nothing. */
  async peek(request: GateRequest): Promise<GateAnswer> {
    const standing = await this.identify(request.credential);
    if (standing.refusal !== null) return standing;
    const rules = this.#rules(request.policies, standing.key);
    const quotas = this.ledgerStorage.ledger.peek(rules, this.clock());
    return { refusal: null, caller: standing.caller, admitted: true, quotas, denials: [] };
  }

  /** Keeps a slot for another while, if the key is still good. One that expired meanwhile is taken anew, if one is free. */
  async renew(request: GateRequest & { readonly slot: SlotRequest }): Promise<GateAnswer> {
    const standing = await this.identify(request.credential);
    if (standing.refusal !== null) return standing;
    const isHeld = this.ledgerStorage.ledger.renew(request.slot.id, this.clock());
    if (!isHeld) return this.admit(request);
    return { refusal: null, caller: standing.caller, admitted: true, quotas: [], denials: [] };
  }

  /** Gives a slot back; storage learns of it at the next pause. */
  release(slotId: string): void {
    this.ledgerStorage.ledger.release(slotId);
    this.ledgerStorage.settleLater();
  }

  /** Takes an `Idempotency-Key` for a request that is about to run, or tells what became of the first one with it. */
  claimReplay(claim: ReplayClaim): ReplayVerdict {
    return this.#replays.claim(claim);
  }

  /** Keeps the answer of the request that holds the key; null frees the key. */
  settleReplay(key: string, token: string, answer: KeptAnswer | null): void {
    this.#replays.settle(key, token, answer);
  }

  /** Tells D1 how many calls came in. Throws where D1 does not take it; it is told again by alarm. */
  tellRequests(): Promise<void> {
    return this.requests.tell(this.env.DB);
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

  #rules(policies: readonly string[], key: KeyRecord | null): Rule[] {
    const sources = [this.keys.owner?.limits ?? {}, this.config.rateLimits];
    return rulesFor(policies, sources, key);
  }
}
