/**
 * The time by which a gate counts. It never goes back, whatever the machine's clock does: when that one is set
 * back, this one stands still for the jump and then goes on, instead of waiting until the old time comes again.
 * Only differences of it mean anything; what is told to others is converted by `toMachineMs`.
 */
export class GateClock {
  #nowMs: number;
  #offsetMs: number;

  constructor(stored: { readonly nowMs: number; readonly offsetMs: number } | null) {
    this.#nowMs = stored?.nowMs ?? -Infinity;
    this.#offsetMs = stored?.offsetMs ?? 0;
  }

  /** Reads the gate's time off the machine's, both in milliseconds. */
  read(machineMs: number): number {
    const nowMs = machineMs + this.#offsetMs;
    if (nowMs >= this.#nowMs) this.#nowMs = nowMs;
    else this.#offsetMs += this.#nowMs - nowMs;
    return this.#nowMs;
  }

  toMachineMs(gateMs: number): number {
    return gateMs - this.#offsetMs;
  }

  toStored(): { nowMs: number; offsetMs: number } {
    return { nowMs: this.#nowMs, offsetMs: this.#offsetMs };
  }
}
