import { env } from "cloudflare:workers";
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { addressGateName } from "#limits/service";
import type { ClientGate } from "../../../durable-objects/client-gate";
import { api, uniqueAddress } from "../../support/api";
import { probe } from "../../support/http-app";
import { login, PASSWORD, signIn, signUp, userOf } from "../../support/people";

const WRONG = { password: "no ferry at all" };

const codeOf = async (response: Response): Promise<string> =>
  `${response.status} ${(await response.json<{ code?: string }>()).code ?? ""}`.trim();

const statusesOf = (responses: readonly Response[]): number[] =>
  responses.map(({ status }) => status).sort((a, b) => a - b);

test("a wrong name and a wrong password are one answer", async () => {
  const person = await signUp();
  const texts = await Promise.all(
    [login(person.email, WRONG), login("nobody@naru.test", WRONG)].map(async (call) => {
      const response = await call;
      const problem = await response.json<Record<string, unknown>>();
      return { ...problem, request_id: 0, trace_id: 0, timestamp: 0, status: response.status };
    }),
  );
  expect(texts[0]).toEqual(texts[1]);
  expect(texts[0]).toMatchObject({ status: 401, code: "INVALID_CREDENTIALS" });
});

test("an address is one whatever its case", async () => {
  const person = await signUp();
  expect((await login(person.email.toUpperCase())).status).toBe(200);
  const again = await api("/api/v1/auth/register", {
    json: { email: person.email.toUpperCase(), password: PASSWORD, name: "Other" },
  });
  expect(await codeOf(again)).toBe("409 EMAIL_TAKEN");
});

test.each([
  ["person", "someone"],
  ["nobody", null],
])("after five failures the name of %s has to wait, and longer each time", async (_who, name) => {
  const email = name === null ? `nobody-${Date.now()}@naru.test` : (await signUp()).email;
  for (let i = 0; i < 5; i++)
    expect(await codeOf(await login(email, WRONG))).toBe("401 INVALID_CREDENTIALS");
  const denied = await login(email);
  expect(denied.status).toBe(429);
  const retryAfter = Number(denied.headers.get("retry-after"));
  expect(retryAfter).toBeGreaterThan(25);
  expect(retryAfter).toBeLessThanOrEqual(30);
  expect(await denied.json()).toMatchObject({ code: "RATE_LIMITED", policy: "login" });
});

test("of thirty guesses at once no more than five are looked at", async () => {
  const { email } = await signUp();
  const answers = await Promise.all(Array.from({ length: 30 }, () => login(email, WRONG)));
  expect(statusesOf(answers)).toEqual([
    ...Array.from({ length: 5 }, () => 401),
    ...Array.from({ length: 25 }, () => 429),
  ]);
});

test("thirty right sign-ins at once all pass", async () => {
  const { email } = await signUp();
  const answers = await Promise.all(Array.from({ length: 30 }, () => login(email)));
  expect(statusesOf(answers)).toEqual(Array.from({ length: 30 }, () => 200));
});

test("a success forgets the failures of a name", async () => {
  const { email } = await signUp();
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 4; i++) expect((await login(email, WRONG)).status).toBe(401);
    expect((await login(email)).status).toBe(200);
  }
});

test("after twenty failures an address has to wait, whatever the names and though one of them came in", async () => {
  const address = uniqueAddress();
  const person = await signUp();
  for (let i = 0; i < 20; i++) {
    if (i === 10) expect((await login(person.email, { address })).status).toBe(200);
    const response = await login(`nobody-${i}@naru.test`, { ...WRONG, address });
    expect(response.status).toBe(401);
  }
  expect((await login(person.email, { address })).status).toBe(429);
  expect((await login(person.email)).status).toBe(200);
});

test("when the delay is over the next sign-in passes", async () => {
  const address = uniqueAddress();
  const person = await signUp();
  for (let i = 0; i < 20; i++) await login(`nobody-${i}@naru.test`, { ...WRONG, address });
  const gate = env.CLIENT_GATE.getByName(addressGateName(address));
  await runInDurableObject(gate, (object: ClientGate) => {
    object.clock = () => Date.now() + 30_001;
  });
  expect((await login(person.email, { address })).status).toBe(200);
});

