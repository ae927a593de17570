import type { LogFields } from "#platform/log";
import type { LastEvent } from "./pump";
import type { UsageRow } from "./usage";

/** What the log keeps of a run's end. No word of what was asked or answered. */
export function endFields(
  run: { readonly id: string; readonly kind: string; readonly startedAtMs: number },
  last: LastEvent,
  used: UsageRow | null,
  nowMs: number,
): LogFields {
  return {
    run_id: run.id,
    kind: run.kind,
    duration_ms: nowMs - run.startedAtMs,
    finish_reason: last.type === "done" ? last.finishReason : null,
    error_code: last.type === "error" ? last.code : null,
    error_internal: last.type === "error" ? last.internal : null,
    model: used?.model,
    prompt_tokens: used?.promptTokens,
    completion_tokens: used?.completionTokens,
  };
}

/** An event as it is stored and told: what is for the log alone stays behind. */
export function toldEvent(last: LastEvent): LastEvent {
  if (last.type === "done") return last;
  const { internal: _internal, ...told } = last;
  return told;
}
