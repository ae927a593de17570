import type { AuditEntry } from "#audit/core/event";
import type { KeyChange, KeyCommand, KeyFault } from "#keys/core/manage";
import type { OwnerRecord } from "#keys/core/record";
import { describeError, createLogger } from "#platform/log";
import type { Result } from "#platform/result";
import { gatewayNameOf } from "#realtime/core/gateway-name";
import type { SessionSelection } from "./identity-gate";
import { KeyGate } from "./key-gate";
import type { KeyManager } from "./key-gate";

const OWED = "sockets-not-told";
/** Gateways besides the owner's own that hold sockets of theirs. */
const ELSEWHERE = "sockets-elsewhere";
const RETRY_MS = 1_000;

/**
 * Rings at the gateway that holds the owner's sockets whenever something of the owner changed that may end one. The gateway then asks this gate
 * about each of them. That it has to be told is stored in the same turn as the change, and tried again until it has worked.
 */
export abstract class SocketGate extends KeyGate {
  /** How often a gateway has made itself known in this life of the object. */
  #notes = 0;
  readonly #socketLog = createLogger(this.config.logLevel);

  override async closeSessions(
    selection: SessionSelection,
    owner?: OwnerRecord,
  ): Promise<string[]> {
    this.#owe();
    const closed = await super.closeSessions(selection, owner);
    this.#ring();
    return closed;
  }

  override async takeChange(id: string, owner: OwnerRecord | null): Promise<void> {
    this.#owe();
    await super.takeChange(id, owner);
    this.#ring();
  }

  override revokeGrants(names: readonly string[], untilMs: number): void {
    super.revokeGrants(names, untilMs);
    this.#owe();
    this.#ring();
  }

  override async manageKeys(
    manager: KeyManager,
    command: KeyCommand,
    entry: AuditEntry,
  ): Promise<Result<KeyChange, KeyFault>> {
    this.#owe();
    const decided = await super.manageKeys(manager, command, entry);
    this.#ring();
    return decided;
  }

  override revokeKey(keyId: string): boolean {
    const isRevoked = super.revokeKey(keyId);
    this.#owe();
    this.#ring();
    return isRevoked;
  }

  /** A gateway that is not the owner's own holds a socket of theirs: it is rung at, too, until it holds none. */
  noteSockets(gateway: string): void {
    this.#notes += 1;
    const known = this.#elsewhere();
    if (!known.includes(gateway)) this.ctx.storage.kv.put(ELSEWHERE, [...known, gateway]);
  }

  /** For the alarm: tells the gateway what it has not heard. Lets no error out. */
  readonly settleSockets = async (): Promise<void> => {
    const ownerId = this.keys.owner?.ownerId;
    if (!this.#isOwed()) return;
    try {
      if (ownerId !== undefined) {
        const home = gatewayNameOf(ownerId, this.config.realtimeGateways);
        await this.env.GATEWAY.getByName(home).recheck(ownerId);
        for (const name of this.#elsewhere()) {
          const notes = this.#notes;
          const still = await this.env.GATEWAY.getByName(name).recheck(ownerId);
          // A socket that came in meanwhile may not have been counted.
          if (still === 0 && notes === this.#notes) this.#forget(name);
        }
      }
      this.ctx.storage.kv.delete(OWED);
    } catch (error) {
      this.#socketLog.warn("gate.sockets_not_told", describeError(error));
      this.arm();
    }
  };

  /** When the gateway is to be told again; null where it has heard all. */
  readonly socketsDueAtMs = (): number | null => (this.#isOwed() ? this.clock() + RETRY_MS : null);

  #elsewhere(): readonly string[] {
    return this.ctx.storage.kv.get<string[]>(ELSEWHERE) ?? [];
  }

  #forget(gateway: string): void {
    const rest = this.#elsewhere().filter((name) => name !== gateway);
    if (rest.length > 0) this.ctx.storage.kv.put(ELSEWHERE, rest);
    else this.ctx.storage.kv.delete(ELSEWHERE);
  }

  #isOwed(): boolean {
    return this.ctx.storage.kv.get<true>(OWED) === true;
  }

  #owe(): void {
    this.ctx.storage.kv.put(OWED, true);
  }

  #ring(): void {
    this.arm();
    this.ctx.waitUntil(this.settleSockets());
  }
}
