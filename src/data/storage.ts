/** What an Account keeps of its person's erasure while that is under way. */
import { makeSchema, upgradeSchema } from "#platform/object-schema";
import type { ObjectSchema } from "#platform/object-schema";
import type { ErasureProgress } from "./core/erasure";

export const ERASURE_SCHEMA: ObjectSchema = {
  part: "erasure",
  table: "erasure",
  steps: [
    `CREATE TABLE erasure (
      id INTEGER PRIMARY KEY CHECK (id = 1), owner_id TEXT NOT NULL, pseudonym TEXT NOT NULL, is_claimed INTEGER NOT NULL,
      position INTEGER NOT NULL, cursor INTEGER NOT NULL, tries INTEGER NOT NULL, due_at INTEGER NOT NULL
    ) STRICT`,
  ],
};

export interface Erasure extends ErasureProgress {
  readonly ownerId: string;
  /** What the audit log says in the person's place. */
  readonly pseudonym: string;
  /** Whether the record knows that the person is on their way out; until then it may still be refused. */
  readonly isClaimed: boolean;
}

// oxlint-disable-next-line typescript/consistent-type-definitions -- an interface has no index signature
type ErasureRow = {
  owner_id: string;
  pseudonym: string;
  is_claimed: number;
  position: number;
  cursor: number;
  tries: number;
  due_at: number;
};

/** At most one row. The table is made with the first erasure, which most Accounts never see. */
export class ErasureStorage {
  readonly #storage: DurableObjectStorage;
  #hasTable: boolean;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#hasTable = upgradeSchema(storage, ERASURE_SCHEMA);
  }

  read(): Erasure | null {
    if (!this.#hasTable) return null;
    const [row] = this.#storage.sql.exec<ErasureRow>("SELECT * FROM erasure").toArray();
    if (row === undefined) return null;
    return {
      ownerId: row.owner_id,
      pseudonym: row.pseudonym,
      isClaimed: row.is_claimed === 1,
      position: row.position,
      cursor: row.cursor,
      tries: row.tries,
      dueAtMs: row.due_at,
    };
  }

  /** Keeps where it stands; the first time begins it. */
  write(erasure: Erasure): void {
    makeSchema(this.#storage, ERASURE_SCHEMA);
    this.#hasTable = true;
    this.#storage.sql.exec(
      `INSERT OR REPLACE INTO erasure (id, owner_id, pseudonym, is_claimed, position, cursor, tries, due_at) VALUES (1, ?, ?, ?, ?, ?, ?, ?)`,
      erasure.ownerId,
      erasure.pseudonym,
      erasure.isClaimed ? 1 : 0,
      erasure.position,
      erasure.cursor,
      erasure.tries,
      erasure.dueAtMs,
    );
  }

  clear(): void {
    if (this.#hasTable) this.#storage.sql.exec("DELETE FROM erasure");
  }
}
