import type { Usage } from "./port";

/** Dollars per million tokens. */
export interface Price {
  readonly prompt: number;
  readonly completion: number;
}

export const EMBEDDED_MODEL = "embedded";

/**
 * What an answer cost in millionths of a dollar, or null where its model has no price. Providers answer with dated names
 * (`gpt-4o-mini-2024-07-18`) for what is asked by a shorter one: the longest priced name that it begins with counts.
 */
export function costOf(
  prices: Readonly<Record<string, Price>>,
  model: string,
  usage: Usage,
): number | null {
  // What is built in costs nothing.
  if (model === EMBEDDED_MODEL) return 0;
  const name = Object.keys(prices)
    .filter((priced) => model === priced || model.startsWith(`${priced}-`))
    .reduce<string | null>((a, b) => (a !== null && a.length >= b.length ? a : b), null);
  const price = name === null ? undefined : prices[name];
  if (price === undefined) return null;
  // Dollars per million tokens are millionths of a dollar per token.
  return Math.round(usage.promptTokens * price.prompt + usage.completionTokens * price.completion);
}
