/** An object has one alarm for all its purposes: this keeps it at the earliest time that anything asked for. */
export class SingleAlarm {
  readonly #set: (atMs: number) => void;
  readonly #clear: () => void;
  #atMs = Infinity;

  constructor(set: (atMs: number) => void, clear: () => void) {
    this.#set = set;
    this.#clear = clear;
  }

  /** Moves the alarm forward; a later time than the standing one changes nothing. */
  atLatest(atMs: number): void {
    if (atMs >= this.#atMs) return;
    this.#atMs = atMs;
    this.#set(atMs);
  }

  /** Sets it anew, for the alarm's own handler; Infinity clears it. */
  replace(atMs: number): void {
    this.#atMs = Infinity;
    if (atMs === Infinity) this.#clear();
    else this.atLatest(atMs);
  }
}
