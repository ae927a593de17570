import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { admitAddress, limitsOf } from "#limits/service";
import { api, createTestKey, uniqueAddress } from "../../support/api";
import { createPerson, logIn } from "../../support/accounts";
import { probe } from "../../support/http-app";

const PATH = "/api/v1/auth/password/reset-request";
const NEXT = "lantern under the pier";

interface Mail {
  readonly to: string;
  readonly text: string;
}

/** A deployment that sends mail, and what it sent. */
function deployment(settings: Readonly<Record<string, unknown>> = {}) {
  const mails: Mail[] = [];
  const EMAIL = { send: async (mail: Mail): Promise<void> => void mails.push(mail) };
  const { fetch } = probe({
    settings: {
      EMAIL,
      EMAIL_FROM: "naru@example.com",
      RESET_PAGE_URL: "https://example.com/reset",
      ...settings,
    },
  });
  const ask = (email: string, address = uniqueAddress()): Promise<Response> =>
    fetch(PATH, {
      method: "POST",
      headers: { "Content-Type": "application/json", "CF-Connecting-IP": address },
      body: JSON.stringify({ email }),
    });
  return { ask, mails };
}

const tokenIn = (mail: Mail | undefined): string =>
  /#token=([\w-]+)/.exec(mail?.text ?? "")?.[1] ?? "";
const redeem = (token: string, password = NEXT): Promise<Response> =>
  api("/api/v1/auth/password/reset", { json: { token, password } });

test("who forgot the password is mailed a link, and signs in with a new one", async () => {
  const person = await createPerson();
  const { ask, mails } = deployment();
  const answer = await ask(person.email.toUpperCase());
  expect([answer.status, await answer.text()]).toEqual([202, ""]);
  expect(mails.map(({ to }) => to)).toEqual([person.email]);
  expect((await redeem(tokenIn(mails[0]))).status).toBe(204);
  expect((await logIn(person, NEXT)).status).toBe(200);
  const { results } = await env.DB.prepare(
    "SELECT actor_id, subject_id, action FROM audit WHERE action LIKE 'password.%' ORDER BY id",
  ).all();
  expect(results).toEqual([
    { actor_id: null, subject_id: person.id, action: "password.reset_request" },
    { actor_id: person.id, subject_id: person.id, action: "password.reset" },
  ]);
});

test("the answer is one, whoever has the address, and waits for none of it", async () => {
  const [person, disabled] = [await createPerson(), await createPerson()];
  await env.DB.prepare("UPDATE users SET is_disabled = 1 WHERE id = ?").bind(disabled.id).run();
  const { ask, mails } = deployment({
    EMAIL: { send: () => Promise.reject(new Error("the relay is away")) },
  });
  const answers = [];
  for (const email of [person.email, disabled.email, "nobody@naru.test"]) {
    const response = await ask(email);
    const headers = [...response.headers].filter(
      ([name]) => !/^(x-request-id|server-timing)$/.test(name),
    );
    answers.push([response.status, headers, await response.text()]);
  }
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[2]).toEqual(answers[0]);
  expect(answers[0]?.[0]).toBe(202);
  expect(mails).toEqual([]);
});

test("an address is mailed three times, whoever asks from wherever, and nobody is told of the fourth", async () => {
  const person = await createPerson();
  const { ask, mails } = deployment();
  for (let i = 0; i < 5; i++) expect((await ask(person.email)).status).toBe(202);
  expect(mails).toHaveLength(3);
  // The newest works, and those before do not.
  expect((await redeem(tokenIn(mails[1]))).status).toBe(400);
  expect((await redeem(tokenIn(mails[2]))).status).toBe(204);
});

test("one caller's address asks no more than its quota", async () => {
  const { ask } = deployment();
  const address = uniqueAddress();
  for (let i = 0; i < 99; i++) await admitAddress(limitsOf(env), address);
  const statuses = [];
  for (let i = 0; i < 2; i++) statuses.push((await ask(`n${i}@naru.test`, address)).status);
  expect(statuses).toEqual([202, 429]);
});

test("who asks for a link by mail ends none of an administrator's", async () => {
  const person = await createPerson();
  const { key } = await createTestKey({ role: "admin" });
  const issued = await api(`/api/v1/admin/users/${person.id}/reset-link`, { key, method: "POST" });
  const { token } = await issued.json<{ token: string }>();
  const { ask, mails } = deployment();
  await ask(person.email);
  expect((await redeem(token)).status).toBe(204);
  expect(mails).toHaveLength(1);
});

test.each([
  ["a binding", { EMAIL: undefined }],
  ["a sender", { EMAIL_FROM: "" }],
  ["a page", { RESET_PAGE_URL: "" }],
])("a deployment without %s for mail says so", async (_what, settings) => {
  const { ask } = deployment(settings);
  const response = await ask("nobody@naru.test");
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ code: "MAIL_REQUIRED" });
});

test("what is no address is refused", async () => {
  expect((await deployment().ask("nobody")).status).toBe(422);
});
