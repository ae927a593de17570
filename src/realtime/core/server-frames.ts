import * as z from "zod";
import { PositionSchema } from "./frames";

/**
 * What the server sends, by the name of the message. Two messages may share a frame's `type`: what is asked for and what comes by itself have
 * different data. An answer carries the `request_id` of its request; a push carries null.
 */
export interface ServerFrame {
  readonly type: string;
  readonly kind: "answer" | "push";
  readonly summary: string;
  readonly data: z.ZodType;
}

const Channel = z.string();
const Offset = z.int().min(0);
const Timestamp = z.iso.datetime({ precision: 3 });
const TaskStatus = z.enum(["queued", "running", "completed", "failed", "cancelled", "timed_out"]);

const EVENT = {
  channel: Channel,
  event: z.string().describe("What happened."),
  id: z.string().describe("Of the event, the same wherever it is read."),
  offset: Offset.describe("Its place in the channel: one more than that of the event before."),
  payload: z.json(),
  cause: z.string().optional().describe("The `X-Request-Id` of the request that led to it."),
};
const EventSchema = z.strictObject(EVENT);

const Fault = z
  .strictObject({ code: z.string(), message: z.string(), detail: z.string().nullable() })
  .nullable()
  .describe("Why it did not complete; null where it did, or may yet.");

/** What every frame of a task says beside the members of an event. */
const TASK = {
  ...EVENT,
  task_id: z.string(),
  timestamp: Timestamp.describe("When it happened."),
  attempt: z.int().min(0),
};
const { attempt: _attempt, ...RESULT } = TASK;

const Person = z.strictObject({ user_id: z.string(), connection_id: z.string() });
const place = PositionSchema.shape;

const ANSWERS = {
  connected: {
    summary: "Who the socket is, and what it may do.",
    data: z.strictObject({
      connection_id: z.string(),
      user_id: z.string(),
      expires_at: Timestamp.nullable().describe("When the access token ends; null for a key."),
      heartbeat_s: z.int().describe("Send the ping so often, in seconds."),
      limits: z.strictObject({
        frame_bytes: z.int(),
        channels: z.int(),
        frames_per_second: z.int(),
        burst: z.int(),
      }),
    }),
  },
  subscribed: {
    summary: "The socket takes part. Everything behind `offset` follows.",
    data: z.strictObject({
      channel: Channel,
      ...place,
      was_recovering: z.boolean().describe("A position was named."),
      recovered: z.boolean().describe("Everything behind it is given. False: read the state anew."),
      events: z.array(EventSchema).describe("What was missed, where it is asked for here."),
    }),
  },
  unsubscribed: {
    summary: "The socket has left the channel.",
    data: z.strictObject({ channel: Channel }),
  },
  published: {
    type: "ack",
    summary: "The message is kept.",
    data: z.strictObject({
      channel: Channel,
      offset: Offset,
      duplicate: z.literal(true).optional().describe("It was there already."),
    }),
  },
  presence: {
    summary: "Who is there: one for each connection, the first thousand.",
    data: z.strictObject({
      channel: Channel,
      members: z.array(
        z.strictObject({ user_id: z.string(), connection_id: z.string(), since: Timestamp }),
      ),
      count: z.int().min(0),
    }),
  },
  history: {
    summary: "A part of the channel's past.",
    data: z.strictObject({
      channel: Channel,
      ...place,
      recovered: z.boolean().describe("False where something behind the position is gone."),
      events: z.array(EventSchema),
    }),
  },
  refreshed: {
    summary: "The socket goes on with the new token.",
    data: z.strictObject({ expires_at: Timestamp }),
  },
  taskAccepted: {
    type: "ack",
    summary:
      "What was asked of the task is done. Whoever submits follows its channel from here on.",
    data: z.strictObject({ task_id: z.string(), status: TaskStatus, channel: Channel }),
  },
  pong: { summary: "The line is alive.", data: z.strictObject({}) },
  error: {
    summary:
      "The request was refused. With `request_id` null: a frame that could not be told from others.",
    data: z.looseObject({
      code: z.string().describe("One of those that `/errors/{code}` describes."),
      message: z.string(),
      detail: z.string().nullable(),
      temporary: z.boolean().describe("The same may go through later."),
      retry_after_ms: z.number().optional(),
      channel: Channel.optional(),
    }),
  },
} as const;

