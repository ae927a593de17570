import { expect, test } from "vitest";
import { toBase64Url } from "#platform/bytes";
import {
  addEncryptionKey,
  isSealedWithNewest,
  open,
  parseEncryptionKeys,
  reseal,
  seal,
} from "#platform/secret-box";
import type { EncryptionKeys } from "#platform/secret-box";

const bytes = (seed: number): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => (i * 7 + seed) % 256);
const listed = (version: number): string => `v${version}.${toBase64Url(bytes(version))}`;

function keysOf(text: string): EncryptionKeys {
  const parsed = parseEncryptionKeys(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

const KEYS = keysOf(listed(1));
const CONTEXT = "upstreams/up_1/headers";

test("what was sealed opens to the same text, and no two seals are alike", async () => {
  const secret = "비밀 secret \u0000 🔑";
  const [a, b] = await Promise.all([seal(KEYS, secret, CONTEXT), seal(KEYS, secret, CONTEXT)]);
  expect(a).toMatch(/^v1\.[\w-]{16}\.[\w-]+$/);
  expect(a).not.toBe(b);
  expect(await open(KEYS, a, CONTEXT)).toEqual({ ok: true, value: secret });
  expect(await open(KEYS, await seal(KEYS, "", CONTEXT), CONTEXT)).toEqual({ ok: true, value: "" });
});

test("a sealed text opens for its own context only", async () => {
  const sealed = await seal(KEYS, "secret", CONTEXT);
  expect(await open(KEYS, sealed, "upstreams/up_2/headers")).toEqual({
    ok: false,
    error: "not_authentic",
  });
});

test("a sealed text of which any one character was changed does not open", async () => {
  const sealed = await seal(KEYS, "secret", CONTEXT);
  for (let i = 0; i < sealed.length; i++) {
    const other = sealed[i] === "A" ? "B" : "A";
    const opened = await open(KEYS, sealed.slice(0, i) + other + sealed.slice(i + 1), CONTEXT);
    expect([i, opened.ok]).toEqual([i, false]);
  }
  expect((await open(KEYS, sealed.slice(0, -2), CONTEXT)).ok).toBe(false);
});

test.each(["", "v1", "v1..", "secret", "v0.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA"])(
  "%j is no sealed text",
  async (text) => {
    expect(await open(KEYS, text, CONTEXT)).toEqual({ ok: false, error: "malformed" });
  },
);

test("after a rotation old secrets still open, new ones are under the new key, and a seal moves once", async () => {
  const old = await seal(KEYS, "secret", CONTEXT);
  const rotated = keysOf(`${listed(1)},${listed(2)}`);
  expect(await open(rotated, old, CONTEXT)).toEqual({ ok: true, value: "secret" });
  expect(isSealedWithNewest(rotated, old)).toBe(false);
  const moved = await reseal(rotated, old, CONTEXT);
  if (!moved.ok) throw new Error(moved.error);
  expect(moved.value).toMatch(/^v2\./);
  expect(await reseal(rotated, moved.value, CONTEXT)).toEqual(moved);
  // With the old key taken out, only what moved still opens.
  const later = keysOf(listed(2));
  expect(await open(later, moved.value, CONTEXT)).toEqual({ ok: true, value: "secret" });
  expect(await open(later, old, CONTEXT)).toEqual({ ok: false, error: "unknown_version" });
  expect(await reseal(later, old, CONTEXT)).toEqual({ ok: false, error: "unknown_version" });
});

test("nothing is sealed without a key", async () => {
  await expect(seal(keysOf(""), "secret", CONTEXT)).rejects.toThrow("no key");
});

test.each([
  ["a key that is too short", "v1.AAAA"],
  ["no version", toBase64Url(bytes(1))],
  ["version 0", `v0.${toBase64Url(bytes(1))}`],
  ["another spelling of the last bits", `${listed(1).slice(0, -1)}_`],
  ["one version twice", `${listed(1)},${listed(1)}`],
  ["a repeated byte", `v1.${toBase64Url(new Uint8Array(32))}`],
  ["more keys than are ever needed", Array.from({ length: 17 }, (_, i) => listed(i + 1)).join()],
])("a list with %s is refused, and its value not repeated", (_what, text) => {
  const parsed = parseEncryptionKeys(text);
  expect(parsed.ok).toBe(false);
  expect(JSON.stringify(parsed)).not.toContain(toBase64Url(bytes(1)));
});

test("a rotation adds the next version, in front, and keeps the others", () => {
  const once = addEncryptionKey("", bytes(1));
  expect(once).toEqual({ ok: true, value: listed(1) });
  expect(addEncryptionKey(listed(1), bytes(2))).toEqual({
    ok: true,
    value: `${listed(2)},${listed(1)}`,
  });
  expect(addEncryptionKey(`${listed(7)}, ${listed(3)}`, bytes(8))).toEqual({
    ok: true,
    value: `${listed(8)},${listed(7)}, ${listed(3)}`,
  });
  expect(addEncryptionKey("nonsense", bytes(1)).ok).toBe(false);
});
