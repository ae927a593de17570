/**
 * Tells D1 what a run used and everybody concerned what came of it: once each as far as anybody can see, however often it has to be
 * tried. What is still to be told stands in the run's own storage, so that neither a restart nor a database that is away loses it.
 */
import type { Outcome } from "./answer";
import type { EndedStream } from "./run";

/** An ended run, as far as settling it needs. */
export interface OwingRun {
  readonly id: string;
  readonly usageJson: string | null;
  readonly nextTryAtMs: number;
}

export interface SettleBook<R extends OwingRun> {
  readonly find: (runId: string) => R | null;
  readonly build: (runId: string) => { readonly outcome: Outcome | null };
  readonly hasUnkept: (runId: string) => boolean;
  readonly unkept: (run: R, outcome: Outcome) => readonly EndedStream[];
  readonly markUsage: (runId: string) => void;
  readonly markKept: (streamId: string) => void;
  readonly putOff: (runId: string, nowMs: number) => void;
}

export interface SettlePorts {
  readonly now: () => number;
  readonly writeUsage: (usageJson: string) => Promise<void>;
  readonly complete: (ended: EndedStream) => Promise<void>;
  readonly onFault: (runId: string, error: unknown) => void;
}

export class Settler<R extends OwingRun> {
  readonly #book: SettleBook<R>;
  readonly #ports: SettlePorts;
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(book: SettleBook<R>, ports: SettlePorts) {
    this.#book = book;
    this.#ports = ports;
  }

  /** Tells what an ended run owes, unless it was put off. Joins a telling that is under way. Never rejects. */
  settle(runId: string): Promise<void> {
    const known = this.#underWay.get(runId);
    if (known !== undefined) return known;
    const settling = this.#settle(runId).finally(() => this.#underWay.delete(runId));
    this.#underWay.set(runId, settling);
    return settling;
  }

  async #settle(runId: string): Promise<void> {
    try {
      // A stream that joins while others are told comes in the next round.
      for (;;) {
        const run = this.#book.find(runId);
        if (run === null || run.nextTryAtMs > this.#ports.now()) return;
        if (run.usageJson !== null) {
          await this.#ports.writeUsage(run.usageJson);
          this.#book.markUsage(runId);
        }
        if (!this.#book.hasUnkept(runId)) return;
        const { outcome } = this.#book.build(runId);
        if (outcome === null) return;
        for (const ended of this.#book.unkept(run, outcome)) {
          await this.#ports.complete(ended);
          this.#book.markKept(ended.streamId);
        }
      }
    } catch (error) {
      this.#ports.onFault(runId, error);
      this.#book.putOff(runId, this.#ports.now());
    }
  }
}
