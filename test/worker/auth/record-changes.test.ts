/** A change of a person's record, the audit log and the person's gate: none of them goes without the others. */
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { updateUser } from "#auth/service";
import type { IdentityDeps } from "#auth/service";
import { changePassword } from "#auth/people";
import { listSessions } from "#auth/sessions";
import type { ClientGate } from "../../../durable-objects/client-gate";
import { api, createTestKey, gateOf } from "../../support/api";
import {
  GOOD,
  identity,
  login,
  openDirectly,
  PASSWORD,
  REFUSED,
  signIn,
  signUp,
  standing,
  userOf,
} from "../../support/people";
import type { Person } from "../../support/people";

/** What `identity()` has, with gates on which one method fails. */
function withGateFailing(method: "expectChange" | "takeChange"): IdentityDeps {
  const gates = new Proxy(env.CLIENT_GATE, {
    get: (target, property) => {
      if (property !== "getByName") return Reflect.get(target, property) as unknown;
      return (name: string): unknown =>
        new Proxy(target.getByName(name), {
          get: (stub, called) =>
            called === method
              ? () => Promise.reject(new Error("the gate is away"))
              : (Reflect.get(stub, called) as unknown),
        });
    },
  });
  const deps = identity();
  return { ...deps, limits: { ...deps.limits, gates } };
}

/** D1 that does what it is told and loses the answer, or does nothing. */
const withDatabase = (batch: (statements: D1PreparedStatement[]) => Promise<never>) => {
  const DB = { prepare: (sql: string) => env.DB.prepare(sql), batch } as unknown as D1Database;
  return { ...identity(), env: { ...env, DB } };
};

const EVENT = {
  actorId: "usr_a",
  action: "user.update",
  subjectId: "usr_b",
  address: null,
  details: {},
} as const;
const entries = async (): Promise<number> =>
  (await env.DB.prepare(
    "SELECT count(*) AS n FROM audit WHERE action = 'user.update'",
  ).first<number>("n")) ?? NaN;

const inGate = <T>(person: Person, look: (gate: ClientGate) => T | Promise<T>): Promise<T> =>
  runInDurableObject(gateOf(person.id), (gate: ClientGate) => look(gate));
const ring = (person: Person): Promise<boolean> => runDurableObjectAlarm(gateOf(person.id));
const dueInMs = (person: Person): Promise<number | null> =>
  inGate(person, async (gate) => {
    const atMs = await (gate as unknown as { ctx: DurableObjectState }).ctx.storage.getAlarm();
    return atMs === null ? null : atMs - Date.now();
  });

test("a gate that could not be told of a disabling looks at the record itself, within seconds", async () => {
  const { person, tokens } = await openDirectly();
  const { version } = await userOf(person);
  const changed = await updateUser(withGateFailing("takeChange"), person.id, version, {
    isDisabled: true,
  });
  expect(changed?.isDisabled).toBe(true);
  expect(await standing(tokens.access_token)).toBe(GOOD);
  expect(await dueInMs(person)).toBeLessThanOrEqual(2000);
  await ring(person);
  expect(await standing(tokens.access_token)).toBe(REFUSED);
  expect(await inGate(person, (gate) => [gate.sessions.openIds, gate.changes.dueAtMs()])).toEqual([
    [],
    null,
  ]);
});

test("a role that was taken away is gone from the gate that was not told, too", async () => {
  const { person, tokens } = await openDirectly("admin");
  const { version } = await userOf(person);
  await updateUser(withGateFailing("takeChange"), person.id, version, { role: "user" });
  await ring(person);
  const response = await api("/api/v1/test", { key: tokens.access_token });
  expect(await response.json()).toMatchObject({ role: "user" });
});

test("a change whose answer was lost on the way from D1 is found", async () => {
  const { person, tokens } = await openDirectly();
  const { version } = await userOf(person);
  const deps = withDatabase(async (statements) => {
    await env.DB.batch(statements);
    throw new Error("the answer was lost");
  });
  const change = updateUser(deps, person.id, version, { isDisabled: true }, { event: EVENT });
  await expect(change).rejects.toThrow("lost");
  expect(await standing(tokens.access_token)).toBe(GOOD);
  await ring(person);
  expect(await standing(tokens.access_token)).toBe(REFUSED);
  expect(await entries()).toBe(1);
});

