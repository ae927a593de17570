import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { api } from "../../support/api";
import { signIn, signUp } from "../../support/people";

const LOGOUT = "/api/v1/auth/logout";

test("an ended session stands in the audit log, however it was ended", async () => {
  const person = await signUp();
  const first = await signIn(person);
  const second = await signIn(person);
  const third = await signIn(person);
  await api(LOGOUT, { method: "POST", key: first.access_token });
  await api(`/api/v1/auth/sessions/${second.session_id}`, {
    method: "DELETE",
    key: third.access_token,
  });
  await api(`${LOGOUT}?all=1`, { key: third.access_token });
  const { results } = await env.DB.prepare(
    "SELECT details FROM audit WHERE action = 'session.end' AND subject_id = ? ORDER BY id",
  )
    .bind(person.id)
    .all<{ details: string }>();
  expect(
    results.map(({ details }) => (JSON.parse(details) as { session_id: string }).session_id),
  ).toEqual([first.session_id, second.session_id, "all"]);
});

test("HEAD asks what a sign-out would answer and ends nothing", async () => {
  const tokens = await signIn(await signUp());
  expect((await api(LOGOUT, { method: "HEAD", key: tokens.access_token })).status).toBe(204);
  expect((await api("/api/v1/test", { key: tokens.access_token })).status).toBe(200);
});

test.each([
  ["/email", { email: "a\u0000b@naru.test" }],
  ["/email", { email: "lone\ud800@naru.test" }],
  ["/name", { name: "a\u0007b" }],
])("an account with unreadable text at %s is refused", async (pointer, fault) => {
  const response = await api("/api/v1/auth/register", {
    method: "POST",
    json: { email: "fine@naru.test", password: "correct horse battery", name: "Fine", ...fault },
  });
  expect(response.status).toBe(422);
  expect(await response.json()).toMatchObject({ errors: [expect.objectContaining({ pointer })] });
});
