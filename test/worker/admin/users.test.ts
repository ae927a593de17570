import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { changeUser } from "#admin/service";
import { identityDepsOf } from "#auth/service";
import type { User } from "#auth/service";
import { readConfig } from "#platform/config";
import { api, createTestKey } from "../../support/api";
import { createPerson, keyOf, logIn, signIn } from "../../support/accounts";

const PATH = "/api/v1/admin/users";

interface Shown {
  readonly id: string;
  readonly email: string;
  readonly role: string;
  readonly disabled: boolean;
}
interface Page {
  readonly items: readonly Shown[];
  readonly next_cursor: string | null;
}

/** A key of an administrator who has a record, as those of deployments do. */
const admin = async (): Promise<{ key: string; person: User }> => {
  const person = await createPerson({ role: "admin" });
  return { key: (await keyOf(person)).key, person };
};

const patch = (key: string, id: string, json: object, headers = {}): Promise<Response> =>
  api(`${PATH}/${id}`, { key, method: "PATCH", json, headers });

const statusOf = async (call: Promise<Response>): Promise<number> => {
  const response = await call;
  await response.text();
  return response.status;
};
const codeOf = async (call: Promise<Response>): Promise<string> =>
  (await (await call).json<{ code: string }>()).code;

test("nobody but an administrator comes in, whatever scopes the credential lists", async () => {
  const person = await createPerson();
  for (const role of ["user", "service", "worker"] as const) {
    const { key } = await createTestKey({ role, scopes: ["*", "admin"] });
    for (const call of [
      api(PATH, { key }),
      api(`${PATH}/${person.id}`, { key }),
      patch(key, person.id, { role: "admin" }),
      api(`${PATH}/${person.id}/reset-link`, { key, method: "POST" }),
    ])
      expect([role, await statusOf(call)]).toEqual([role, 403]);
  }
  // And an administrator's key that was not given the scope does not either.
  const { key } = await createTestKey({ role: "admin", scopes: ["tasks:read"] });
  expect(await statusOf(api(PATH, { key }))).toBe(403);
});

test("people are found by a part of address or name, role and standing, and never by a pattern", async () => {
  const { key, person } = await admin();
  const one = await createPerson({ name: "100% Kim" });
  const two = await createPerson({ name: "김하늘", role: "service" });
  const found = async (query: string): Promise<string[]> => {
    const response = await api(`${PATH}?${query}`, { key });
    expect(response.status).toBe(200);
    const text = await response.text();
    expect(text).not.toMatch(/argon2|password_hash/);
    return (JSON.parse(text) as Page).items.map((item) => item.id);
  };
  expect(await found("")).toEqual([two.id, one.id, person.id]);
  expect(await found(`q=${encodeURIComponent("하늘")}`)).toEqual([two.id]);
  expect(await found("q=100%25")).toEqual([one.id]);
  expect(await found("q=%25")).toEqual([one.id]);
  expect(await found("q=_")).toEqual([]);
  expect(await found(`q=${one.email.slice(3, 20).toUpperCase()}`)).toEqual([one.id]);
  expect(await found(`q=${two.id}`)).toEqual([two.id]);
  expect(await found("role=service")).toEqual([two.id]);
  expect(await found("disabled=true")).toEqual([]);
});

test("pages of people follow each other without a gap", async () => {
  const { key, person } = await admin();
  const people = [person];
  for (let i = 0; i < 4; i++) people.unshift(await createPerson());
  const seen: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const response: Response = await api(`${PATH}?limit=2${cursor && `&cursor=${cursor}`}`, {
      key,
    });
    const page: Page = await response.json();
    seen.push(...page.items.map((item) => item.id));
    cursor = page.next_cursor;
  }
  expect(seen.toSorted()).toEqual(people.map((one) => one.id).toSorted());
});

test("who is disabled has nothing left that works, from that moment on; enabled again, keys do and sessions do not", async () => {
  const { key } = await admin();
  const person = await createPerson();
  const own = await keyOf(person);
  const session = await signIn(person);
  const works = async (credential: string): Promise<number> =>
    statusOf(api("/api/v1/test", { key: credential }));
  const refresh = (): Promise<number> =>
    statusOf(api("/api/v1/auth/refresh", { json: { refresh_token: session.refresh_token } }));
  expect([await works(own.key), await works(session.access_token)]).toEqual([200, 200]);

  const disabled = await patch(key, person.id, { disabled: true });
  expect(await disabled.json()).toMatchObject({ id: person.id, disabled: true });
  expect([await works(own.key), await works(session.access_token), await refresh()]).toEqual([
    401, 401, 401,
  ]);
  expect(await statusOf(logIn(person))).not.toBe(200);

  expect(await statusOf(patch(key, person.id, { disabled: false }))).toBe(200);
  expect([await works(own.key), await works(session.access_token), await refresh()]).toEqual([
    200, 401, 401,
  ]);
});

test("a role and quotas hold from the next request on, also for keys that exist", async () => {
  const { key } = await admin();
  const person = await createPerson({ role: "admin" });
  const own = await keyOf(person);
  expect(await statusOf(api(PATH, { key: own.key }))).toBe(200);
  expect(await statusOf(patch(key, person.id, { role: "user" }))).toBe(200);
  expect(await statusOf(api(PATH, { key: own.key }))).toBe(403);
  const limits = { burst: { limit: 2, window: 60 } };
  expect(await statusOf(patch(key, person.id, { limits }))).toBe(200);
  expect(await statusOf(api("/api/v1/test", { key: own.key }))).toBe(429);
  expect(await (await api(`${PATH}/${person.id}`, { key })).json()).toMatchObject({ limits });
});

