/**
 * What an owner's gate says, with its verdict on each request, of the answers that are kept for the owner. The store of the answers is
 * told of a change up to a minute late; the gate never is, and what it says is part of every name that an answer is looked up by.
 */
export interface CacheStanding {
  /** Counts how often everything was cleared. */
  readonly generation: number;
  /** Answers that are not told again: the first digits of their key → a number that no earlier eviction had. */
  readonly evictions: Readonly<Record<string, number>>;
}

export const NOTHING_CLEARED: CacheStanding = { generation: 0, evictions: {} };
