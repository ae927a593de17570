import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import type { SessionTokens } from "#auth/service";
import { api, gateOf } from "../../support/api";
import {
  accountStub,
  login,
  PASSWORD,
  refresh,
  setAccountClock,
  signIn,
  signUp,
  standing,
} from "../../support/people";
import { databaseText, expectNowhere, listenToLog, storageText } from "../../support/secrets";

afterEach(() => {
  vi.restoreAllMocks();
});

test("no password, token or secret is in any log line, answer to a stranger, row or object", async () => {
  const lines = listenToLog();
  const errors: string[] = [];
  const tried = async (call: Promise<Response>): Promise<void> => {
    errors.push(await (await call).text());
  };
  const wrong = "a password that is wrong";
  const next = "another ferry at dusk";

  const person = await signUp();
  const first = await signIn(person);
  const cookie = await login(person.email, { query: "?cookie=1" });
  const cookies = cookie.headers.getSetCookie().map((text) => /=([^;]+)/.exec(text)?.[1] ?? "");
  const nowMs = Date.now();
  await setAccountClock(person, nowMs);
  const second = await (await refresh(first.refresh_token)).json<SessionTokens>();
  await tried(login(person.email, { password: wrong }));
  await tried(login(wrong, { password: wrong }));
  await tried(
    api("/api/v1/auth/password", {
      key: second.access_token,
      json: { current_password: wrong, new_password: next },
    }),
  );
  await api("/api/v1/auth/password", {
    key: second.access_token,
    json: { current_password: PASSWORD, new_password: next },
  });
  await setAccountClock(person, nowMs + 60_000);
  const stored = await storageText(accountStub(person) as never);
  await tried(refresh(first.refresh_token));
  await standing(second.access_token);
  await tried(api("/api/v1/test", { key: first.refresh_token }));
  await tried(api("/api/v1/test", { key: `${second.access_token}x` }));
  await tried(api(`/api/v1/test?access_token=${second.access_token}`));

  const texts = {
    "a log line": lines.join("\n"),
    "an error": errors.join("\n"),
    "a row": await databaseText(),
    "the Account": stored + (await storageText(accountStub(person) as never)),
    "the gate": await storageText(gateOf(person.id) as never),
  };
  expect(texts["a log line"]).toContain("/api/v1/auth/login");
  expect(texts["a row"]).toContain(person.id);
  expect(stored).toContain(second.session_id);
  expect(texts["the gate"]).toContain(person.id);

  const config = env as unknown as Record<string, string>;
  const secretParts = (token: string): string[] => [token, token.split("_")[3] ?? token];
  const secrets = [
    PASSWORD,
    wrong,
    next,
    first.access_token,
    second.access_token,
    ...secretParts(first.refresh_token),
    ...secretParts(second.refresh_token),
    ...cookies.flatMap(secretParts),
    config["SECRET_KEY"] ?? "",
    ...(JSON.parse(config["JWT_SIGNING_KEYS"] ?? "[]") as { d: string }[]).map(({ d }) => d),
  ];
  expectNowhere(secrets, texts);
});
