import type { Clock } from "#platform/clock";
import { Ledger } from "./core/ledger";
import type { StoredLedger } from "./core/ledger";

const LEDGER = "ledger";
/** After a pause of one to two such times, the unused rest of a reserved block goes back to storage. */
const QUIET_MS = 450;
/** An alarm comes no sooner than this, so that one that finds nothing to do yet cannot spin. */
const ALARM_DELAY_MS = 1000;

export interface LedgerStorageOptions {
  readonly storage: DurableObjectStorage;
  /** Read at each use, so that a test can set the object's clock. */
  readonly clock: Clock;
  /** Whether the object holds anything else than its ledger; one that does is never deleted. */
  readonly isKept: () => boolean;
}

/**
 * Keeps a gate's ledger and its storage in step. Stored as one value, `ledger` → `StoredLedger`, written whole so that
 * all policies of one decision move in one write, and seldom: once a reserved block and once a pause, not once a
 * request. An alarm deletes the object when everything in it has left its window.
 */
export class LedgerStorage {
  readonly #storage: DurableObjectStorage;
  readonly #clock: Clock;
  readonly #isKept: () => boolean;
  #ledger: Ledger | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #wasTouched = false;
  #hasAlarm = false;
  /** Writes since the object woke, for tests of what an admission costs. */
  writes = 0;

  constructor(options: LedgerStorageOptions) {
    this.#storage = options.storage;
    this.#clock = options.clock;
    this.#isKept = options.isKept;
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
    if (this.#hasAlarm || this.#isKept()) return;
    const emptyAtMs = this.ledger.emptyAtMs(this.#clock());
    if (emptyAtMs !== null) void this.#setAlarm(emptyAtMs);
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

  /** Deletes what the object stored if nothing of it is left to remember, else comes back when that will be. */
  async forget(): Promise<void> {
    this.#hasAlarm = false;
    if (this.#isKept()) return;
    const emptyAtMs = this.ledger.emptyAtMs(this.#clock());
    if (emptyAtMs !== null) return this.#setAlarm(emptyAtMs);
    this.#ledger = null;
    await this.#storage.deleteAll();
  }

  #setAlarm(atMs: number): Promise<void> {
    this.#hasAlarm = true;
    return this.#storage.setAlarm(Math.max(atMs, this.#clock() + ALARM_DELAY_MS));
  }
}
