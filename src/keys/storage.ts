import type { KeyRecord, OwnerRecord } from "./core/record";

const OWNER = "owner";
const KEY_PREFIX = "key:";

/**
 * An owner's keys inside the owner's gate: `owner` → `OwnerRecord`, `key:<key id>` → `KeyRecord`, all of them kept in
 * memory too. A gate that holds none writes nothing here, so gates of addresses and of strangers leave no trace.
 */
export class KeyStorage {
  readonly #kv: SyncKvStorage;
  #owner: OwnerRecord | null;
  readonly #keys = new Map<string, KeyRecord>();

  constructor(kv: SyncKvStorage) {
    this.#kv = kv;
    this.#owner = kv.get<OwnerRecord>(OWNER) ?? null;
    for (const [, record] of kv.list<KeyRecord>({ prefix: KEY_PREFIX }))
      this.#keys.set(record.keyId, record);
  }

  get owner(): OwnerRecord | null {
    return this.#owner;
  }

  get isEmpty(): boolean {
    return this.#keys.size === 0;
  }

  find(keyId: string): KeyRecord | undefined {
    return this.#keys.get(keyId);
  }

  /** Takes what is known of the owner. False, and nothing written, where the gate is another's or knows something younger. */
  holdOwner(owner: OwnerRecord): boolean {
    const known = this.#owner;
    if (known !== null && known.ownerId !== owner.ownerId) return false;
    if (known?.version !== undefined && (owner.version ?? 0) < known.version) return false;
    if (known?.version !== undefined && owner.version === known.version) return true;
    this.#owner = owner;
    this.#kv.put(OWNER, owner);
    return true;
  }

  /** Holds a key and what its owner may do. False, and nothing written, where the gate belongs to another owner. */
  put(owner: OwnerRecord, record: KeyRecord): boolean {
    if (this.#owner !== null && this.#owner.ownerId !== owner.ownerId) return false;
    // What the gate knows of the owner already may be younger, and then stays.
    this.holdOwner(owner);
    this.#keys.set(record.keyId, record);
    this.#kv.put(`${KEY_PREFIX}${record.keyId}`, record);
    return true;
  }

  /** Marks a key as revoked; the first time counts. False where it is not held. */
  revoke(keyId: string, nowMs: number): boolean {
    const record = this.#keys.get(keyId);
    if (record === undefined) return false;
    const revoked = { ...record, revokedAtMs: record.revokedAtMs ?? nowMs };
    this.#keys.set(keyId, revoked);
    this.#kv.put(`${KEY_PREFIX}${keyId}`, revoked);
    return true;
  }
}
