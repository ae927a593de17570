import type { KeyRecord } from "#keys/core/record";
import type { Caller } from "#keys/core/standing";
import type { Denial, QuotaState } from "#limits/core/ledger";
import { rulesFor } from "#limits/core/policy";
import type { Rule } from "#limits/core/policy";
import type { SlotRequest } from "#limits/core/slots";
import { LedgerStorage, RequestCounts } from "#limits/storage";
import type { CacheStanding } from "#platform/cache-standing";
import { correlated } from "#platform/correlation";
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
 * Decides whether one more request may come in: is its credential good, do the limits allow one more, is a slot free. It decides in memory; the
 * ledger says when storage must hear of it.
 */
export abstract class LimitGate extends CacheGate {
  protected readonly parts = {
    storage: this.ctx.storage,
    clock: () => this.clock(),
    onWrite: () => this.arm(),
  };
  /** Own fields are out of reach over RPC. */
  readonly ledgerStorage = new LedgerStorage(this.parts);
  readonly requests = new RequestCounts(this.parts);

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

  /** Tells D1 how many calls came in. Throws where D1 does not take it; it is told again by alarm. */
  tellRequests(): Promise<void> {
    return this.requests.tell(this.env.DB);
  }

  #rules(policies: readonly string[], key: KeyRecord | null): Rule[] {
    const sources = [this.keys.owner?.limits ?? {}, this.config.rateLimits];
    return rulesFor(policies, sources, key);
  }
}
