import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { identityDepsOf } from "#auth/service";
import { findLink, insertLink, useLink } from "#admin/reset-store";
import { issueResetLink, redeemResetLink } from "#admin/service";
import { readConfig } from "#platform/config";
import { api, createTestKey, uniqueAddress } from "../../support/api";
import { createPerson, logIn, PASSWORD, signIn } from "../../support/accounts";

const NEXT = "lantern under the pier";
const REDEEM = "/api/v1/auth/password/reset";

async function issue(userId: string): Promise<{ token: string; redeem_at: string }> {
  const { key } = await createTestKey({ role: "admin" });
  const response = await api(`/api/v1/admin/users/${userId}/reset-link`, { key, method: "POST" });
  expect([response.status, response.headers.get("cache-control")]).toEqual([201, "no-store"]);
  return response.json();
}

const redeem = (token: string, password = NEXT): Promise<Response> =>
  api(REDEEM, { json: { token, password } });
const outcomeOf = async (call: Promise<Response>): Promise<string> => {
  const response = await call;
  const text = await response.text();
  return text === "" ? String(response.status) : (JSON.parse(text) as { code: string }).code;
};

test("a link sets a new password, once, and ends every session", async () => {
  const person = await createPerson();
  const session = await signIn(person);
  const { token, redeem_at } = await issue(person.id);
  expect(redeem_at).toBe(REDEEM);
  expect(await outcomeOf(redeem(token))).toBe("204");
  expect((await logIn(person, PASSWORD)).status).toBe(401);
  expect((await logIn(person, NEXT)).status).toBe(200);
  expect((await api("/api/v1/test", { key: session.access_token })).status).toBe(401);
  expect(await outcomeOf(redeem(token, "another one entirely"))).toBe("INVALID_RESET_LINK");
  expect((await logIn(person, NEXT)).status).toBe(200);
});

test("of many that use one link at once, one sets its password", async () => {
  const person = await createPerson();
  const { token } = await issue(person.id);
  const outcomes = await Promise.all(
    Array.from({ length: 5 }, (_, i) => outcomeOf(redeem(token, `${NEXT} ${i}`))),
  );
  expect(outcomes.filter((outcome) => outcome === "204")).toHaveLength(1);
  expect(outcomes.filter((outcome) => outcome === "INVALID_RESET_LINK")).toHaveLength(4);
});

test("a link that two have found good is used up by one of them", async () => {
  const link = { tokenHash: "00".repeat(32), userId: "usr_a", expiresAtMs: 2000, issuedBy: null };
  await insertLink(env.DB, link, 1000);
  const found = await Promise.all([1, 2].map(() => findLink(env.DB, link.tokenHash, 1500)));
  expect(found).toEqual(["usr_a", "usr_a"]);
  const used = await Promise.all([1, 2].map(() => useLink(env.DB, link.tokenHash, 1500)));
  expect(used.filter(Boolean)).toHaveLength(1);
});

test("a link ends after an hour", async () => {
  const person = await createPerson();
  let nowMs = Date.now();
  const deps = { ...identityDepsOf(env, readConfig(env)), clock: () => nowMs };
  const { token, expiresAtMs } = await issueResetLink(
    deps,
    { id: "usr_a", address: null },
    person.id,
  );
  expect(expiresAtMs).toBe(nowMs + 3_600_000);
  const request = { token, password: NEXT, address: uniqueAddress() };
  nowMs = expiresAtMs;
  await expect(redeemResetLink(deps, request)).rejects.toMatchObject({
    code: "INVALID_RESET_LINK",
  });
  nowMs = expiresAtMs - 1;
  await redeemResetLink(deps, request);
  expect((await logIn(person, NEXT)).status).toBe(200);
});

test("a new link takes the place of the one before", async () => {
  const person = await createPerson();
  const first = await issue(person.id);
  const second = await issue(person.id);
  expect(await outcomeOf(redeem(first.token))).toBe("INVALID_RESET_LINK");
  expect(await outcomeOf(redeem(second.token))).toBe("204");
});

test("a password that is refused leaves the link as it was", async () => {
  const person = await createPerson();
  const { token } = await issue(person.id);
  for (const password of ["short", "password123", "x".repeat(129)])
    expect(await outcomeOf(redeem(token, password))).toBe("VALIDATION_FAILED");
  expect(await outcomeOf(redeem(token))).toBe("204");
});

test("a link opens no disabled account", async () => {
  const person = await createPerson();
  const { token } = await issue(person.id);
  await env.DB.prepare("UPDATE users SET is_disabled = 1 WHERE id = ?").bind(person.id).run();
  expect(await outcomeOf(redeem(token))).toBe("INVALID_RESET_LINK");
});

test("guesses of a link count against the address, before anything is looked up", async () => {
  const address = uniqueAddress();
  const statuses = new Set<number>();
  for (let i = 0; i < 101; i++) {
    const json = { token: `guess-${i}`, password: NEXT };
    const response = await api(REDEEM, { json, address });
    statuses.add(response.status);
    await response.text();
  }
  expect([...statuses]).toEqual([400, 429]);
});

test("where the deployment can send mail, the person is sent the link; a mail that is not taken is told", async () => {
  const person = await createPerson();
  const sent: { to: string; from: string; text: string }[] = [];
  let isTaken = true;
  const EMAIL = {
    send: async (message: (typeof sent)[number]): Promise<void> => {
      if (!isTaken) throw new Error("the relay is away");
      sent.push(message);
    },
  };
  const issueWith = (settings: object): Promise<{ isSent: boolean; token: string }> => {
    const bindings = { ...env, EMAIL, EMAIL_FROM: "naru@example.com", ...settings };
    const deps = identityDepsOf(bindings, readConfig(bindings));
    return issueResetLink(deps, { id: "usr_a", address: null }, person.id);
  };
  const RESET_PAGE_URL = "https://example.com/reset";
  const { isSent, token } = await issueWith({ RESET_PAGE_URL });
  expect([isSent, sent.length]).toEqual([true, 1]);
  expect(sent[0]).toMatchObject({ to: person.email, from: "naru@example.com" });
  expect(sent[0]?.text).toContain(`${RESET_PAGE_URL}#token=${token}`);
  expect((await issueWith({})).isSent).toBe(false);
  isTaken = false;
  const later = await issueWith({ RESET_PAGE_URL });
  expect([later.isSent, sent.length]).toEqual([false, 1]);
  // The administrator has it all the same.
  expect(await outcomeOf(redeem(later.token))).toBe("204");
});

test("the token of a link is in no row, and its issue and use are in the audit log", async () => {
  const person = await createPerson();
  const { token } = await issue(person.id);
  expect(await outcomeOf(redeem(token))).toBe("204");
  const dump: unknown[] = [];
  for (const table of ["users", "reset_links", "audit"])
    dump.push((await env.DB.prepare(`SELECT * FROM ${table}`).all()).results);
  const text = JSON.stringify(dump);
  expect(text).toContain("password.reset_link");
  expect(text).toContain('"password.reset"');
  expect(text).not.toContain(token);
  expect(text).not.toContain(NEXT);
});
