/** All of one's own data, to have and to have gone: of a person who has something in every place, beside another one. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { objectName, routingOf } from "#ai/core/stream-id";
import { STORES } from "#data/core/inventory";
import { ERASURE_PLAN, LATE_MS } from "#data/core/erasure";
import { RETENTION_RULES } from "#data/retention-store";
import { runRetention } from "#data/service";
import { issueAccessToken } from "#auth/service";
import { ownerRoutingOf } from "#keys/service";
import { gatewayNameFor } from "#realtime/service";
import type { GatewayObject } from "../../../durable-objects/gateway";
import { api, createTestKey, gateOf } from "../../support/api";
import { everything, fillPerson, invite, publish } from "../../support/own-data";
import type { FullPerson, Kept } from "../../support/own-data";
import {
  accountStub,
  identity,
  login,
  openDirectly,
  PASSWORD,
  setAccountClock,
  signUp,
  standing,
} from "../../support/people";
import type { Person } from "../../support/people";

const PATH = "/api/v1/users/me/data";
type Document = Readonly<Record<string, unknown>>;

async function exportOf({ token }: Pick<FullPerson, "token">): Promise<Document> {
  const response = await api(PATH, { key: token });
  expect(response.status).toBe(200);
  return response.json();
}
const erase = (token: string, body: object): Promise<Response> =>
  api(PATH, { key: token, method: "DELETE", json: body });
const codeOf = async (response: Response): Promise<string> =>
  `${response.status} ${(await response.json<{ code?: string }>()).code}`;

/** Two who are in each other's way: each is a member of the other's room, and has said something there. */
async function fillTwo(): Promise<[FullPerson, FullPerson]> {
  const [one, other] = [await fillPerson(), await fillPerson()];
  await invite(one, other);
  await invite(other, one);
  await publish(one.token, `room:${other.roomId}`, one.canary);
  await publish(other.token, `room:${one.roomId}`, other.canary);
  return [one, other];
}

/** By which a person is known, wherever it stands. */
const marksOf = ({ id, email, canary }: FullPerson): string[] => [
  id,
  email,
  canary,
  ownerRoutingOf(id) ?? "",
];
const tracesOf = (person: FullPerson, kept: readonly Kept[]): string[] =>
  kept
    .filter(({ text }) =>
      [...marksOf(person), ...person.taskIds, person.roomId].some((mark) => text.includes(mark)),
    )
    .map(({ store, where }) => `${store} ${where}`)
    .sort();
/** What differs from one export to the next though nothing was changed. */
const lasting = ({
  exported_at: _at,
  request_counts: _counts,
  sessions: _sessions,
  api_keys: _keys,
  ...rest
}: Document) => rest;

const positionOf = (person: Person): Promise<number | null> =>
  runInDurableObject(accountStub(person), (_account, { storage }) => {
    const [row] = storage.sql.exec<{ position: number }>("SELECT position FROM erasure").toArray();
    return row?.position ?? null;
  });

test("an export holds something of every place that the inventory says it does, and no secret", async () => {
  const one = await fillPerson();
  const text = JSON.stringify(await exportOf(one));
  const document = JSON.parse(text) as Document;
  const told = STORES.flatMap(({ exported }) => ("section" in exported ? [exported.section] : []));
  for (const section of new Set(told)) {
    const content = JSON.stringify(document[section]);
    expect([section, content === undefined || content === "[]" || content === "null"]).toEqual([
      section,
      false,
    ]);
  }
  // And no member that the inventory does not know.
  expect(new Set(Object.keys(document))).toEqual(
    new Set(["format", "exported_at", ...told, "complete"]),
  );
  expect(Object.keys(document).at(-1)).toBe("complete");
  const withText = [
    "account",
    "profile",
    "identities",
    "api_keys",
    "oauth_clients",
    "scripts",
    "conversations",
    "messages",
    "history",
    "feedback",
    "owned_rooms",
    "sessions",
    "tasks",
    "webhook_deliveries",
    "channel_events",
  ];
  for (const section of withText)
    expect([section, JSON.stringify(document[section]).includes(one.canary)]).toEqual([
      section,
      true,
    ]);
  for (const secret of one.secrets) expect(text.includes(secret)).toBe(false);
  expect(text).not.toMatch(/argon2|"hash"|sealed|192\.0\.2\.1|usr_x/);
  expect(document["channel_events"]).toHaveLength(2);
  expect(document["tasks"]).toHaveLength(4);
});

