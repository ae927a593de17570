import { describe, expect, test } from "vitest";
import type { Executor } from "#tasks/service";
import { isTaskId } from "../../support/tasks";
import { api, createTestKey } from "../../support/api";
import { ECHO, postTask as post, readBody as read, workOn } from "../../support/task-calls";
import { cutAllQueues, elapse, shardStub } from "../../support/task-shards";

const work = (id: string, data: string) => workOn(id, async () => ({ status: "completed", data }));

describe("a task by HTTP", () => {
  test("goes to a worker and back on one request", async () => {
    const { key } = await createTestKey();
    const response = await post(key, ECHO);
    expect(response.status).toBe(200);
    const body = await read(response);
    expect(body).toEqual({
      request_id: expect.stringMatching(isTaskId),
      kind: "echo",
      status: "completed",
      priority: "normal",
      data: { hello: "나루" },
      error: null,
      execution_time: expect.any(Number),
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      completed_at: expect.any(String),
      attempts: 1,
      not_before: null,
      progress: null,
    });
    const again = await api(`/api/v1/tasks/${body.request_id}`, { key });
    expect(await read(again)).toEqual(body);
    expect(again.headers.get("ETag")).not.toBeNull();
  });

  test("is answered 202 at once for a caller who prefers that, and read later", async () => {
    await cutAllQueues();
    const { key } = await createTestKey();
    const response = await post(key, ECHO, { Prefer: "respond-async" });
    expect(response.status).toBe(202);
    expect(response.headers.get("Preference-Applied")).toBe("respond-async");
    const { request_id: id, status } = await read(response);
    expect(status).toBe("queued");
    expect(response.headers.get("Location")).toBe(`/api/v1/tasks/${id}`);
    await work(id, "late");
    expect(await read(await api(`/api/v1/tasks/${id}`, { key }))).toMatchObject({
      status: "completed",
      data: "late",
    });
  });

  test("whose wait ends first is a 408 that says where it stands, and its late result is kept", async () => {
    const { key } = await createTestKey();
    await post(key, ECHO);
    await cutAllQueues();
    const response = await post(key, ECHO, { Prefer: "wait=0" });
    expect(response.status).toBe(408);
    expect(response.headers.get("Retry-After")).toBe("5");
    expect(response.headers.get("Preference-Applied")).toBe("wait=0");
    const problem = await read(response);
    expect(problem).toMatchObject({
      code: "WAIT_TIMED_OUT",
      task_id: expect.stringMatching(isTaskId),
      // Nothing has taken this one; something took another before.
      claimed: false,
      last_claim_at: expect.stringMatching(/Z$/),
    });
    expect(response.headers.get("Location")).toBe(`/api/v1/tasks/${problem.task_id}`);
    await work(problem.task_id, "late");
    expect(await read(await api(`/api/v1/tasks/${problem.task_id}`, { key }))).toMatchObject({
      status: "completed",
      data: "late",
    });
  });

  test("that waits for its target says so in its record and in its 408", async () => {
    await cutAllQueues();
    const { key } = await createTestKey();
    const headers = { "Idempotency-Key": "busy", "Accept-Language": "en" };
    const first = await read(await post(key, ECHO, { ...headers, Prefer: "respond-async" }));
    const notBeforeMs = Date.now() + 20_000;
    await workOn(first.request_id, async () => ({
      status: "deferred",
      notBeforeMs,
      code: "SITE_BUSY",
      params: { host: "a.test", retry_after: 20 },
    }));
    const waiting = {
      not_before: new Date(notBeforeMs).toISOString(),
      error: { code: "SITE_BUSY", detail: "Try again later, in 20 s." },
    };
    const url = `/api/v1/tasks/${first.request_id}`;
    expect(await read(await api(url, { key, headers }))).toMatchObject({
      ...waiting,
      status: "queued",
    });
    const problem = await read(await post(key, ECHO, { ...headers, Prefer: "wait=0" }));
    expect(problem).toMatchObject({
      code: "WAIT_TIMED_OUT",
      task_id: first.request_id,
      not_before: waiting.not_before,
      last_error: waiting.error,
    });
  });

  test("where no worker has ever taken anything says so in its 408", async () => {
    await cutAllQueues();
    const { key } = await createTestKey();
    const problem = await read(await post(key, ECHO, { Prefer: "wait=0" }));
    expect(problem).toMatchObject({ code: "WAIT_TIMED_OUT", claimed: false, last_claim_at: null });
  });

  test("that overran is a 408 of its own", async () => {
    const shards = await cutAllQueues();
    const { key } = await createTestKey();
    const headers = { "Idempotency-Key": "overrun", Prefer: "respond-async" };
    const { request_id: id } = await read(await post(key, { ...ECHO, timeout: 5 }, headers));
    const shard = shards.findIndex((outbox) => outbox.sent.length > 0);
    await shardStub(shard).claimMany([{ taskId: id, messageId: "m", delivery: 1 }], "consumer-1");
    await elapse(shard, 10_000);
    const response = await post(key, { ...ECHO, timeout: 5 }, headers);
    expect(response.status).toBe(408);
    expect(response.headers.get("Location")).toBe(`/api/v1/tasks/${id}`);
    expect(await read(response)).toMatchObject({
      code: "TASK_TIMED_OUT",
      task_id: id,
      claimed: true,
    });
    expect(await read(await api(`/api/v1/tasks/${id}`, { key }))).toMatchObject({
      status: "timed_out",
    });
  });

  test("that failed is a 200 with its error in the language of whoever reads it", async () => {
    await cutAllQueues();
    const { key } = await createTestKey();
    const headers = { "Idempotency-Key": "failed", Prefer: "respond-async" };
    const { request_id: id } = await read(await post(key, ECHO, headers));
    const failing: Executor = async () => ({
      status: "failed",
      code: "FETCH_FAILED",
      retryable: false,
    });
    await workOn(id, failing);
    for (const [language, script] of [
      ["ko", /[가-힣]/],
      ["en", /^[\x20-\x7e]+$/],
    ] as const) {
      const response = await post(key, ECHO, { ...headers, "Accept-Language": language });
      expect(response.status).toBe(200);
      expect(await read(response)).toMatchObject({
        status: "failed",
        data: null,
        error: { code: "FETCH_FAILED", message: expect.stringMatching(script) },
      });
    }
  });

  test.each([
    ["an unknown kind", { ...ECHO, kind: "nonsense" }, 422, "UNKNOWN_TASK_KIND"],
    [
      "a timeout that no worker of ours serves",
      { ...ECHO, timeout: 841 },
      422,
      "TIMEOUT_NOT_SERVED",
    ],
    ["a timeout out of range", { ...ECHO, timeout: 3601 }, 422, "VALIDATION_FAILED"],
    ["a timeout of no time", { ...ECHO, timeout: 0 }, 422, "VALIDATION_FAILED"],
    ["an input that is no object", { ...ECHO, input: [] }, 422, "VALIDATION_FAILED"],
    ["an unknown field", { ...ECHO, priority: 1 }, 422, "VALIDATION_FAILED"],
  ])("with %s is refused", async (_name, json, status, code) => {
    const { key } = await createTestKey();
    const response = await post(key, json);
    expect(response.status).toBe(status);
    expect(await read(response)).toMatchObject({ code });
  });

  test("needs the scope of its kind besides that of its route", async () => {
    const { key } = await createTestKey({ scopes: ["tasks:write"] });
    expect((await post(key, ECHO)).status).toBe(200);
    const response = await post(key, { kind: "scrape", input: {} });
    expect(response.status).toBe(403);
    expect(await read(response)).toMatchObject({ code: "INSUFFICIENT_SCOPE" });
  });

  test("needs the scope of its route", async () => {
    const { key } = await createTestKey({ scopes: ["tasks:read"] });
    const response = await post(key, ECHO);
    expect(response.status).toBe(403);
    expect((await api("/api/v1/tasks", { key })).status).toBe(200);
  });
});

