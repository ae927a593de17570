import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { shardNameOfTask } from "#tasks/core/task-id";
import { api, createTestKey } from "../../support/api";
import { connect } from "../../support/sockets";
import type { Client } from "../../support/sockets";
import { ECHO } from "../../support/task-calls";

/** What a client was told of a task, in the order of its coming. */
const storyOf = (client: Client, taskId: unknown): string[] =>
  client.frames
    .filter(({ type, data }) => type.startsWith("task.") && data["task_id"] === taskId)
    .map(({ type, data }) => `${type} ${String(data["status"])}`);

const WHOLE = [
  "task.status queued",
  "task.status running",
  "task.status completed",
  "task.result completed",
];
const isResult =
  (taskId: unknown) =>
  ({ type, data }: Client["frames"][number]) =>
    type === "task.result" && data["task_id"] === taskId;

describe("over a socket", () => {
  test("a task is submitted, and told of from its first state to its result", async () => {
    const { key } = await createTestKey();
    const client = await connect(key);
    const ack = await client.ask("task.submit", ECHO);
    expect(ack).toMatchObject({ type: "ack", data: { status: "queued" } });
    const taskId = ack.data["task_id"];
    const result = await client.until(isResult(taskId));
    expect(result).toMatchObject({
      request_id: null,
      data: { channel: `task:${String(taskId)}`, data: ECHO.input, error: null, offset: 4 },
    });
    expect(storyOf(client, taskId)).toEqual(WHOLE);
  });

  test("the same idempotency key is the same task", async () => {
    const { key } = await createTestKey();
    const client = await connect(key);
    const twice = { ...ECHO, idempotency_key: "k" };
    const first = await client.ask("task.submit", twice);
    const second = await client.ask("task.submit", twice);
    expect(second.data["task_id"]).toBe(first.data["task_id"]);
  });

  test("a task is cancelled, once", async () => {
    const { key } = await createTestKey();
    const client = await connect(key);
    const later = await api("/api/v1/tasks", {
      key,
      json: { ...ECHO, delay_seconds: 600 },
      headers: { prefer: "respond-async" },
    });
    const { request_id: id } = await later.json<{ request_id: string }>();
    await client.ask("subscribe", { channel: `task:${id}` });
    expect(await client.ask("task.cancel", { task_id: id })).toMatchObject({
      type: "ack",
      data: { status: "cancelled" },
    });
    expect((await client.until(isResult(id))).data["status"]).toBe("cancelled");
    expect((await client.ask("task.cancel", { task_id: id })).data["code"]).toBe(
      "TASK_ALREADY_FINISHED",
    );
  });

  test.each([
    ["an unknown kind", { kind: "nothing" }, "UNKNOWN_TASK_KIND"],
    ["no input that its kind takes", { kind: "scrape", input: { x: 1 } }, "VALIDATION_FAILED"],
    ["no kind", {}, "INVALID_FRAME"],
  ])("%s is refused", async (_name, data, code) => {
    const { key } = await createTestKey();
    const client = await connect(key);
    expect((await client.ask("task.submit", data)).data["code"]).toBe(code);
  });

  test("nothing is done with another's task, nor by a key without the scope", async () => {
    const [mine, theirs, narrow] = await Promise.all([
      createTestKey(),
      createTestKey(),
      createTestKey({ scopes: ["realtime"] }),
    ]);
    const made = await api("/api/v1/tasks", { key: mine.key, json: ECHO });
    const { request_id: id } = await made.json<{ request_id: string }>();
    const client = await connect(theirs.key);
    expect((await client.ask("subscribe", { channel: `task:${id}` })).data["code"]).toBe(
      "CHANNEL_NOT_FOUND",
    );
    expect((await client.ask("task.cancel", { task_id: id })).data["code"]).toBe("TASK_NOT_FOUND");
    const limited = await connect(narrow.key);
    expect((await limited.ask("task.submit", ECHO)).data["code"]).toBe("INSUFFICIENT_SCOPE");
  });
});

describe("a task that came over HTTP", () => {
  test("is told whole to whoever follows it after its end", async () => {
    const { key } = await createTestKey();
    const made = await api("/api/v1/tasks", { key, json: ECHO });
    const { request_id: id } = await made.json<{ request_id: string }>();
    const client = await connect(key);
    const channel = `task:${id}`;
    const { data } = await client.ask("subscribe", { channel });
    expect((data["events"] as { event: string }[]).map(({ event }) => event)).toEqual([
      "task.status",
      "task.status",
      "task.status",
      "task.result",
    ]);
    const latest = await connect(key);
    const answer = await latest.ask("subscribe", { channel, mode: "latest" });
    expect(answer.data["events"]).toMatchObject([{ event: "task.result" }]);
  });

  test("is told to its owner's own channel, and to nobody else's", async () => {
    const [mine, theirs] = await Promise.all([createTestKey(), createTestKey()]);
    const owner = await connect(mine.key);
    const other = await connect(theirs.key);
    await owner.ask("subscribe", { channel: `user:${mine.ownerId}` });
    await other.ask("subscribe", { channel: `user:${theirs.ownerId}` });
    const made = await api("/api/v1/tasks", { key: mine.key, json: ECHO });
    const { request_id: id } = await made.json<{ request_id: string }>();
    await owner.until(isResult(id));
    expect(storyOf(owner, id)).toEqual(WHOLE);
    expect(other.frames.some(({ type }) => type.startsWith("task."))).toBe(false);
  });

  test("is told although its channel could not be reached at first", async () => {
    const { key, ownerId } = await createTestKey();
    const client = await connect(key);
    await client.ask("subscribe", { channel: `user:${ownerId}` });
    const { Channel } = await import("../../../src/index");
    Object.defineProperty(Channel.prototype, "publish", {
      configurable: true,
      value: () => {
        throw new Error("lost");
      },
    });
    const made = await api("/api/v1/tasks", { key, json: ECHO });
    const { request_id: id } = await made.json<{ request_id: string }>();
    expect(storyOf(client, id)).toEqual([]);
    Reflect.deleteProperty(Channel.prototype, "publish");
    await runDurableObjectAlarm(env.TASK_SHARD.getByName(shardNameOfTask(id)));
    await client.until(isResult(id));
    expect(storyOf(client, id)).toEqual(WHOLE);
  });
});