test.each([[null], [{}]])(
  "quotas that are replaced by %j are the deployment's again",
  async (none) => {
    const { key } = await admin();
    const person = await createPerson();
    const own = await keyOf(person);
    const quotaOf = async (): Promise<string | null> => {
      const response = await api("/api/v1/test", { key: own.key });
      await response.text();
      return response.headers.get("ratelimit-policy");
    };
    await statusOf(patch(key, person.id, { limits: { burst: { limit: 30, window: 60 } } }));
    expect(await quotaOf()).toContain('"burst";q=30');
    const answer = await patch(key, person.id, { limits: none });
    expect(await answer.json()).toMatchObject({ limits: null });
    expect(await quotaOf()).toContain('"burst";q=100');
  },
);

test("the last administrator stays one", async () => {
  const { key, person } = await admin();
  for (const change of [{ role: "user" }, { disabled: true }])
    expect(await codeOf(patch(key, person.id, change))).toBe("LAST_ADMIN");
  const other = await createPerson({ role: "admin" });
  expect(await statusOf(patch(key, other.id, { disabled: true }))).toBe(200);
  // A disabled one administers nothing.
  expect(await codeOf(patch(key, person.id, { role: "user" }))).toBe("LAST_ADMIN");
});

test("two administrators who take the role from each other at once both stay", async () => {
  const [one, two] = await Promise.all([admin(), admin()]);
  let isTaken = false;
  // The other one's change lands between the look for another administrator and the write.
  const DB = {
    batch: (statements: D1PreparedStatement[]) => env.DB.batch(statements),
    prepare: (sql: string) => {
      const statement = env.DB.prepare(sql);
      if (isTaken || !sql.startsWith("SELECT 1 FROM users WHERE role")) return statement;
      isTaken = true;
      return {
        bind: (...values: unknown[]) => ({
          first: async () => {
            const found = await statement.bind(...values).first();
            await env.DB.prepare("UPDATE users SET role = 'user' WHERE id = ?")
              .bind(two.person.id)
              .run();
            return found;
          },
        }),
      };
    },
  } as unknown as D1Database;
  const deps = identityDepsOf({ ...env, DB }, readConfig(env));
  const by = { id: two.person.id, address: null };
  await expect(changeUser(deps, by, one.person.id, null, { role: "user" })).rejects.toMatchObject({
    code: "LAST_ADMIN",
  });
  expect(isTaken).toBe(true);
  expect(await statusOf(api(PATH, { key: one.key }))).toBe(200);
  const row = await env.DB.prepare("SELECT role FROM users WHERE id = ?")
    .bind(one.person.id)
    .first();
  expect(row).toEqual({ role: "admin" });
});

test("of many changes under one ETag exactly one is made", async () => {
  const { key } = await admin();
  const person = await createPerson();
  const etag = (await api(`${PATH}/${person.id}`, { key })).headers.get("etag") ?? "";
  const statuses = await Promise.all(
    (["service", "worker", "admin", "service"] as const).map((role) =>
      statusOf(patch(key, person.id, { role }, { "If-Match": etag })),
    ),
  );
  expect(statuses.filter((status) => status !== 412)).toEqual([200]);
});

test("nobody is a 404, and each change stands in the audit log with who made it", async () => {
  const { key, person: by } = await admin();
  for (const call of [
    api(`${PATH}/usr_none`, { key }),
    patch(key, "usr_none", { role: "user" }),
    api(`${PATH}/usr_none/reset-link`, { key, method: "POST" }),
  ])
    expect(await statusOf(call)).toBe(404);
  const person = await createPerson();
  await statusOf(patch(key, person.id, { role: "worker" }));
  const { results } = await env.DB.prepare(
    "SELECT actor_id, action, details FROM audit WHERE subject_id = ?",
  )
    .bind(person.id)
    .all();
  expect(results).toEqual([
    {
      actor_id: by.id,
      action: "user.update",
      details: '{"changed":["role"],"role":"worker","disabled":false}',
    },
  ]);
});

test.each([
  [{ role: "owner" }],
  [{ disabled: "yes" }],
  [{ limits: { burst: { limit: 0, window: 60 } } }],
  [{ limits: { nothing: null } }],
  [{ password: "x" }],
])("%j is refused with 422", async (change) => {
  const { key } = await admin();
  const person = await createPerson();
  expect(await statusOf(patch(key, person.id, change))).toBe(422);
});

test("a change of nothing is no event, and leaves the record as it was", async () => {
  const { key } = await admin();
  const person = await createPerson();
  const before = await (await api(`${PATH}/${person.id}`, { key })).json();
  const answer = await patch(key, person.id, {});
  expect([answer.status, await answer.json()]).toEqual([200, before]);
  const found = await env.DB.prepare("SELECT count(*) AS count FROM audit WHERE subject_id = ?")
    .bind(person.id)
    .first();
  expect(found).toEqual({ count: 0 });
  expect(await statusOf(patch(key, person.id, {}, { "If-Match": '"another"' }))).toBe(412);
});
