import { expect, test } from "vitest";
import { ChatCompletionRequestSchema } from "#openai/schemas";
import { completionOf, openAiFormat, requestOf } from "#openai/wire";

const usage = { promptTokens: 3, completionTokens: 4, isEstimated: false };
const view = (context = {}) => ({
  streamId: "str_01abc",
  kind: "openai",
  createdAtMs: 1_700_000_000_900,
  context,
});
const DONE = { type: "done", finishReason: "stop", usage, model: "m" } as const;

test("a request says the same whether it asks for a stream or not, and keeps what is unknown", () => {
  const asked = {
    model: "m",
    messages: [
      { role: "developer", content: "a" },
      { role: "assistant", content: null, tool_calls: [{ id: "c" }] },
      { role: "tool", tool_call_id: "c", content: "4" },
      {
        role: "user",
        content: [
          { type: "text", text: "b" },
          { type: "image_url", image_url: {} },
        ],
      },
    ],
    max_tokens: 9,
    seed: 7,
  };
  const whole = requestOf(ChatCompletionRequestSchema.parse(asked));
  const options = { stream: true, stream_options: { include_usage: true }, n: 1 };
  const streamed = requestOf(ChatCompletionRequestSchema.parse({ ...asked, ...options }));
  expect(streamed).toEqual(whole);
  expect(whole).toEqual({
    model: "m",
    messages: [
      { role: "system", content: "a" },
      { role: "assistant", content: "", extra: { tool_calls: [{ id: "c" }], content: null } },
      { role: "tool", content: "4", extra: { tool_call_id: "c" } },
      { role: "user", content: "b", extra: { content: asked.messages[3]?.content } },
    ],
    temperature: null,
    maxTokens: 9,
    purpose: "openai",
    extra: { seed: 7 },
  });
});

test.each([
  [{ messages: [] }],
  [{ messages: [{ role: "function", content: "a" }] }],
  [{ messages: [{ role: "user", content: [] }] }],
  [{ messages: [{ role: "user", content: "a" }], n: 2 }],
  [{ messages: [{ role: "user", content: "a" }], temperature: 3 }],
  [{ messages: [{ role: "user", content: "a" }], stream: "yes" }],
])("%j is refused", (asked) => {
  expect(ChatCompletionRequestSchema.safeParse(asked).success).toBe(false);
});

test("a stream begins with the role, ends with its reason and [DONE], and tells the usage only where asked", () => {
  const told = (context: object) => {
    const map = openAiFormat(view(context));
    return [
      { type: "start", model: "m" } as const,
      { type: "delta", text: "a\n\nb" } as const,
      DONE,
    ]
      .flatMap(map)
      .map(({ data }) => (data === "[DONE]" ? data : (JSON.parse(data) as object)));
  };
  const head = {
    id: "chatcmpl-01abc",
    object: "chat.completion.chunk",
    created: 1_700_000_000,
    model: "m",
  };
  const choice = (delta: object, reason: string | null = null) => [
    { index: 0, delta, logprobs: null, finish_reason: reason },
  ];
  expect(told({})).toEqual([
    { ...head, choices: choice({ role: "assistant", content: "" }) },
    { ...head, choices: choice({ content: "a\n\nb" }) },
    { ...head, choices: choice({}, "stop") },
    "[DONE]",
  ]);
  expect(told({ include_usage: true }).slice(-2)).toEqual([
    {
      ...head,
      choices: [],
      usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
    },
    "[DONE]",
  ]);
});

test("a stream that fails ends in an error and never in [DONE]", () => {
  const map = openAiFormat(view({ locale: "en" }));
  const frames = map({ type: "error", code: "MODEL_ERROR", isRetryable: true });
  expect(frames.map(({ data }) => JSON.parse(data) as object)).toEqual([
    {
      error: {
        message: expect.stringContaining("did not come whole"),
        type: "server_error",
        param: null,
        code: "model_error",
      },
    },
  ]);
});

test("an answer of tool calls alone has no content", () => {
  const answer = {
    text: "",
    toolCalls: [{ id: "c" }],
    finishReason: "tool_calls",
    usage,
    model: "m",
  };
  const [choice] = completionOf("chatcmpl-1", 1, answer).choices;
  expect(choice?.message).toMatchObject({ content: null, tool_calls: [{ id: "c" }] });
  const [plain] = completionOf("chatcmpl-1", 1, { ...answer, toolCalls: [] }).choices;
  expect(plain?.message).toEqual({ role: "assistant", content: "", refusal: null });
});
