import * as z from "zod";
import { toTimestamp } from "#platform/clock";
import { MAX_CHANNEL_CHARS } from "./channel-name";

/** What a frame may weigh, in UTF-8 bytes. */
export const MAX_FRAME_BYTES = 65_536;
/** Channels of one socket: as many as fit into what it remembers while its object sleeps. */
export const MAX_CHANNELS = 64;
/** A client sends the ping so often, give or take, and counts ten seconds of silence after it as a dead line. */
export const HEARTBEAT_S = 25;

/** The one ping that is answered without waking the object, byte by byte as it stands here, and its answer. */
export const PING_TEXT =
  '{"type":"ping","request_id":null,"data":{},"timestamp":"1970-01-01T00:00:00.000Z"}';
export const PONG_TEXT =
  '{"type":"pong","request_id":null,"data":{},"timestamp":"1970-01-01T00:00:00.000Z"}';

const Channel = z.string().min(1).max(MAX_CHANNEL_CHARS).describe("`<kind>:<subject>`.");
const Offset = z.int().min(0).describe("Counts a channel's events from 1.");
export const PositionSchema = z.strictObject({
  epoch: z.string().min(1).max(64).describe("Of the log that the offset belongs to."),
  offset: Offset,
});
const Mode = z
  .enum(["stream", "latest"])
  .describe("`latest` gives the newest event at once, whatever was missed.");

const HistoryOrder = z
  .enum(["oldest_first", "newest_first"])
  .describe(
    "`oldest_first` begins behind `since`, or with the oldest event that is kept; `newest_first` goes back from `since`, or from the newest one. Without it: what is behind `since`, or the newest events, oldest of them first.",
  );
export type HistoryOrder = z.infer<typeof HistoryOrder>;

export const SubscriptionSchema = z.strictObject({
  channel: Channel,
  since: PositionSchema.optional().describe(
    "Continues behind this position; the missed events follow the answer as `event` frames.",
  ),
  recover: PositionSchema.optional().describe(
    "As `since`, with the missed events inside the answer, as `events`.",
  ),
  mode: Mode.optional(),
  presence: z.boolean().optional().describe("Tells who is there, who joins and who leaves."),
  must_recover: z
    .boolean()
    .optional()
    .describe("Refuses with `POSITION_NOT_KEPT` where not everything that was missed can be had."),
});
export type Subscription = z.infer<typeof SubscriptionSchema>;

/** The `data` of every frame that a client sends, by its type. */
export const CLIENT_DATA = {
  connect: z.strictObject({
    client: z
      .strictObject({ name: z.string().max(64), version: z.string().max(32) })
      .optional()
      .describe("Who is calling, for people who look for faults."),
    subs: z
      .array(
        z.strictObject({
          channel: Channel,
          epoch: z.string().min(1).max(64).optional(),
          offset: Offset.optional(),
          mode: Mode.optional(),
          presence: z.boolean().optional(),
        }),
      )
      .max(MAX_CHANNELS)
      .default([])
      .describe("Every channel at once, as after a lost line. Each is answered as `subscribe` is."),
  }),
  subscribe: SubscriptionSchema,
  unsubscribe: z.strictObject({ channel: Channel }),
  publish: z.strictObject({
    channel: Channel,
    event: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)
      .describe("What happened."),
    payload: z.json().describe("What there is to say of it."),
    message_id: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .describe("The same id within five minutes is the same message: it is kept once."),
  }),
  presence: z.strictObject({ channel: Channel }),
  history: z.strictObject({
    channel: Channel,
    limit: z.int().min(1).max(300).default(50),
    since: PositionSchema.optional(),
    order: HistoryOrder.optional(),
  }),
  refresh: z.strictObject({
    token: z.string().min(1).max(4096).describe("A new access token of the same session."),
  }),
  received: z
    .strictObject({ channel: Channel, offset: Offset })
    .describe("Everything up to this offset has arrived. Not answered."),
  "task.submit": z.strictObject({
    kind: z.string().min(1).max(64),
    input: z.record(z.string(), z.json()).default({}),
    timeout: z.int().min(1).max(3_600).optional(),
    idempotency_key: z.string().min(1).max(255).optional(),
    traceparent: z
      .string()
      .max(256)
      .optional()
      .describe(
        "W3C Trace Context of this task; without it, or where it is malformed, the task belongs to the trace of the request that opened the socket.",
      ),
  }),
  "task.cancel": z.strictObject({ task_id: z.string().min(1).max(64) }),
  ping: z.strictObject({}),
  pong: z.strictObject({}),
} as const;

