import type { Context } from "hono";
import { holdStream } from "#auth/guard";
import type { AppEnv } from "#http/context";
import { answerSse } from "#http/sse-answer";
import { systemTimer } from "#egress/service";
import { traceIdOf } from "#platform/trace-context";
import type { StreamFormat } from "./core/format";
import { framesOf } from "./frames";
import type { NumberedFrame } from "./frames";
import { startStream } from "./stream-client";
import type { OpenRun, RunSpec } from "./stream-client";

type Hold = Awaited<ReturnType<typeof holdStream>>;

/**
 * Answers with the stream of a model's answer, under one of the caller's places for open streams. What the model refuses before its first
 * word is thrown, with a status of its own; after that the stream's last event tells how it ended. `Location` names the stream. `onStarted`
 * may still set headers.
 */
export async function answerStream(
  c: Context<AppEnv>,
  spec: Omit<RunSpec, "ownerId" | "keyId">,
  format: StreamFormat,
  onStarted: (run: OpenRun) => void = () => {},
): Promise<Response> {
  const { ownerId, keyId } = c.get("principal");
  const hold = await holdStream(c);
  try {
    const starting = startStream(c.env, { ...spec, ownerId, keyId });
    // The place has to be held while the model thinks, and a credential that ends meanwhile ends the wait.
    const run = await whileHeld(hold, starting);
    linkTrace(c, run);
    onStarted(run);
    c.header("Location", `/api/v1/streams/${run.view.streamId}`);
    return answerFrames(c, hold, framesOf(run.view, run.events, format, 0), 0);
  } catch (error) {
    await hold.onOver();
    throw error;
  }
}

/** Goes on with a stream behind the frame numbered `after`; 204 where there is nothing left, which tells an EventSource to stay away. */
export async function continueStream(
  c: Context<AppEnv>,
  run: OpenRun,
  format: StreamFormat,
  after: number,
): Promise<Response> {
  linkTrace(c, run);
  const frames = framesOf(run.view, run.events, format, after);
  if (!run.isEnded) return answerFrames(c, await holdStream(c), frames, after);
  const first = await frames.next();
  if (first.done === true) return c.body(null, 204);
  return answerFrames(c, await holdStream(c), resumed(first.value, frames), after);
}

/** A reader is in another trace than the run that it reads, where that was begun by another request: its line says which. */
function linkTrace(c: Context<AppEnv>, run: OpenRun): void {
  const fields = c.get("logFields");
  fields["stream_id"] = run.view.streamId;
  fields["run_id"] = run.runId;
  if (run.traceId !== null && run.traceId !== traceIdOf(c.get("traceparent")))
    fields["linked_trace_id"] = run.traceId;
}

function answerFrames(
  c: Context<AppEnv>,
  hold: Hold,
  frames: AsyncIterable<NumberedFrame>,
  after: number,
): Response {
  return answerSse(
    c,
    async ({ send }) => {
      for await (const { isLast, ...frame } of frames) {
        if (isLast) return frame;
        await send(frame);
      }
      throw new Error("A format has to end with a frame.");
    },
    { ...hold, ...(after > 0 ? { resumedFrom: String(after) } : {}) },
  );
}

async function* resumed(
  first: NumberedFrame,
  rest: AsyncIterable<NumberedFrame>,
): AsyncGenerator<NumberedFrame> {
  yield first;
  yield* rest;
}

/** What `work` comes to, asking the gate meanwhile as often as an open stream does. */
async function whileHeld<T>({ watch }: Hold, work: Promise<T>): Promise<T> {
  if (watch === undefined) return work;
  let stop = (): void => undefined;
  const isRefused = new Promise<never>((_resolve, reject) => {
    const look = (): void => {
      stop = systemTimer(watch.everyMs, () => {
        watch.check().then(look, reject);
      });
    };
    look();
  });
  try {
    return await Promise.race([work, isRefused]);
  } finally {
    stop();
    // Who is late is late for nobody.
    work.catch(() => {});
    isRefused.catch(() => {});
  }
}
