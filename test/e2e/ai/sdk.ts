/** OpenAI's own SDK as a client of this server. */
import OpenAI, {
  APIError,
  AuthenticationError,
  NotFoundError,
  RateLimitError,
  UnprocessableEntityError,
} from "openai";
import { expect, test } from "vitest";
import { MODEL, TEXT, USAGE } from "../../support/model-server";
import { until } from "../../support/server";
import type { AiStage } from "./stage";
import { secondOwner } from "./streams";

type Options = NonNullable<ConstructorParameters<typeof OpenAI>[0]>;

const sdk = (stage: AiStage, options: Options = {}): OpenAI =>
  new OpenAI({
    baseURL: `${stage.runtime.origin}/v1`,
    apiKey: stage.runtime.demoKey,
    maxRetries: 0,
    ...options,
    defaultHeaders: { "Accept-Language": "en" },
  });

const asking = (content: string) => ({
  model: "asked-model",
  messages: [{ role: "user" as const, content }],
});

/** Who throws what. */
const refusalOf = async (work: PromiseLike<unknown>): Promise<APIError> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof APIError) return error;
    throw error;
  }
  throw new Error("It was not refused.");
};

export function describeSdk(stage: AiStage): void {
  test("a chat is answered whole, and what is asked reaches the model as it was written", async () => {
    const parts = [
      { type: "text" as const, text: "script:whole#sdk-whole" },
      { type: "image_url" as const, image_url: { url: "data:image/png;base64,AAAA" } },
    ];
    const messages = [
      { role: "developer" as const, content: "Be short." },
      { role: "user" as const, content: parts },
      { role: "user" as const, content: "script:fine#sdk-whole", name: "ferry" },
    ];
    const answer = await sdk(stage).chat.completions.create({
      model: "other-model",
      messages,
      temperature: 0.5,
      max_tokens: 50,
      top_p: 0.9,
      stop: ["END"],
    });
    expect(answer).toMatchObject({
      id: expect.stringMatching(/^chatcmpl-/),
      object: "chat.completion",
      model: `${MODEL}-sdk-whole`,
      choices: [{ index: 0, message: { role: "assistant", content: TEXT }, finish_reason: "stop" }],
      usage: USAGE,
    });
    const [call] = stage.server.calls("sdk-whole");
    expect(call?.authorization).toBe("Bearer sk-upstream");
    expect(call?.body).toMatchObject({
      model: "other-model",
      messages: [{ role: "system", content: "Be short." }, ...messages.slice(1)],
      temperature: 0.5,
      max_tokens: 50,
      top_p: 0.9,
      stop: ["END"],
    });
  });

  test("a chat streams, and its last chunk tells the usage where that is asked for", async () => {
    const stream = await sdk(stage).chat.completions.create({
      ...asking("script:fine#sdk-stream"),
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).toBe(TEXT);
    expect(chunks[0]?.choices[0]?.delta.role).toBe("assistant");
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe("stop");
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: USAGE });
  });

  test("tools go to the model, and its calls come back, whole and as a stream", async () => {
    const weather = { type: "function" as const, function: { name: "weather", parameters: {} } };
    const asked = { ...asking("script:tools#sdk-tools"), tools: [weather] };
    const answer = await sdk(stage).chat.completions.create(asked);
    const call = { name: "weather", arguments: '{"city":"Seoul"}' };
    expect(answer.choices[0]).toMatchObject({
      finish_reason: "tool_calls",
      message: { content: null, tool_calls: [{ id: "call_a", type: "function", function: call }] },
    });
    const streamed = await sdk(stage).chat.completions.stream(asked).finalChatCompletion();
    expect(streamed.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: call });
    // A call acts outside: the model decides each time.
    expect(stage.server.calls("sdk-tools")).toHaveLength(2);
    expect(stage.server.calls("sdk-tools")[0]?.body["tools"]).toEqual([weather]);
  });

  test("models are listed and read, and vectors come from the model's server", async () => {
    const models = await sdk(stage).models.list();
    expect(models.data.map(({ id }) => id)).toEqual(["asked-model", "other-model"]);
    expect((await sdk(stage).models.retrieve("other-model")).id).toBe("other-model");
    expect(await refusalOf(sdk(stage).models.retrieve("no/such"))).toBeInstanceOf(NotFoundError);
    const asked = {
      model: "asked-model",
      input: ["sdk", "나루"],
      encoding_format: "float" as const,
    };
    const vectors = await sdk(stage).embeddings.create(asked);
    expect(vectors.data[0]?.embedding).toEqual([0.25, -0.5]);
    expect(vectors.usage).toEqual({ prompt_tokens: 5, total_tokens: 5 });
    const stream = { ...asked, input: "script:stream" };
    expect(await refusalOf(sdk(stage).embeddings.create(stream))).toMatchObject({
      status: 502,
      code: "model_error",
    });
  });

  test("refusals are the SDK's typed errors, with code, field and the request's id", async () => {
    const wrong = sdk(stage, { apiKey: `${stage.runtime.demoKey.slice(0, -1)}x` });
    const unknown = await refusalOf(wrong.chat.completions.create(asking("hello")));
    expect(unknown).toBeInstanceOf(AuthenticationError);
    expect(unknown).toMatchObject({
      status: 401,
      code: "invalid_api_key",
      requestID: expect.stringMatching(/^req_/),
    });
    const two = await refusalOf(sdk(stage).chat.completions.create({ ...asking("a"), n: 2 }));
    expect(two).toBeInstanceOf(UnprocessableEntityError);
    expect(two).toMatchObject({ code: "validation_failed", param: "n" });
    const other = { ...asking("hello"), model: "gpt-x" };
    expect(await refusalOf(sdk(stage).chat.completions.create(other))).toMatchObject({
      status: 404,
      code: "model_not_found",
      param: "model",
    });
    const streamed = { ...asking("script:400#sdk-400"), stream: true as const };
    expect(await refusalOf(sdk(stage).chat.completions.create(streamed))).toMatchObject({
      status: 422,
      code: "model_refused",
    });
    expect(await refusalOf(sdk(stage).get("/nowhere"))).toMatchObject({
      status: 404,
      code: "route_not_found",
    });
    expect(await refusalOf(sdk(stage).delete("/models"))).toMatchObject({ status: 405 });
  });

  test("a page of an allowed origin may send all that the SDK sends", async () => {
    const sent = new Set<string>();
    const client = sdk(stage, {
      organization: "org",
      project: "proj",
      fetch: (url, init) => {
        for (const name of new Headers(init?.headers).keys()) sent.add(name);
        return fetch(url, init);
      },
    });
    await client.chat.completions.create(asking("script:fine#sdk-page"), { timeout: 5_000 });
    const preflight = await fetch(`${stage.runtime.origin}/v1/chat/completions`, {
      method: "OPTIONS",
      headers: { Origin: "https://app.test", "Access-Control-Request-Method": "POST" },
    });
    const allowed = (preflight.headers.get("access-control-allow-headers") ?? "").toLowerCase();
    expect(sent.has("x-stainless-lang")).toBe(true);
    // The browser's own.
    sent.delete("user-agent");
    expect([...sent].filter((name) => !allowed.split(", ").includes(name))).toEqual([]);
  });

  test("a stream that is cut throws in the SDK instead of looking whole", async () => {
    const stream = await sdk(stage).chat.completions.create({
      ...asking("script:cut#sdk-cut"),
      stream: true,
    });
    let text = "";
    const error = await refusalOf(
      (async () => {
        for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
      })(),
    );
    expect(TEXT.startsWith(text) && text !== "").toBe(true);
    expect(error).toMatchObject({ code: "model_error", type: "server_error" });
  });

  test("a limit is a typed 429, and the SDK's own retry comes back when Retry-After says", async () => {
    const made = await fetch(`${stage.runtime.origin}/api/v1/api-keys`, {
      method: "POST",
      headers: {
        Authorization: `Bearer ${await secondOwner(stage)}`,
        "Content-Type": "application/json",
      },
      body: JSON.stringify({
        name: "sdk",
        scopes: ["chat"],
        limits: { chat: { limit: 1, window: 1 } },
      }),
    });
    const { key: apiKey } = (await made.json()) as { key: string };
    const waits: string[] = [];
    const patient = sdk(stage, {
      apiKey,
      maxRetries: 3,
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        if (response.status === 429) waits.push(response.headers.get("retry-after") ?? "");
        return response;
      },
    });
    await patient.chat.completions.create(asking("script:fine#sdk-limit"));
    const impatient = sdk(stage, { apiKey });
    const refused = await refusalOf(impatient.chat.completions.create(asking("hello")));
    expect(refused).toBeInstanceOf(RateLimitError);
    expect(refused).toMatchObject({ status: 429, code: "rate_limit_exceeded" });
    expect(refused.headers?.get("ratelimit")).toContain("chat");
    const answer = await patient.chat.completions.create(asking("script:fine#sdk-again"));
    expect(answer.choices[0]?.message.content).toBe(TEXT);
    expect(waits.length).toBeGreaterThan(0);
    expect(waits.every((wait) => Number(wait) >= 1)).toBe(true);
  });

  test("a caller that aborts a stream gives its place back, and what was used is told all the same", async () => {
    for (let round = 0; round < 10; round++) {
      const controller = new AbortController();
      const asked = { ...asking(`script:gated#sdk-abort-${round}`), stream: true as const };
      stage.server.release(`sdk-abort-${round}`);
      const stream = await sdk(stage).chat.completions.create(asked, {
        signal: controller.signal,
      });
      for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
      controller.abort();
    }
    for (let i = 0; i < 9; i++) stage.server.release("sdk-abort-0");
    await until(async () => (await stage.client.usage("sdk-abort-0")).length === 1);
    // All ten places were taken at one time or another: an eleventh stream finds one.
    await until(async () => {
      const asked = { ...asking("script:fine#sdk-after"), stream: true as const };
      const stream = await sdk(stage)
        .chat.completions.create(asked)
        .catch(() => null);
      stream?.controller.abort();
      return stream !== null;
    });
  });
}
