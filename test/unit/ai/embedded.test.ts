import { describe, expect, test } from "vitest";
import type { ModelEvent, ModelRequest } from "../../../src/ai/core/port";
import { createEmbeddedProvider } from "../../../src/ai/embedded/provider";

const provider = createEmbeddedProvider({} as Env);

const request = (content: string, rest: Partial<ModelRequest> = {}): ModelRequest => ({
  messages: [{ role: "user", content }],
  model: null,
  temperature: null,
  maxTokens: null,
  purpose: "chat",
  ...rest,
});

async function ask(content: string, rest: Partial<ModelRequest> = {}): Promise<ModelEvent[]> {
  const events: ModelEvent[] = [];
  for await (const event of provider.stream(request(content, rest), new AbortController().signal))
    events.push(event);
  return events;
}

const textOf = (events: readonly ModelEvent[]): string =>
  events.map((event) => (event.type === "delta" ? event.text : "")).join("");
const REFUSED = [{ type: "error", code: "MODEL_REQUIRED", isRetryable: false }];

test("a coding question is answered by its recipe, in the language of the question", async () => {
  const events = await ask("파이썬으로 소수 판별하는 함수 만들어줘");
  expect(events[0]).toEqual({ type: "start", model: "embedded" });
  expect(textOf(events)).toMatch(/```python\nfrom math import isqrt[\s\S]+```\n\n.*체가/);
  expect(events.at(-1)).toMatchObject({
    type: "done",
    finishReason: "stop",
    model: "embedded",
    usage: { isEstimated: true },
  });
  expect(textOf(await ask("check whether a number is prime in python"))).toContain("sieve");
});

test("what the caller knows of a question is taken before what stands in the prompt", async () => {
  const hints = { question: "reverse a string", language: "python" };
  const events = await ask("<long prompt with rules about code>", { purpose: "code", hints });
  expect(textOf(events)).toContain("text[::-1]");
  expect(await ask("x", { purpose: "code", hints: { ...hints, language: "rust" } })).toEqual(
    REFUSED,
  );
});

const TEXT =
  "The ferry crosses the river. The weather is mild. The river ferry carries people across the river every day.";

test.each([
  ["chat", `Summarize the following text:\n${TEXT}`],
  ["chat", `다음 글을 요약해줘:\n${TEXT}`],
  ["openai", `tl;dr: ${TEXT}`],
  ["summarization", TEXT],
] as const)(
  "a text that is given with a request is summarised in its own words (%s)",
  async (purpose, content) => {
    const text = textOf(await ask(content, { purpose }));
    expect(text.length).toBeGreaterThan(0);
    expect(TEXT).toContain(text);
  },
);

describe("what it can't do is refused, with nothing before it", () => {
  test.each([
    ["hello", {}],
    ["summarise this:", {}],
    ["summarise the history of Korea.", {}],
    ["translate: reverse a string in python", { hints: { mode: "translator" } }],
    ["reverse a string in python", { purpose: "analysis" }],
    ["reverse a string in python", { purpose: "complete" }],
    ["reverse a string in python", { purpose: "repair" }],
    ["reverse a string in python", { jsonSchema: { type: "object" } }],
    ["reverse a string in python", { extra: { response_format: { type: "json_object" } } }],
    ["", {}],
    ["x", { messages: [] }],
    ["x", { messages: [{ role: "tool", content: "reverse a string in python" }] }],
    [
      "x",
      {
        messages: [
          { role: "user", content: "reverse a string in python" },
          { role: "assistant", content: "?" },
        ],
      },
    ],
  ] as [string, Partial<ModelRequest>][])("%j %j", async (content, rest) => {
    expect(await ask(content, rest)).toEqual(REFUSED);
  });
});

test("an answer ends where the caller's cap does, and says so", async () => {
  const events = await ask("reverse a string in python", { maxTokens: 10 });
  expect(events.at(-1)).toMatchObject({ finishReason: "length" });
  expect(textOf(await ask("reverse a string in python"))).toContain(textOf(events));
  expect(
    (events.at(-1) as { usage: { completionTokens: number } }).usage.completionTokens,
  ).toBeLessThanOrEqual(10);
});

test("nothing is told after the caller is gone", async () => {
  const abort = new AbortController();
  const events: string[] = [];
  for await (const event of provider.stream(request("reverse a string in python"), abort.signal)) {
    events.push(event.type);
    abort.abort();
  }
  expect(events).toEqual(["start"]);
});
