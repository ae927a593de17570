import { DurableObject } from "cloudflare:workers";
import type { Totals } from "#metrics/core/ledger";
import { PulseBook } from "#metrics/storage";
import { systemClock } from "#platform/clock";
import type { NumberedDelta } from "#platform/meter-flush";

/** What all isolates counted together, since the deployment began. */
export class Pulse extends DurableObject<Env> {
  readonly #book = new PulseBook(this.ctx.storage, systemClock);

  /** Takes what an isolate counted: all of it in one commit, and each number of a source once. What is answered is on the disk. */
  add(source: string, deltas: readonly NumberedDelta[]): void {
    this.#book.add(source, deltas);
  }

  /** Everything that was counted, and since when, in milliseconds since the epoch. */
  read(): { readonly totals: Totals; readonly sinceMs: number } {
    return { totals: this.#book.totals(), sinceMs: this.#book.sinceMs() };
  }
}
