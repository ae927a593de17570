import { GateClock } from "./gate-clock";
import type { Rule, WindowRule } from "./policy";
import { Slots } from "./slots";
import type { SlotRequest, StoredSlot } from "./slots";
import { WindowLog } from "./window";
import type { StoredLog } from "./window";

/** What is left of one quota. */
export interface QuotaState {
  readonly name: string;
  readonly limit: number;
  /** Null for a quota of what is open at once. */
  readonly windowMs: number | null;
  readonly remaining: number;
  /** Milliseconds until some of it comes back, at most the window; null where only a release brings it back. */
  readonly resetMs: number | null;
}

export interface Denial {
  readonly name: string;
  /** The rule's place in the gate: tells a key's own quota from its owner's. */
  readonly key: string;
  readonly kind: Rule["kind"];
  /** Milliseconds until this quota would let one more through. */
  readonly waitMs: number;
}

export interface Decision {
  readonly admitted: boolean;
  readonly quotas: readonly QuotaState[];
  /** The quotas that are used up; empty where admitted. */
  readonly denials: readonly Denial[];
  /** Whether storage must take the ledger before anybody hears of the admission. */
  readonly mustStore: boolean;
}

export interface StoredLedger {
  readonly version: 1;
  readonly clock: { readonly nowMs: number; readonly offsetMs: number };
  readonly logs: readonly (StoredLog & { readonly key: string; readonly windowMs: number })[];
  readonly slots: readonly StoredSlot[];
}

/**
 * Everything that a gate counts, decided in memory.
 *
 * Storage never holds less than what was admitted: before an admission that no stored block covers, the caller
 * stores a ledger that counts it and reserves the next block; the admissions of that block cost no write. `settle`
 * gives the unused rest back. A ledger that was stored with a block open was cut off by a crash, and `WindowLog.restore`
 * counts that block as used. So a crash can cost a client up to a block, an eviction after `settle` nothing, and
 * neither lets one more through.
 */
export class Ledger {
  readonly #clock: GateClock;
  readonly #logs = new Map<string, { log: WindowLog; windowMs: number }>();
  readonly #slots: Slots;
  #isSettled = true;

  constructor(stored: StoredLedger | null, machineMs: number) {
    this.#clock = new GateClock(stored?.clock ?? null);
    const nowMs = this.#clock.read(machineMs);
    this.#slots = Slots.restore(stored?.slots ?? [], nowMs);
    for (const { key, windowMs, ...log } of stored?.logs ?? []) {
      this.#logs.set(key, { log: WindowLog.restore(log, nowMs), windowMs });
      // The block that the crash left open stands in storage until the next write: it must not count a second time.
      if (log.reserved > 0) this.#isSettled = false;
    }
  }