export type ClientType = keyof typeof CLIENT_DATA;
export type ClientData = { readonly [T in ClientType]: z.infer<(typeof CLIENT_DATA)[T]> };
export type ClientFrame = {
  readonly [T in ClientType]: {
    readonly type: T;
    readonly request_id: string | null;
    readonly data: ClientData[T];
  };
}[ClientType];

const RequestId = z.string().min(1).max(128).nullable();
const EnvelopeSchema = z.strictObject({
  type: z.string().max(64),
  request_id: RequestId,
  data: z.record(z.string(), z.unknown()),
  timestamp: z.iso.datetime({ offset: true }),
});

export type FrameFault =
  | { readonly kind: "malformed"; readonly requestId: string | null }
  | { readonly kind: "unknown_type"; readonly requestId: string | null }
  | {
      readonly kind: "invalid";
      readonly requestId: string | null;
      readonly issues: readonly z.core.$ZodIssue[];
    };

export type FrameReading =
  | { readonly ok: true; readonly frame: ClientFrame }
  | { readonly ok: false; readonly fault: FrameFault };

const isClientType = (type: string): type is ClientType => Object.hasOwn(CLIENT_DATA, type);

/** Nothing that nests deeper is a message. Counted before parsing, since the parser itself descends. */
const MAX_DEPTH = 32;

/** Reads a frame whose length has been judged. The fault carries the request's id wherever it can be made out. */
export function readFrame(text: string): FrameReading {
  if (isTooDeep(text)) return { ok: false, fault: { kind: "malformed", requestId: null } };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, fault: { kind: "malformed", requestId: null } };
  }
  const envelope = EnvelopeSchema.safeParse(json);
  const requestId = envelope.success ? envelope.data.request_id : requestIdOf(json);
  if (!envelope.success) return { ok: false, fault: { kind: "malformed", requestId } };
  const { type, data } = envelope.data;
  if (!isClientType(type)) return { ok: false, fault: { kind: "unknown_type", requestId } };
  const parsed = CLIENT_DATA[type].safeParse(data);
  if (!parsed.success)
    return { ok: false, fault: { kind: "invalid", requestId, issues: parsed.error.issues } };
  return {
    ok: true,
    frame: { type, request_id: requestId, data: parsed.data } as ClientFrame,
  };
}

function requestIdOf(json: unknown): string | null {
  const id = (json as { request_id?: unknown } | null)?.request_id;
  const parsed = RequestId.safeParse(id);
  return parsed.success ? parsed.data : null;
}

/** Whether a text nests deeper than any message does. */
export function isTooDeep(text: string): boolean {
  let depth = 0;
  let isInText = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (isInText) {
      if (char === 0x5c) i += 1;
      else if (char === 0x22) isInText = false;
    } else if (char === 0x22) isInText = true;
    else if (char === 0x7b || char === 0x5b) {
      depth += 1;
      if (depth > MAX_DEPTH) return true;
    } else if (char === 0x7d || char === 0x5d) depth -= 1;
  }
  return false;
}

/** An event as it stands in a log and in a frame. */
export interface EventData {
  readonly channel: string;
  readonly event: string;
  readonly id: string;
  readonly offset: number;
  readonly payload: unknown;
  /** The request that led to it. */
  readonly cause?: string;
}

/** Writes a frame; an answer carries its request's id, a push null. */
export const writeFrame = (
  type: string,
  requestId: string | null,
  data: object,
  nowMs: number,
): string => JSON.stringify({ type, request_id: requestId, data, timestamp: toTimestamp(nowMs) });

const TASK_EVENT = /^\{"channel":"[^"]*","event":"(task\.[a-z]+)"/;

/**
 * A frame around an event's data, which is JSON already, so that a payload is serialised once for all who read it. What happened to a task has a frame
 * of its own type, with what there is to say of it beside the event's members.
 */
export function eventFrame(dataJson: string, nowMs: number): string {
  const type = TASK_EVENT.exec(dataJson)?.[1];
  if (type === undefined) return plainEventFrame(dataJson, nowMs);
  const event = JSON.parse(dataJson) as EventData;
  return writeFrame(type, null, { ...(event.payload as object), ...event }, nowMs);
}

const plainEventFrame = (dataJson: string, nowMs: number): string =>
  `{"type":"event","request_id":null,"data":${dataJson},"timestamp":"${toTimestamp(nowMs)}"}`;

export const batchFrame = (channel: string, items: readonly string[], nowMs: number): string =>
  `{"type":"batch","request_id":null,"data":{"channel":${JSON.stringify(channel)},"items":[${items.join(",")}]},"timestamp":"${toTimestamp(nowMs)}"}`;
