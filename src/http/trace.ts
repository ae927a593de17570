const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const NO_TRACE = "0".repeat(32);
const NO_SPAN = "0".repeat(16);

/**
 * The `traceparent` for our own hops (W3C Trace Context): the caller's trace and flags with a new span,
 * or a new trace where there is none or a malformed one, as section 3.2.2.3 asks. What a future version
 * may add behind a dash is dropped.
 */
export function continueTrace(header: string | null | undefined): string {
  const [, version, traceId, parentId, flags, rest] = TRACEPARENT.exec(header ?? "") ?? [];
  const isUsable =
    version !== undefined &&
    version !== "ff" &&
    traceId !== NO_TRACE &&
    parentId !== NO_SPAN &&
    (version !== "00" || rest === undefined);
  return isUsable
    ? `00-${traceId}-${newSpanId()}-${flags}`
    : `00-${crypto.randomUUID().replaceAll("-", "")}-${newSpanId()}-01`;
}

/** The trace's id in a `traceparent` of ours. */
export const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35);

/** Sixteen random hexadecimal digits: the parts of a version 4 UUID that hold no version and no variant. */
function newSpanId(): string {
  const uuid = crypto.randomUUID();
  return uuid.slice(0, 8) + uuid.slice(24, 32);
}
