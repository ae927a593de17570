import { describe, expect, test } from "vitest";
import { AnswerBuilder } from "#ai/core/answer";
import { costOf } from "#ai/core/cost";
import { readPiece, requestBody } from "#ai/core/openai-wire";
import { pump } from "#ai/core/pump";
import type { ModelEvent, ModelRequest } from "#ai/core/port";
import { replay } from "#ai/core/replay";
import { endFields, toldEvent } from "#ai/core/run-log";
import { objectName, ROUTING_LENGTH, routingOf } from "#ai/core/stream-id";
import { estimatePrompt, estimateTokens } from "#ai/core/tokens";
import { usageRow } from "#ai/core/usage";
import { newId } from "#platform/ids";

const USAGE = { promptTokens: 3, completionTokens: 4, isEstimated: false };
const DONE: ModelEvent = { type: "done", finishReason: "stop", usage: USAGE, model: "m" };

async function* from(events: readonly ModelEvent[]): AsyncGenerator<ModelEvent> {
  for (const event of events) yield await Promise.resolve(event);
}

const pumped = async (
  source: AsyncIterable<ModelEvent>,
  options: { maxChars?: number; signal?: AbortSignal } = {},
) => {
  const stored: ModelEvent[][] = [];
  const faults: unknown[] = [];
  const { last, built } = await pump(source, {
    signal: options.signal ?? new AbortController().signal,
    maxChars: options.maxChars ?? 1000,
    store: async (events) => {
      stored.push([...events]);
      await Promise.resolve();
    },
    onFault: (error) => faults.push(error),
  });
  return { last, built, stored: stored.flat(), faults };
};

describe("a run", () => {
  const start: ModelEvent = { type: "start", model: "m" };
  const delta = (text: string): ModelEvent => ({ type: "delta", text });

  test("stores everything but its last event, in order, before it ends", async () => {
    const { last, stored } = await pumped(from([start, delta("a"), delta("b"), DONE]));
    expect(stored).toEqual([start, delta("a"), delta("b")]);
    expect(last).toEqual(DONE);
  });

  test("whose provider stops without a last event ends in an error", async () => {
    const { last } = await pumped(from([start, delta("a")]));
    expect(last).toMatchObject({ type: "error", code: "MODEL_ERROR" });
  });

  test("whose provider throws ends in an error, and somebody is told", async () => {
    async function* broken(): AsyncGenerator<ModelEvent> {
      yield await Promise.resolve(start);
      throw new Error("a fault of the program");
    }
    const { last, faults } = await pumped(broken());
    expect(last).toMatchObject({ type: "error", code: "MODEL_ERROR" });
    expect(faults).toHaveLength(1);
  });

  test("whose provider hangs ends when its time is over", async () => {
    const over = new AbortController();
    async function* hanging(): AsyncGenerator<ModelEvent> {
      yield start;
      over.abort();
      await new Promise<never>(() => {});
    }
    const { last, stored } = await pumped(hanging(), { signal: over.signal });
    expect(last).toMatchObject({ code: "MODEL_TIMEOUT", params: { phase: "total" } });
    expect(stored).toEqual([start]);
  });

  test("that says too much ends there", async () => {
    const { last, built } = await pumped(from([start, delta("x".repeat(11)), DONE]), {
      maxChars: 10,
    });
    expect(last).toMatchObject({ code: "MODEL_ERROR", params: { reason: "too_large" } });
    expect(built.outcome).toMatchObject({ ok: false });
  });

  test("that fails to be stored fails, and tells no end that nobody could read again", async () => {
    const source = from([start, delta("a"), DONE]);
    const failing = pump(source, {
      signal: new AbortController().signal,
      maxChars: 100,
      store: () => Promise.reject(new Error("full")),
      onFault: () => {},
    });
    await expect(failing).rejects.toThrow("full");
  });
});

describe("what a run used", () => {
  const run = {
    id: "run_1",
    ownerId: "usr_1",
    keyId: null,
    kind: "chat",
    isRecorded: false,
    promptTokens: 7,
    startedAtMs: 5,
  };
  const built = (...events: readonly ModelEvent[]): AnswerBuilder => {
    const builder = new AnswerBuilder();
    for (const event of events) builder.add(event);
    return builder;
  };
  const failure = { type: "error", code: "MODEL_ERROR", isRetryable: true } as const;

  test("is what the provider told, at the price of its model", () => {
    const row = usageRow(run, DONE, built(), { m: { prompt: 1, completion: 2 } });
    expect(row).toMatchObject({ ...USAGE, id: "run_1", costMicrousd: 11 });
  });

  test("is estimated where the answer broke off, nothing where none began, and nothing for a record", () => {
    const begun = built({ type: "start", model: "m" }, { type: "delta", text: "abcdefgh" });
    expect(usageRow(run, failure, begun, {})).toMatchObject({
      promptTokens: 7,
      completionTokens: 2,
      isEstimated: true,
      costMicrousd: null,
    });
    expect(usageRow(run, failure, built(), {})).toBeNull();
    expect(usageRow({ ...run, isRecorded: true }, DONE, built(), {})).toBeNull();
  });

  test("costs what the longest name costs that the model's begins with, and nothing where it is built in", () => {
    const prices = { gpt: { prompt: 9, completion: 9 }, "gpt-4o": { prompt: 1, completion: 1 } };
    expect(costOf(prices, "gpt-4o-2024-07-18", USAGE)).toBe(7);
    expect(costOf(prices, "gpt-4omni", USAGE)).toBe(63);
    expect(costOf(prices, "other", USAGE)).toBeNull();
    expect(costOf(prices, "embedded", USAGE)).toBe(0);
  });

  test("counts Korean by the syllable and Latin by the fourth letter", () => {
    expect(estimateTokens("abcdefgh")).toBe(2);
    expect(estimateTokens("안녕하세요")).toBe(5);
    expect(estimateTokens("")).toBe(0);
    expect(estimatePrompt([{ role: "user", content: "abcd" }])).toBe(5);
  });
});

