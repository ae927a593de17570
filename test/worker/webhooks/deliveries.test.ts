import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { DELIVERY_LEASE_MS, DELIVERY_RETENTION_MS } from "#tasks/core/delivery";
import { createTestKey } from "../../support/api";
import {
  anEndedTask,
  completeTask,
  bodyOf,
  cutWebhooks,
  newSecret,
  receiver,
  RECEIVER,
  sendWebhooks,
} from "../../support/deliveries";
import { redirect } from "../../support/outside";
import { aTaskOf, elapse, shardStub, sqlOf, swapEnv } from "../../support/task-shards";

const answering = (status: number, headers: Record<string, string> = {}) =>
  receiver(() => new Response(status === 204 ? null : "whatever", { status, headers }));
const headersOf = (init: RequestInit | undefined): Record<string, string> =>
  Object.fromEntries(new Headers(init?.headers));
const deliveriesOf = async ({ id, ownerId }: { id: string; ownerId: string }) =>
  (await shardStub().listDeliveries(id, ownerId)) ?? [];

describe("the end of a task with a callback", () => {
  test("reaches its receiver, signed with the owner's secret, and says what became of it", async () => {
    const sent = await cutWebhooks();
    const { key, ownerId } = await createTestKey();
    const secret = await newSecret(key);
    const task = await anEndedTask({ answer: "나루" }, { ownerId });
    expect(sent).toEqual([task.id]);

    const outside = answering(204);
    expect(await sendWebhooks(task.id, outside)).toBe(true);
    const [request] = outside.network.requests;
    expect(outside.network.calls).toEqual([`POST ${RECEIVER}`]);
    const headers = headersOf(request?.init);
    expect(headers).toMatchObject({
      "content-type": "application/json",
      // The task's trace, with a span of this hop's own.
      traceparent: expect.stringContaining(task.traceparent.slice(0, 36)) as string,
      "webhook-id": expect.stringMatching(/^dlv_[0-9a-z]{26}$/) as string,
    });
    const body = bodyOf(request?.init);
    expect(new Webhook(secret).verify(body, headers)).toMatchObject({
      type: "task.completed",
      data: { request_id: task.id, status: "completed", data: { answer: "나루" }, error: null },
    });
    expect(await deliveriesOf(task)).toMatchObject([
      { status: "delivered", attempts: 1, history: [{ statusCode: 204, code: null }] },
    ]);
  });

  test("is promised in the transaction that ends the task: an end that is undone promises nothing", async () => {
    await cutWebhooks();
    const task = await anEndedTask();
    await sqlOf(0, "DROP TABLE deliveries");
    const other = aTaskOf(0, { callbackUrl: RECEIVER });
    await shardStub().submit(other, 0);
    await expect(completeTask(other.id, 1)).rejects.toThrow("deliveries");
    expect(await shardStub().get(other.id, other.ownerId)).toMatchObject({ status: "running" });
    expect(task.id).not.toBe(other.id);
  });

  test("is told also where the task was cancelled, and never of a task that asked for nothing", async () => {
    const sent = await cutWebhooks();
    const cancelled = aTaskOf(0, { callbackUrl: RECEIVER });
    await shardStub().submit(cancelled, 0);
    expect(await deliveriesOf(cancelled)).toEqual([]);
    await shardStub().cancel(cancelled.id, cancelled.ownerId);
    expect(await deliveriesOf(cancelled)).toMatchObject([{ event: "task.cancelled" }]);
    await anEndedTask(1, { callbackUrl: null });
    expect(sent).toEqual([cancelled.id]);
  });

  test("with a large result tells where it is instead of carrying it", async () => {
    await cutWebhooks();
    const task = await anEndedTask({ text: "x".repeat(30_000) });
    const outside = answering(200);
    await sendWebhooks(task.id, outside);
    const body = bodyOf(outside.network.requests[0]?.init);
    expect(body.length).toBeLessThan(20_000);
    expect(JSON.parse(body)).toMatchObject({
      data: {
        data: null,
        result_url: expect.stringMatching(`/api/v1/tasks/${task.id}/result$`) as string,
      },
    });
  });
});

describe("a receiver that fails", () => {
  test("is tried again by schedule, under the same id with the same body, and every attempt is on record", async () => {
    const sent = await cutWebhooks();
    const task = await anEndedTask();
    const failing = answering(500);
    await sendWebhooks(task.id, failing);
    // A second wake-up before its time changes nothing.
    await sendWebhooks(task.id, failing);
    expect(failing.network.calls).toHaveLength(1);
    await elapse(0, 6_000);
    expect(sent).toEqual([task.id, task.id]);
    const slow = receiver(() => Promise.reject(new TypeError("connection reset")));
    await sendWebhooks(task.id, slow);
    await elapse(0, 6 * 60_000);
    const working = answering(200);
    await sendWebhooks(task.id, working);

    const requests = [failing, slow, working].flatMap(({ network }) => network.requests);
    expect(new Set(requests.map(({ init }) => headersOf(init)["webhook-id"])).size).toBe(1);
    expect(new Set(requests.map(({ init }) => bodyOf(init))).size).toBe(1);
    expect(await deliveriesOf(task)).toMatchObject([
      {
        status: "delivered",
        attempts: 3,
        history: [
          { attempt: 1, statusCode: 500, code: "TARGET_STATUS" },
          { attempt: 2, statusCode: null, code: "FETCH_FAILED" },
          { attempt: 3, statusCode: 200, code: null },
        ],
      },
    ]);
  });

  test("by redirecting is not followed: nobody named that address", async () => {
    await cutWebhooks();
    const task = await anEndedTask();
    const outside = receiver(redirect("https://elsewhere.example/", 307));
    await sendWebhooks(task.id, outside);
    expect(outside.network.calls).toEqual([`POST ${RECEIVER}`]);
    expect(await deliveriesOf(task)).toMatchObject([
      { status: "pending", history: [{ statusCode: 307, code: "TARGET_STATUS" }] },
    ]);
  });

  test("with 410 is left alone from then on", async () => {
    const sent = await cutWebhooks();
    const task = await anEndedTask();
    await sendWebhooks(task.id, answering(410));
    await elapse(0, 24 * 3_600_000);
    expect(sent).toHaveLength(1);
    expect(await deliveriesOf(task)).toMatchObject([{ status: "gone" }]);
  });

  test("whose name leads into a private network at last is not reached", async () => {
    await cutWebhooks();
    const task = await anEndedTask();
    const outside = answering(200);
    const resolve = async () => ({ ok: false, error: "private_address" }) as const;
    await sendWebhooks(task.id, { ...outside, egress: { ...outside.egress, resolve } });
    expect(outside.network.calls).toEqual([]);
    expect(await deliveriesOf(task)).toMatchObject([
      { status: "pending", history: [{ statusCode: null, code: "URL_NOT_ALLOWED" }] },
    ]);
  });
});