  /** Whether storage holds exactly what was admitted, with no block open. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  /**
   * Admits one call under all of `rules` or counts nothing. Rules of what is open at once matter only to a call
   * that brings a `slot`, and the slot is taken together with the admission.
   */
  admit(rules: readonly Rule[], machineMs: number, slot?: SlotRequest): Decision {
    const nowMs = this.#clock.read(machineMs);
    const denials: Denial[] = [];
    for (const rule of rules) {
      const denial = this.#denial(rule, nowMs, slot);
      if (denial !== null) denials.push(denial);
    }
    const admitted = denials.length === 0;
    const mustStore = admitted && this.#count(rules, nowMs, slot);
    return { admitted, quotas: this.#describe(rules, nowMs), denials, mustStore };
  }

  /** What is left under `rules`; counts nothing. */
  peek(rules: readonly Rule[], machineMs: number): readonly QuotaState[] {
    return this.#describe(rules, this.#clock.read(machineMs));
  }

  /** Puts off a slot's expiry; false where it is not held. */
  renew(slotId: string, machineMs: number): boolean {
    return this.#slots.renew(slotId, this.#clock.read(machineMs));
  }

  /** Gives a slot back. Storage may learn of it later: until then it holds more than what is open, never less. */
  release(slotId: string): void {
    if (this.#slots.release(slotId)) this.#isSettled = false;
  }

  /** Gives unused blocks back; the caller stores the ledger after it. */
  settle(machineMs: number): void {
    const nowMs = this.#clock.read(machineMs);
    for (const [key, { log, windowMs }] of this.#logs) {
      log.reserved = 0;
      if (log.used(windowMs, nowMs) === 0) this.#logs.delete(key);
    }
    this.#isSettled = true;
  }

  /** The machine's time in milliseconds at which nothing is left to remember; null where nothing is now. */
  emptyAtMs(machineMs: number): number | null {
    const nowMs = this.#clock.read(machineMs);
    let last = this.#slots.emptyAtMs() ?? -Infinity;
    for (const { log, windowMs } of this.#logs.values())
      last = Math.max(last, log.emptyAtMs(windowMs) ?? -Infinity);
    return last > nowMs ? this.#clock.toMachineMs(last) : null;
  }

  toStored(): StoredLedger {
    return {
      version: 1,
      clock: this.#clock.toStored(),
      logs: Array.from(this.#logs, ([key, { log, windowMs }]) => ({
        key,
        windowMs,
        ...log.toStored(),
      })),
      slots: this.#slots.toStored(),
    };
  }

  #denial(rule: Rule, nowMs: number, slot: SlotRequest | undefined): Denial | null {
    if (rule.kind === "concurrent") {
      if (slot === undefined || this.#slots.open(rule.key, nowMs, slot.id) < rule.limit)
        return null;
      return {
        name: rule.name,
        key: rule.key,
        kind: rule.kind,
        waitMs: this.#slots.waitMs(rule.key, nowMs),
      };
    }
    const waitMs = this.#logs.get(rule.key)?.log.waitMs(rule.limit, rule.windowMs, nowMs) ?? 0;
    return waitMs > 0 ? { name: rule.name, key: rule.key, kind: rule.kind, waitMs } : null;
  }

  /** Counts one admission everywhere; true where storage does not cover it yet. */
  #count(rules: readonly Rule[], nowMs: number, slot: SlotRequest | undefined): boolean {
    const windows = rules.filter((rule) => rule.kind === "window");
    const logs = windows.map((rule) => ({ rule, log: this.#logOf(rule) }));
    const isCovered = slot === undefined && logs.every(({ log }) => log.reserved > 0);
    for (const { rule, log } of logs) log.add(rule.limit, rule.windowMs, nowMs);
    if (slot !== undefined) {
      const keys = rules.filter((rule) => rule.kind === "concurrent").map((rule) => rule.key);
      this.#slots.acquire(slot, keys, nowMs);
    }
    if (logs.length > 0) this.#isSettled = false;
    if (isCovered) return false;
    for (const { rule, log } of logs) log.reserve(rule.limit);
    return true;
  }

  #logOf(rule: WindowRule): WindowLog {
    const known = this.#logs.get(rule.key);
    if (known !== undefined) {
      known.windowMs = rule.windowMs;
      return known.log;
    }
    const log = new WindowLog();
    this.#logs.set(rule.key, { log, windowMs: rule.windowMs });
    return log;
  }

  #describe(rules: readonly Rule[], nowMs: number): QuotaState[] {
    return rules.map((rule) => {
      const { name, limit } = rule;
      if (rule.kind === "concurrent") {
        const remaining = Math.max(0, limit - this.#slots.open(rule.key, nowMs));
        return { name, limit, windowMs: null, remaining, resetMs: null };
      }
      const { windowMs } = rule;
      const log = this.#logs.get(rule.key)?.log;
      const remaining = Math.max(0, limit - (log?.used(windowMs, nowMs) ?? 0));
      const resetMs =
        remaining === 0 && log !== undefined
          ? log.waitMs(limit, windowMs, nowMs)
          : (log?.resetMs(windowMs, nowMs) ?? windowMs);
      return { name, limit, windowMs, remaining, resetMs };
    });
  }
}
