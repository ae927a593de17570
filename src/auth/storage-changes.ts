import type { LimitOverride } from "#platform/config";
import type { Role } from "#platform/principal";

const PREFIX = "expected-change:";
/** The record is looked at so soon after a change was announced, and so often until it is known what became of it. */
const LOOK_MS = 1_000;
/** Nobody who announced a change is still writing it after so long. */
const GIVEN_UP_MS = 60_000;

/** A change of the owner's record that somebody is about to write to D1. */
export interface ExpectedChange {
  readonly id: string;
  readonly ownerId: string;
  /** The version that the record has before it. */
  readonly sinceVersion: number;
  /** Which sessions end with it: all but one; null for none. */
  readonly closing: { readonly allBut: string | null } | null;
}

interface StoredChange extends ExpectedChange {
  readonly untilMs: number;
}

/**
 * Changes of its owner that a gate was told of before they were made: `expected-change:<id>` → `StoredChange`. Whoever made
 * one tells the gate right after; where that call is lost, the gate looks at the record itself, so that a disabled person
 * stays in for a second and not for the life of an access token.
 */
export class ExpectedChanges {
  readonly #kv: SyncKvStorage;
  readonly #changes: Map<string, StoredChange>;
  #lookAtMs = 0;

  constructor(kv: SyncKvStorage) {
    this.#kv = kv;
    this.#changes = new Map(
      Array.from(kv.list<StoredChange>({ prefix: PREFIX }), ([, change]) => [change.id, change]),
    );
  }

  find(id: string): ExpectedChange | undefined {
    return this.#changes.get(id);
  }

  add(change: ExpectedChange, nowMs: number): void {
    const stored = { ...change, untilMs: nowMs + GIVEN_UP_MS };
    this.#changes.set(change.id, stored);
    this.#kv.put(`${PREFIX}${change.id}`, stored);
    this.#lookAtMs = nowMs + LOOK_MS;
  }

  forget(id: string): void {
    if (this.#changes.delete(id)) this.#kv.delete(`${PREFIX}${id}`);
  }

  /**
   * Looks at the record: answers with the changes that were made, each with the record as it is, and forgets those that
   * never came. Throws where D1 cannot be read; it is looked at again a second later in any case.
   */
  async look(db: D1Database, nowMs: number): Promise<{ id: string; owner: RecordedOwner }[]> {
    const [expected] = this.#changes.values();
    if (expected === undefined) return [];
    this.#lookAtMs = nowMs + LOOK_MS;
    const owner = await readOwner(db, expected.ownerId);
    const made: { id: string; owner: RecordedOwner }[] = [];
    for (const { id, sinceVersion, untilMs } of this.#changes.values())
      if (owner !== null && owner.version > sinceVersion) made.push({ id, owner });
      else if (untilMs <= nowMs) this.forget(id);
    return made;
  }

  /** Forgets what is in memory, for an object whose storage is being deleted. */
  drop(): void {
    this.#changes.clear();
  }

  /** When to look at the record; null where nothing is expected. */
  dueAtMs(): number | null {
    return this.#changes.size === 0 ? null : this.#lookAtMs;
  }
}

/** The part of a person's record that a gate holds. */
export interface RecordedOwner {
  readonly ownerId: string;
  readonly role: Role;
  readonly limits: Readonly<Record<string, LimitOverride | null>>;
  readonly isDisabled: boolean;
  readonly version: number;
}

/** What D1 says of a person at this moment; null where there is no record. */
async function readOwner(db: D1Database, id: string): Promise<RecordedOwner | null> {
  const row = await db
    .prepare("SELECT id, role, limits, is_disabled, version FROM users WHERE id = ?")
    .bind(id)
    .first<{
      id: string;
      role: Role;
      limits: string | null;
      is_disabled: number;
      version: number;
    }>();
  if (row === null) return null;
  return {
    ownerId: row.id,
    role: row.role,
    limits: row.limits === null ? {} : (JSON.parse(row.limits) as RecordedOwner["limits"]),
    isDisabled: row.is_disabled === 1,
    version: row.version,
  };
}
