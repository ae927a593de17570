import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { readConfig } from "#platform/config";
import { addEncryptionKey, parseEncryptionKeys, reseal } from "#platform/secret-box";
import { ensureSecret, signingSecrets } from "#webhooks/storage";
import { api, createTestKey } from "../../support/api";
import {
  bodyOf,
  cutWebhooks,
  newSecret,
  receiver,
  RECEIVER,
  sendWebhooks,
} from "../../support/deliveries";
import { cutAllQueues, SHARDS } from "../../support/task-shards";
import { ECHO, postTask, readBody, workOn } from "../../support/task-calls";

const PATH = "/api/v1/webhook-secret";
const secretsOf = async (ownerId: string) => {
  const statement = env.DB.prepare(
    "SELECT * FROM webhook_secrets WHERE owner_id = ? ORDER BY created_at DESC, id DESC",
  );
  return (
    await statement.bind(ownerId).all<{ id: string; sealed: string; expires_at: number | null }>()
  ).results;
};
const ASYNC = { Prefer: "respond-async" };
const OK = () => new Response(null, { status: 200 });

/** Sends what is due for a task and gives what the receiver got. */
async function receive(taskId: string): Promise<{ body: string; headers: Record<string, string> }> {
  const outside = receiver(OK);
  await sendWebhooks(taskId, outside);
  const init = outside.network.requests[0]?.init;
  return {
    body: bodyOf(init),
    headers: Object.fromEntries(new Headers(init?.headers)),
  };
}

async function anEndedTaskOf(key: string): Promise<string> {
  await cutAllQueues();
  for (let shard = 0; shard < SHARDS; shard++) await cutWebhooks(shard);
  const response = await postTask(key, { ...ECHO, callback_url: RECEIVER }, ASYNC);
  expect(response.status).toBe(202);
  const { request_id: id } = await readBody(response);
  await workOn(id, async (run) => ({ status: "completed", data: run.input }));
  return id;
}

describe("a submission that names a callback", () => {
  test("is told to its receiver as its owner reads it", async () => {
    const { key } = await createTestKey();
    const secret = await newSecret(key);
    const id = await anEndedTaskOf(key);
    const { body, headers } = await receive(id);
    const told = new Webhook(secret).verify(body, headers) as { data: Record<string, unknown> };
    const read = await readBody(await api(`/api/v1/tasks/${id}`, { key }));
    const { task_url: taskUrl, result_url: resultUrl, ...data } = told.data;
    expect(read).toMatchObject(data);
    expect([taskUrl, resultUrl]).toEqual([
      expect.stringMatching(`/api/v1/tasks/${id}$`),
      expect.stringMatching(`/api/v1/tasks/${id}/result$`),
    ]);

    const listed = await api(`/api/v1/tasks/${id}/deliveries`, { key });
    expect(listed.status).toBe(200);
    expect(await listed.json()).toEqual({
      items: [
        {
          id: headers["webhook-id"],
          url: RECEIVER,
          event: "task.completed",
          status: "delivered",
          created_at: expect.any(String) as string,
          ended_at: expect.any(String) as string,
          next_attempt_at: null,
          attempts: [
            {
              attempt: 1,
              started_at: expect.any(String) as string,
              duration: expect.any(Number) as number,
              status_code: 200,
              error: null,
            },
          ],
        },
      ],
      next_cursor: null,
    });
    const { key: stranger } = await createTestKey();
    const other = await api(`/api/v1/tasks/${id}/deliveries`, { key: stranger });
    expect([other.status, (await readBody(other))["code"]]).toEqual([404, "TASK_NOT_FOUND"]);
  });

  test("is signed also where nobody has asked for a secret yet: one is made, once", async () => {
    const { key, ownerId } = await createTestKey();
    const id = await anEndedTaskOf(key);
    await anEndedTaskOf(key);
    const box = { db: env.DB, keys: readConfig(env).encryptionKeys };
    const { ownerId: other } = await createTestKey();
    await Promise.all(Array.from({ length: 5 }, () => ensureSecret(box, other, Date.now())));
    expect([await secretsOf(ownerId), await secretsOf(other)]).toMatchObject([[{}], [{}]]);
    const { headers } = await receive(id);
    expect(headers["webhook-signature"]).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/);
  });

  test.each([
    ["http://127.0.0.1/hook", "private_address"],
    ["http://2130706433/hook", "private_address"],
    ["http://169.254.169.254/latest", "private_address"],
    ["http://localhost/hook", "private_name"],
    ["ftp://example.com/hook", "scheme"],
    ["https://user:pass@example.com/", "credentials"],
    ["not an address", "malformed"],
  ])("to %s is refused at once, by its pointer", async (url, code) => {
    const { key, ownerId } = await createTestKey();
    const response = await postTask(key, { ...ECHO, callback_url: url });
    expect(response.status).toBe(422);
    expect((await readBody(response))["errors"]).toEqual([
      { pointer: "/callback_url", code, message: expect.any(String) as string },
    ]);
    expect(await secretsOf(ownerId)).toEqual([]);
  });

  test("is another request than one that names none, under the same idempotency key", async () => {
    const { key } = await createTestKey();
    await cutAllQueues();
    const headers = { ...ASYNC, "Idempotency-Key": "callback-1" };
    expect((await postTask(key, ECHO, headers)).status).toBe(202);
    const other = await postTask(key, { ...ECHO, callback_url: RECEIVER }, headers);
    expect((await readBody(other))["code"]).toBe("IDEMPOTENCY_KEY_REUSED");
  });
});

