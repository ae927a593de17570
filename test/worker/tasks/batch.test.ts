import { expect, test } from "vitest";
import { taskStats } from "#tasks/service";
import { env } from "cloudflare:workers";
import { shardOfTask } from "#tasks/core/task-id";
import { api, createTestKey } from "../../support/api";
import { ECHO, readBody } from "../../support/task-calls";
import { cutAllQueues, fillShard, SHARDS, sqlOf } from "../../support/task-shards";
import { evictDurableObject } from "cloudflare:test";
import { shardStub } from "../../support/task-shards";

interface Batch {
  readonly items: readonly {
    readonly index: number;
    readonly verdict: string;
    readonly task: { readonly request_id: string; readonly kind: string } | null;
    readonly error: { readonly code: string } | null;
    readonly retry_after: number | null;
  }[];
}

const post = (key: string, tasks: unknown, headers: Record<string, string> = {}) =>
  api("/api/v1/tasks/batch", {
    key,
    json: { tasks },
    headers: { "Accept-Language": "en", ...headers },
  });
const echoes = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ kind: "echo", input: { n } }));
const idsOf = ({ items }: Batch) => items.map((item) => item.task?.request_id);

test("a hundred tasks are taken in one request, in their order, over all shards, and run", async () => {
  const { key } = await createTestKey();
  const response = await post(key, echoes(100));
  expect(response.status).toBe(202);
  const batch = await response.json<Batch>();
  expect(batch.items.map((item) => [item.index, item.verdict])).toEqual(
    echoes(100).map((_, index) => [index, "accepted"]),
  );
  const shards = new Set(idsOf(batch).map((id) => shardOfTask(id ?? "", SHARDS)));
  expect(shards.size).toBeGreaterThan(1);
  const last = await api(`/api/v1/tasks/${batch.items[99]?.task?.request_id}`, { key });
  expect(await last.json()).toMatchObject({ kind: "echo" });
});

test("one wrong task lets none be taken, and every fault of every task is named at once", async () => {
  await cutAllQueues();
  const { key } = await createTestKey();
  const response = await post(key, [
    ECHO,
    { kind: "nothing", input: {} },
    { kind: "echo" },
    { ...ECHO, priority: "urgent", colour: "red" },
    { ...ECHO, delay_seconds: 1, run_at: "2126-01-01T00:00:00Z" },
    { ...ECHO, timeout: 3_600 },
    {
      kind: "scrape",
      input: { script_name: "page", parameters: { url: "http://127.0.0.1/" } },
      callback_url: "http://localhost/hook",
    },
    "echo",
  ]);
  expect(response.status).toBe(422);
  const problem = await readBody(response);
  expect(problem).toMatchObject({ code: "VALIDATION_FAILED" });
  const faults = problem["errors"] as { pointer: string; code: string }[];
  expect(faults.map((fault) => fault.pointer).sort()).toEqual([
    "/tasks/1/kind",
    "/tasks/2/input",
    "/tasks/3/colour",
    "/tasks/3/priority",
    "/tasks/4/run_at",
    "/tasks/5/timeout",
    "/tasks/6/callback_url",
    "/tasks/6/input/parameters/url",
    "/tasks/7",
  ]);
  expect(await taskStats(env)).toMatchObject({ queued: 0 });
});

test.each([
  ["none", [], "/tasks"],
  ["more than a hundred", echoes(101), "/tasks"],
  ["no list", { kind: "echo" }, "/tasks"],
])("a batch of %s is refused", async (_name, tasks, pointer) => {
  const { key } = await createTestKey();
  const response = await post(key, tasks);
  expect(response.status).toBe(422);
  expect(await readBody(response)).toMatchObject({ errors: [{ pointer }] });
});

test("a kind that the credential may not submit refuses the batch as a whole", async () => {
  const { key } = await createTestKey({ scopes: ["tasks:write"] });
  const scrape = {
    kind: "scrape",
    input: { script_name: "page", parameters: { url: "https://example.com/" } },
  };
  const response = await post(key, [ECHO, scrape]);
  expect(response.status).toBe(403);
  expect(await readBody(response)).toMatchObject({ code: "INSUFFICIENT_SCOPE" });
});

test("a batch sent again under its key is the same tasks, and another under it is none", async () => {
  await cutAllQueues();
  const { key: apiKey } = await createTestKey();
  // By the first of two such keys or by the second, an item that only the other batch has lies where its first one does.
  for (const key of ["batch-1", "batch-2"]) {
    const headers = { "Idempotency-Key": key };
    const first = await (await post(apiKey, echoes(20), headers)).json<Batch>();
    const again = await post(apiKey, echoes(20), headers);
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    const repeated = await again.json<Batch>();
    expect(idsOf(repeated)).toEqual(idsOf(first));
    expect(new Set(repeated.items.map((item) => item.verdict))).toEqual(new Set(["joined"]));

    for (const other of [echoes(21), echoes(19), echoes(20).reverse()]) {
      const refused = await post(apiKey, other, headers);
      expect(refused.status).toBe(422);
      expect(await readBody(refused)).toMatchObject({ code: "IDEMPOTENCY_KEY_REUSED" });
    }
  }
  expect(await taskStats(env)).toMatchObject({ queued: 40 });
});

test("what finds no room is refused by itself, and taken when the batch is sent again under its key", async () => {
  await cutAllQueues();
  const { key } = await createTestKey();
  const headers = { "Idempotency-Key": "batch-2" };
  // One of the shards is full.
  await fillShard(3, 10_000);
  await evictDurableObject(shardStub(3));
  await cutAllQueues();

  const partly = await (await post(key, echoes(40), headers)).json<Batch>();
  const refused = partly.items.filter((item) => item.verdict === "refused");
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThan(40);
  for (const item of refused) {
    expect(item).toMatchObject({ task: null, error: { code: "QUEUE_FULL" } });
    expect(item.retry_after).toBeGreaterThan(0);
  }

  await sqlOf(3, "DELETE FROM tasks WHERE kind = 'other'");
  await evictDurableObject(shardStub(3));
  await cutAllQueues();
  const whole = await (await post(key, echoes(40), headers)).json<Batch>();
  expect(whole.items.map((item) => item.verdict)).toEqual(
    partly.items.map((item) => (item.verdict === "refused" ? "accepted" : "joined")),
  );
});
