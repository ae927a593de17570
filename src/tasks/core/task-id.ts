import { numberFromBase32, numberToBase32 } from "#platform/bytes";
import { RANDOM_LENGTH, TIME_LENGTH } from "#platform/ids";

/**
 * `task_` + 10 digits of time + 1 of layout + 2 of shard + 16 random ones. The id alone leads to its shard, so more shards can be
 * added at any time: the ids that stand keep their place. The layout names this division itself, should it ever change.
 */
const LAYOUT = "0";
const SHARD_LENGTH = 2;
const FORM = new RegExp(
  `^task_[0-9a-hjkmnp-tv-z]{${TIME_LENGTH}}${LAYOUT}([0-9a-hjkmnp-tv-z]{${SHARD_LENGTH}})[0-9a-hjkmnp-tv-z]{${RANDOM_LENGTH}}$`,
);

/** What an id carries between its time and its random part. */
export const routingOf = (shard: number): string => LAYOUT + numberToBase32(shard, SHARD_LENGTH);

/**
 * The shard that holds a task, or null for what is no id of this deployment. An id with a shard that does not
 * exist is refused here: made-up ids must not create objects.
 */
export function shardOfTask(id: string, shards: number): number | null {
  const digits = FORM.exec(id)?.[1];
  const shard = digits === undefined ? null : numberFromBase32(digits);
  return shard !== null && shard < shards ? shard : null;
}

/** The name of a shard's object. */
export const shardName = (shard: number): string => `shard-${routingOf(shard)}`;

/** The name of the object that holds a task that we gave out. */
export const shardNameOfTask = (id: string): string => shardName(shardOfTask(id, Infinity) ?? 0);
