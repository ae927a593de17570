import { DurableObject } from "cloudflare:workers";
import { systemClock } from "#platform/clock";
import type { Clock } from "#platform/clock";
import { readConfig } from "#platform/config";
import { readDemoKey } from "#keys/core/demo";
import type { DemoKey } from "#keys/core/demo";
import { parseKey } from "#keys/core/format";
import type { KeyCredential, KeyRecord, KeyRefusal, OwnerRecord } from "#keys/core/record";
import { decideStanding, NOBODY } from "#keys/core/standing";
import type { Caller, Standing } from "#keys/core/standing";
import { KeyStorage } from "#keys/storage";
import type { Denial, QuotaState } from "#limits/core/ledger";
import { rulesFor } from "#limits/core/policy";
import type { Rule } from "#limits/core/policy";
import type { SlotRequest } from "#limits/core/slots";
import { LedgerStorage } from "#limits/storage";

export interface GateRequest {
  /** Names of the policies to decide under; the gate knows their quotas. */
  readonly policies: readonly string[];
  /** Null at the gate of an address. */
  readonly credential: KeyCredential | null;
  readonly slot?: SlotRequest;
}

export type GateAnswer =
  | { readonly refusal: KeyRefusal }
  | {
      readonly refusal: null;
      readonly caller: Caller | null;
      readonly admitted: boolean;
      readonly quotas: readonly QuotaState[];
      readonly denials: readonly Denial[];
    };

/**
 * Decides everything that needs state before a request may come in: is the key good, do the limits allow one more,
 * is a slot free. One object per owner, and one per address that shows no credential. It decides in memory; the
 * ledger says when storage must hear of it. Keys are written here first, and this is where they are checked.
 */
export class ClientGate extends DurableObject<Env> {
  /** Own fields are out of reach over RPC: tests set the clock, and read what was written. */
  clock: Clock = systemClock;
  readonly #keys = new KeyStorage(this.ctx.storage.kv);
  readonly ledgerStorage = new LedgerStorage({
    storage: this.ctx.storage,
    clock: () => this.clock(),
    isKept: () => !this.#keys.isEmpty,
  });
  readonly #config = readConfig(this.env);
  readonly #demoKeyId = parseKey(this.#config.demoApiKey)?.keyId ?? null;
  #demo: DemoKey | null = null;

  /** Whether the caller's key is good and one more call may pass; if so, it is counted. */
  async admit(request: GateRequest): Promise<GateAnswer> {
    const standing = await this.#identify(request.credential);
    if (standing.refusal !== null) return standing;
    const rules = this.#rules(request.policies, standing.key);
    const decision = this.ledgerStorage.ledger.admit(rules, this.clock(), request.slot);
    if (decision.mustStore) this.ledgerStorage.write();
    if (decision.admitted) this.ledgerStorage.settleLater();
    const { admitted, quotas, denials } = decision;
    return { refusal: null, caller: standing.caller, admitted, quotas, denials };
  }

  /** What is left of the policies, counting nothing. */
  async peek(request: GateRequest): Promise<GateAnswer> {
    const standing = await this.#identify(request.credential);
    if (standing.refusal !== null) return standing;
    const rules = this.#rules(request.policies, standing.key);
    const quotas = this.ledgerStorage.ledger.peek(rules, this.clock());
    return { refusal: null, caller: standing.caller, admitted: true, quotas, denials: [] };
  }

  /** Keeps a slot for another while, if the key is still good. One that expired meanwhile is taken anew, if one is free. */
  async renew(request: GateRequest & { readonly slot: SlotRequest }): Promise<GateAnswer> {
    const standing = await this.#identify(request.credential);
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

  /** Holds a key from here on. False where the gate belongs to another owner. */
  putKey(owner: OwnerRecord, record: KeyRecord): boolean {
    return this.#keys.put(owner, record);
  }

  /** Refuses a key from here on. False where the gate does not hold it. */
  revokeKey(keyId: string): boolean {
    return this.#keys.revoke(keyId, this.clock());
  }

  /** Answers, for health probes. */
  ping(): true {
    return true;
  }

  /** Forgets a gate in which nothing is left to remember. Safe to run twice. */
  override alarm(): Promise<void> {
    return this.ledgerStorage.forget();
  }

  async #identify(shown: KeyCredential | null): Promise<Standing> {
    if (shown === null) return NOBODY;
    if (shown.keyId === this.#demoKeyId) this.#demo ??= await readDemoKey(this.#config.demoApiKey);
    const demo = shown.keyId === this.#demoKeyId ? this.#demo : null;
    const owner = this.#keys.owner ?? demo?.owner ?? null;
    return decideStanding(owner, this.#keys.find(shown.keyId) ?? demo?.record, shown, this.clock());
  }

  #rules(policies: readonly string[], key: KeyRecord | null): Rule[] {
    const sources = [this.#keys.owner?.limits ?? {}, this.#config.rateLimits];
    return rulesFor(policies, sources, key);
  }
}
