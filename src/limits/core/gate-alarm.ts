import type { Clock } from "#platform/clock";

/** An alarm comes no sooner than this, so that one that finds nothing to do yet cannot spin. */
const MIN_DELAY_MS = 1000;

export interface GateAlarmPorts {
  readonly clock: Clock;
  /** When each part of the object has to be looked after next, in the machine's milliseconds; null for never. */
  readonly dueAtMs: () => readonly (number | null)[];
  readonly set: (atMs: number) => void;
  readonly clear: () => void;
}

/**
 * The one alarm that an object has, for all that it holds. Whatever is written asks all parts, because after an eviction
 * the alarm that stands in storage is not known here, and setting a later one would lose it.
 */
export class GateAlarm {
  readonly #ports: GateAlarmPorts;
  #atMs = Infinity;

  constructor(ports: GateAlarmPorts) {
    this.#ports = ports;
  }

  /** Moves the alarm forward to what is due first; never back. */
  arm(): void {
    this.#set(this.#soonest());
  }

  /** Sets the alarm anew when it has rung. Null where nothing of the object ends by time. */
  rearm(): number | null {
    this.#atMs = Infinity;
    const soonest = this.#soonest();
    if (soonest === Infinity) this.#ports.clear();
    else this.#set(soonest);
    return soonest === Infinity ? null : soonest;
  }

  #soonest(): number {
    return Math.min(...this.#ports.dueAtMs().map((atMs) => atMs ?? Infinity), Infinity);
  }

  #set(dueAtMs: number): void {
    if (dueAtMs === Infinity) return;
    const atMs = Math.max(dueAtMs, this.#ports.clock() + MIN_DELAY_MS);
    if (atMs >= this.#atMs) return;
    this.#atMs = atMs;
    this.#ports.set(atMs);
  }
}