test("an export comes as a file that nobody keeps, for a session alone", async () => {
  const { person, tokens } = await openDirectly();
  const response = await api(PATH, { key: tokens.access_token });
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "content-type": "application/json",
    "content-disposition": expect.stringMatching(
      /^attachment; filename="naru-export-\d{4}-\d\d-\d\d\.json"$/,
    ),
    "cache-control": expect.stringContaining("no-store"),
  });
  expect(await response.json()).toMatchObject({ profile: null, tasks: [], complete: true });
  const { key } = await createTestKey({ ownerId: person.id });
  expect(await codeOf(await api(PATH, { key }))).toBe("403 SESSION_REQUIRED");
  expect(await codeOf(await erase(key, { confirm: person.email }))).toBe("403 SESSION_REQUIRED");
});

test("erasing leaves nothing of a person anywhere, goes on where it was interrupted, and takes nothing from others", async () => {
  const [one, other] = await fillTwo();
  const theirs = lasting(await exportOf(other));
  // Each has said something in the other's room, and neither is told what the other did.
  expect(theirs).toMatchObject({ rooms: { length: 2 }, channel_events: { length: 3 } });
  for (const mark of marksOf(one))
    expect([mark, JSON.stringify(theirs).includes(mark)]).toEqual([mark, false]);
  const found = await everything();
  // Nothing is kept in a place that the inventory does not know.
  const known = new Set(STORES.map(({ store }) => store));
  expect(
    [...new Set(found.map(({ store }) => store))].filter((store) => !known.has(store)),
  ).toEqual([]);
  const before = tracesOf(one, found);
  // The places that are to be emptied are not empty.
  for (const { store, erased, whose } of STORES)
    if (whose === "person" && typeof erased === "string" && !TRANSIENT.has(store))
      expect([store, before.some((trace) => trace.startsWith(`${store} `))]).toEqual([store, true]);

  // The database refuses to delete messages, as if it were away for them.
  await env.DB.prepare(
    "CREATE TRIGGER away BEFORE DELETE ON messages BEGIN SELECT RAISE(ABORT, 'away'); END",
  ).run();
  const answer = await erase(one.token, { confirm: one.email.toUpperCase(), password: PASSWORD });
  expect([answer.status, await answer.json()]).toMatchObject([202, { status: "erasing" }]);
  expect([
    await standing(one.token),
    await codeOf(await api("/api/v1/test", { key: one.key })),
  ]).toEqual(["401 INVALID_TOKEN", "401 INVALID_API_KEY"]);
  await runDurableObjectAlarm(accountStub(one));
  const records = ERASURE_PLAN.findIndex(({ step }) => step === "records");
  expect(await positionOf(one)).toBe(records);
  await env.DB.prepare("DROP TRIGGER away").run();
  await evictDurableObject(accountStub(one));
  const startMs = Date.now();
  await setAccountClock(one, startMs + 600_000);
  await runDurableObjectAlarm(accountStub(one));
  expect(await positionOf(one)).toBe(records + 1);
  // The address is free again while the last of it waits for whatever was under way.
  expect((await login(one.email)).status).toBe(401);

  // Not even a client of the token endpoint that was about to get a token brings the person back.
  await gateOf(one.id).introduceOwner({ ownerId: one.id, role: "user", limits: {} });
  const issued = { sub: one.id, clientId: "cli_late", scope: "tasks:read", role: "user" } as const;
  const late = await issueAccessToken(identity(), { ...issued, lifetimeSeconds: 60 });
  expect(await standing(late)).toBe("401 INVALID_TOKEN");
  await writeLate(one);
  await setAccountClock(one, startMs + 600_000 + LATE_MS + 1_000);
  await runDurableObjectAlarm(accountStub(one));
  expect(await positionOf(one)).toBeNull();

  await letEnd(one);
  expect(tracesOf(one, await everything())).toEqual(["d1:erasures "]);
  const { keptMs } = RETENTION_RULES.find(({ table }) => table === "erasures") ?? { keptMs: 0 };
  await runRetention(env, () => Date.now() + 2 * LATE_MS + keptMs);
  expect(tracesOf(one, await everything())).toEqual([]);

  const { results: log } = await env.DB.prepare(
    "SELECT * FROM audit WHERE actor_id LIKE 'erased%' OR subject_id LIKE 'erased%'",
  ).all<Record<"address" | "actor_id" | "subject_id", string | null> & { action: string }>();
  expect(log.map(({ action }) => action)).toEqual(
    expect.arrayContaining([
      "user.register",
      "session.open",
      "api_key.create",
      "user.erase",
      "user.update",
    ]),
  );
  expect(
    log.filter(({ actor_id: actor, address }) => actor !== "usr_x" && address !== null),
  ).toEqual([]);
  // What they did to others' accounts concerns those; it is in no words of theirs.
  expect(log.filter(({ subject_id: subject }) => subject === "usr_x")).toMatchObject([
    { action: "user.update", details: '{"changed":["disabled"],"role":"user","disabled":true}' },
  ]);

  // Of the other only what the erased one was in is another: the rooms that they shared.
  const after = lasting(await exportOf(other));
  expect({ ...after, rooms: null, channel_events: null }).toEqual({
    ...theirs,
    rooms: null,
    channel_events: null,
  });
  expect(after["rooms"]).toHaveLength(1);
  const said = await api(`/api/v1/realtime/channels/room:${other.roomId}/history`, {
    key: other.token,
  });
  expect(JSON.stringify(await said.json())).toContain(other.canary);

  const anew = await signUp(one.email);
  expect(anew.id).not.toBe(one.id);
});

