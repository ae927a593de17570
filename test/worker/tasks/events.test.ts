import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { holdStream, requireScope } from "#auth/guard";
import { requestContext } from "#http/request-context";
import { newRouter } from "#http/router";
import { ApiError } from "#platform/errors";
import { MAX_EVENTS, TRIM_EVERY } from "#tasks/core/events";
import { RETENTION_MS } from "#tasks/core/timing";
import type { Executor } from "#tasks/service";
import { EventLog } from "#tasks/storage";
import { api, createTestKey, gateOf } from "../../support/api";
import { readSse } from "../../support/sse";
import type { ReadEvent } from "../../support/sse";
import { ECHO, postTask, readBody, workOn } from "../../support/task-calls";
import {
  aTaskOf,
  cutAllQueues,
  cutQueues,
  elapse,
  logOf,
  shardStub,
  sqlOf,
} from "../../support/task-shards";

const talkative: Executor = async (run) => {
  run.reportProgress?.({ pages: 1 });
  run.reportLog?.("info", "한 쪽을 읽었습니다");
  return { status: "completed", data: { pages: 1 } };
};

async function submitted(): Promise<{ key: string; ownerId: string; id: string; path: string }> {
  await cutAllQueues();
  const { key, ownerId } = await createTestKey();
  const { request_id: id } = await readBody(await postTask(key, ECHO, { Prefer: "respond-async" }));
  return { key, ownerId, id, path: `/api/v1/tasks/${id}/events` };
}

const typesOf = async (taskId: string): Promise<string[]> =>
  (await logOf(0, taskId)).map(({ body }) => body.type);

const open = (path: string, key: string, lastEventId?: string): Promise<Response> =>
  api(path, { key, headers: lastEventId === undefined ? {} : { "Last-Event-ID": lastEventId } });
const outline = (events: readonly ReadEvent[]) =>
  events.map(({ id, event, data }) => [
    id,
    event,
    data["status"] ?? data["progress"] ?? data["message"],
  ]);

const WHOLE = [
  ["1", "status", "queued"],
  ["2", "status", "running"],
  ["3", "log", "한 쪽을 읽었습니다"],
  ["4", "progress", { pages: 1 }],
  ["5", "status", "completed"],
  ["6", "result", "completed"],
  ["7", "done", "completed"],
];

describe("a follower", () => {
  test("gets what was, then what happens, numbered from 1, to the end", async () => {
    const { key, id, path } = await submitted();
    const response = await open(path, key);
    expect(response.headers.get("Content-Type")).toBe("text/event-stream");
    expect(response.headers.get("Content-Encoding")).toBeNull();
    const stream = readSse(response);
    const first = await stream.next();
    expect(first?.data).toMatchObject({ task_id: id, status: "queued", attempt: 0, error: null });
    await workOn(id, talkative);
    const rest = await stream.rest();
    expect(outline(first ? [first, ...rest] : rest)).toEqual(WHOLE);
    expect(rest.at(-2)?.data).toMatchObject({ data: { pages: 1 }, error: null });
    expect(rest.at(-1)?.data).toMatchObject({ task_id: id, reason: "ended" });
  });

  test("that is cut after every event and resumes sees each once and in order, then is told to stay away", async () => {
    const { key, id, path } = await submitted();
    const seen: ReadEvent[] = [];
    let isWorking = false;
    for (;;) {
      const response = await open(path, key, seen.at(-1)?.id);
      if (response.status === 204) break;
      const stream = readSse(response);
      const event = await stream.next();
      if (event) seen.push(event);
      await stream.leave();
      if (!isWorking) await workOn(id, talkative);
      isWorking = true;
    }
    expect(outline(seen)).toEqual(WHOLE);
  });

  test("that waits while its shard is reset loses and repeats nothing", async () => {
    const { key, id, path } = await submitted();
    const stream = readSse(await open(path, key));
    await stream.next();
    const name = `shard-${id.slice(15, 18)}`;
    await runInDurableObject(env.TASK_SHARD.getByName(name), (_instance, state) => {
      state.abort("reset under a follower");
    }).catch(() => undefined);
    await cutAllQueues();
    await workOn(id, talkative);
    expect(outline(await stream.rest())).toEqual(WHOLE.slice(1));
  });

  test("reads in its own language why a task failed, and of a large result where it is", async () => {
    const failing = await submitted();
    await workOn(failing.id, async () => ({
      status: "failed",
      code: "RESULT_TOO_LARGE",
      retryable: false,
    }));
    const texts = new Set<unknown>();
    for (const language of ["ko", "en"]) {
      const headers = { "Accept-Language": language };
      const events = await readSse(await api(failing.path, { key: failing.key, headers })).rest();
      const error = events.at(-2)?.data["error"] as { code: string; message: string };
      expect(error.code).toBe("RESULT_TOO_LARGE");
      texts.add(error.message);
    }
    expect(texts.size).toBe(2);

    const large = await submitted();
    await workOn(large.id, async () => ({ status: "completed", data: "x".repeat(70_000) }));
    const events = await readSse(await open(large.path, large.key)).rest();
    expect(events.at(-2)).toMatchObject({
      event: "result",
      data: { data: null, result_url: `/api/v1/tasks/${large.id}/result` },
    });
  });
});

