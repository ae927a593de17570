/** A person with something in every place that keeps anything, and a look into all of these places. */
import { listDurableObjectIds, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { createPageCache } from "#scrape/page-cache";
import { newId } from "#platform/ids";
import { SqlDeliveryBook } from "#tasks/storage";
import { shardNameOfTask } from "#tasks/core/task-id";
import { poolObjectName } from "#workers/core/worker-id";
import { api, gateOf } from "./api";
import { PASSWORD, signIn, signUp } from "./people";
import { scriptJson } from "./script-definitions";

export interface FullPerson {
  readonly id: string;
  readonly email: string;
  readonly token: string;
  readonly key: string;
  readonly keyId: string;
  /** Text that stands in whatever of theirs holds text. */
  readonly canary: string;
  readonly streamId: string;
  readonly roomId: string;
  readonly taskIds: readonly string[];
  /** What was shown once, and must never be told again. */
  readonly secrets: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

async function call(path: string, key: string, json?: unknown, method?: string, headers = {}) {
  const response = await api(path, {
    key,
    headers,
    ...(json !== undefined && { json }),
    ...(method !== undefined && { method }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method ?? ""} ${path} answered ${response.status} ${text}`);
  const isJson = response.headers.get("content-type")?.includes("json") === true;
  return { body: (isJson ? JSON.parse(text) : {}) as Json, headers: response.headers };
}

const question = (canary: string): string =>
  `Summarize this text:\nThe ferry ${canary} leaves at nine. It carries forty people over the river. The river is wide in autumn. Most people of the ferry ${canary} come back by night.`;

export async function fillPerson(): Promise<FullPerson> {
  const canary = `canary-${crypto.randomUUID()}`;
  const person = await signUp(`${canary}@naru.test`);
  const tokens = await signIn(person, { userAgent: canary });
  const { access_token: token } = tokens;
  const run = { "Idempotency-Key": canary };
  await call("/api/v1/users/profile", token, { bio: canary, interests: [canary] }, "PUT");
  await call("/api/v1/users/settings", token, { save_history: true }, "PUT");
  const made = await call("/api/v1/api-keys", token, { name: canary, scopes: ["*"] });
  const client = await call("/api/v1/oauth-clients", token, {
    name: canary,
    scopes: ["tasks:read"],
  });
  const webhook = await call("/api/v1/webhook-secret", token, {});
  const key = String(made.body["key"]);
  await call("/api/v1/conversations", token, { title: canary });
  const chat = await call("/api/v1/chat", token, { message: question(canary) });
  const { headers } = await call("/api/v1/chat/stream", key, { message: question(`${canary}!`) });
  await call("/api/v1/feedback", token, { type: "positive", comment: canary }, undefined, run);
  await call(
    "/api/v1/feedback",
    token,
    { type: "negative", comment: canary, message_id: chat.body["message_id"] },
    undefined,
    { "Idempotency-Key": `${canary}-2` },
  );
  const room = await call("/api/v1/rooms", token, { name: canary });
  const roomId = String(room.body["id"]);
  await publish(token, `room:${roomId}`, canary);
  await publish(token, `user:${person.id}`, canary);
  await call("/api/v1/realtime/tickets", token, {});
  const taskIds = await fillTasks(token, person.id, canary, run);
  await fillDirectly(person.id, canary);
  const full = { ...person, token, key, keyId: String(made.body["id"]), canary, roomId, taskIds };
  return {
    ...full,
    streamId: headers.get("location")?.split("/").at(-1) ?? "",
    secrets: [
      key,
      tokens.refresh_token,
      PASSWORD,
      client.body["client_secret"],
      webhook.body["secret"],
    ]
      .filter((secret) => secret !== undefined)
      .map(String),
  };
}

export const publish = (token: string, channel: string, text: string) =>
  call(`/api/v1/realtime/channels/${channel}/publish`, token, { event: "note", payload: { text } });

/** Brings somebody into another's room. */
export const invite = (owner: FullPerson, guest: FullPerson) =>
  call(`/api/v1/rooms/${owner.roomId}/members`, owner.token, { user_id: guest.id });

/** One that is done, a large one, one that waits for its time, and one that waits for a worker from outside. */
async function fillTasks(
  token: string,
  ownerId: string,
  canary: string,
  headers: object,
): Promise<string[]> {
  const path = "/api/v1/tasks";
  const small = await call(path, token, { kind: "echo", input: { canary } }, undefined, headers);
  await call(path, token, { kind: "echo", input: { canary, text: canary.repeat(2_000) } });
  const waiting = await call(
    path,
    token,
    { kind: "echo", input: { canary }, delay_seconds: 3_600 },
    undefined,
    { Prefer: "respond-async" },
  );
  await call(path, token, { kind: "speech", input: { canary } }, undefined, {
    Prefer: "respond-async",
  });
  // The list reads the index, and has the shards bring it up to date.
  const { body } = await call(path, token);
  const id = String(waiting.body["request_id"]);
  const doneId = String(small.body["request_id"]);
  const shard = env.TASK_SHARD.getByName(shardNameOfTask(id));
  await shard.watch(id, ownerId, false);
  await shard.watchOwner(ownerId, Date.now() + 60_000);
  await runInDurableObject(shard, (_shard, { storage }) => {
    storage.sql.exec(
      "INSERT INTO events VALUES (?, 1000, 0, 'log', ?)",
      id,
      JSON.stringify({ type: "log", level: "info", message: canary, attempt: 1 }),
    );
    new SqlDeliveryBook(storage.sql).insert({
      id: newId("dlv", Date.now()),
      taskId: doneId,
      ownerId,
      url: `https://receiver.example/${canary}`,
      event: "task.completed",
      body: JSON.stringify({ canary }),
      traceparent: "",
      status: "delivered",
      attempts: 1,
      lease: null,
      notBeforeMs: 0,
      sends: 1,
      dueAtMs: Date.now() + 86_400_000,
      createdAtMs: Date.now(),
      endedAtMs: Date.now(),
      history: [],
    });
  });
  const worker = { id: newId("wrk", Date.now()), ownerId, kinds: ["speech"] };
  await env.WORKER_POOL.getByName(poolObjectName("speech")).register(worker);
  return (body["items"] as { request_id: string }[]).map((task) => task.request_id);
}

