/** Marks that the runtime puts on errors of Durable Objects (Workers documentation, Durable Objects error handling). */
const MARKS = ["retryable", "overloaded", "durableObjectReset"] as const;

/** What the runtime says when a binding, and not our code, has failed. The texts carry no code of their own. */
const MESSAGES =
  /network connection lost|durable object (?:reset|storage operation exceeded)|object to be reset|object is overloaded|cannot resolve (?:d1 )?db due to transient|d1 db (?:is overloaded|storage operation|reset)|internal error in d1|kv (?:get|put|list|delete) failed|error 15000|internal error \(15000\)|too many requests queued|worker exceeded|service unavailable/i;

/** Whether an unknown failure is one of a binding that may well work a moment later. */
export function isDependencyFailure(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  if (MARKS.some((mark) => (error as Record<string, unknown>)[mark] === true)) return true;
  return error instanceof Error && MESSAGES.test(error.message);
}