describe("the log", () => {
  test("is its owner's alone: 404 for another's and for none", async () => {
    const { path } = await submitted();
    const stranger = await createTestKey();
    expect((await open(path, stranger.key)).status).toBe(404);
    expect((await open("/api/v1/tasks/task_none/events", stranger.key)).status).toBe(404);
  });

  test.each(["abc", "-1", "999", "1e3"])(
    "has no event %s to resume from: 400",
    async (lastEventId) => {
      const { key, path } = await submitted();
      const response = await open(path, key, lastEventId);
      expect(response.status).toBe(400);
      expect(await readBody(response)).toMatchObject({ code: "INVALID_HEADER" });
    },
  );

  test("has no line of a worker that lost the task", async () => {
    await cutQueues();
    const task = aTaskOf();
    await shardStub().submit(task, 0);
    const [verdict] = await shardStub().claimMany(
      [{ taskId: task.id, messageId: "m1", delivery: 1 }],
      "consumer-1",
    );
    const fence = verdict?.verdict === "run" ? verdict.assignment.fence : 0;
    const late = {
      taskId: task.id,
      fence: fence - 1,
      consumerId: "zombie",
      progressJson: '"late"',
      logs: [{ level: "info", message: "late", atMs: 0 }],
    } as const;
    expect(await shardStub().heartbeat([late])).toEqual(["lost"]);
    const outcome = { status: "completed", json: "1" } as const;
    expect(await shardStub().completeMany([{ ...late, outcome }])).toEqual(["superseded"]);
    expect(await typesOf(task.id)).toEqual(["status", "status"]);
  });

  test("of a change that is undone is undone with it", async () => {
    await cutQueues();
    const task = aTaskOf();
    await shardStub().submit(task, 0);
    // A second change in the same transaction that fails: SQLite takes neither.
    await sqlOf(
      0,
      "CREATE TRIGGER refuse BEFORE UPDATE OF log ON tasks WHEN NEW.log LIKE '%result%' BEGIN SELECT RAISE(ABORT, 'refused'); END",
    );
    await shardStub()
      .cancel(task.id, task.ownerId)
      .catch(() => undefined);
    expect(await typesOf(task.id)).toEqual(["status"]);
    expect(await shardStub().get(task.id, task.ownerId)).toMatchObject({ status: "queued" });
    await sqlOf(0, "DROP TRIGGER refuse");
  });

  test("keeps its numbers, and the gap before a replay, as it grows out of its task's row", async () => {
    await cutQueues();
    const task = aTaskOf();
    await shardStub().submit(task, 0);
    await runInDurableObject(shardStub(), (_instance, state) => {
      const log = new EventLog(state.storage.sql);
      const line = { type: "log", attempt: 1, level: "info", message: "x".repeat(300) } as const;
      const end = { type: "result", status: "failed", fault: null } as const;
      const numbers: number[] = [];
      for (let n = 0; n < 30; n++) {
        log.append(task.id, [{ atMs: n, body: n % 3 === 2 ? end : line }]);
        numbers.push(log.lastSeq(task.id));
        // What was numbered once has its number for ever, wherever it stands.
        expect(
          log
            .read(task.id, 0)
            .slice(1)
            .map(({ seq }) => seq),
        ).toEqual(numbers);
      }
      // The first is the submit; behind each end one number is free.
      expect(numbers.slice(0, 6)).toEqual([2, 3, 4, 6, 7, 8]);
      expect(log.read(task.id, 37).map(({ seq, atMs }) => [seq, atMs])).toEqual([
        [38, 27],
        [39, 28],
        [40, 29],
      ]);
      const rows = state.storage.sql.exec("SELECT seq FROM events").toArray();
      expect(rows.length).toBeGreaterThan(20);
    });
  });

  test("is bounded by its newest events and by their size, and goes with its task", async () => {
    await cutQueues();
    const task = aTaskOf();
    await shardStub().submit(task, 0);
    await runInDurableObject(shardStub(), (_instance, state) => {
      const log = new EventLog(state.storage.sql);
      const fill = (count: number, text: string): void => {
        for (let n = 0; n < count; n++)
          log.append(task.id, [
            { atMs: n, body: { type: "log", attempt: 1, level: "info", message: text } },
          ]);
      };
      const count = (): number =>
        state.storage.sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM events").one().n;
      fill(2 * MAX_EVENTS, "x");
      expect(log.lastSeq(task.id)).toBe(2 * MAX_EVENTS + 1);
      expect(count()).toBeLessThan(MAX_EVENTS + TRIM_EVERY);
      fill(200, "x".repeat(4_000));
      expect(count()).toBeLessThan(64 + 2 * TRIM_EVERY);
      // What is read from before the oldest begins with the oldest.
      expect(log.read(task.id, 0)[0]?.seq).toBeGreaterThan(MAX_EVENTS);
    });
    await shardStub().cancel(task.id, task.ownerId);
    await elapse(0, RETENTION_MS);
    expect(await sqlOf(0, "SELECT seq FROM events")).toEqual([]);
    expect(await sqlOf(0, "SELECT id FROM tasks")).toEqual([]);
  });
});