/** What no route of a signed-in person alone brings about. */
async function fillDirectly(ownerId: string, canary: string): Promise<void> {
  const { DB } = env;
  await DB.batch([
    DB.prepare("INSERT INTO oauth_identities VALUES ('test', ?, ?, ?, 1)").bind(
      canary,
      ownerId,
      `${canary}@p.test`,
    ),
    DB.prepare("INSERT INTO reset_links VALUES (?, ?, ?, NULL, NULL)").bind(
      canary,
      ownerId,
      Date.now() + 60_000,
    ),
    DB.prepare("INSERT INTO reset_links VALUES (?, 'usr_x', ?, NULL, ?)").bind(
      `by-${newId("req", 1)}`,
      Date.now() + 60_000,
      ownerId,
    ),
    DB.prepare("INSERT INTO scripts VALUES (?, ?, '1.0.0', 'c0ffee', ?, 1, NULL)").bind(
      ownerId,
      canary,
      JSON.stringify(scriptJson([], { title: canary })),
    ),
    DB.prepare("INSERT INTO audit VALUES (?, ?, 'usr_x', 'user.update', ?, '192.0.2.1', ?)").bind(
      newId("aud", Date.now()),
      Date.now(),
      ownerId,
      JSON.stringify({ changed: ["role"] }),
    ),
    // As an administrator does it, to somebody else.
    DB.prepare("INSERT INTO audit VALUES (?, ?, ?, 'user.update', 'usr_x', '192.0.2.2', ?)").bind(
      newId("aud", Date.now()),
      Date.now(),
      ownerId,
      JSON.stringify({ changed: ["disabled"], role: "user", disabled: true }),
    ),
  ]);
  await gateOf(ownerId).settleKeys();
  await gateOf(ownerId).tellRequests();
  await gateOf(ownerId).revokeGrants([`tok_${canary}`], Date.now() + 60_000);
  const url = `https://ferry.example/${canary}`;
  const cache = createPageCache(env.CACHE_KV, Date.now);
  const found = await cache.look({ ownerId, url, headers: {}, maxAgeSeconds: null });
  if (found.isFresh) throw new Error("a page is there before it was fetched");
  await found.absorb({
    ok: true,
    value: {
      finalUrl: url,
      redirects: [],
      status: 200,
      headers: new Headers({ "cache-control": "max-age=600", "content-type": "text/plain" }),
      bytes: new TextEncoder().encode(canary),
      isDowngraded: false,
    },
  } as never);
}

