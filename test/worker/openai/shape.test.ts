import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { createApp } from "#app";
import { answerSse } from "#http/sse-answer";
import { ApiError } from "#platform/errors";
import { api, createTestKey } from "../../support/api";

async function probe(failure: Error): Promise<string> {
  const app = createApp();
  app.get("/v1/probe", (c) => answerSse(c, () => Promise.reject(failure)));
  const request = new Request("http://naru.test/v1/probe", {
    headers: { "Accept-Language": "en" },
  });
  const response = await app.fetch(request, env, createExecutionContext());
  return response.text();
}

test("a stream that is ended by us tells why in OpenAI's shape", async () => {
  const data = /data: (.+)\n\n$/.exec(await probe(new ApiError("INVALID_API_KEY")))?.[1] ?? "";
  expect(JSON.parse(data)).toEqual({
    error: {
      message: expect.any(String),
      type: "invalid_request_error",
      param: null,
      code: "invalid_api_key",
    },
  });
});

test("a fault of ours is told as one, and nothing else of it", async () => {
  const text = await probe(new Error("SQLITE: secret text"));
  expect(text).toContain('"code":"server_error"');
  expect(text).not.toContain("secret");
});

test("what is refused before any route is in the shape too, with the headers of a refusal", async () => {
  const nowhere = await api("/v1/nowhere", { headers: { "Accept-Language": "en" } });
  expect([nowhere.status, nowhere.headers.get("content-type")]).toEqual([404, "application/json"]);
  expect(await nowhere.json()).toMatchObject({ error: { code: "route_not_found" } });
  const method = await api("/v1/models", { method: "PUT" });
  expect([method.status, method.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
  const long = await api(`/v1/models?${"a".repeat(9000)}`);
  expect(await long.json()).toMatchObject({ error: { code: "uri_too_long" } });
  // The paths beside it keep the shape of their own.
  const other = await api("/v10/models");
  expect(other.headers.get("content-type")).toBe("application/problem+json");
});

test("every fault of a request is named as OpenAI names fields", async () => {
  const { key } = await createTestKey();
  const response = await api("/v1/chat/completions", {
    key,
    headers: { "Accept-Language": "en" },
    json: { messages: [{ role: "robot", content: "a" }], n: 2 },
  });
  expect(response.status).toBe(422);
  const { error } = await response.json<{ error: { message: string; param: string } }>();
  expect(error.param).toBe("messages[0].role");
  expect(error.message).toMatch(/messages\[0\]\.role: .+; n: /);
});

test("without a server of its own for them, vectors are refused for good", async () => {
  const { key } = await createTestKey();
  const response = await api("/v1/embeddings", { key, json: { input: "ferry" } });
  expect([response.status, response.headers.get("x-should-retry")]).toEqual([503, "false"]);
  expect(await response.json()).toMatchObject({ error: { code: "model_required" } });
});

test("a whole answer can be asked for again under its key, which costs nothing and changes nothing", async () => {
  const { key } = await createTestKey();
  const ask = (stream: boolean) =>
    api("/v1/chat/completions", {
      key,
      headers: { "Idempotency-Key": "once-1", "Cache-Control": "no-store" },
      json: {
        stream,
        messages: [{ role: "user", content: "Write a Python function that finds prime numbers" }],
      },
    });
  const [first, again] = [await ask(false), await ask(false)];
  expect(again.headers.get("idempotency-replayed")).toBe("true");
  expect(await again.text()).toBe(await first.text());
  // A stream is told as it comes, and is not read to be kept.
  const stream = await ask(true);
  expect(stream.headers.get("content-type")).toBe("text/event-stream");
  expect(await stream.text()).toContain("[DONE]");
});
