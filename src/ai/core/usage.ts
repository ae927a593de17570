import type { AnswerBuilder } from "./answer";
import { costOf } from "./cost";
import type { Price } from "./cost";
import type { Usage } from "./port";
import type { LastEvent } from "./pump";
import { estimateUsage } from "./tokens";

/** One row of D1's `usage`: what one run used. */
export interface UsageRow {
  /** The run's. */
  readonly id: string;
  readonly ownerId: string;
  readonly keyId: string | null;
  readonly kind: string;
  readonly model: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly isEstimated: boolean;
  /** Null where the model has no price. */
  readonly costMicrousd: number | null;
  readonly createdAtMs: number;
}

/** Who is told what a run used. */
export interface UsageOwner {
  readonly id: string;
  readonly ownerId: string;
  readonly keyId: string | null;
  readonly kind: string;
  readonly isRecorded: boolean;
  readonly promptTokens: number;
  readonly startedAtMs: number;
}

/**
 * What a run used: what the provider told, or, where an answer broke off, an estimate of what had come. Null where nothing came
 * at all, since then nothing was generated that anybody could be charged for, and where an answer was only told again.
 */
export function usageRow(
  run: UsageOwner,
  last: LastEvent,
  built: AnswerBuilder,
  prices: Readonly<Record<string, Price>>,
): UsageRow | null {
  const model = last.type === "done" ? last.model : built.model;
  if (run.isRecorded || model === null) return null;
  const usage: Usage =
    last.type === "done" ? last.usage : estimateUsage(run.promptTokens, built.countedText);
  return {
    id: run.id,
    ownerId: run.ownerId,
    keyId: run.keyId,
    kind: run.kind,
    model,
    ...usage,
    costMicrousd: costOf(prices, model, usage),
    createdAtMs: run.startedAtMs,
  };
}
