import { errorText } from "#platform/errors";
import type { ErrorCode } from "#platform/errors";
import type { Locale } from "#platform/locale";
import type { Fault } from "./state";

/** Where a task is read. */
export const taskPath = (id: string): string => `/api/v1/tasks/${id}`;

/** Why a task, or an attempt at it, did not succeed, in the reader's language. */
export function presentFault(
  fault: Fault,
  locale: Locale,
): { code: ErrorCode; message: string; detail: string | null } {
  const { error, detail } = errorText(fault.code, locale, fault.params);
  return { code: fault.code, message: error, detail };
}