const PUSHES = {
  event: { summary: "Something happened in a channel.", data: EventSchema },
  batch: {
    summary: "Several events of one channel, oldest first. Only to a socket that said `connect`.",
    data: z.strictObject({ channel: Channel, items: z.array(EventSchema).min(2) }),
  },
  presenceChange: {
    type: "presence",
    summary: "Who came and went. Of more than a thousand only the number is told.",
    data: z.strictObject({
      channel: Channel,
      joined: z.array(Person),
      left: z.array(Person),
      count: z.int().min(0),
    }),
  },
  removed: {
    type: "unsubscribed",
    summary: "The person was taken out of the channel.",
    data: z.strictObject({ channel: Channel, reason: z.literal("removed") }),
  },
  "task.status": {
    summary: "A task is in another state.",
    data: z.strictObject({
      ...TASK,
      status: TaskStatus,
      error: Fault,
      not_before: Timestamp.nullable().describe("Before when a waiting task is not tried."),
    }),
  },
  "task.progress": {
    summary: "How far a task is.",
    data: z.strictObject({ ...TASK, progress: z.json() }),
  },
  "task.log": {
    summary: "A line that a task's worker wrote.",
    data: z.strictObject({ ...TASK, level: z.string(), message: z.string() }),
  },
  "task.result": {
    summary: "The end of a task, and what came of it.",
    data: z.strictObject({
      ...RESULT,
      status: TaskStatus,
      data: z.json(),
      error: Fault,
      result_url: z.string().optional().describe("Where a result is that is too large for here."),
    }),
  },
  ping: {
    summary: "Answer with `pong`: it tells that what was sent has been read.",
    data: z.strictObject({}),
  },
  goodbye: {
    summary: "The socket is about to be closed, and what to do then.",
    data: z.strictObject({
      code: z.int().min(1000).max(4999),
      reason: z.string(),
      reconnect: z.enum(["no", "backoff", "now"]),
      delay_ms: z.int().min(0),
    }),
  },
} as const;

type Entry = { readonly type?: string; readonly summary: string; readonly data: z.ZodType };

const framesOf = (
  kind: ServerFrame["kind"],
  entries: Readonly<Record<string, Entry>>,
): [string, ServerFrame][] =>
  Object.entries(entries).map(([name, { type = name, summary, data }]) => [
    name,
    { type, kind, summary, data },
  ]);

export type ServerMessage = keyof typeof ANSWERS | keyof typeof PUSHES;

/** Every frame of the server, by the name of the message. */
export const SERVER_FRAMES = Object.fromEntries([
  ...framesOf("answer", ANSWERS),
  ...framesOf("push", PUSHES),
]) as Readonly<Record<ServerMessage, ServerFrame>>;

/** What is wrong with a frame of the server's, or null. For those who hold real frames against what is written here. */
export function serverFrameFault(frame: {
  readonly type: string;
  readonly request_id: string | null;
  readonly data: unknown;
}): string | null {
  const named = Object.values(SERVER_FRAMES).filter(({ type }) => type === frame.type);
  if (named.length === 0) return `no frame has the type ${frame.type}`;
  const faults = named.map(({ kind, data }) => {
    if (kind === "push" && frame.request_id !== null) return "a push answers nobody";
    const parsed = data.safeParse(frame.data);
    return parsed.success ? null : z.prettifyError(parsed.error);
  });
  return faults.includes(null) ? null : `${frame.type}: ${faults.join("; or ")}`;
}