describe("an Idempotency-Key", () => {
  test("joins a task that runs and replays one that ended; another body is refused", async () => {
    const { key } = await createTestKey();
    const headers = { "Idempotency-Key": "order-1" };
    const answers = await Promise.all([post(key, ECHO, headers), post(key, ECHO, headers)]);
    const bodies = await Promise.all(answers.map(read));
    expect(bodies[0]).toEqual(bodies[1]);
    const replayed = answers.map((answer) => answer.headers.get("Idempotency-Replayed"));
    expect(replayed.filter((value) => value === "true")).toHaveLength(1);
    const replay = await post(key, ECHO, headers);
    expect(replay.headers.get("Idempotency-Replayed")).toBe("true");
    expect((await read(replay)).request_id).toBe(bodies[0]?.request_id);
    const other = await post(key, { ...ECHO, input: {} }, headers);
    expect(other.status).toBe(422);
    expect(await read(other)).toMatchObject({ code: "IDEMPOTENCY_KEY_REUSED" });
  });

  test("that is malformed is refused before anything is stored", async () => {
    const { key } = await createTestKey();
    const response = await post(key, ECHO, { "Idempotency-Key": "two words" });
    expect(response.status).toBe(400);
    expect((await read(await api("/api/v1/tasks", { key }))).items).toEqual([]);
  });
});

