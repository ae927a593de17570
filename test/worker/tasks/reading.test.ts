import type { JsonValue } from "#platform/json-value";
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { createApp } from "#app";
import { api, createTestKey } from "../../support/api";
import { ECHO, postTask as post, readBody as read, workOn } from "../../support/task-calls";
import { cutAllQueues } from "../../support/task-shards";

const work = (id: string, data: JsonValue) =>
  workOn(id, async () => ({ status: "completed", data }));

describe("a large result", () => {
  test("is not in the task, which says where it is streamed from", async () => {
    await cutAllQueues();
    const { key } = await createTestKey();
    const { request_id: id } = await read(await post(key, ECHO, { Prefer: "respond-async" }));
    const data = "가".repeat(1_000_000);
    await work(id, data);
    const task = await read(await api(`/api/v1/tasks/${id}`, { key }));
    expect(task).toMatchObject({
      status: "completed",
      data: null,
      result_url: `/api/v1/tasks/${id}/result`,
    });
    const result = await api(String(task["result_url"]), { key });
    expect(result.headers.get("Content-Type")).toMatch(/^application\/json/);
    expect((await result.json()) === data).toBe(true);
  });

  test("and a small one are read at the same place; before the end there is none", async () => {
    await cutAllQueues();
    const { key } = await createTestKey();
    const { request_id: id } = await read(await post(key, ECHO, { Prefer: "respond-async" }));
    const path = `/api/v1/tasks/${id}/result`;
    const early = await api(path, { key });
    expect(early.status).toBe(409);
    expect(early.headers.get("Retry-After")).toBe("1");
    expect(early.headers.get("ETag")).toBeNull();
    expect(await read(early)).toMatchObject({ code: "RESULT_NOT_READY", task_id: id });
    await work(id, ["small"]);
    expect(await (await api(path, { key })).json()).toEqual(["small"]);
  });
});

test("a result is tagged by its task's end: who holds it gets 304, and not a byte of it is read", async () => {
  await cutAllQueues();
  const { key } = await createTestKey();
  const submit = async () =>
    (await read(await post(key, ECHO, { Prefer: "respond-async" }))).request_id;
  const [id, other] = [await submit(), await submit()];
  for (const task of [id, other]) await work(task, "x".repeat(200_000));
  const path = `/api/v1/tasks/${id}/result`;
  const first = await api(path, { key });
  const etag = first.headers.get("ETag") ?? "";
  expect(etag).toMatch(/^"[\w-]{22}"$/);
  await first.text();
  const reads: string[] = [];
  const watched = {
    ...env,
    TASK_SHARD: {
      getByName: (name: string) => ({
        get: (task: string, owner: string) => env.TASK_SHARD.getByName(name).get(task, owner),
        readResult: (task: string) => {
          reads.push(task);
          return null;
        },
      }),
    },
  };
  const ask = async (method: string, headers: Record<string, string>): Promise<Response> =>
    createApp().fetch(
      new Request(`http://naru.test${path}`, {
        method,
        headers: { Authorization: `Bearer ${key}`, ...headers },
      }),
      watched,
      createExecutionContext(),
    );
  const again = await ask("GET", { "If-None-Match": etag });
  expect(again.status).toBe(304);
  expect(again.headers.get("ETag")).toBe(etag);
  const head = await ask("HEAD", {});
  expect(head.status).toBe(200);
  expect(head.headers.get("ETag")).toBe(etag);
  expect(reads).toEqual([]);
  const another = await api(`/api/v1/tasks/${other}/result`, { key });
  expect(another.headers.get("ETag")).not.toBe(etag);
  await another.text();
});

