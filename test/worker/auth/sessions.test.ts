import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { endAllSessions, endSession, openSession, updateUser } from "#auth/service";
import { MAX_SESSIONS } from "#auth/storage";
import { api, createTestKey, gateOf } from "../../support/api";
import {
  accountStub,
  GOOD,
  identity,
  login,
  PASSWORD,
  refresh,
  REFUSED,
  signIn,
  signUp,
  standing,
  userOf,
} from "../../support/people";

const codeOf = async (response: Response): Promise<string> =>
  `${response.status} ${(await response.json<{ code?: string }>()).code ?? ""}`.trim();

interface Listed {
  readonly items: readonly {
    id: string;
    is_current: boolean;
    address: string;
    user_agent: string;
  }[];
  readonly next_cursor: string | null;
}
const sessionsOf = async (accessToken: string, query = ""): Promise<Listed> =>
  (await api(`/api/v1/auth/sessions${query}`, { key: accessToken })).json();

test("a sign-in answers with tokens that are stored nowhere and cached by nobody", async () => {
  const person = await signUp();
  const response = await login(person.email);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(await response.json()).toEqual({
    access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    refresh_token: expect.stringMatching(/^nrr_/),
    token_type: "Bearer",
    expires_in: 900,
    refresh_expires_in: 604_800,
    session_id: expect.stringMatching(/^ses_/),
  });
});

test("an access token says who its bearer is", async () => {
  const person = await signUp();
  const tokens = await signIn(person);
  const response = await api("/api/v1/test", { key: tokens.access_token });
  expect(await response.json()).toMatchObject({
    owner_id: person.id,
    key_id: null,
    session_id: tokens.session_id,
    role: "user",
    scopes: ["*"],
  });
});

test("keys and sessions of a person share one quota", async () => {
  const person = await signUp();
  const tokens = await signIn(person);
  const { key } = await createTestKey({ ownerId: person.id });
  await api("/api/v1/test", { key });
  const response = await api("/api/v1/test", { key: tokens.access_token });
  expect(response.headers.get("ratelimit")).toContain('"burst";r=98');
});

test.each(["POST", "GET"])("%s logout ends this session and no other", async (method) => {
  const person = await signUp();
  const [tokens, other] = [await signIn(person), await signIn(person)];
  const response = await api("/api/v1/auth/logout", { key: tokens.access_token, method });
  expect(response.status).toBe(204);
  expect(await standing(tokens.access_token)).toBe(REFUSED);
  expect(await codeOf(await refresh(tokens.refresh_token))).toBe("401 INVALID_REFRESH_TOKEN");
  expect(await standing(other.access_token)).toBe(GOOD);
  expect((await sessionsOf(other.access_token)).items.map(({ id }) => id)).toEqual([
    other.session_id,
  ]);
});

test.each(["POST", "GET"])("%s logout with all=1 ends all of them", async (method) => {
  const person = await signUp();
  const [tokens, other] = [await signIn(person), await signIn(person)];
  await api("/api/v1/auth/logout?all=1", { key: other.access_token, method });
  for (const { access_token: access, refresh_token: text } of [tokens, other]) {
    expect(await standing(access)).toBe(REFUSED);
    expect(await codeOf(await refresh(text))).toBe("401 INVALID_REFRESH_TOKEN");
  }
});

test("a key is no session to log out of, nor to change a password with", async () => {
  const person = await signUp();
  const { key } = await createTestKey({ ownerId: person.id });
  expect(await codeOf(await api("/api/v1/auth/logout", { key, method: "POST" }))).toBe(
    "403 SESSION_REQUIRED",
  );
  const json = { current_password: PASSWORD, new_password: "another ferry at dusk" };
  expect(await codeOf(await api("/api/v1/auth/password", { key, json }))).toBe(
    "403 SESSION_REQUIRED",
  );
});

