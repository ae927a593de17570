/** What the answers of one day and key used. */
export interface SpentRow {
  readonly day: string;
  /** Empty for a signed-in person. */
  readonly keyId: string;
  readonly answers: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Of those that have a price. */
  readonly costMicrousd: number;
  readonly unpriced: number;
}

/** How many calls of one day and key came in. */
export interface CountRow {
  readonly day: string;
  readonly keyId: string;
  readonly requests: number;
}

export interface TaskRow {
  readonly day: string;
  readonly tasks: number;
}

/** The names are those of the wire. */
export interface Figures {
  requests: number;
  answers: number;
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  cost_usd: number;
  unpriced_answers: number;
}

export interface Summary {
  readonly total: Figures & { readonly tasks: number };
  /** Oldest first; only days on which something was used. */
  readonly by_day: readonly (Figures & { readonly day: string; readonly tasks: number })[];
  /** The busiest first. */
  readonly by_key: readonly (Figures & { readonly key_id: string | null })[];
}

/** Sums in whole numbers, so that no cent is lost to fractions on the way. */
class Tally {
  requests = 0;
  tasks = 0;
  #answers = 0;
  #prompt = 0;
  #completion = 0;
  #microusd = 0;
  #unpriced = 0;

  add(row: SpentRow): void {
    this.#answers += row.answers;
    this.#prompt += row.promptTokens;
    this.#completion += row.completionTokens;
    this.#microusd += row.costMicrousd;
    this.#unpriced += row.unpriced;
  }

  figures(): Figures {
    return {
      requests: this.requests,
      answers: this.#answers,
      prompt_tokens: this.#prompt,
      completion_tokens: this.#completion,
      total_tokens: this.#prompt + this.#completion,
      cost_usd: this.#microusd / 1_000_000,
      unpriced_answers: this.#unpriced,
    };
  }
}

/** What was used, in all, by day and by key. */
export function summarize(
  spent: readonly SpentRow[],
  counts: readonly CountRow[],
  tasks: readonly TaskRow[],
): Summary {
  const total = new Tally();
  const days = new Map<string, Tally>();
  const keys = new Map<string, Tally>();
  for (const row of spent)
    for (const tally of [total, tallyOf(days, row.day), tallyOf(keys, row.keyId)]) tally.add(row);
  for (const { day, keyId, requests } of counts)
    for (const tally of [total, tallyOf(days, day), tallyOf(keys, keyId)])
      tally.requests += requests;
  for (const row of tasks)
    for (const tally of [total, tallyOf(days, row.day)]) tally.tasks += row.tasks;
  return {
    total: { ...total.figures(), tasks: total.tasks },
    by_day: [...days]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([day, tally]) => ({ day, ...tally.figures(), tasks: tally.tasks })),
    by_key: [...keys]
      .sort(([a, x], [b, y]) => y.requests - x.requests || (a < b ? -1 : 1))
      .map(([keyId, tally]) => ({ key_id: keyId === "" ? null : keyId, ...tally.figures() })),
  };
}

function tallyOf(tallies: Map<string, Tally>, name: string): Tally {
  const tally = tallies.get(name) ?? new Tally();
  tallies.set(name, tally);
  return tally;
}
