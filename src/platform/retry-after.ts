/** `Retry-After` (RFC 9110 section 10.2.3), seconds or a date, in milliseconds from now; undefined where it says nothing. */
export function retryAfterMs(value: string | null, nowMs: number): number | undefined {
  const text = value?.trim() ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  // Only the form with a weekday: `Date.parse` takes much that is no HTTP date.
  if (!/^[A-Z][a-z]{2,8},? /.test(text)) return undefined;
  const dateMs = Date.parse(text);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}