test("the list of sessions tells devices apart, page by page, and shows nobody else's", async () => {
  const person = await signUp();
  const stranger = await signIn(await signUp());
  const first = await signIn(person, { userAgent: "phone", address: "192.0.2.7" });
  const second = await signIn(person, { userAgent: "laptop" });
  const { items } = await sessionsOf(second.access_token);
  expect(items).toMatchObject([
    { id: second.session_id, user_agent: "laptop", is_current: true, method: "password" },
    { id: first.session_id, user_agent: "phone", address: "192.0.2.7", is_current: false },
  ]);
  const page = await sessionsOf(second.access_token, "?limit=1");
  expect(page.items.map(({ id }) => id)).toEqual([second.session_id]);
  const rest = await sessionsOf(second.access_token, `?limit=1&cursor=${page.next_cursor}`);
  expect(rest.items.map(({ id }) => id)).toEqual([first.session_id]);
  expect(rest.next_cursor).toBeNull();
  expect((await sessionsOf(stranger.access_token)).items).toHaveLength(1);
});

test("a person ends an own session; another's is as unknown as none", async () => {
  const person = await signUp();
  const [mine, lost] = [await signIn(person), await signIn(person)];
  const foreign = await signIn(await signUp());
  const end = (id: string): Promise<Response> =>
    api(`/api/v1/auth/sessions/${id}`, { key: mine.access_token, method: "DELETE" });
  expect((await end(lost.session_id)).status).toBe(204);
  expect(await standing(lost.access_token)).toBe(REFUSED);
  for (const id of [lost.session_id, foreign.session_id, "ses_none", "none"])
    expect(await codeOf(await end(id))).toBe("404 SESSION_NOT_FOUND");
  expect(await standing(foreign.access_token)).toBe(GOOD);
});

test("a changed password ends the other sessions and opens new ones only by itself", async () => {
  const person = await signUp();
  const [mine, other] = [await signIn(person), await signIn(person)];
  const json = { current_password: PASSWORD, new_password: "another ferry at dusk" };
  const response = await api("/api/v1/auth/password", { key: mine.access_token, json });
  expect(response.status).toBe(204);
  expect(await standing(mine.access_token)).toBe(GOOD);
  expect(await standing(other.access_token)).toBe(REFUSED);
  expect((await refresh(mine.refresh_token)).status).toBe(200);
  expect(await codeOf(await refresh(other.refresh_token))).toBe("401 INVALID_REFRESH_TOKEN");
  expect(await codeOf(await login(person.email))).toBe("401 INVALID_CREDENTIALS");
  expect((await login(person.email, { password: json.new_password })).status).toBe(200);
});

test("a wrong current password changes nothing", async () => {
  const person = await signUp();
  const tokens = await signIn(person);
  const json = { current_password: "no ferry at all", new_password: "another ferry at dusk" };
  expect(await codeOf(await api("/api/v1/auth/password", { key: tokens.access_token, json }))).toBe(
    "403 WRONG_PASSWORD",
  );
  expect((await login(person.email)).status).toBe(200);
});

test("who proved an old password while it was changed stays outside", async () => {
  const person = await signUp();
  const seen = await userOf(person);
  await updateUser(identity(), person.id, seen.version, { passwordHash: null });
  await expect(
    openSession(identity(), {
      userId: person.id,
      method: "password",
      seenVersion: seen.version,
      address: undefined,
      userAgent: undefined,
    }),
  ).rejects.toMatchObject({ code: "INVALID_CREDENTIALS" });
});

test("the gate opens no session for a record that is older than what it knows", async () => {
  const person = await signUp();
  const user = await userOf(person);
  const owner = { ownerId: user.id, role: user.role, limits: {} };
  const gate = gateOf(person.id);
  expect(await gate.holdOwner({ ...owner, version: 5 })).toBe(true);
  expect(await gate.openSession({ ...owner, version: 4 }, "ses_x", Date.now() + 1000)).toBe(false);
});

