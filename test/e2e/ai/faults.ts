import { expect, test } from "vitest";
import { framesOf, textOf } from "../../support/ai-client";
import { MODEL, TEXT, WORDS } from "../../support/model-server";
import { until } from "../../support/server";
import type { AiStage } from "./stage";

const HALF = WORDS.slice(0, 5).join("");
/** What the server's own count costs at the prices of the settings: 21 × 2 + 13 × 10. */
const EXACT = { prompt_tokens: 21, completion_tokens: 13, is_estimated: 0, cost_microusd: 172 };

export function describeFaults(stage: AiStage): void {
  test.concurrent.each([
    ["a second [DONE] and what follows it", "done-twice", 1],
    ["odd line ends, a BOM, comments and an end without an empty line", "odd-framing", 1],
    ["two failures with 500 before the answer", "500-twice", 3],
    ["429 with Retry-After before the answer", "429-once", 2],
    ["a first token that is late once", "silent-once", 2],
    ["an answer in one piece where a stream was asked for", "whole", 1],
  ])("the client gets the whole answer in spite of %s", async (_what, script, calls) => {
    const { status, frames } = await stage.client.stream(`script:${script}#${script}`);
    expect(status).toBe(200);
    expect(textOf(frames)).toBe(TEXT);
    expect(frames.map(({ id }) => id)).toEqual(frames.map((_frame, index) => index + 1));
    expect(frames.at(-1)).toMatchObject({
      event: "done",
      data: { finishReason: "stop", model: `${MODEL}-${script}`, usage: { promptTokens: 21 } },
    });
    expect(stage.server.calls(script)).toHaveLength(calls);
    expect(await stage.client.usage(script)).toMatchObject([EXACT]);
  });

  test.concurrent.each([
    ["does not count tokens", "no-usage-option"],
    ["ends after its last word without [DONE]", "half-closed-after-end"],
  ])(
    "a server that %s is taken at its words, and the usage is marked as estimated",
    async (_what, script) => {
      const { frames } = await stage.client.stream(`script:${script}#${script}`);
      expect(frames.at(-1)).toMatchObject({ event: "done", data: { finishReason: "stop" } });
      const [row, ...others] = await stage.client.usage(script);
      expect(others).toEqual([]);
      expect(row?.is_estimated).toBe(1);
      expect(row?.completion_tokens).toBeGreaterThan(0);
    },
  );

  test.concurrent("a revoked key ends the stream that it opened with an error; the answer goes on to its cap, and is charged", async () => {
    const made = await stage.client.post("/api/v1/api-keys", { name: "short", scopes: ["chat"] });
    const { id, key } = (await made.json()) as { id: string; key: string };
    const message = "script:trickle#revoked";
    const response = await stage.client.post("/probe/stream", { message }, key);
    expect(response.status).toBe(200);
    const gone = await fetch(`${stage.runtime.origin}/api/v1/api-keys/${id}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${stage.runtime.demoKey}` },
    });
    expect(gone.status).toBeLessThan(300);
    const seen = framesOf(await response.text());
    expect(seen.at(-1)).toMatchObject({ event: "error", data: { code: "INVALID_API_KEY" } });
    const rest = await stage.client.get(response.headers.get("location") ?? "");
    const frames = framesOf(await rest.text());
    expect(frames.at(-1)).toMatchObject({ event: "error", data: { code: "MODEL_TIMEOUT" } });
    await until(async () => stage.server.isClosed("revoked"));
    expect(await stage.client.usage("revoked")).toMatchObject([{ is_estimated: 1 }]);
  });

  test.concurrent.each([
    ["stalls on the way", "stalled", "MODEL_TIMEOUT", HALF],
    ["sends signs of life and no further word", "stalled-with-comments", "MODEL_TIMEOUT", HALF],
    ["resets the connection on the way", "cut", "MODEL_ERROR", HALF],
    ["ends the body before the answer", "cut-cleanly", "MODEL_ERROR", HALF],
    ["closes its half of the connection", "half-closed", "MODEL_ERROR", HALF],
    ["turns to garbage", "garbage-later", "MODEL_ERROR", HALF],
    ["reports a failure of its own", "error-later", "MODEL_ERROR", HALF],
    ["sends a line without end", "huge-line", "MODEL_ERROR", "Before"],
  ])(
    "a stream of a server that %s ends in an error behind what came, which is charged as estimated",
    async (_what, script, code, text) => {
      const { status, frames } = await stage.client.stream(`script:${script}#${script}`);
      expect(status).toBe(200);
      expect(textOf(frames)).toBe(text);
      expect(frames.at(-1)).toMatchObject({ event: "error", data: { code } });
      expect(JSON.stringify(frames)).not.toContain("secret upstream text");
      // Another try would tell the client a second answer behind the first.
      expect(stage.server.calls(script)).toHaveLength(1);
      const rows = await stage.client.usage(script);
      expect(rows).toMatchObject([{ is_estimated: 1 }]);
      expect(rows[0]?.completion_tokens).toBeGreaterThan(0);
    },
  );

  test.concurrent.each([["never ends", "endless", "MODEL_ERROR"]])(
    "a stream that %s is ended at its cap, and its server is left",
    async (_what, script, code) => {
      const { frames } = await stage.client.stream(`script:${script}#${script}`);
      expect(frames.at(-1)).toMatchObject({ event: "error", data: { code } });
      expect(textOf(frames).length).toBeLessThanOrEqual(20_000);
      await until(async () => stage.server.isClosed(script));
      expect(await stage.client.usage(script)).toHaveLength(1);
    },
  );

  test("a server that is busy for longer than anybody waits is asked once, and its Retry-After is passed on", async () => {
    const body = { message: "script:429-long#429-long" };
    const response = await stage.client.post("/probe/answer", body);
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("120");
    expect(await response.json()).toMatchObject({ code: "MODEL_RATE_LIMITED" });
    expect(stage.server.calls("429-long")).toHaveLength(1);
  });

  // Two failures each, and five in a row would shut the breaker: they share their time with each other only.
  test.concurrent.each([
    ["never answers", "silent", 504, "MODEL_TIMEOUT", 2],
    ["answers with headers and nothing else", "silent-after-headers", 504, "MODEL_TIMEOUT", 2],
  ])(
    "of a server that %s the client learns by the status, and nothing is charged",
    async (_what, script, status, code, calls) => {
      const seen = await stage.client.stream(`script:${script}#${script}`);
      expect(seen.status).toBe(status);
      expect(seen.frames[0]?.data["code"]).toBe(code);
      expect(stage.server.calls(script)).toHaveLength(calls);
      expect(await stage.client.usage(script)).toEqual([]);
    },
  );

  test.each([
    ["resets the connection", "reset", 503, "MODEL_UNAVAILABLE", 3],
    ["fails with 500 again and again", "500-always", 503, "MODEL_UNAVAILABLE", 3],
    ["answers 502 with a page", "html-502", 503, "MODEL_UNAVAILABLE", 3],
    ["refuses the deployment's key", "401", 503, "MODEL_UNAVAILABLE", 1],
    ["finds the texts too long", "400", 422, "MODEL_REFUSED", 1],
    ["sends what is no JSON", "garbage", 502, "MODEL_ERROR", 3],
    ["sends bytes of another type", "wrong-type", 502, "MODEL_ERROR", 3],
    ["answers 200 with a page", "html", 502, "MODEL_ERROR", 3],
    ["answers 200 with nothing", "empty-200", 502, "MODEL_ERROR", 3],
    ["answers with an end alone", "only-done", 502, "MODEL_ERROR", 3],
    ["answers with JSON of no length", "empty-json", 502, "MODEL_ERROR", 3],
    ["answers with an answer of no choices", "no-choices", 502, "MODEL_ERROR", 3],
  ])(
    "of a server that %s the client learns by the status, and nothing is charged",
    async (_what, script, status, code, calls) => {
      // A success first, so that the failures of several tests do not shut the breaker.
      await stage.client.stream("script:fine#before");
      const seen = await stage.client.stream(`script:${script}#${script}`);
      expect(seen.status).toBe(status);
      expect(seen.frames[0]?.data["code"]).toBe(code);
      expect(JSON.stringify(seen.frames)).not.toContain("secret upstream text");
      expect(stage.server.calls(script)).toHaveLength(calls);
      expect(await stage.client.usage(script)).toEqual([]);
    },
  );

  test("a server that keeps failing is not asked any more, and the health check says so", async () => {
    await stage.client.stream("script:500-always#b1");
    await stage.client.stream("script:500-always#b2");
    const response = await stage.client.post("/probe/answer", { message: "script:fine#b3" });
    expect(response.status).toBe(503);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(stage.server.calls("b3")).toHaveLength(0);
    const health = await fetch(`${stage.runtime.origin}/health`);
    expect(await health.json()).toMatchObject({
      components: { ai_model: { status: "unhealthy" } },
    });
  });
}