test("what is known of failures goes when it is old", async () => {
  const address = uniqueAddress();
  await login("nobody@naru.test", { ...WRONG, address });
  const gate = env.CLIENT_GATE.getByName(addressGateName(address));
  const stored = (): Promise<number> =>
    runInDurableObject(gate, async (_object, state) => (await state.storage.list()).size);
  expect(await runDurableObjectAlarm(gate)).toBe(true);
  expect(await stored()).toBeGreaterThan(0);
  await runInDurableObject(gate, (object: ClientGate) => {
    object.clock = () => Date.now() + 3_600_001;
  });
  expect(await runDurableObjectAlarm(gate)).toBe(true);
  expect(await stored()).toBe(0);
});

test("wrong current passwords count like failed sign-ins", async () => {
  const person = await signUp();
  const { access_token: key } = await signIn(person);
  const json = { current_password: WRONG.password, new_password: "another ferry at dusk" };
  for (let i = 0; i < 5; i++)
    expect((await api("/api/v1/auth/password", { key, json })).status).toBe(403);
  expect((await api("/api/v1/auth/password", { key, json })).status).toBe(429);
});

test("a stored form of older parameters is made anew at the next sign-in", async () => {
  const person = await signUp();
  const { default: Argon2 } = await import("@phi-ag/argon2");
  const { default: wasm } = await import("@phi-ag/argon2/argon2.wasm");
  const { toBase64Url, utf8 } = await import("#platform/bytes");
  const weak = new Argon2(new WebAssembly.Instance(wasm)).hash(toBase64Url(utf8(PASSWORD)), {
    type: 2,
    memoryCost: 1024,
    timeCost: 1,
    parallelism: 1,
  });
  await env.DB.prepare("UPDATE users SET password_hash = ? WHERE id = ?")
    .bind(weak.encoded, person.id)
    .run();
  expect((await login(person.email)).status).toBe(200);
  expect((await userOf(person)).passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect((await login(person.email)).status).toBe(200);
});

test("every character of a password counts, in whatever script and spelling", async () => {
  const password = "새벽에 나루를 떠난 배가";
  const email = "korean@naru.test";
  const made = await api("/api/v1/auth/register", { json: { email, password, name: "나루" } });
  expect(made.status).toBe(201);
  expect((await login(email, { password: `${password.slice(0, -1)}다` })).status).toBe(401);
  expect((await login(email, { password: password.slice(0, -1) })).status).toBe(401);
  expect((await login(email, { password: password.normalize("NFD") })).status).toBe(200);
});

test.each([
  ["short", "too_small"],
  ["x".repeat(129), "too_big"],
  ["Password123!", "password_too_common"],
])("the password %j is refused as %s", async (password, code) => {
  const json = { email: "someone@naru.test", password, name: "Someone" };
  const response = await api("/api/v1/auth/register", { json });
  expect(response.status).toBe(422);
  const { errors } = await response.json<{ errors: object[] }>();
  expect(errors).toEqual([{ pointer: "/password", code, message: expect.any(String) }]);
});

test("nobody registers where registration is closed", async () => {
  const response = await probe({ settings: { REGISTRATION: "closed" } }).fetch(
    "/api/v1/auth/register",
    {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ email: "someone@naru.test", password: PASSWORD, name: "Someone" }),
    },
  );
  expect(await codeOf(response)).toBe("403 REGISTRATION_CLOSED");
});

const ADMIN = { ADMIN_EMAIL: "admin@naru.local", ADMIN_PASSWORD: "a password of the settings" };

const signInAsAdmin = (settings: object, password = ADMIN.ADMIN_PASSWORD): Promise<Response> =>
  probe({ settings: { ...ADMIN, ...settings } }).fetch("/api/v1/auth/login", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email: ADMIN.ADMIN_EMAIL, password }),
  });

test("development has its admin from the first request on", async () => {
  const response = await signInAsAdmin({});
  const { access_token: key } = await response.json<{ access_token: string }>();
  expect(await (await api("/api/v1/test", { key })).json()).toMatchObject({ role: "admin" });
});

test("the admin of development follows the settings", async () => {
  await (await signInAsAdmin({})).text();
  const other = { ADMIN_PASSWORD: "another password there" };
  await probe({ settings: { ...ADMIN, ...other } }).fetch("/health/live");
  expect((await signInAsAdmin(other, other.ADMIN_PASSWORD)).status).toBe(200);
});

test("production has no admin by itself", async () => {
  const settings = { ENVIRONMENT: "production", DEMO_API_KEY: "" };
  const response = await signInAsAdmin(settings);
  expect(await codeOf(response)).toBe("401 INVALID_CREDENTIALS");
  expect(await env.DB.prepare("SELECT count(*) AS n FROM users").first("n")).toBe(0);
});