test("a disabled person is out at once, and comes in again when enabled", async () => {
  const person = await signUp();
  const tokens = await signIn(person);
  const { key } = await createTestKey({ ownerId: person.id });
  const user = await userOf(person);
  const disabled = await updateUser(identity(), person.id, user.version, { isDisabled: true });
  expect(await standing(tokens.access_token)).toBe(REFUSED);
  expect(await standing(key)).toBe("401 INVALID_API_KEY");
  expect(await codeOf(await refresh(tokens.refresh_token))).toBe("401 INVALID_REFRESH_TOKEN");
  expect(await codeOf(await login(person.email))).toBe("403 ACCOUNT_DISABLED");
  expect(await codeOf(await login(person.email, { password: "wrong password" }))).toBe(
    "401 INVALID_CREDENTIALS",
  );
  await updateUser(identity(), person.id, disabled?.version ?? 0, { isDisabled: false });
  expect((await login(person.email)).status).toBe(200);
  // What was open before stays ended.
  expect(await standing(tokens.access_token)).toBe(REFUSED);
});

test("a changed role and changed limits hold from the next request of an old token", async () => {
  const person = await signUp();
  const tokens = await signIn(person);
  const user = await userOf(person);
  await updateUser(identity(), person.id, user.version, {
    role: "admin",
    limits: { burst: { limit: 7, window: 60 } },
  });
  const response = await api("/api/v1/test", { key: tokens.access_token });
  expect(response.headers.get("ratelimit-policy")).toContain('"burst";q=7');
  expect(await response.json()).toMatchObject({ role: "admin" });
});

test("a change of a record that has changed meanwhile is refused", async () => {
  const person = await signUp();
  const user = await userOf(person);
  expect(await updateUser(identity(), person.id, user.version, { name: "A" })).toMatchObject({
    name: "A",
    version: user.version + 1,
  });
  expect(await updateUser(identity(), person.id, user.version, { name: "B" })).toBeNull();
});

test("an Account that could not be reached hears of the end by the gate's alarm", async () => {
  const person = await signUp();
  const tokens = await signIn(person);
  const gate = gateOf(person.id);
  await runInDurableObject(gate, (object) => {
    const broken = { getByName: () => ({ end: () => Promise.reject(new Error("away")) }) };
    const gateEnv = (object as unknown as { env: Record<string, unknown> }).env;
    (object as unknown as { env: object }).env = { ...gateEnv, ACCOUNT: broken };
  });
  expect(await endSession(identity(), person.id, tokens.session_id)).toBe(true);
  expect(await standing(tokens.access_token)).toBe(REFUSED);
  expect(await accountStub(person).list()).toHaveLength(1);
  await runInDurableObject(gate, (object) => {
    (object as unknown as { env: object }).env = env;
  });
  expect(await runDurableObjectAlarm(gate)).toBe(true);
  expect(await accountStub(person).list()).toEqual([]);
});

test("the oldest session gives way when there are too many", async () => {
  const person = await signUp();
  const user = await userOf(person);
  const oldest = await signIn(person);
  const gate = gateOf(person.id);
  const owner = { ownerId: user.id, role: user.role, limits: {}, version: user.version };
  for (let i = 1; i <= MAX_SESSIONS; i++)
    await gate.openSession(owner, `ses_zzz${String(i).padStart(4, "0")}`, Date.now() + 60_000);
  expect(await standing(oldest.access_token)).toBe(REFUSED);
  expect(await accountStub(person).list()).toEqual([]);
  expect(await endAllSessions(identity(), person.id)).toBe(MAX_SESSIONS);
});

test("a password that does not change is refused, in whatever form it is typed", async () => {
  const { access_token: key } = await signIn(await signUp());
  for (const [current, next] of [
    [PASSWORD, PASSWORD],
    ["cafe\u0301 by the ferry", "caf\u00e9 by the ferry"],
  ]) {
    const json = { current_password: current, new_password: next };
    const response = await api("/api/v1/auth/password", { key, json });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      errors: [{ pointer: "/new_password", code: "password_unchanged" }],
    });
  }
});
