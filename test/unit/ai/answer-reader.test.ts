import { describe, expect, test } from "vitest";
import { readWhole } from "#ai/answer-reader";
import type { ModelEvent } from "#ai/core/port";
import { createTryClock } from "#ai/try-clock";

/** Everything that is told of an answer that came in one piece, its end included. */
const readAll = async (json: string): Promise<unknown[]> => {
  const clock = createTryClock(() => () => undefined, new AbortController().signal);
  const body = new Response(json).body ?? new ReadableStream<Uint8Array>();
  const reading = readWhole(body, { clock, idleMs: 1_000, promptTokens: 1, model: "m" });
  const told: unknown[] = [];
  for (;;) {
    const { done, value } = await reading.next();
    told.push(value);
    if (done) return told;
  }
};

describe("an answer in one piece", () => {
  test.each([
    ["has no choices", '{"id":"x","choices":[]}'],
    ["has a choice without anything", '{"choices":[{"index":0}]}'],
    ["has an empty message, and no reason for its end", '{"choices":[{"message":{"content":""}}]}'],
    ["tells its usage alone", '{"usage":{"prompt_tokens":1,"completion_tokens":1}}'],
    ["is an empty text of Workers AI", '{"response":""}'],
  ])("that %s is a fault, not a success of no words", async (_what, json) => {
    expect(await readAll(json)).toMatchObject([
      { code: "MODEL_ERROR", params: { reason: "empty" } },
    ]);
  });

  test.each([
    ["has words, and no reason for its end", '{"choices":[{"message":{"content":"a"}}]}'],
    ["has no words, and says that this is all", '{"choices":[{"finish_reason":"stop"}]}'],
  ])("that %s is whole", async (_what, json) => {
    const end = (await readAll(json)).at(-1) as ModelEvent;
    expect(end).toMatchObject({ type: "done", finishReason: "stop" });
  });
});
