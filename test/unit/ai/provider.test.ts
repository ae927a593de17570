import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createProvider, probeModel } from "#ai/service";
import type { ModelEvent, ModelRequest } from "#ai/service";
import { CLOSED, permit, report } from "#egress/core/breaker";
import type { BreakerState } from "#egress/core/breaker";
import { createEgress } from "#egress/service";
import type { BreakerPort } from "#egress/service";
import { readConfig } from "#platform/config";
import { startModelServer, TEXT } from "../../support/model-server";
import type { ModelServer } from "../../support/model-server";

let first: ModelServer;
let second: ModelServer;
/** Where nobody listens. */
let nowhere: string;

beforeAll(async () => {
  [first, second] = await Promise.all([startModelServer(), startModelServer()]);
  nowhere = await new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(`http://127.0.0.1:${port}/v1`));
    });
  });
});
afterAll(() => Promise.all([first.stop(), second.stop()]));

/** The breakers' own rules over a clock that the test moves. */
function breakers(): BreakerPort & { readonly pass: (ms: number) => void } {
  const states = new Map<string, BreakerState>();
  let nowMs = 1_800_000_000_000;
  let tokens = 0;
  return {
    pass: (ms) => {
      nowMs += ms;
    },
    enter: (host) => {
      const token = `t${tokens++}`;
      const decided = permit(states.get(host) ?? CLOSED, token, nowMs);
      states.set(host, decided.state);
      if (!decided.permit.allowed) return Promise.resolve(decided.permit);
      const settle = (outcome: "success" | "failure" | "abandoned"): Promise<void> => {
        states.set(host, report(states.get(host) ?? CLOSED, token, outcome, nowMs));
        return Promise.resolve();
      };
      return Promise.resolve({ allowed: true, settle });
    },
  };
}

interface Asked {
  readonly events: readonly ModelEvent[];
  readonly text: string;
  readonly last: ModelEvent | undefined;
}

function model(
  endpoints: readonly string[],
  options: { readonly breaker?: BreakerPort; readonly vars?: Record<string, unknown> } = {},
) {
  const env = {
    AI_PROVIDER: "openai",
    AI_MODEL_ENDPOINT: endpoints.join(","),
    AI_MODEL: "m",
    AI_FIRST_TOKEN_TIMEOUT: "5",
    ...options.vars,
  } as unknown as Env;
  const ports = {
    egress: createEgress(readConfig(env)),
    breaker: options.breaker ?? breakers(),
    random: () => 0,
  };
  const provider = createProvider(env, ports);
  return {
    health: () => probeModel(env, ports),
    ask: async (script: string, more: Partial<ModelRequest> = {}): Promise<Asked> => {
      const events: ModelEvent[] = [];
      const request: ModelRequest = {
        messages: [{ role: "user", content: `script:${script}` }],
        model: null,
        temperature: null,
        maxTokens: null,
        purpose: "chat",
        ...more,
      };
      for await (const event of provider.stream(request, new AbortController().signal))
        events.push(event);
      const text = events.map((event) => (event.type === "delta" ? event.text : "")).join("");
      return { events, text, last: events.at(-1) };
    },
  };
}

describe("several servers", () => {
  test("are asked in their order: the next one where nobody listens at the first", async () => {
    const { ask } = model([nowhere, second.endpoint]);
    expect(await ask("fine#order")).toMatchObject({ text: TEXT, last: { type: "done" } });
    expect(second.calls("order")).toHaveLength(1);
  });

  test("share one answer never: what broke after its first word is told, and the second is not asked", async () => {
    const { ask } = model([first.endpoint, second.endpoint]);
    const { last } = await ask("cut#after");
    expect(last).toMatchObject({ type: "error", code: "MODEL_ERROR", isRetryable: true });
    expect(first.calls("after")).toHaveLength(1);
    expect(second.calls("after")).toHaveLength(0);
  });

  test("are all asked about what one refuses for a reason of its own, and only one about a bad request", async () => {
    const { ask } = model([first.endpoint, second.endpoint]);
    expect((await ask("401#own")).last).toMatchObject({ code: "MODEL_UNAVAILABLE" });
    expect([first.calls("own").length, second.calls("own").length]).toEqual([1, 1]);
    expect((await ask("400#bad")).last).toMatchObject({ code: "MODEL_REFUSED" });
    expect([first.calls("bad").length, second.calls("bad").length]).toEqual([1, 0]);
  });

  test("each get their own key", async () => {
    const vars = { AI_MODEL_API_KEY: "sk-1,sk-2" };
    const { ask } = model([first.endpoint, second.endpoint], { vars });
    await ask("401#keys");
    expect(first.calls("keys")[0]?.authorization).toBe("Bearer sk-1");
    expect(second.calls("keys")[0]?.authorization).toBe("Bearer sk-2");
  });

  test("make a healthy model together, a degraded one where one is down, an unhealthy one where all are", async () => {
    expect(await model([first.endpoint, second.endpoint]).health()).toBe("healthy");
    expect(await model([nowhere, second.endpoint]).health()).toBe("degraded");
    expect(await model([nowhere]).health()).toBe("unhealthy");
  });
});