describe("a part of a result", () => {
  // Over three chunks, and no two places alike.
  const data = Array.from({ length: 300_000 }, (_, n) => n);
  const json = JSON.stringify(data);
  const ended = async (): Promise<{ key: string; path: string }> => {
    await cutAllQueues();
    const { key } = await createTestKey();
    const { request_id: id } = await read(await post(key, ECHO, { Prefer: "respond-async" }));
    await work(id, data);
    return { key, path: `/api/v1/tasks/${id}/result` };
  };

  test("is what its range says, across chunks and to the end, and never compressed", async () => {
    const { key, path } = await ended();
    const whole = await api(path, { key });
    expect(whole.headers.get("Accept-Ranges")).toBe("bytes");
    const etag = whole.headers.get("ETag") ?? "";
    await whole.text();
    const last = json.length - 1;
    const cases: [string, number, number][] = [
      ["bytes=0-9", 0, 9],
      ["bytes=1048570-1048580", 1_048_570, 1_048_580],
      [`bytes=${last - 5}-`, last - 5, last],
      ["bytes=-1000000", last - 999_999, last],
    ];
    for (const [range, from, to] of cases) {
      const headers = { Range: range, "If-Range": etag, "Accept-Encoding": "gzip" };
      const response = await api(path, { key, headers });
      expect([range, response.status]).toEqual([range, 206]);
      expect(response.headers.get("Content-Range")).toBe(`bytes ${from}-${to}/${json.length}`);
      expect(response.headers.get("Content-Encoding")).toBeNull();
      expect((await response.text()) === json.slice(from, to + 1)).toBe(true);
    }
  });

  test("behind the end is 416 with the size, of another version the whole, and to HEAD nothing", async () => {
    const { key, path } = await ended();
    const behind = await api(path, { key, headers: { Range: `bytes=${json.length}-` } });
    expect(behind.status).toBe(416);
    expect(behind.headers.get("Content-Range")).toBe(`bytes */${json.length}`);
    expect(await read(behind)).toMatchObject({ code: "RANGE_NOT_SATISFIABLE" });
    const other = { Range: "bytes=0-9", "If-Range": '"another"' };
    const whole = await api(path, { key, headers: other });
    expect(whole.status).toBe(200);
    expect((await whole.text()) === json).toBe(true);
    const head = await api(path, { key, method: "HEAD", headers: { Range: "bytes=0-9" } });
    expect(head.status).toBe(200);
  });

  test("that is gone while it is read breaks the body off: short of it, it would pass for the whole", async () => {
    const { key, path } = await ended();
    const shards = {
      getByName: (name: string) => {
        const stub = env.TASK_SHARD.getByName(name);
        return {
          get: (task: string, owner: string) => stub.get(task, owner),
          readResult: (task: string, owner: string, seq: number) =>
            seq === 0 ? stub.readResult(task, owner, seq) : null,
        };
      },
    };
    const response = await createApp().fetch(
      new Request(`http://naru.test${path}`, { headers: { Authorization: `Bearer ${key}` } }),
      { ...env, TASK_SHARD: shards },
      createExecutionContext(),
    );
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });
});

test("a task that ended without a result has none to read: 404", async () => {
  await cutAllQueues();
  const { key } = await createTestKey();
  const { request_id: id } = await read(await post(key, ECHO, { Prefer: "respond-async" }));
  await api(`/api/v1/tasks/${id}`, { key, method: "DELETE" });
  const response = await api(`/api/v1/tasks/${id}/result`, { key });
  expect(response.status).toBe(404);
  expect(await read(response)).toMatchObject({ code: "RESOURCE_NOT_FOUND", task_id: id });
});

describe("the list", () => {
  test("shows what its caller just wrote, newest first, page by page, and nobody else's", async () => {
    const { key } = await createTestKey();
    const stranger = await createTestKey();
    await post(stranger.key, ECHO);
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.push((await read(await post(key, ECHO))).request_id);
    const seen: string[] = [];
    let path: string | null = "/api/v1/tasks?limit=2&status=completed";
    while (path !== null) {
      const response: Response = await api(path, { key });
      const page = await read(response);
      seen.push(...page.items.map((item) => item.request_id));
      const link = /<([^>]+)>; rel="next"/.exec(response.headers.get("Link") ?? "")?.[1] ?? null;
      expect(link === null).toBe(page.next_cursor === null);
      path = link;
    }
    expect(seen).toEqual([...ids].sort().reverse());
  });

  test("is narrowed by kind and state, and refuses a cursor that is none", async () => {
    await cutAllQueues();
    const { key } = await createTestKey();
    const { request_id: id } = await read(await post(key, ECHO, { Prefer: "respond-async" }));
    const list = async (query: string) =>
      (await read(await api(`/api/v1/tasks?${query}`, { key }))).items;
    expect(await list("status=queued&kind=echo")).toMatchObject([
      { request_id: id, status: "queued" },
    ]);
    expect(await list("kind=scrape")).toEqual([]);
    await work(id, 1);
    expect(await list("status=queued")).toEqual([]);
    expect(await list("status=completed")).toMatchObject([{ request_id: id }]);
    expect((await api("/api/v1/tasks?cursor=nonsense", { key })).status).toBe(400);
    expect((await api("/api/v1/tasks?status=nonsense", { key })).status).toBe(422);
  });

  test("leaves out what has expired", async () => {
    const { key } = await createTestKey();
    await post(key, ECHO);
    expect((await read(await api("/api/v1/tasks", { key }))).items).toHaveLength(1);
    await env.DB.prepare("UPDATE tasks SET expires_at = 1").run();
    expect((await read(await api("/api/v1/tasks", { key }))).items).toEqual([]);
  });
});
