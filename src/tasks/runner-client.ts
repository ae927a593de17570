import { describeError } from "#platform/log";
import type { Logger } from "#platform/log";
import type { Assignment } from "./core/run-task";

/**
 * Finds runners with room, from a random slot on, so that tasks spread over them. Gives back what found no room anywhere.
 * A runner whose answer is lost may have begun: its tasks count as refused, which takes their leases away from it.
 */
export async function handOver(
  start: (slot: number, assignments: readonly Assignment[]) => Promise<number>,
  slots: number,
  assignments: readonly Assignment[],
  random: number,
  log: Logger,
): Promise<readonly Assignment[]> {
  const first = Math.floor(random * slots);
  const lost: Assignment[] = [];
  let rest = assignments;
  for (let i = 0; i < slots && rest.length > 0; i++) {
    try {
      const accepted = await start((first + i) % slots, rest);
      rest = rest.slice(accepted);
    } catch (error) {
      log.warn("tasks.runner_unreachable", describeError(error));
      lost.push(...rest);
      rest = [];
    }
  }
  return [...lost, ...rest];
}
