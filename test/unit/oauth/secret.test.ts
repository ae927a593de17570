import { expect, test } from "vitest";
import { createClientSecrets } from "#oauth/secret";
import { newId, randomBase32 } from "#platform/ids";

const secrets = createClientSecrets("uT4rXq9ZkW2pLm7VbN5cHs8JdF3gYa6E");
const newClientId = (): string => newId("cli", Date.now(), randomBase32());

test("a secret is genuine for its client, and for no other", async () => {
  const clientId = newClientId();
  const secret = await secrets.make(clientId);
  expect(secret).toMatch(/^nrc_[0-9a-z]{32}_[0-9a-z]{12}$/);
  expect(await secrets.isGenuine(clientId, secret)).toBe(true);
  expect(await secrets.isGenuine(newClientId(), secret)).toBe(false);
});

test("a secret of another deployment is not genuine here", async () => {
  const clientId = newClientId();
  const theirs = createClientSecrets("another-secret-of-another-deployment");
  expect(await secrets.isGenuine(clientId, await theirs.make(clientId))).toBe(false);
});

test("a change of any one character makes a secret no secret", async () => {
  const clientId = newClientId();
  const secret = await secrets.make(clientId);
  for (let i = 0; i < secret.length; i++) {
    const other = secret[i] === "0" ? "1" : "0";
    const changed = secret.slice(0, i) + other + secret.slice(i + 1);
    expect(await secrets.isGenuine(clientId, changed)).toBe(false);
  }
  for (const text of ["", `${secret} `, secret.toUpperCase(), `${secret}0`])
    expect(await secrets.isGenuine(clientId, text)).toBe(false);
});

test("two secrets of one client differ", async () => {
  const clientId = newClientId();
  expect(await secrets.make(clientId)).not.toBe(await secrets.make(clientId));
});
