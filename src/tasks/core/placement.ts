import { fnv1a } from "#platform/bytes";

/** How a deployment spreads tasks, and how many of one owner's it runs at once. */
export interface Placement {
  readonly shards: number;
  readonly concurrency: number;
}

/** A shard has at least so much of an owner's concurrency to give: less would leave much of it unused where tasks fall unevenly. */
const MIN_SHARE = 16;

/** On how many shards an owner's tasks lie: no more than can each run a fair number of them. */
const spreadOf = ({ shards, concurrency }: Placement): number =>
  Math.min(shards, Math.max(1, Math.floor(concurrency / MIN_SHARE)));

/** The first of them. */
const homeOf = (ownerId: string, placement: Placement): number =>
  spreadOf(placement) === placement.shards ? 0 : fnv1a(ownerId) % placement.shards;

/** Where a new task goes: by owner and key, so that one place decides a key's uniqueness, else to any of its owner's. `random` is in [0, 1). */
export function placeTask(
  ownerId: string,
  idempotencyKey: string | null,
  placement: Placement,
  random: number,
): number {
  const spread = spreadOf(placement);
  const offset =
    idempotencyKey === null
      ? Math.floor(random * spread)
      : fnv1a(`${ownerId}\n${idempotencyKey}`) % spread;
  return (homeOf(ownerId, placement) + offset) % placement.shards;
}

/**
 * How many of an owner's tasks a shard may run at once. The shares of an owner's shards add up to the whole, so that the limit holds without any of
 * them asking another. A shard that an earlier setting chose lets one run at a time.
 */
export function shareOf(ownerId: string, shard: number, placement: Placement): number {
  const { shards, concurrency } = placement;
  const spread = spreadOf(placement);
  const position = (shard - homeOf(ownerId, placement) + shards) % shards;
  if (position >= spread) return 1;
  return Math.floor(concurrency / spread) + (position < concurrency % spread ? 1 : 0);
}
