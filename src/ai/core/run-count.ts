import { count } from "#platform/meter";
import type { ModelChoice } from "./models";
import { modelNames } from "./models";
import type { LastEvent } from "./pump";
import type { UsageRow } from "./usage";

/**
 * Counts a run that ended. One that failed before any model answered counts for the model of the settings: what its request
 * named may be anything. An answer that was only told again asked no model and is not counted.
 */
export function countRun(
  run: { readonly isRecorded: boolean },
  last: LastEvent,
  used: UsageRow | null,
  choice: ModelChoice,
): void {
  if (run.isRecorded) return;
  const { provider } = choice;
  const model = used?.model ?? modelNames(choice)[0] ?? provider;
  count("naru_ai_model_requests_total", {
    provider,
    model,
    outcome: last.type === "done" ? "ok" : "error",
  });
  if (used === null) return;
  count("naru_ai_model_tokens_total", { provider, model, kind: "prompt" }, used.promptTokens);
  count(
    "naru_ai_model_tokens_total",
    { provider, model, kind: "completion" },
    used.completionTokens,
  );
}
