/** Who may have everything erased, and who may not. */
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Account } from "../../../durable-objects/account";
import { api } from "../../support/api";
import {
  accountStub,
  openDirectly,
  PASSWORD,
  promote,
  refresh,
  signIn,
  signUp,
  standing,
} from "../../support/people";

const erase = (token: string, json: object): Promise<Response> =>
  api("/api/v1/users/me/data", { key: token, method: "DELETE", json });
const codeOf = async (response: Response): Promise<string> =>
  `${response.status} ${(await response.json<{ code?: string }>()).code}`;

test("who does not prove to mean it loses nothing", async () => {
  const person = await signUp();
  const { access_token: token } = await signIn(person);
  const mismatch = await erase(token, { confirm: "else@naru.test", password: PASSWORD });
  expect(await codeOf(mismatch)).toBe("422 CONFIRMATION_MISMATCH");
  expect(await codeOf(await erase(token, { confirm: person.email }))).toBe("403 WRONG_PASSWORD");
  const wrong = await erase(token, { confirm: person.email, password: "not the ferry at all" });
  expect(await codeOf(wrong)).toBe("403 WRONG_PASSWORD");
  expect(await standing(token)).toBe("200");
  expect((await env.DB.prepare("SELECT * FROM erasures").all()).results).toEqual([]);
});

test("an account without a password is erased from a session of the last ten minutes alone", async () => {
  const { person, tokens } = await openDirectly();
  await runInDurableObject(accountStub(person), (_account, { storage }) => {
    storage.sql.exec("UPDATE sessions SET created_at = created_at - 600001");
  });
  const body = { confirm: person.email };
  expect(await codeOf(await erase(tokens.access_token, body))).toBe("403 FRESH_LOGIN_REQUIRED");
  await runInDurableObject(accountStub(person), (_account, { storage }) => {
    storage.sql.exec("UPDATE sessions SET created_at = created_at + 60000");
  });
  expect((await erase(tokens.access_token, body)).status).toBe(202);
  expect((await refresh(tokens.refresh_token)).status).toBe(401);
});

test("the last administrator stays, and of two who go at once one does", async () => {
  const [one, other] = [await openDirectly(), await openDirectly()];
  await promote(one.person);
  const go = ({ person, tokens }: typeof one) =>
    erase(tokens.access_token, { confirm: person.email });
  expect(await codeOf(await go(one))).toBe("409 LAST_ADMIN");
  expect(await standing(one.tokens.access_token)).toBe("200");
  await promote(other.person);
  const answers = await Promise.all([go(one), go(other)]);
  expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([202, 409]);
});

test("an erasure of which the record could not be told at once goes on by itself", async () => {
  const { person, tokens } = await openDirectly();
  await env.DB.prepare("ALTER TABLE erasures RENAME TO hidden").run();
  const answer = await erase(tokens.access_token, { confirm: person.email });
  expect(await codeOf(answer)).toBe("503 DEPENDENCY_UNAVAILABLE");
  expect(await standing(tokens.access_token)).toBe("200");
  await env.DB.prepare("ALTER TABLE hidden RENAME TO erasures").run();
  await runInDurableObject(accountStub(person), (account: Account) => {
    account.clock = () => Date.now() + 120_000;
  });
  await runDurableObjectAlarm(accountStub(person));
  expect(await standing(tokens.access_token)).toBe("401 INVALID_TOKEN");
});