describe("a server that keeps failing", () => {
  test("is left alone, tried by one probe after a while, and served by again when that succeeds", async () => {
    const breaker = breakers();
    const { ask, health } = model([first.endpoint], { breaker, vars: { AI_RETRIES: "0" } });
    for (let i = 0; i < 5; i++) await ask("500-always#open");
    const refused = await ask("fine#open");
    expect(refused.last).toMatchObject({ code: "MODEL_UNAVAILABLE", retryAfterMs: 5_000 });
    expect(first.calls("open")).toHaveLength(5);
    expect(await health()).toBe("unhealthy");

    breaker.pass(5_000);
    const answers = await Promise.all([ask("fine#open"), ask("fine#open"), ask("fine#open")]);
    expect(answers.filter(({ text }) => text === TEXT)).toHaveLength(1);
    expect(first.calls("open")).toHaveLength(6);
    expect((await ask("fine#open")).text).toBe(TEXT);
    expect(await health()).toBe("healthy");
  });

  test("stays alone for longer when its probe fails", async () => {
    const breaker = breakers();
    const { ask } = model([first.endpoint], { breaker, vars: { AI_RETRIES: "0" } });
    for (let i = 0; i < 5; i++) await ask("500-always#again");
    breaker.pass(5_000);
    await ask("500-always#again");
    breaker.pass(5_000);
    expect((await ask("fine#again")).last).toMatchObject({ type: "error", retryAfterMs: 5_000 });
    expect(first.calls("again")).toHaveLength(6);
  });
});

test("a server may be beside the deployment, and no redirect takes the key elsewhere", async () => {
  const { ask } = model([first.endpoint]);
  const { last } = await ask("redirect#r");
  expect(last).toMatchObject({ type: "error", code: "MODEL_ERROR" });
  // Asked three times, and never where it led.
  expect(first.calls("r")).toHaveLength(3);
});

test("an answer in one piece is asked for and read as one", async () => {
  const { ask } = model([first.endpoint]);
  const { events } = await ask("whole#w", { isWhole: true });
  expect(events.map(({ type }) => type)).toEqual(["start", "delta", "done"]);
});

describe("vectors", () => {
  const wanted = { purpose: "embedding", messages: [] } as const;

  test("are asked for at their own address and told as one text, with what they used", async () => {
    const { ask } = model([first.endpoint]);
    const { text, last } = await ask("", { ...wanted, extra: { input: ["a"], dimensions: 2 } });
    expect(JSON.parse(text)).toMatchObject([{ index: 0, embedding: [0.25, -0.5] }]);
    expect(last).toMatchObject({ usage: { promptTokens: 5, completionTokens: 0 } });
    expect(first.calls('["a"]')[0]?.body).toEqual({ model: "m", input: ["a"], dimensions: 2 });
  });

  test("are refused where the provider has none", async () => {
    const vars = { AI_PROVIDER: "embedded" };
    const { last } = await model([], { vars }).ask("", { ...wanted, extra: {} });
    expect(last).toMatchObject({ type: "error", code: "MODEL_REQUIRED" });
  });
});

describe("Workers AI", () => {
  const run = (answer: (model: string, inputs: object) => unknown) => {
    const calls: { model: string; inputs: Record<string, unknown> }[] = [];
    const AI = {
      run: async (model: string, inputs: Record<string, unknown>) => {
        calls.push({ model, inputs });
        return answer(model, inputs);
      },
    };
    const vars = { AI_PROVIDER: "workers-ai", AI, AI_MODEL: "@cf/m", AI_RETRIES: "1" };
    return { calls, ...model([], { vars }) };
  };
  const sse = (...lines: readonly string[]): ReadableStream<Uint8Array> =>
    new Blob(lines.map((line) => `data: ${line}\n\n`)).stream();

  test("is asked for a stream, and its words are told as they come", async () => {
    const { ask, calls } = run(() =>
      sse(
        '{"response":"Se"}',
        '{"response":"oul"}',
        '{"response":"","usage":{"prompt_tokens":3,"completion_tokens":2}}',
        "[DONE]",
      ),
    );
    const { text, last } = await ask("x");
    expect(text).toBe("Seoul");
    expect(last).toMatchObject({
      type: "done",
      model: "@cf/m",
      usage: { promptTokens: 3, completionTokens: 2, isEstimated: false },
    });
    expect(calls[0]).toMatchObject({ model: "@cf/m", inputs: { stream: true } });
    expect(calls[0]?.inputs).not.toHaveProperty("model");
  });

  test("may answer in one piece", async () => {
    const { ask } = run(() => ({
      response: "Seoul",
      usage: { prompt_tokens: 1, completion_tokens: 1 },
    }));
    expect(await ask("x", { isWhole: true })).toMatchObject({
      text: "Seoul",
      last: { type: "done" },
    });
  });

  test.each([
    ["3040: Capacity temporarily exceeded", "MODEL_RATE_LIMITED", 2],
    ["5007: No such model @cf/m or task", "MODEL_NOT_FOUND", 1],
    ["3006: Request is too large", "MODEL_REFUSED", 1],
    ["InferenceUpstreamError", "MODEL_UNAVAILABLE", 2],
  ])("that throws %s is told as %s", async (message, code, tries) => {
    const { ask, calls } = run(() => {
      throw new Error(message);
    });
    expect((await ask("x")).last).toMatchObject({ type: "error", code });
    expect(calls).toHaveLength(tries);
  });

  test("that never answers is given up, although it cannot be stopped", async () => {
    const AI = { run: () => new Promise<never>(() => {}) };
    const vars = {
      AI_PROVIDER: "workers-ai",
      AI,
      AI_MODEL: "m",
      AI_FIRST_TOKEN_TIMEOUT: "0.01",
      AI_RETRIES: "0",
    };
    expect((await model([], { vars }).ask("x")).last).toMatchObject({ code: "MODEL_TIMEOUT" });
  });

  test("whose stream stops without an end is told as cut", async () => {
    const { ask } = run(() => sse('{"response":"Se"}'));
    expect((await ask("x")).last).toMatchObject({ code: "MODEL_ERROR", params: { reason: "cut" } });
  });
});
