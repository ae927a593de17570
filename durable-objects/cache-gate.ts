import type { CacheCounts } from "#cache/core/counts";
import { AnswerIndex } from "#cache/storage";
import type { CacheReport } from "#cache/storage";
import { SocketGate } from "./socket-gate";

/** Which of the owner's kept answers may be told again. It goes with every admission, so that nobody is told what was cleared a moment ago. */
export abstract class CacheGate extends SocketGate {
  /** Own fields are out of reach over RPC. */
  readonly answers = new AnswerIndex({
    storage: this.ctx.storage,
    clock: () => this.clock(),
    onWrite: () => this.arm(),
    ttlMs: this.config.cacheTtlSeconds * 1000,
    maxSize: this.config.maxCacheSize,
  });

  /** Takes the name of an answer that is being stored; answers with the names of those that are to be removed. */
  keepAnswer(key: string, name: string): string[] {
    return this.answers.keep(key, name);
  }

  /** From the next admission on, the answer of this key is not told again. */
  evictAnswer(key: string): void {
    this.answers.evict(key);
  }

  /** From the next admission on, nothing that is kept is told again. Answers with how many answers that is. */
  clearAnswers(): number {
    return this.answers.clear();
  }

  /** Counts what came of looking up. */
  countAnswers(counts: CacheCounts): void {
    this.answers.count(counts);
  }

  reportAnswers(): CacheReport {
    return this.answers.report();
  }
}
