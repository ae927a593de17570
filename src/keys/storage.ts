import type { KeyRecord, OwnerRecord } from "./core/record";

const OWNER = "owner";
const KEY_PREFIX = "key:";
/** How exactly the last use of a key is known. */
const USE_STEP_MS = 60_000;

/**
 * An owner's keys inside the owner's gate: `owner` → `OwnerRecord`, `key:<key id>` → `KeyRecord`, all of them kept in
 * memory too. A gate that holds none writes nothing here, so gates of addresses and of strangers leave no trace.
 */
export class KeyStorage {
  readonly #kv: SyncKvStorage;
  #owner: OwnerRecord | null;
  readonly #keys = new Map<string, KeyRecord>();
  /** Keys of which storage does not know the last use yet. */
  readonly #used = new Set<string>();

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

  get all(): KeyRecord[] {
    return [...this.#keys.values()];
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
    this.#write(record);
    return true;
  }

  /** Removes a key altogether. */
  remove(keyId: string): void {
    this.#keys.delete(keyId);
    this.#used.delete(keyId);
    this.#kv.delete(`${KEY_PREFIX}${keyId}`);
  }

  /** Notes in memory that a key is used, to the minute. True where storage is to hear of it. */
  markUsed(record: KeyRecord, nowMs: number): boolean {
    if (this.#keys.get(record.keyId) !== record) return false;
    if (nowMs - (record.lastUsedAtMs ?? -Infinity) < USE_STEP_MS) return false;
    this.#keys.set(record.keyId, { ...record, lastUsedAtMs: nowMs });
    this.#used.add(record.keyId);
    return true;
  }

  get hasUsed(): boolean {
    return this.#used.size > 0;
  }

  /** Stores the last uses that are in memory alone; the ids of their keys. */
  storeUsed(): string[] {
    const ids = [...this.#used];
    this.#used.clear();
    for (const id of ids) {
      const record = this.#keys.get(id);
      if (record !== undefined) this.#write(record);
    }
    return ids;
  }

  /** Marks a key as revoked; the first time counts. False where it is not held. */
  revoke(keyId: string, nowMs: number): boolean {
    const record = this.#keys.get(keyId);
    if (record === undefined) return false;
    this.#write({ ...record, revokedAtMs: record.revokedAtMs ?? nowMs });
    return true;
  }

  /** Forgets what is in memory, for an object whose storage is being deleted. */
  drop(): void {
    this.#owner = null;
    this.#keys.clear();
    this.#used.clear();
  }

  #write(record: KeyRecord): void {
    this.#keys.set(record.keyId, record);
    this.#kv.put(`${KEY_PREFIX}${record.keyId}`, record);
  }
}

export { keyIndexUpsert } from "./storage-index";
export { KeyOutbox } from "./storage-outbox";