test("what is for the log alone is neither stored nor told, and the log has no word of the texts", () => {
  const told = { type: "error", code: "MODEL_ERROR", isRetryable: true } as const;
  const last = { ...told, internal: "upstream status 500" };
  expect(toldEvent(last)).toEqual(told);
  expect(endFields({ id: "run_1", kind: "chat", startedAtMs: 5 }, last, null, 9)).toMatchObject({
    error_internal: "upstream status 500",
    duration_ms: 4,
  });
});

describe("an answer", () => {
  test("has tool calls put together from their pieces", () => {
    const built = new AnswerBuilder();
    const call = (index: number, fields: object) => ({ index, ...fields }) as never;
    built.add({
      type: "tool",
      calls: [call(0, { id: "a", type: "function", function: { name: "f", arguments: "{" } })],
    });
    built.add({
      type: "tool",
      calls: [call(1, { id: "b", function: { name: "g", arguments: "[]" } })],
    });
    built.add({ type: "tool", calls: [call(0, { function: { arguments: "}" } })] });
    built.add(DONE);
    expect(built.outcome).toMatchObject({
      ok: true,
      answer: {
        toolCalls: [
          { id: "a", function: { name: "f", arguments: "{}" } },
          { id: "b", function: { name: "g", arguments: "[]" } },
        ],
      },
    });
  });

  test("that is replayed is the same answer", async () => {
    const answer = {
      text: "t",
      finishReason: "tool_calls",
      usage: USAGE,
      model: "m",
      toolCalls: [
        {
          id: "a",
          function: {
            name: "f",
            arguments: "{}",
          },
        },
      ],
    };
    const built = new AnswerBuilder();
    for await (const event of replay(answer)) built.add(event);
    expect(built.outcome).toEqual({ ok: true, answer });
  });
});

describe("what is sent to a model's server", () => {
  const request: ModelRequest = {
    messages: [
      {
        role: "tool",
        content: "42",
        extra: {
          tool_call_id: "a",
          role: "system",
        },
      },
    ],
    model: null,
    temperature: 0.5,
    maxTokens: 9,
    purpose: "chat",
    extra: {
      model: "other",
      stream: false,
      messages: [],
      n: 5,
      top_p: 0.1,
      max_tokens: 1,
    },
    hints: { secret: true },
  };

  test("has the fields that the caller may choose, and those that it may not as we say", () => {
    expect(requestBody(request, "mine", { isStreamed: true, asksUsage: true })).toEqual({
      messages: [
        {
          role: "tool",
          content: "42",
          tool_call_id: "a",
        },
      ],
      model: "mine",
      top_p: 0.1,
      max_tokens: 9,
      temperature: 0.5,
      stream: true,
      stream_options: { include_usage: true },
    });
  });
});

describe("what a model's server says", () => {
  test.each([
    ["Workers AI's stream", '{"response":"hi","p":"ab"}', { text: "hi" }],
    ["Workers AI's object for a schema", '{"response":{"a":1}}', { text: '{"a":1}' }],
    [
      "a chunk of usage alone",
      '{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}',
      { usage: { promptTokens: 1, completionTokens: 2, isEstimated: false } },
    ],
    ["a usage that is none", '{"choices":[],"usage":{"prompt_tokens":-1}}', { usage: null }],
    [
      "thinking aloud",
      '{"choices":[{"delta":{"reasoning_content":"hm"}}]}',
      { text: "", isThinking: true },
    ],
    ["a second choice", '{"choices":[{"index":1,"delta":{"content":"no"}}]}', { text: "" }],
    ["a refusal", '{"choices":[{"message":{"content":null,"refusal":"no"}}]}', { text: "no" }],
  ])("is understood: %s", (_what, text, piece) => {
    expect(readPiece(text)).toMatchObject({ ok: true, value: piece });
  });

  test.each([
    ["no JSON", "{", "malformed"],
    ["null", "null", "malformed"],
    ["an object of something else", "{}", "malformed"],
    ["content that is no text", '{"choices":[{"delta":{"content":7}}]}', "malformed"],
    ["an error", '{"error":{"message":"x"}}', "upstream_error"],
  ])("is refused: %s", (_what, text, error) => {
    expect(readPiece(text)).toEqual({ ok: false, error });
  });

  test("has tool calls in one shape, whichever they came in", () => {
    const piece = readPiece('{"response":null,"tool_calls":[{"name":"f","arguments":{"a":1}}]}');
    expect(piece).toMatchObject({
      ok: true,
      value: { calls: [{ index: 0, function: { name: "f", arguments: '{"a":1}' } }] },
    });
  });
});

test("a stream's id leads to its object, and nothing else that is given for one does", () => {
  const routing = "abcdefghjkmnpqrstvwxyz0123".slice(0, ROUTING_LENGTH);
  const id = newId("str", 1_800_000_000_000, routing);
  expect(routingOf(id)).toBe(routing);
  expect(objectName(routing)).toBe(`run:${routing}`);
  for (const other of [
    "",
    "str_",
    `${id}x`,
    id.slice(0, -1),
    id.replace("str", "run"),
    id.toUpperCase(),
  ])
    expect(routingOf(other)).toBeNull();
});