describe("cancelling", () => {
  test("ends a queued task once, and says so to a second try", async () => {
    await cutAllQueues();
    const { key } = await createTestKey();
    const { request_id: id } = await read(await post(key, ECHO, { Prefer: "respond-async" }));
    const path = `/api/v1/tasks/${id}`;
    const cancelled = await api(path, {
      key,
      method: "DELETE",
      headers: { "Accept-Language": "en" },
    });
    expect(cancelled.status).toBe(200);
    expect(await read(cancelled)).toMatchObject({
      status: "cancelled",
      error: { code: "TASK_CANCELLED" },
    });
    await work(id, "too late");
    expect(await read(await api(path, { key }))).toMatchObject({ status: "cancelled", data: null });
    const again = await api(path, { key, method: "DELETE" });
    expect(again.status).toBe(409);
    expect(await read(again)).toMatchObject({ code: "TASK_ALREADY_FINISHED", task_id: id });
  });

  test("with If-Match leaves a task alone that has changed since", async () => {
    await cutAllQueues();
    const { key } = await createTestKey();
    const { request_id: id } = await read(await post(key, ECHO, { Prefer: "respond-async" }));
    const path = `/api/v1/tasks/${id}`;
    const headers = (etag: string) => ({ key, method: "DELETE", headers: { "If-Match": etag } });
    expect((await api(path, headers('"stale"'))).status).toBe(412);
    const etag = (await api(path, { key })).headers.get("ETag") ?? "";
    expect((await api(path, headers(etag))).status).toBe(200);
  });
});

test("another owner's task, an unknown and a malformed id are all the same 404", async () => {
  const mine = await createTestKey();
  const yours = await createTestKey();
  const { request_id: id } = await read(await post(mine.key, ECHO));
  const unknown = id.slice(0, -4) + (id.endsWith("0000") ? "1111" : "0000");
  const details: unknown[] = [];
  for (const name of [id, unknown, "task_1", "x", "task_%2e%2e"])
    for (const [method, suffix] of [
      ["GET", ""],
      ["GET", "/result"],
      ["DELETE", ""],
    ] as const) {
      const response = await api(`/api/v1/tasks/${name}${suffix}`, { key: yours.key, method });
      expect(response.status, `${method} ${name}${suffix}`).toBe(404);
      const { code, error, detail } = await read(response);
      details.push({ code, error, detail });
    }
  expect(new Set(details.map((detail) => JSON.stringify(detail))).size).toBe(1);
  expect(details[0]).toMatchObject({ code: "TASK_NOT_FOUND" });
});
