import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { objectName, routingOf } from "#ai/core/stream-id";
import { openRun, resumeStream } from "#ai/service";
import type { Answer, ModelEvent, OpenRun, RunSpec } from "#ai/service";
import { ApiError } from "#platform/errors";

const ANSWER: Answer = {
  text: "서울",
  toolCalls: [],
  finishReason: "stop",
  usage: { promptTokens: 1, completionTokens: 2, isEstimated: false },
  model: "m",
};
const spec = (own: Partial<RunSpec> = {}): RunSpec => ({
  ownerId: "usr_one",
  keyId: null,
  kind: "replayed",
  context: { question: "수도?" },
  recorded: ANSWER,
  request: {
    messages: [{ role: "user", content: "수도?" }],
    model: null,
    temperature: null,
    maxTokens: null,
    purpose: "chat",
  },
  ...own,
});

async function eventsOf({ events }: OpenRun): Promise<ModelEvent[]> {
  const all: ModelEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

const objectOf = (streamId: string) =>
  env.STREAM_RUN.getByName(objectName(routingOf(streamId) ?? ""));

/** As if its runs had ended so long ago. */
const age = (streamId: string, ms: number): Promise<void> =>
  runInDurableObject(objectOf(streamId), (_object, { storage }) => {
    storage.sql.exec("UPDATE runs SET ended_at = ended_at - ?", ms);
  });

const tablesOf = (streamId: string): Promise<number> =>
  runInDurableObject(
    objectOf(streamId),
    (_object, { storage }) =>
      storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'runs'").toArray().length,
  );

test("a stream is the same after its object was evicted, with the context that it was started with", async () => {
  const run = await openRun(env, spec());
  const told = await eventsOf(run);
  expect(told.map(({ type }) => type)).toEqual(["start", "delta", "done"]);
  await evictDurableObject(objectOf(run.view.streamId));
  const again = await resumeStream(env, run.view.streamId, "usr_one");
  expect(again.view).toEqual(run.view);
  expect(again).toMatchObject({ isEnded: true, view: { context: { question: "수도?" } } });
  expect(await eventsOf(again)).toEqual(told);
});

test("a stream is kept for five minutes after its end and leaves nothing behind", async () => {
  const flight = spec({ flightKey: "one", joinEndedMs: 600_000 });
  const { view, runId } = await openRun(env, flight);
  await eventsOf(await resumeStream(env, view.streamId, "usr_one"));
  await age(view.streamId, 4 * 60_000);
  await runDurableObjectAlarm(objectOf(view.streamId));
  expect(await eventsOf(await resumeStream(env, view.streamId, "usr_one"))).toHaveLength(3);

  await age(view.streamId, 60_000);
  await runDurableObjectAlarm(objectOf(view.streamId));
  await expect(resumeStream(env, view.streamId, "usr_one")).rejects.toMatchObject({
    code: "STREAM_NOT_FOUND",
  });
  expect(await tablesOf(view.streamId)).toBe(0);

  const next = await openRun(env, flight);
  expect(next.isJoined).toBe(false);
  expect(next.runId).not.toBe(runId);
  expect(routingOf(next.view.streamId)).toBe(routingOf(view.streamId));
  expect(await eventsOf(next)).toHaveLength(3);
});

test("one that ended is joined for as long as the caller says", async () => {
  const flight = (joinEndedMs: number): RunSpec => spec({ flightKey: "two", joinEndedMs });
  const first = await openRun(env, flight(0));
  await eventsOf(first);
  await age(first.view.streamId, 30_000);
  expect(await openRun(env, flight(60_000))).toMatchObject({ isJoined: true, runId: first.runId });
  expect(await openRun(env, flight(20_000))).toMatchObject({ isJoined: false });
});

test("the same key of another owner leads elsewhere", async () => {
  const mine = await openRun(env, spec({ flightKey: "same" }));
  const theirs = await openRun(env, spec({ flightKey: "same", ownerId: "usr_two" }));
  expect(routingOf(theirs.view.streamId)).not.toBe(routingOf(mine.view.streamId));
  await Promise.all([eventsOf(mine), eventsOf(theirs)]);
});

test("another owner's stream, one that never was and one that is none are refused alike, and store nothing", async () => {
  const { view } = await openRun(env, spec());
  const never = view.streamId.replace(/^str_.{36}/, `str_${"0".repeat(36)}`);
  for (const [id, owner] of [
    [view.streamId, "usr_two"],
    [never, "usr_one"],
    ["str_nonsense", "usr_one"],
  ] as const) {
    const refusal: unknown = await resumeStream(env, id, owner).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ApiError);
    expect(refusal).toMatchObject({ code: "STREAM_NOT_FOUND", options: {} });
  }
  expect(await tablesOf(never)).toBe(0);
});
