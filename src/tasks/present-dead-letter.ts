import type { JsonValue } from "#platform/json-value";
import { utf8 } from "#platform/bytes";
import { toTimestamp } from "#platform/clock";
import type { Locale } from "#platform/locale";
import type { DeadLetter, DeadLetterSummary } from "./dead-letters";
import type { DeadLetterBody, DeadLetterSummaryBody } from "./dead-letter-schemas";
import { presentFault } from "./present";

const MAX_SHOWN_BYTES = 64 * 1024;

/** A dead letter's entry in a list. */
export const presentLetterSummary = (
  letter: DeadLetterSummary,
  locale: Locale,
): DeadLetterSummaryBody => ({
  id: letter.id,
  owner_id: letter.ownerId,
  kind: letter.kind,
  error: letter.fault && presentFault(letter.fault, locale),
  attempts: letter.attempts,
  created_at: toTimestamp(letter.createdAtMs),
  failed_at: toTimestamp(letter.failedAtMs),
});

/** A dead letter as an administrator looks into it. */
export function presentLetter(
  { task, ownerId, inputJson }: DeadLetter,
  locale: Locale,
): DeadLetterBody {
  const { byteLength } = utf8(inputJson);
  return {
    ...presentLetterSummary(
      { ...task, ownerId, failedAtMs: task.completedAtMs ?? task.createdAtMs },
      locale,
    ),
    history: task.history.map((record) => ({
      attempt: record.attempt,
      consumer_id: record.consumerId,
      started_at: toTimestamp(record.startedAtMs),
      ended_at: toTimestamp(record.endedAtMs),
      outcome: record.outcome,
      code: record.code,
    })),
    input: byteLength <= MAX_SHOWN_BYTES ? (JSON.parse(inputJson) as JsonValue) : null,
    input_bytes: byteLength,
  };
}