/** Places that hold something for a moment only, while another one can't be reached. */
const TRANSIENT = new Set([
  "ClientGate/ending:",
  "ClientGate/expected-change:",
  "ClientGate/outbox:key:",
  "ClientGate/outbox:audit:",
  "ClientGate/sockets-not-told",
  "ClientGate/sockets-elsewhere",
  "ClientGate/ledger",
  "ClientGate:cache_state",
  "ClientGate:cache_names",
  "ClientGate:cache_evictions",
  "Account:closing",
  "Account:erasure",
  "TaskShard:outbox",
  "Channel:present",
  "Channel:put_out",
  "Gateway@sockets",
]);

/** What was under way when the gate was shut, and ends after everything was erased. */
async function writeLate({ id, canary }: FullPerson): Promise<void> {
  const { DB } = env;
  const late = await DB.batch([
    DB.prepare(
      "INSERT INTO history (id, owner_id, kind, question, answer, created_at) VALUES ('hist_late', ?, 'code', ?, 'a', 1)",
    ).bind(id, canary),
    DB.prepare(
      "INSERT INTO usage (id, owner_id, day, kind, model, prompt_tokens, completion_tokens, is_estimated, created_at) VALUES ('run_late', ?, '2026-01-01', 'chat', 'm', 1, 1, 0, 1)",
    ).bind(id),
    DB.prepare(
      "INSERT INTO request_counts VALUES (?, '', '2026-01-01', 1) ON CONFLICT (owner_id, key_id, day) DO UPDATE SET requests = 9",
    ).bind(id),
  ]);
  expect(late.map(({ meta }) => meta.changes)).toEqual([0, 0, 0]);
  await env.CACHE_KV.put(`answer:${id}:late`, canary);
  await DB.prepare(
    "INSERT INTO audit (id, at, actor_id, action, address) VALUES ('aud_late', ?2, ?1, 'login.fail', '192.0.2.9')",
  )
    .bind(id, Date.now())
    .run();
}

/** What ends by itself within minutes, as the inventory says: the time for it passes. */
async function letEnd(person: FullPerson): Promise<void> {
  const run = env.STREAM_RUN.getByName(objectName(routingOf(person.streamId) ?? ""));
  for (const id of await import("cloudflare:test").then(({ listDurableObjectIds }) =>
    listDurableObjectIds(env.STREAM_RUN),
  )) {
    const stub = env.STREAM_RUN.get(id);
    await runInDurableObject(stub, (_run, { storage }) => {
      const [found] = storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'runs'").toArray();
      if (found)
        storage.sql.exec(
          "UPDATE runs SET ended_at = ended_at - 400000 WHERE owner_id = ?",
          person.id,
        );
    });
    await runDurableObjectAlarm(stub);
  }
  expect(run).toBeDefined();
  const gateway = env.GATEWAY.getByName(gatewayNameFor(env, person.id));
  await runInDurableObject(gateway, (object: GatewayObject) => {
    object.clock = () => Date.now() + 31_000;
  });
  await runDurableObjectAlarm(gateway);
}