describe("an open stream", () => {
  test("takes one of its owner's places, and gives it back when its reader leaves", async () => {
    await cutAllQueues();
    const { key } = await createTestKey({ ownerLimits: { streams: { concurrent: 1 } } });
    const { request_id: id } = await readBody(
      await postTask(key, ECHO, { Prefer: "respond-async" }),
    );
    const path = `/api/v1/tasks/${id}/events`;
    const stream = readSse(await open(path, key));
    await stream.next();
    const refused = await open(path, key);
    expect(refused.status).toBe(429);
    expect(await readBody(refused)).toMatchObject({ code: "TOO_MANY_CONCURRENT" });
    await stream.leave();
    const again = await untilOpen(() => open(path, key));
    await workOn(id, talkative);
    expect((await readSse(again).rest()).at(-1)?.event).toBe("done");
  });

  test("ends at its next look when its key is revoked, with the code that a new call would get", async () => {
    const { key, keyId, ownerId } = await createTestKey();
    const app = newRouter();
    app.use(requestContext);
    app.get("/hold", requireScope("tasks:read").guard, async (c) => {
      const { watch, onOver } = await holdStream(c);
      const before = await watch.check();
      await gateOf(ownerId).revokeKey(keyId);
      const after = await watch.check().catch((error: unknown) => error);
      await onOver();
      return c.json({ before, after: after instanceof ApiError ? after.code : null });
    });
    const response = await app.request("/hold", { headers: { "X-API-Key": key } }, env);
    expect(await response.json()).toEqual({ before: null, after: "INVALID_API_KEY" });
  });
});

/** A place is given back once the runtime has told the Worker that the reader left. */
async function untilOpen(ask: () => Promise<Response>): Promise<Response> {
  for (let tries = 0; tries < 100; tries++) {
    const response = await ask();
    if (response.status === 200) return response;
    await response.text();
  }
  throw new Error("The place was not given back.");
}
