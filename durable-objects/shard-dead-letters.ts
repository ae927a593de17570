import { isDeadLetter } from "#tasks/core/dead-letters";
import type { DeadLetter, ReplayVerdict } from "#tasks/core/dead-letters";
import { viewOf } from "#tasks/core/state";
import { ShardEvents } from "./shard-events";

/** The dead letters of a shard, for administrators: whoever calls has been let in as one, so that no owner is asked for. */
export class ShardDeadLetters extends ShardEvents {
  deadLetter(id: string): DeadLetter | null {
    const row = this.book.find(id);
    if (!row || !isDeadLetter(row)) return null;
    return { task: viewOf(row), ownerId: row.ownerId, inputJson: this.book.readInput(id) };
  }

  /** Gives dead letters a new life, in one transaction. */
  replay(ids: readonly string[]): Promise<ReplayVerdict[]> {
    return this.change(() => ids.map((id) => this.desk.replay(id)));
  }

  /** Takes tasks off the dead letters; false for what is none. */
  bury(ids: readonly string[]): Promise<boolean[]> {
    return this.change(() => ids.map((id) => this.desk.bury(id)));
  }
}