describe("at least once", () => {
  test("a sender that dies over an attempt is followed by another, and its late word counts for nothing", async () => {
    const sent = await cutWebhooks();
    const task = await anEndedTask();
    const [dead] = await shardStub().claimDeliveries(task.id);
    if (dead === undefined) throw new Error("nothing was due");
    // Two senders never have it at once.
    expect(await shardStub().claimDeliveries(task.id)).toEqual([]);
    await elapse(0, DELIVERY_LEASE_MS);
    await elapse(0, 6_000);
    expect(sent).toHaveLength(2);
    await sendWebhooks(task.id, answering(200));
    const late = { durationMs: 1, statusCode: 500, code: null, retryAfterMs: 0 };
    expect(await shardStub().settleDelivery(dead.id, dead.attempt, late)).toBe(false);
    expect(await deliveriesOf(task)).toMatchObject([
      { status: "delivered", attempts: 2, history: [{ code: "WORKER_LOST" }, { code: null }] },
    ]);
  });

  test("a wake-up that the queue lost is sent again", async () => {
    const sent = await cutWebhooks();
    const task = await anEndedTask();
    await elapse(0, 30_000);
    expect(sent).toEqual([task.id, task.id]);
  });

  test("an eviction of the shard loses no delivery, nor one that was under way", async () => {
    await cutWebhooks();
    const [waiting, started] = [await anEndedTask(), await anEndedTask()];
    await shardStub().claimDeliveries(started.id);
    await evictDurableObject(shardStub());
    const sent = await cutWebhooks();
    await elapse(0, DELIVERY_LEASE_MS);
    await elapse(0, 6_000);
    expect(new Set(sent)).toEqual(new Set([waiting.id, started.id]));
  });

  test("an attempt that can't be signed for want of the database is given back uncounted", async () => {
    await cutWebhooks();
    const task = await anEndedTask();
    const failing = {
      prepare: () => {
        throw new Error("D1_ERROR: overloaded");
      },
    };
    await swapEnv(0, { DB: failing });
    const outside = answering(200);
    await sendWebhooks(task.id, outside);
    expect(outside.network.calls).toEqual([]);
    expect(await deliveriesOf(task)).toMatchObject([
      { status: "pending", attempts: 0, history: [] },
    ]);
    await swapEnv(0, { DB: env.DB });
    await elapse(0, 60_000);
    await sendWebhooks(task.id, outside);
    expect(await deliveriesOf(task)).toMatchObject([{ status: "delivered", attempts: 1 }]);
  });

  test("a shard that can't be reached leaves the wake-up to the queue", async () => {
    await cutWebhooks();
    const task = await anEndedTask();
    const unreachable = {
      claimDeliveries: () => Promise.reject(new Error("no")),
      settleDelivery: () => Promise.reject(new Error("no")),
    };
    expect(await sendWebhooks(task.id, answering(200), { shard: () => unreachable })).toBe(false);
  });

  test("what is no message of ours is dropped", async () => {
    expect(await sendWebhooks("task_of_nobody", answering(200))).toBe(true);
  });
});

test("a delivery outlives the record of its task, until its own time is over", async () => {
  await cutWebhooks();
  const task = await anEndedTask(1, { retentionMs: 60_000 });
  await elapse(0, 61_000);
  expect(await shardStub().get(task.id, task.ownerId)).toBeNull();
  await sendWebhooks(task.id, answering(200));
  expect(await deliveriesOf(task)).toMatchObject([{ status: "delivered" }]);
  expect(await shardStub().listDeliveries(task.id, "usr_other")).toBeNull();
  await elapse(0, DELIVERY_RETENTION_MS);
  expect(await shardStub().listDeliveries(task.id, task.ownerId)).toBeNull();
});

test("no secret stands unsealed in any database", async () => {
  const { key, ownerId } = await createTestKey();
  const secret = await newSecret(key);
  await cutWebhooks();
  const task = await anEndedTask(1, { ownerId });
  await shardStub().claimDeliveries(task.id);
  const { results } = await env.DB.prepare("SELECT * FROM webhook_secrets").all();
  const kept = await runInDurableObject(shardStub(), (_instance, state) =>
    state.storage.sql.exec("SELECT * FROM deliveries").toArray(),
  );
  expect(JSON.stringify([results, kept])).not.toContain(secret.slice("whsec_".length));
});
