import { utf8 } from "#platform/bytes";
import { toTimestamp } from "#platform/clock";
import { errorText } from "#platform/errors";
import type { JsonValue } from "#platform/json-value";
import type { Locale } from "#platform/locale";
import type { TaskRow } from "./state";

/** Standard Webhooks advises to stay below 20 KB: receivers and proxies in between cap bodies, and what is larger is fetched. */
export const MAX_WEBHOOK_BODY_BYTES = 20_000;

export interface PayloadContext {
  /** A webhook has no reader whose language is known: the deployment's own. */
  readonly locale: Locale;
  /** Where this deployment is reached, for addresses that a receiver can follow; empty where that is not set. */
  readonly origin: string;
}

/**
 * What a receiver is told of a task's end: the task as its owner reads it, its result only where it is small. The text is kept and sent as it
 * is at every attempt, so that it is the same even where the record is gone by then.
 */
export function webhookPayload(
  row: TaskRow,
  { locale, origin }: PayloadContext,
): { readonly event: string; readonly body: string } {
  const event = `task.${row.status}`;
  const completedAtMs = row.completedAtMs ?? row.createdAtMs;
  const url = `${origin}/api/v1/tasks/${row.id}`;
  const bodyWith = (data: JsonValue, more: Readonly<Record<string, string>>): string =>
    JSON.stringify({
      type: event,
      timestamp: toTimestamp(completedAtMs),
      data: {
        request_id: row.id,
        kind: row.kind,
        status: row.status,
        data,
        error: presentFault(row, locale),
        execution_time: row.startedAtMs === null ? 0 : (completedAtMs - row.startedAtMs) / 1000,
        attempts: row.attempts,
        created_at: toTimestamp(row.createdAtMs),
        completed_at: toTimestamp(completedAtMs),
        task_url: url,
        ...more,
      },
    });
  const { result } = row;
  if (result === null) return { event, body: bodyWith(null, {}) };
  const fetched = { result_url: `${url}/result` };
  if (result.inlineJson === null || result.bytes > MAX_WEBHOOK_BODY_BYTES)
    return { event, body: bodyWith(null, fetched) };
  const whole = bodyWith(JSON.parse(result.inlineJson) as JsonValue, fetched);
  return utf8(whole).byteLength <= MAX_WEBHOOK_BODY_BYTES
    ? { event, body: whole }
    : { event, body: bodyWith(null, fetched) };
}

function presentFault(
  { fault }: TaskRow,
  locale: Locale,
): { code: string; message: string; detail: string | null } | null {
  if (fault === null) return null;
  const { error, detail } = errorText(fault.code, locale, fault.params);
  return { code: fault.code, message: error, detail };
}
