import type { AuditEntry } from "#audit/core/event";
import { auditInsert } from "#audit/storage";
import type { SessionCredential, SessionRefusal, SessionStanding } from "#auth/core/session";
import { readDemoKey } from "#keys/core/demo";
import type { DemoKey } from "#keys/core/demo";
import { keyEnvironment, parseKey } from "#keys/core/format";
import type { Maker } from "#keys/core/grants";
import { decideKeyChange, MAX_REVOKED } from "#keys/core/manage";
import type { KeyChange, KeyCommand, KeyFault } from "#keys/core/manage";
import type { KeyCredential, KeyRecord, KeyRefusal, OwnerRecord } from "#keys/core/record";
import { decideStanding, NOBODY } from "#keys/core/standing";
import type { Standing } from "#keys/core/standing";
import { keyIndexUpsert, KeyOutbox } from "#keys/storage";
import { createLogger, describeError } from "#platform/log";
import type { Role } from "#platform/principal";
import { err } from "#platform/result";
import type { Result } from "#platform/result";
import { IdentityGate } from "./identity-gate";

/** What the Worker found genuine and the gate is to judge: a key by its id and hash, or a token by its claims. */
export type GateCredential = KeyCredential | SessionCredential;
export type GateRefusal = KeyRefusal | SessionRefusal;

/** Who asks for a change of the owner's keys, as the guard let it in. */
export interface KeyManager {
  readonly ownerId: string;
  readonly keyId: string | null;
  readonly role: Role;
  readonly scopes: readonly string[];
}

/** The API keys of a gate's owner. They are written here first, and this is where they are checked; D1 has a copy to search in. */
export abstract class KeyGate extends IdentityGate {
  /** Own fields are out of reach over RPC. */
  readonly outbox = new KeyOutbox<AuditEntry>(this.ctx.storage.kv);
  readonly #keyLog = createLogger(this.config.logLevel);
  readonly #demoKeyId = parseKey(this.config.demoApiKey)?.keyId ?? null;
  #demo: DemoKey | null = null;

  /** Where a shown credential stands at this moment. */
  readonly identify = async (shown: GateCredential | null): Promise<Standing | SessionStanding> => {
    if (shown === null) return NOBODY;
    if ("kind" in shown) return this.standingOf(shown);
    const demo = await this.#demoOf(shown.keyId);
    const owner = this.keys.owner ?? demo?.owner ?? null;
    const record = this.keys.find(shown.keyId) ?? demo?.record;
    const standing = decideStanding(owner, record, shown, this.clock());
    if (standing.refusal === null && standing.key !== null)
      if (this.keys.markUsed(standing.key, this.clock())) this.arm();
    return standing;
  };

  /** Makes, changes, rotates or revokes a key, and owes D1 the copy and the `entry` in the audit log. */
  async manageKeys(
    manager: KeyManager,
    command: KeyCommand,
    entry: AuditEntry,
  ): Promise<Result<KeyChange, KeyFault>> {
    const maker = await this.#makerOf(manager);
    if (maker === null) return err({ code: "INVALID_API_KEY" });
    const decided = decideKeyChange(this.keys.all, maker, command, this.clock());
    if (!decided.ok || !decided.value.isChanged) return decided;
    const { ownerId, role } = manager;
    const { record } = decided.value;
    if (!this.keys.put(this.keys.owner ?? { ownerId, role, limits: {} }, record))
      return err({ code: "RESOURCE_NOT_FOUND" });
    this.outbox.add(record.keyId, entry);
    this.#forgetRevoked();
    this.arm();
    return decided;
  }

  /** All keys of the owner, revoked ones too. */
  listKeys(): KeyRecord[] {
    return this.keys.all;
  }

  /** Holds a key from here on. False where the gate belongs to another owner. */
  putKey(owner: OwnerRecord, record: KeyRecord): boolean {
    return this.keys.put(owner, record);
  }

  /** Refuses a key from here on. False where the gate does not hold it. */
  revokeKey(keyId: string): boolean {
    return this.keys.revoke(keyId, this.clock());
  }

  /** For the alarm: tells D1 what it has not heard. Lets no error out: the keys stand, and the copy comes later. */
  async settleKeys(): Promise<void> {
    for (const keyId of this.keys.storeUsed()) this.outbox.add(keyId, null);
    for (let next = this.outbox.read(); next !== null; next = this.outbox.read()) {
      const records = [...next.keys.keys()].flatMap((id) => this.keys.find(id) ?? []);
      const { DB } = this.env;
      const environment = keyEnvironment(this.config.environment);
      const ownerId = this.keys.owner?.ownerId ?? "";
      try {
        await DB.batch([
          keyIndexUpsert(DB, ownerId, environment, records),
          auditInsert(DB, next.entries),
        ]);
      } catch (error) {
        this.#keyLog.warn("keys.index_failed", describeError(error));
        this.outbox.putOff(this.clock());
        return;
      }
      this.outbox.settle(next);
    }
  }

  /** When there is something to settle again; null where there is nothing. */
  keysDueAtMs(): number | null {
    return this.keys.hasUsed ? this.clock() : this.outbox.dueAtMs();
  }

  async #demoOf(keyId: string): Promise<DemoKey | null> {
    if (keyId !== this.#demoKeyId) return null;
    return (this.#demo ??= await readDemoKey(this.config.demoApiKey));
  }

  /** What a manager may do; null where its key was revoked since it was let in. */
  async #makerOf(manager: KeyManager): Promise<Maker | null> {
    // The role of this moment; a client of the token endpoint is a service, whoever owns it.
    const role = manager.role === "service" ? "service" : (this.keys.owner?.role ?? manager.role);
    if (manager.keyId === null)
      return { role, scopes: manager.scopes, expiresAtMs: null, limits: {} };
    const key = this.keys.find(manager.keyId) ?? (await this.#demoOf(manager.keyId))?.record;
    if (key === undefined || key.revokedAtMs !== null) return null;
    return { role, scopes: key.scopes, expiresAtMs: key.expiresAtMs, limits: key.limits };
  }

  /** Keeps the youngest of the revoked keys; the index has the others. What D1 has not heard of stays until it has. */
  #forgetRevoked(): void {
    const revoked = this.keys.all.filter((key) => key.revokedAtMs !== null);
    revoked.sort((a, b) => (b.revokedAtMs ?? 0) - (a.revokedAtMs ?? 0));
    for (const { keyId } of revoked.slice(MAX_REVOKED))
      if (!this.outbox.owes(keyId)) this.keys.remove(keyId);
  }
}
