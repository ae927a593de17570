import { describe, expect, test } from "vitest";
import { listAudit } from "#audit/service";
import { env } from "cloudflare:workers";
import { RETENTION_MS } from "#tasks/core/timing";
import type { Executor } from "#tasks/service";
import { api, createTestKey } from "../../support/api";
import type { TestKey } from "../../support/api";
import { readSse } from "../../support/sse";
import { postTask, readBody, workOn } from "../../support/task-calls";
import { taskStats } from "#tasks/service";
import { cutAllQueues, elapse, sqlOf } from "../../support/task-shards";

const PATH = "/api/v1/admin/dead-letters";
const failing: Executor = async () => ({ status: "failed", code: "FETCH_FAILED", retryable: true });
const working: Executor = async (run) => ({
  status: "completed",
  data: { attempt: run.attempt, bytes: JSON.stringify(run.input).length },
});
const shardOf = (id: string): number => Number.parseInt(id.slice(16, 18), 32);

interface People {
  readonly admin: TestKey;
  readonly user: TestKey;
}
async function people(): Promise<People> {
  await cutAllQueues();
  return { admin: await createTestKey({ role: "admin" }), user: await createTestKey() };
}

/** A task that was given up after its one attempt. */
async function deadLetter({ user }: People, input: object = { n: 1 }): Promise<string> {
  const body = { kind: "echo", input, max_attempts: 1 };
  const { request_id: id } = await readBody(
    await postTask(user.key, body, { Prefer: "respond-async" }),
  );
  await workOn(id, failing);
  return id;
}
const call = ({ admin }: People, path: string, method = "GET", json?: unknown): Promise<Response> =>
  api(`${PATH}${path}`, {
    key: admin.key,
    method,
    headers: { "Accept-Language": "en" },
    ...(json === undefined ? {} : { json }),
  });
const listed = async (who: People, query = ""): Promise<string[]> => {
  const body = (await (await call(who, query)).json()) as { items: { id: string }[] };
  return body.items.map(({ id }) => id);
};
const counters = () => taskStats(env);

describe("the list", () => {
  test("has what was given up a moment ago, page by page, those that died last first", async () => {
    const who = await people();
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) ids.push(await deadLetter(who));
    const seen: string[] = [];
    let path: string | null = "?limit=2";
    while (path !== null) {
      const response: Response = await call(who, path);
      const page = await readBody(response);
      seen.push(...page.items.map((item) => (item as unknown as { id: string }).id));
      path = page.next_cursor === null ? null : `?limit=2&cursor=${page.next_cursor}`;
    }
    expect([...seen].sort()).toEqual([...ids].sort());
    expect(seen).toHaveLength(3);
  });

  test("is narrowed by kind, owner, code and time, and has no task that failed for good", async () => {
    const who = await people();
    const id = await deadLetter(who);
    const { request_id: other } = await readBody(
      await postTask(who.user.key, { kind: "echo", input: {} }, { Prefer: "respond-async" }),
    );
    await workOn(other, async () => ({ status: "failed", code: "DNS_FAILED", retryable: false }));
    expect(await listed(who)).toEqual([id]);
    expect(await listed(who, `?owner_id=${who.user.ownerId}&kind=echo&code=FETCH_FAILED`)).toEqual([
      id,
    ]);
    const soon = new Date(Date.now() + 60_000).toISOString();
    for (const query of ["?kind=scrape", "?owner_id=usr_none", "?code=DNS_FAILED", `?from=${soon}`])
      expect([query, await listed(who, query)]).toEqual([query, []]);
    expect(await listed(who, `?to=${soon}`)).toEqual([id]);
  });

  test("is for administrators alone", async () => {
    const who = await people();
    const id = await deadLetter(who);
    for (const path of [PATH, `${PATH}/${id}`])
      expect((await api(path, { key: who.user.key })).status).toBe(403);
  });
});

test("a dead letter shows its attempts and what its worker got, large inputs too after its end", async () => {
  const who = await people();
  const input = { text: "나".repeat(5_000) };
  const id = await deadLetter(who, input);
  const letter = await (await call(who, `/${id}`)).json();
  expect(letter).toMatchObject({
    id,
    owner_id: who.user.ownerId,
    attempts: 1,
    error: { code: "FETCH_FAILED", message: expect.any(String) },
    history: [
      { attempt: 1, outcome: "failed", code: "FETCH_FAILED", consumer_id: "consumer-test" },
    ],
    input,
  });
});

