/**
 * W3C Trace Context (Recommendation of 2021, and the second edition's `random` flag): which trace a piece of work belongs
 * to, and what the next hop is told of it.
 */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const NO_TRACE = "0".repeat(32);
const NO_SPAN = "0".repeat(16);
/** `sampled` and `random`; the other bits mean nothing yet and are sent as zero (section 3.2.2.5). */
const KNOWN_FLAGS = 0b11;

/** Names of the headers, as `Headers` wants them. */
export const TRACEPARENT_HEADER = "traceparent";
export const TRACESTATE_HEADER = "tracestate";

export interface TraceContext {
  /** With a span of our own, for the next hop. */
  readonly traceparent: string;
  /** The callers' own notes, as they came; null where there are none, or where the trace is a new one. */
  readonly tracestate: string | null;
}

/**
 * The context of a request that came in: the caller's trace and flags with a new span, or a new trace where there is none
 * or a malformed one, as section 3.2.2.3 asks. What a future version may add behind a dash is dropped. A `tracestate`
 * belongs to its `traceparent` and falls with it (section 3.3).
 */
export function readTraceContext(
  traceparent: string | null | undefined,
  tracestate: string | null | undefined,
): TraceContext {
  const continued = continuedTrace(traceparent);
  return continued === null
    ? { traceparent: newTrace(), tracestate: null }
    : { traceparent: continued, tracestate: passableState(tracestate) };
}

/** As `readTraceContext`, where nothing is done with a `tracestate`. */
export const continueTrace = (header: string | null | undefined): string =>
  continuedTrace(header) ?? newTrace();

/** A trace that begins here, sampled. */
export const newTrace = (): string =>
  `00-${crypto.randomUUID().replaceAll("-", "")}-${newSpanId()}-01`;

/** The `traceparent` for a hop below `traceparent`, which is one of ours: the same trace and flags, a span of its own. */
export const childOf = (traceparent: string): string =>
  `${traceparent.slice(0, 36)}${newSpanId()}${traceparent.slice(52)}`;

/** The trace's id in a `traceparent` of ours. */
export const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35);

/** The caller's trace with a span of our own, or null where there is none, or a malformed one. */
export function continuedTrace(header: string | null | undefined): string | null {
  const [, version, traceId, parentId, flags = "", rest] = TRACEPARENT.exec(header ?? "") ?? [];
  const isUsable =
    version !== undefined &&
    version !== "ff" &&
    traceId !== NO_TRACE &&
    parentId !== NO_SPAN &&
    (version !== "00" || rest === undefined);
  if (!isUsable) return null;
  const known = (Number.parseInt(flags, 16) & KNOWN_FLAGS).toString(16);
  return `00-${traceId}-${newSpanId()}-0${known}`;
}

/** Sixteen random hexadecimal digits: the parts of a version 4 UUID that hold no version and no variant. */
function newSpanId(): string {
  const uuid = crypto.randomUUID();
  return uuid.slice(0, 8) + uuid.slice(24, 32);
}

/** What every party has to be able to pass on (section 3.3.1.5); longer ones are cut to it. */
const MAX_STATE_CHARS = 512;
const MAX_MEMBERS = 32;
/** Members longer than this are the first to go (the same section). */
const LONG_MEMBER_CHARS = 128;
/** Section 3.3.1.3: a key, with or without a tenant, and a value of printable ASCII but `,` and `=` that does not end in a space. */
const MEMBER =
  /^(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/**
 * A `tracestate` as it may be passed on: unchanged where it is well-formed and within the limits, shortened by whole members
 * where it is too long (the long ones first, then from the end), and null where it is malformed or empty: a half-read one is
 * discarded whole.
 */
export function passableState(header: string | null | undefined): string | null {
  if (header === null || header === undefined || header.length > 8 * MAX_STATE_CHARS) return null;
  const members = header
    .split(",")
    .map((member) => member.replaceAll(/^[ \t]+|[ \t]+$/g, ""))
    .filter((member) => member !== "");
  if (members.length === 0 || members.length > MAX_MEMBERS) return null;
  const keys = new Set(members.map((member) => member.slice(0, member.indexOf("="))));
  if (keys.size < members.length || !members.every((member) => MEMBER.test(member))) return null;
  if (header.length <= MAX_STATE_CHARS) return header;
  let kept = members;
  while (kept.join(",").length > MAX_STATE_CHARS) {
    const long = kept.findLastIndex((member) => member.length > LONG_MEMBER_CHARS);
    kept = kept.toSpliced(long < 0 ? kept.length - 1 : long, 1);
  }
  return kept.length === 0 ? null : kept.join(",");
}
