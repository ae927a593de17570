import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { schemaVersion } from "#platform/object-schema";
import { TASKS_SCHEMA } from "#tasks/storage-schema";
import account from "../../fixtures/objects/account.json";
import channel from "../../fixtures/objects/channel.json";
import clientGate from "../../fixtures/objects/client-gate.json";
import taskShard from "../../fixtures/objects/task-shard.json";
import { api, gateOf } from "../../support/api";
import { accountStub, refresh } from "../../support/people";
import { leaveBehind } from "../../support/old-objects";
import { aTaskOf, elapse, logOf, shardStub, sqlOf } from "../../support/task-shards";

/** Of the fixtures: the person whose account and gate they are. */
async function rememberPerson(): Promise<void> {
  const { id, email, name, role, created_at: at, version } = account.user;
  await env.DB.prepare(
    "INSERT INTO users (id, email, name, role, is_disabled, created_at, updated_at, version) VALUES (?, ?, ?, ?, 0, ?, ?, ?)",
  )
    .bind(id, email, name, role, at, at, version)
    .run();
}

test("a shard of an earlier schema keeps every task, and those that had not ended end", async () => {
  const { ids, ownerId } = taskShard;
  await leaveBehind(shardStub(), taskShard);

  const expected = Object.entries({
    queued: "queued",
    scheduled: "queued",
    keyed: "queued",
    running: "running",
    completed: "completed",
    large: "completed",
    failed: "failed",
    cancelled: "cancelled",
  } as const);
  for (const [name, status] of expected)
    expect(await shardStub().get(ids[name as keyof typeof ids], ownerId), name).toMatchObject({
      status,
    });
  const large = await shardStub().readResult(ids.large, ownerId, 0);
  expect(large?.byteLength).toBe(70_011);
  // What was logged before logs stood in the rows is still told.
  expect((await logOf(0, ids.completed)).map(({ body }) => body.type)).toEqual([
    "status",
    "status",
    "status",
    "result",
  ]);
  const again = aTaskOf(0, { ownerId, idempotency: { key: "once", fingerprint: "f-1" } });
  expect(await shardStub().submit(again, 0)).toMatchObject({ task: { id: ids.keyed } });

  // The wake-ups are lost, and so is the worker of the one that ran: the sweeper finds them all.
  const ends = [ids.queued, ids.keyed, ids.running].map((id) =>
    shardStub().wait(id, ownerId, 10_000),
  );
  // Past the lease of its worker, and past the pause before the next attempt; not past its time limit of a minute.
  await elapse(0, 20_000);
  await elapse(0, 20_000);
  for (const end of ends) expect(await end).toMatchObject({ status: "completed" });
  const stats = await shardStub().stats();
  const countOf = (status: string): number =>
    stats.counts.find((count) => count.kind === "echo" && count.status === status)?.count ?? 0;
  expect(["completed", "failed", "cancelled", "queued"].map(countOf)).toEqual([5, 1, 1, 1]);
  // The callback of the one that failed is still owed, or was tried.
  expect(await sqlOf(0, "SELECT count(*) AS count FROM deliveries")).toEqual([{ count: 1 }]);
});

test("an account and a gate of before their schema had a version keep sessions, keys, limits and answers", async () => {
  await rememberPerson();
  await leaveBehind(accountStub({ id: account.userId, email: "" }), account);
  await leaveBehind(gateOf(clientGate.ownerId), clientGate);

  const { key } = clientGate;
  const me = await api("/api/v1/test", { key });
  expect(me.status).toBe(200);
  // The key's own quota, with what it had used of it in this minute: three calls then, this one now.
  expect(me.headers.get("ratelimit-policy")).toContain(`q=50`);
  expect(me.headers.get("ratelimit")).toContain("r=46");
  // An answer that was given under an Idempotency-Key is given again.
  const replayed = await api("/api/v1/feedback", {
    key,
    json: { type: "positive", comment: "good" },
    headers: { "Idempotency-Key": "feedback-1" },
  });
  expect(replayed.headers.get("idempotency-replayed")).toBe("true");
  expect(await replayed.json()).toMatchObject({ id: clientGate.feedbackId });
  const cache = await api("/api/v1/cache/stats", { key });
  expect(await cache.json()).toMatchObject({ misses: 1, size: 1 });
  // The refresh token of then opens a session's next hour.
  const refreshed = await refresh(account.refreshToken);
  expect(refreshed.status).toBe(200);
  const { access_token: token } = await refreshed.json<{ access_token: string }>();
  expect((await api("/api/v1/auth/sessions", { key: token })).status).toBe(200);
});

test("a channel of before its schema had a version keeps its log, its members and what makes a message the same", async () => {
  const { room, ownerId, guestId } = channel;
  const stub = env.CHANNEL.getByName(`ch:${room.channel}`);
  await leaveBehind(stub, channel);

  const past = await stub.history(room.channel, null, 10);
  expect(past.events.map(({ offset }) => offset)).toEqual([1, 2, 3]);
  const recovered = await stub.history(room.channel, { epoch: past.epoch, offset: 2 }, 10);
  expect([recovered.recovered, recovered.events.length]).toEqual([true, 1]);
  expect(await stub.readMembers(guestId, "", 10)).toMatchObject({
    value: [{ userId: ownerId, role: "owner" }, { userId: guestId }],
  });
  const message = { channel: room.channel, event: "note", payloadJson: "4", cause: null };
  const publish = (messageId: string) => stub.publish({ ...message, messageId, publisher: "naru" });
  expect(await publish("m-3")).toEqual({ offset: 3, isDuplicate: true });
  expect(await publish("m-4")).toEqual({ offset: 4, isDuplicate: false });
});

test("an object that a later version has written to is served, and keeps what it does not know", async () => {
  const task = aTaskOf();
  await shardStub().submit(task, 0);
  await runInDurableObject(shardStub(), (_instance, { storage }) => {
    storage.sql.exec("ALTER TABLE tasks ADD COLUMN of_tomorrow TEXT NOT NULL DEFAULT 'kept'");
    storage.sql.exec("CREATE TABLE tables_of_tomorrow (id TEXT PRIMARY KEY)");
    storage.sql.exec("UPDATE schema_version SET version = version + 1 WHERE part = 'tasks'");
  });
  await evictDurableObject(shardStub());

  const waiting = shardStub().wait(task.id, task.ownerId, 10_000);
  await elapse(0, 60_000);
  expect(await waiting).toMatchObject({ status: "completed" });
  const other = aTaskOf();
  await shardStub().submit(other, 0);
  expect(await sqlOf(0, "SELECT DISTINCT of_tomorrow FROM tasks")).toEqual([
    { of_tomorrow: "kept" },
  ]);
  const version = await runInDurableObject(shardStub(), (_instance, { storage }) =>
    schemaVersion(storage.sql, "tasks"),
  );
  expect(version).toBe(TASKS_SCHEMA.steps.length + 1);
});
