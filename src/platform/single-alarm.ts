/**
 * An object has one alarm for all its purposes: this keeps it at the earliest time that anything asked for.
 *
 * A standing alarm is never put off: one that is about to fire would be cancelled under the runtime's hands. It
 * fires, finds little to do, and is set anew.
 */
export class SingleAlarm {
  readonly #set: (atMs: number) => void;
  readonly #clear: () => void;
  #atMs = Infinity;
  /** Whether only the handler's own safety net stands, which may be put off: it is far away. */
  #isSafetyNet = false;

  constructor(set: (atMs: number) => void, clear: () => void) {
    this.#set = set;
    this.#clear = clear;
  }

  /** Takes note of an alarm that stands already, from an earlier instance of the object. */
  resume(atMs: number): void {
    this.#atMs = Math.min(this.#atMs, atMs);
  }

  /** Moves the alarm forward; a later time than the standing one changes nothing. */
  atLatest(atMs: number): void {
    if (atMs >= this.#atMs) return;
    this.#atMs = atMs;
    this.#isSafetyNet = false;
    this.#set(atMs);
  }

  /** The alarm fired: nothing stands but the next one at `atMs`, should its handler be cut short. */
  fired(atMs: number): void {
    this.#atMs = Infinity;
    this.atLatest(atMs);
    this.#isSafetyNet = true;
  }

  /** Its handler is done and wants the next one at `atMs`, Infinity for none; what was asked for meanwhile stays. */
  handled(atMs: number): void {
    if (this.#isSafetyNet) {
      this.#atMs = Infinity;
      this.#isSafetyNet = false;
      if (atMs === Infinity) this.#clear();
    }
    this.atLatest(atMs);
  }
}
