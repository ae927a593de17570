import type { Clock } from "#platform/clock";
import { Ledger } from "./core/ledger";
import type { StoredLedger } from "./core/ledger";

const LEDGER = "ledger";
/** After a pause of one to two such times, the unused rest of a reserved block goes back to storage. */
const QUIET_MS = 450;

export interface LedgerStorageOptions {
  readonly storage: DurableObjectStorage;
  /** Read at each use, so that a test can set the object's clock. */
  readonly clock: Clock;
  /** Called after each write, so that the object comes back when nothing is left to remember. */
  readonly onWrite: () => void;
}

/**
 * Keeps a gate's ledger and its storage in step. Stored as one value, `ledger` → `StoredLedger`, written whole so that
 * all policies of one decision move in one write, and seldom: once a reserved block and once a pause, not once a
 * request. The object is deleted when everything in it has left its window and it holds nothing else.
 */
export class LedgerStorage {
  readonly #storage: DurableObjectStorage;
  readonly #clock: Clock;
  readonly #onWrite: () => void;
  #ledger: Ledger | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #wasTouched = false;
  /** Writes since the object woke, for tests of what an admission costs. */
  writes = 0;

  constructor(options: LedgerStorageOptions) {
    this.#storage = options.storage;
    this.#clock = options.clock;
    this.#onWrite = options.onWrite;
  }

  /** The ledger, read at its first use: a block that a crash left open counts as used from that moment. */
  get ledger(): Ledger {
    if (this.#ledger !== null) return this.#ledger;
    const stored = this.#storage.kv.get<StoredLedger>(LEDGER) ?? null;
    this.#ledger = new Ledger(stored, this.#clock());
    if (!this.#ledger.isSettled) this.settleLater();
    return this.#ledger;
  }

  /** Takes the ledger. Whoever answers in the same turn is held back by the runtime until the write is safe. */
  write(): void {
    this.writes++;
    this.#storage.kv.put(LEDGER, this.ledger.toStored());
    this.#onWrite();
  }

  /** Lets the next pause give unused blocks back. One timer serves a whole stretch of activity. */
  settleLater(): void {
    this.#wasTouched = true;
    if (this.#timer === null) this.#timer = setTimeout(this.#onQuiet, QUIET_MS);
  }

  readonly #onQuiet = (): void => {
    this.#timer = null;
    if (!this.#wasTouched) return this.settle();
    this.#wasTouched = false;
    this.#timer = setTimeout(this.#onQuiet, QUIET_MS);
  };

  /** Gives unused blocks back. From here on an eviction costs the client nothing. */
  settle(): void {
    if (this.#ledger === null || this.#ledger.isSettled) return;
    this.#ledger.settle(this.#clock());
    this.write();
  }

  /** When nothing of it is left to remember, in the machine's milliseconds; null where nothing is now. */
  emptyAtMs(): number | null {
    return this.ledger.emptyAtMs(this.#clock());
  }

  /** Forgets what is in memory, for an object whose storage is being deleted. */
  drop(): void {
    this.#ledger = null;
  }
}

export { ReplayStorage } from "./storage-replays";
export { RequestCounts } from "./storage-requests";
