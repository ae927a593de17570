import { expect, test } from "vitest";
import { ownerRoutingOf, parseKey } from "#keys/core/format";
import type { KeyParts } from "#keys/core/format";
import { hashSecret, importTagKey, isGenuine, mintApiKey } from "#keys/mint";
import { createKeyVerifier } from "#keys/service";
import { idTimeMs } from "#platform/ids";

const SECRET_KEY = "uT4rXq9ZkW2pLm7VbN5cHs8JdF3gYa6E";
const OPTIONS = {
  environment: "development",
  nowMs: 1_700_000_000_000,
  secretKey: SECRET_KEY,
} as const;

const partsOf = (key: string): KeyParts => {
  const parts = parseKey(key);
  if (parts === null) throw new Error(`${key} has not the form of a key`);
  return parts;
};

test("a minted key has the form, a genuine tag, and an owner whose gate it leads to", async () => {
  const minted = await mintApiKey(OPTIONS);
  const parts = partsOf(minted.key);
  expect(parts.keyId).toBe(minted.keyId);
  expect(ownerRoutingOf(minted.ownerId ?? "")).toBe(parts.ownerRouting);
  expect(idTimeMs(minted.keyId)).toBe(OPTIONS.nowMs);
  expect(minted.hash).toBe(await hashSecret(parts.secret));
  expect(minted.key).not.toContain(minted.hash);
  expect(await isGenuine(await importTagKey(SECRET_KEY), parts)).toBe(true);
});

test("a key minted for an owner leads to that owner's gate", async () => {
  const { keyId, ownerId } = await mintApiKey({ ...OPTIONS, ownerRouting: "1jp1f0zzxr7a9yjw" });
  expect(ownerRoutingOf(keyId)).toBe("1jp1f0zzxr7a9yjw");
  expect(ownerId).toBeNull();
});

test("no two keys share a secret, even of one owner at one time", async () => {
  const keys = await Promise.all(Array.from({ length: 50 }, () => mintApiKey(OPTIONS)));
  expect(new Set(keys.map(({ key }) => partsOf(key).secret)).size).toBe(50);
});

test("a key in which any one character was changed is not genuine", async () => {
  const { key } = await mintApiKey(OPTIONS);
  const verifier = createKeyVerifier(SECRET_KEY, "development");
  expect(await verifier.verify(key)).not.toBeNull();
  for (let i = 0; i < key.length; i++) {
    const other = key[i] === "0" ? "1" : "0";
    expect(await verifier.verify(key.slice(0, i) + other + key.slice(i + 1)), `at ${i}`).toBeNull();
  }
});

test("a key of another deployment's secret is not genuine", async () => {
  const { key } = await mintApiKey({ ...OPTIONS, secretKey: "another-of-the-same-length-00000" });
  expect(await createKeyVerifier(SECRET_KEY, "development").verify(key)).toBeNull();
});

test("a genuine key of another environment is refused", async () => {
  const { key } = await mintApiKey({ ...OPTIONS, environment: "staging" });
  expect(await createKeyVerifier(SECRET_KEY, "staging").verify(key)).not.toBeNull();
  expect(await createKeyVerifier(SECRET_KEY, "production").verify(key)).toBeNull();
});

test("a verifier that has seen more keys than it remembers still knows every one of them", async () => {
  const verifier = createKeyVerifier(SECRET_KEY, "development");
  const keys = await Promise.all(Array.from({ length: 1100 }, () => mintApiKey(OPTIONS)));
  for (const { key } of keys) await verifier.verify(key);
  for (const { key, keyId } of [keys[0], keys[550], keys[1099]].flatMap((minted) => minted ?? []))
    expect((await verifier.verify(key))?.keyId).toBe(keyId);
});

test("without a secret no key is judged: the deployment says that it is misconfigured", () => {
  expect(() => createKeyVerifier("", "development")).toThrow("SECRET_KEY is missing");
});
