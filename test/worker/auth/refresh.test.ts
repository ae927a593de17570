import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { SessionTokens } from "#auth/service";
import { api } from "../../support/api";
import {
  accountStub,
  GOOD,
  refresh,
  REFUSED,
  setAccountClock,
  signIn,
  signUp,
  standing,
} from "../../support/people";

const codeOf = async (response: Response): Promise<string> =>
  `${response.status} ${(await response.json<{ code?: string }>()).code ?? ""}`.trim();

const tokensOf = (response: Response): Promise<SessionTokens> => response.json();

const count = async (sql: string, ...values: string[]): Promise<number> =>
  (
    await env.DB.prepare(sql)
      .bind(...values)
      .first<{ n: number }>()
  )?.n ?? -1;

test("50 refreshes of one token at once are one rotation and one answer", async () => {
  const person = await signUp();
  const first = await signIn(person);
  const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(first.refresh_token)));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 200));
  const bodies = await Promise.all(answers.map((answer) => answer.text()));
  expect(new Set(bodies).size).toBe(1);
  const next = JSON.parse(bodies[0] ?? "") as SessionTokens;
  expect(next.refresh_token).not.toBe(first.refresh_token);
  expect(await standing(next.access_token)).toBe(GOOD);
  const [session] = await runInDurableObject(accountStub(person), (_object, state) =>
    state.storage.sql.exec<{ counter: number }>("SELECT counter FROM sessions").toArray(),
  );
  expect(session?.counter).toBe(1);
});

test("a refresh replayed within ten seconds gets the same answer, even after the next rotation", async () => {
  const person = await signUp();
  const first = await signIn(person);
  const nowMs = Date.now();
  await setAccountClock(person, nowMs);
  const second = await (await refresh(first.refresh_token)).text();
  await setAccountClock(person, nowMs + 5_000);
  const third = await tokensOf(await refresh((JSON.parse(second) as SessionTokens).refresh_token));
  await setAccountClock(person, nowMs + 10_000);
  expect(await (await refresh(first.refresh_token)).text()).toBe(second);
  expect((await refresh(third.refresh_token)).status).toBe(200);
});

test("an old refresh token ends the session everywhere and is audited", async () => {
  const person = await signUp();
  const first = await signIn(person);
  const other = await signIn(person);
  const nowMs = Date.now();
  await setAccountClock(person, nowMs);
  const second = await tokensOf(await refresh(first.refresh_token));
  await setAccountClock(person, nowMs + 10_001);
  const reused = await refresh(first.refresh_token);
  expect(reused.headers.get("www-authenticate")).toContain('error="invalid_token"');
  expect(await codeOf(reused)).toBe("401 INVALID_REFRESH_TOKEN");
  expect(await codeOf(await refresh(second.refresh_token))).toBe("401 INVALID_REFRESH_TOKEN");
  expect(await standing(second.access_token)).toBe(REFUSED);
  expect(await standing(first.access_token)).toBe(REFUSED);
  // Another login of the same person is another family.
  expect(await standing(other.access_token)).toBe(GOOD);
  expect(
    await count(
      "SELECT count(*) AS n FROM audit WHERE action = 'session.reuse' AND subject_id = ?",
      person.id,
    ),
  ).toBe(1);
});

test("a replay by another client is no replay", async () => {
  const person = await signUp();
  const first = await signIn(person);
  const second = await tokensOf(await refresh(first.refresh_token));
  expect(await codeOf(await refresh(first.refresh_token, "another"))).toBe(
    "401 INVALID_REFRESH_TOKEN",
  );
  expect(await standing(second.access_token)).toBe(REFUSED);
});

test("a session ends seven days after its sign-in, however often it was refreshed", async () => {
  const person = await signUp();
  const startMs = Date.now();
  await setAccountClock(person, startMs);
  let tokens = await signIn(person);
  await setAccountClock(person, startMs + 6 * 86_400_000);
  tokens = await tokensOf(await refresh(tokens.refresh_token));
  expect(tokens.refresh_expires_in).toBe(86_400);
  await setAccountClock(person, startMs + 7 * 86_400_000);
  expect(await codeOf(await refresh(tokens.refresh_token))).toBe("401 INVALID_REFRESH_TOKEN");
});

test.each(["nrr_x", "", "e30.e30.e30", "nr_dev_x"])("%j is no refresh token", async (text) => {
  expect(await codeOf(await refresh(text))).toBe("401 INVALID_REFRESH_TOKEN");
});

test("a made-up refresh token reaches no Account, and costs its address a count", async () => {
  const tokens = await signIn(await signUp());
  const last = tokens.refresh_token.at(-1) === "0" ? "1" : "0";
  const response = await refresh(`${tokens.refresh_token.slice(0, -1)}${last}`);
  expect(response.headers.get("ratelimit")).toContain('"anonymous"');
  expect(await codeOf(response)).toBe("401 INVALID_REFRESH_TOKEN");
  expect(await standing(tokens.access_token)).toBe(GOOD);
});

test("a refresh token is no access token, and an access token no refresh token", async () => {
  const tokens = await signIn(await signUp());
  expect(await standing(tokens.refresh_token)).toBe(REFUSED);
  expect(await codeOf(await refresh(tokens.access_token))).toBe("401 INVALID_REFRESH_TOKEN");
});

test.each<[string, string]>([
  ["gone", "DELETE FROM users WHERE id = ?"],
  ["disabled", "UPDATE users SET is_disabled = 1, version = version + 1 WHERE id = ?"],
])(
  "a person who is %s goes on no longer than to the next refresh, though no gate was told",
  async (_how, sql) => {
    const person = await signUp();
    const [tokens, other] = [await signIn(person), await signIn(person)];
    await env.DB.prepare(sql).bind(person.id).run();
    expect(await codeOf(await refresh(tokens.refresh_token))).toBe("401 INVALID_REFRESH_TOKEN");
    expect(await standing(tokens.access_token)).toBe(REFUSED);
    expect(await standing(other.access_token)).toBe(REFUSED);
  },
);

test("a changed role that no gate was told of holds from the next refresh on", async () => {
  const person = await signUp();
  const tokens = await signIn(person);
  await env.DB.prepare("UPDATE users SET role = 'admin', version = version + 1 WHERE id = ?")
    .bind(person.id)
    .run();
  const next = await tokensOf(await refresh(tokens.refresh_token));
  const response = await api("/api/v1/test", { key: next.access_token });
  expect(await response.json()).toMatchObject({ role: "admin" });
});
