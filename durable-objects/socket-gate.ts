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
const RETRY_MS = 1_000;

/**
 * Rings at the gateway that holds the owner's sockets whenever something of the owner changed that may end one. The gateway then asks this gate
 * about each of them. That it has to be told is stored in the same turn as the change, and tried again until it has worked.
 */
export abstract class SocketGate extends KeyGate {
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

  /** For the alarm: tells the gateway what it has not heard. Lets no error out. */
  readonly settleSockets = async (): Promise<void> => {
    const ownerId = this.keys.owner?.ownerId;
    if (!this.#isOwed()) return;
    try {
      if (ownerId !== undefined)
        await this.env.GATEWAY.getByName(
          gatewayNameOf(ownerId, this.config.realtimeGateways),
        ).recheck(ownerId);
      this.ctx.storage.kv.delete(OWED);
    } catch (error) {
      this.#socketLog.warn("gate.sockets_not_told", describeError(error));
      this.arm();
    }
  };

  /** When the gateway is to be told again; null where it has heard all. */
  readonly socketsDueAtMs = (): number | null => (this.#isOwed() ? this.clock() + RETRY_MS : null);

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
