import { toTimestamp } from "#platform/clock";
import type { Locale } from "#platform/locale";
import type { EventBody, EventPage, TaskEvent } from "./events";
import { presentFault, taskPath } from "./present-fault";

/** An event of a task as it stands in a stream: its number, its name, and its JSON. */
export interface PresentedEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** The event in the reader's language. The task's result stands in the last event of an ended log, and nowhere else. */
export function presentEvent(
  taskId: string,
  { seq, atMs, body }: TaskEvent,
  page: EventPage,
  locale: Locale,
): PresentedEvent {
  const ended = page.ended && seq === page.lastSeq ? page.ended : null;
  const members = { task_id: taskId, ...membersOf(body, locale), timestamp: toTimestamp(atMs) };
  const json = JSON.stringify(
    ended?.hasChunkedResult === true
      ? { ...members, result_url: `${taskPath(taskId)}/result` }
      : members,
  );
  // A result is JSON already, and may be large: it is set in as it is.
  const data =
    body.type === "result" ? `{"data":${ended?.dataJson ?? "null"},${json.slice(1)}` : json;
  return { id: String(seq), event: body.type, data };
}

function membersOf(body: EventBody, locale: Locale): object {
  if (body.type === "progress") return { progress: body.progress, attempt: body.attempt };
  if (body.type === "log")
    return { level: body.level, message: body.message, attempt: body.attempt };
  const { status, fault } = body;
  const error = fault && presentFault(fault, locale);
  if (body.type === "result") return { status, error };
  const { attempt, notBeforeMs } = body;
  const not_before = notBeforeMs === null ? null : toTimestamp(notBeforeMs);
  return { status, attempt, error, not_before };
}