/** A part of what is kept, as text: the store, as the inventory names it, and all that stands in it. */
export interface Kept {
  readonly store: string;
  /** Which object, where there are many. */
  readonly where: string;
  readonly text: string;
}

const PREFIXES = [
  "key:",
  "session:",
  "revoked:",
  "ending:",
  "expected-change:",
  "outbox:key:",
  "outbox:audit:",
  "requests:",
];

/** Everything that is kept anywhere: every table of the database, every table and key of every object, what sockets carry, and KV. */
export async function everything(): Promise<Kept[]> {
  return [...(await inDatabase()), ...(await inObjects()), ...(await inKv())];
}

async function inDatabase(): Promise<Kept[]> {
  const { results } = await env.DB.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
  ).all<{ name: string }>();
  const answers = await env.DB.batch(
    results.map(({ name }) => env.DB.prepare(`SELECT * FROM ${name}`)),
  );
  return results.map(({ name }, index) => ({
    store: `d1:${name}`,
    where: "",
    text: textOf(answers[index]?.results),
  }));
}

const CLASS_OF = (binding: string): string =>
  binding
    .toLowerCase()
    .replaceAll(/(?:^|_)([a-z])/g, (_whole, letter: string) => letter.toUpperCase());

async function inObjects(): Promise<Kept[]> {
  const kept: Kept[] = [];
  for (const [binding, value] of Object.entries(env)) {
    const namespace = value as unknown as DurableObjectNamespace;
    // A service answers to any name of a method.
    if (value?.constructor?.name !== "DurableObjectNamespace") continue;
    for (const id of await listDurableObjectIds(namespace)) {
      const own = await runInDurableObject(namespace.get(id), (_object, state) => {
        const { sql, kv } = state.storage;
        const tables = sql
          .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
          .toArray()
          .map(({ name }) => name)
          .filter((name) => !name.startsWith("_cf") && !name.startsWith("sqlite_"));
        return [
          ...tables.map((name) => [
            `:${name}`,
            textOf(sql.exec(`SELECT * FROM ${name}`).toArray()),
          ]),
          ...Array.from(kv.list(), ([key, value]) => [`/${key}`, textOf([key, value])]),
          ...state
            .getWebSockets()
            .map((socket) => ["@sockets", textOf(socket.deserializeAttachment())]),
        ] as [string, string][];
      });
      const where = namespace.get(id).name ?? id.toString();
      for (const [place, text] of own) {
        const prefix = PREFIXES.find((one) => place.startsWith(`/${one}`));
        kept.push({ store: `${CLASS_OF(binding)}${prefix ? `/${prefix}` : place}`, where, text });
      }
    }
  }
  return kept;
}

async function inKv(): Promise<Kept[]> {
  const { keys } = await env.CACHE_KV.list();
  return Promise.all(
    keys.map(async ({ name }) => ({
      store: `kv:${/^(?:page:1:|[a-z]+:)/.exec(name)?.[0] ?? name}`,
      where: name,
      text: `${name} ${new TextDecoder().decode((await env.CACHE_KV.get(name, "arrayBuffer")) ?? undefined)}`,
    })),
  );
}

/** As JSON, bytes as the text that they are. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, (_key, item: unknown) =>
    item instanceof ArrayBuffer || ArrayBuffer.isView(item) ? new TextDecoder().decode(item) : item,
  ) ?? "";