describe("a replay", () => {
  test("runs the same task anew with its input, tells its followers, and keeps every count", async () => {
    const who = await people();
    const input = { text: "x".repeat(20_000) };
    const id = await deadLetter(who, input);
    expect(await counters()).toMatchObject({ failed: 1, queued: 0 });
    const response = await call(who, `/${id}/replay`, "POST");
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ replayed: [id], skipped: [], has_more: false });
    expect(await listed(who)).toEqual([]);
    expect(await counters()).toMatchObject({ failed: 0, queued: 1 });
    await workOn(id, working);
    expect(await counters()).toMatchObject({ failed: 0, queued: 0, running: 0, completed: 1 });
    // What ever ended only grows: a scraper takes a counter that falls for a restart.
    const ended = (await taskStats(env)).ended.filter(({ count }) => count > 0);
    expect(ended.map(({ status, count }) => [status, count])).toEqual([
      ["completed", 1],
      ["failed", 1],
    ]);
    const task = await readBody(await api(`/api/v1/tasks/${id}`, { key: who.user.key }));
    const bytes = JSON.stringify(input).length;
    expect(task).toMatchObject({ status: "completed", attempts: 1, data: { attempt: 1, bytes } });
    const events = await readSse(
      await api(`/api/v1/tasks/${id}/events`, { key: who.user.key }),
    ).rest();
    expect(events.map(({ id, data }) => [id, data["status"]])).toEqual([
      ["1", "queued"],
      ["2", "running"],
      ["3", "failed"],
      ["4", "failed"],
      // 5 was the end of the streams over the first life.
      ["6", "queued"],
      ["7", "running"],
      ["8", "completed"],
      ["9", "completed"],
      ["10", "completed"],
    ]);
  });

  test("of a reader's task that it has read to the end goes on behind that end", async () => {
    const who = await people();
    const id = await deadLetter(who);
    const path = `/api/v1/tasks/${id}/events`;
    const headers = { "Last-Event-ID": "5" };
    expect((await api(path, { key: who.user.key, headers })).status).toBe(204);
    await (await call(who, `/${id}/replay`, "POST")).text();
    await workOn(id, working);
    const events = await readSse(await api(path, { key: who.user.key, headers })).rest();
    expect(events.map(({ id }) => id)).toEqual(["6", "7", "8", "9", "10"]);
  });

  test("that fails again is a dead letter again, with the attempts of both lives", async () => {
    const who = await people();
    const id = await deadLetter(who);
    await (await call(who, `/${id}/replay`, "POST")).text();
    await workOn(id, failing);
    expect(await listed(who)).toEqual([id]);
    const letter = (await (await call(who, `/${id}`)).json()) as { history: unknown[] };
    expect(letter.history).toHaveLength(2);
    expect(await counters()).toMatchObject({ failed: 1, queued: 0, running: 0 });
  });

  test("of many takes those named or those found, skips what is none, and is written down", async () => {
    const who = await people();
    const [first, second, third] = [
      await deadLetter(who),
      await deadLetter(who),
      await deadLetter(who),
    ];
    const named = await call(who, "/replay", "POST", {
      ids: [first, first, "task_none", third.replace(/.$/, (digit) => (digit === "0" ? "1" : "0"))],
    });
    expect(await named.json()).toMatchObject({
      replayed: [first],
      skipped: [{ id: "task_none", code: "TASK_NOT_FOUND" }, { code: "TASK_NOT_FOUND" }],
    });
    const found = await call(who, "/replay", "POST", {
      filter: { code: "FETCH_FAILED" },
      limit: 1,
    });
    expect(await found.json()).toMatchObject({ replayed: [expect.any(String)], has_more: true });
    const rest = await call(who, "/replay", "POST", { filter: {} });
    expect(await rest.json()).toMatchObject({ replayed: [expect.any(String)], has_more: false });
    for (const id of [first, second, third]) await workOn(id, working);
    expect(await counters()).toMatchObject({ failed: 0, completed: 3 });
    const { entries } = await listAudit(env, {
      actorId: who.admin.ownerId,
      subjectId: null,
      action: "dead_letter.replay",
      fromMs: null,
      toMs: null,
      before: null,
      limit: 10,
    });
    expect(entries.map(({ details }) => details["count"])).toEqual([1, 1, 3]);
  });

  test("of what is no dead letter is a 404, and of none and all at once a 422", async () => {
    const who = await people();
    const { request_id: id } = await readBody(
      await postTask(who.user.key, { kind: "echo", input: {} }, { Prefer: "respond-async" }),
    );
    for (const other of [id, "task_none"])
      expect((await call(who, `/${other}/replay`, "POST")).status).toBe(404);
    for (const json of [{}, { ids: [id], filter: {} }])
      expect((await call(who, "/replay", "POST", json)).status).toBe(422);
  });
});

describe("a purge", () => {
  test("takes one or many off the list for good, and leaves the owners their failed tasks", async () => {
    const who = await people();
    const [first, second] = [await deadLetter(who), await deadLetter(who)];
    expect((await call(who, `/${first}`, "DELETE")).status).toBe(204);
    expect((await call(who, `/${first}`, "DELETE")).status).toBe(404);
    expect(await listed(who)).toEqual([second]);
    const purged = await call(who, "/purge", "POST", { filter: {} });
    expect(await purged.json()).toEqual({ purged: [second], skipped: [], has_more: false });
    expect(await listed(who)).toEqual([]);
    expect((await call(who, `/${second}/replay`, "POST")).status).toBe(404);
    const task = await readBody(await api(`/api/v1/tasks/${second}`, { key: who.user.key }));
    expect(task).toMatchObject({ status: "failed" });
    expect(await counters()).toMatchObject({ failed: 2 });
  });

  test("and the end of a letter's time leave nothing of its input", async () => {
    const who = await people();
    const large = { text: "x".repeat(20_000) };
    const [purged, expired] = [await deadLetter(who, large), await deadLetter(who, large)];
    await (await call(who, `/${purged}`, "DELETE")).text();
    await elapse(shardOf(expired), RETENTION_MS);
    for (const id of [purged, expired])
      expect(await sqlOf(shardOf(id), "SELECT seq FROM chunks WHERE task_id = ?", id)).toEqual([]);
  });
});