describe("a webhook secret", () => {
  test("is shown once, is sealed for its row, and its change is audited", async () => {
    const { key, ownerId, keyId } = await createTestKey();
    const response = await api(PATH, { key, method: "POST", headers: { "Idempotency-Key": "s1" } });
    expect(response.status).toBe(201);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const body = await response.json<{ id: string; secret: string }>();
    expect(body.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const again = await api(PATH, { key, method: "POST", headers: { "Idempotency-Key": "s1" } });
    expect((await readBody(again))["code"]).toBe("IDEMPOTENCY_NOT_REPLAYABLE");

    const [row] = await secretsOf(ownerId);
    const { encryptionKeys } = readConfig(env);
    const context = `webhook-secret:${ownerId}:${row?.id}`;
    expect(await reseal(encryptionKeys, row?.sealed ?? "", context)).toMatchObject({ ok: true });
    expect(await reseal(encryptionKeys, row?.sealed ?? "", `${context}0`)).toMatchObject({
      ok: false,
    });
    const audit = await env.DB.prepare(
      "SELECT actor_id, action, details FROM audit WHERE subject_id = ?",
    )
      .bind(body.id)
      .all();
    expect(audit.results).toMatchObject([{ actor_id: keyId, action: "webhook_secret.rotate" }]);
    expect(JSON.stringify(audit.results)).not.toContain(body.secret);
  });

  test("that is replaced signs beside its successor, so that no receiver loses a message", async () => {
    const { key } = await createTestKey();
    const older = await newSecret(key);
    const newer = await newSecret(key, { overlap_seconds: 60 });
    const { body, headers } = await receive(await anEndedTaskOf(key));
    expect(headers["webhook-signature"]?.split(" ")).toHaveLength(2);
    for (const secret of [older, newer])
      expect(() => new Webhook(secret).verify(body, headers)).not.toThrow();
  });

  test("that leaked ends at once, and every older one with it", async () => {
    const { key } = await createTestKey();
    const older = [await newSecret(key), await newSecret(key)];
    const newest = await newSecret(key, { overlap_seconds: 0 });
    const { body, headers } = await receive(await anEndedTaskOf(key));
    expect(() => new Webhook(newest).verify(body, headers)).not.toThrow();
    for (const secret of older) expect(() => new Webhook(secret).verify(body, headers)).toThrow();
  });

  test("moves to the newest encryption key when it is next used, and opens under neither other owner nor row", async () => {
    const { key, ownerId } = await createTestKey();
    const secret = await newSecret(key);
    const older = readConfig(env).encryptionKeys;
    const added = addEncryptionKey(env.ENCRYPTION_KEYS, crypto.getRandomValues(new Uint8Array(32)));
    const newer = parseEncryptionKeys(added.ok ? added.value : "");
    if (!newer.ok) throw new Error(newer.error);
    const readWith = (keys: typeof older, owner = ownerId) =>
      signingSecrets({ db: env.DB, keys }, owner, Date.now());
    expect(await readWith(newer.value)).toEqual([secret]);
    const [row] = await secretsOf(ownerId);
    expect(row?.sealed).toMatch(/^v2\./);
    // The old key alone opens it no more, and is not needed any more.
    expect(await readWith(older)).toEqual([]);
    const { ownerId: stranger } = await createTestKey();
    await env.DB.prepare("UPDATE webhook_secrets SET owner_id = ? WHERE owner_id = ?")
      .bind(stranger, ownerId)
      .run();
    expect(await readWith(newer.value, stranger)).toEqual([]);
  });

  test("is never one of two in force, however many are made at once, and few older ones are kept", async () => {
    const { key, ownerId } = await createTestKey();
    await Promise.all(Array.from({ length: 8 }, () => newSecret(key)));
    const rows = await secretsOf(ownerId);
    expect(rows.filter((row) => row.expires_at === null)).toHaveLength(1);
    expect(rows).toHaveLength(5);
  });
});