test("a change that was announced and never made is waited for, and then forgotten", async () => {
  const { person, tokens } = await openDirectly();
  const { version } = await userOf(person);
  const deps = withDatabase(() => Promise.reject(new Error("D1 is away")));
  const change = updateUser(deps, person.id, version, { isDisabled: true }, { event: EVENT });
  await expect(change).rejects.toThrow("away");
  await ring(person);
  expect(await inGate(person, (gate) => gate.changes.dueAtMs())).not.toBeNull();
  await inGate(person, (gate) => {
    gate.clock = () => Date.now() + 61_000;
  });
  await ring(person);
  expect(await inGate(person, (gate) => gate.changes.dueAtMs())).toBeNull();
  await inGate(person, (gate) => {
    gate.clock = Date.now;
  });
  expect(await standing(tokens.access_token)).toBe(GOOD);
});

test("a record that cannot be read is looked at again", async () => {
  const { person, tokens } = await openDirectly();
  const { version } = await userOf(person);
  await updateUser(withGateFailing("takeChange"), person.id, version, { isDisabled: true });
  await env.DB.prepare("ALTER TABLE users RENAME TO away").run();
  await ring(person);
  expect(await dueInMs(person)).toBeLessThanOrEqual(2000);
  await env.DB.prepare("ALTER TABLE away RENAME TO users").run();
  await ring(person);
  expect(await standing(tokens.access_token)).toBe(REFUSED);
});

test("a change that the gate cannot be told of beforehand is not made", async () => {
  const { person } = await openDirectly();
  const { version } = await userOf(person);
  const change = updateUser(
    withGateFailing("expectChange"),
    person.id,
    version,
    { isDisabled: true },
    { event: EVENT },
  );
  await expect(change).rejects.toMatchObject({ code: "DEPENDENCY_UNAVAILABLE" });
  expect(await userOf(person)).toMatchObject({ isDisabled: false, version });
  expect(await entries()).toBe(0);
});

test("a password change that the gate was not told of ends the other sessions, and not its own", async () => {
  const person = await signUp();
  const [own, other] = [await signIn(person), await signIn(person)];
  await changePassword(withGateFailing("takeChange"), {
    userId: person.id,
    sessionId: own.session_id,
    current: PASSWORD,
    next: "another ferry at dusk",
    address: undefined,
    userAgent: "test",
  });
  await ring(person);
  expect([await standing(own.access_token), await standing(other.access_token)]).toEqual([
    GOOD,
    REFUSED,
  ]);
  const entry = await env.DB.prepare(
    "SELECT actor_id, subject_id FROM audit WHERE action = 'password.change'",
  ).first();
  expect(entry).toEqual({ actor_id: person.id, subject_id: person.id });
});

test("where the log takes no entry, nothing is changed", async () => {
  const { person, tokens } = await openDirectly();
  const { key } = await createTestKey({ role: "admin" });
  await env.DB.prepare(
    "CREATE TRIGGER audit_is_full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END",
  ).run();
  const disable = (): Promise<Response> =>
    api(`/api/v1/admin/users/${person.id}`, { key, method: "PATCH", json: { disabled: true } });
  expect((await disable()).status).toBeGreaterThanOrEqual(500);
  expect((await userOf(person)).isDisabled).toBe(false);
  expect(await standing(tokens.access_token)).toBe(GOOD);
  const client = { name: "x", scopes: ["chat"] };
  expect((await api("/api/v1/oauth-clients", { key, json: client })).status).toBeGreaterThanOrEqual(
    500,
  );
  expect(await env.DB.prepare("SELECT * FROM oauth_clients").first()).toBeNull();
  await env.DB.prepare("DROP TRIGGER audit_is_full").run();
  expect((await disable()).status).toBe(200);
  expect(await entries()).toBe(1);
});

test("a change of an older version leaves no entry", async () => {
  const { person } = await openDirectly();
  const { version } = await userOf(person);
  const change = (name: string) =>
    updateUser(identity(), person.id, version, { name }, { event: EVENT });
  expect([(await change("one"))?.name, await change("two")]).toEqual(["one", null]);
  expect(await entries()).toBe(1);
});

test("a sign-in that the log cannot take leaves no session behind", async () => {
  const person = await signUp();
  await env.DB.prepare(
    "CREATE TRIGGER audit_is_full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END",
  ).run();
  expect((await login(person.email)).status).toBeGreaterThanOrEqual(500);
  expect(await inGate(person, (gate) => gate.sessions.openIds)).toEqual([]);
  expect(await listSessions(identity(), person.id)).toEqual([]);
});
