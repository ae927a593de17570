import * as fc from "fast-check";
import { expect, test } from "vitest";
import { keyText, storedName } from "#cache/core/key";

const ASKED = {
  ownerId: "usr_1",
  provider: "openai",
  model: "m",
  promptVersion: "chat/1",
  request: { messages: [{ role: "user", content: "hello" }], temperature: null, extra: { a: 1 } },
};

test("the order of members changes nothing, their values do", () => {
  const members = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 6 });
  fc.assert(
    fc.property(members, (request) => {
      const turned = Object.fromEntries(Object.entries(request).reverse());
      expect(keyText({ ...ASKED, request: turned })).toBe(keyText({ ...ASKED, request }));
    }),
  );
});

test.each([
  ["owner", { ownerId: "usr_2" }],
  ["provider", { provider: "workers-ai" }],
  ["model", { model: "n" }],
  ["prompt version", { promptVersion: "chat/2" }],
  ["message", { request: { ...ASKED.request, messages: [{ role: "user", content: "Hello" }] } }],
  ["parameter", { request: { ...ASKED.request, temperature: 0 } }],
  ["field of another's", { request: { ...ASKED.request, extra: { a: 2 } } }],
])("another %s is another answer", (_what, change) => {
  expect(keyText({ ...ASKED, ...change })).not.toBe(keyText(ASKED));
});

test("no text of a request can take the place of an owner", () => {
  const forged = { ...ASKED, ownerId: 'usr_2","ownerId":"usr_1' };
  expect(keyText(forged)).not.toBe(keyText(ASKED));
});

const KEY = "0123456789abcdef".repeat(4);

test("clearing changes every name, an eviction that of one key, and a second eviction again", () => {
  const other = `f${KEY.slice(1)}`;
  const none = { generation: 0, evictions: {} };
  const evicted = { generation: 0, evictions: { [KEY.slice(0, 20)]: 1 } };
  const again = { generation: 0, evictions: { [KEY.slice(0, 20)]: 2 } };
  const names = [none, evicted, again, { ...none, generation: 1 }].map((standing) =>
    storedName(KEY, standing),
  );
  expect(new Set(names).size).toBe(4);
  expect(storedName(other, evicted)).toBe(storedName(other, none));
  // KV takes keys of 512 bytes at most.
  expect(storedName(KEY, { generation: 2 ** 53 - 1, evictions: {} }).length).toBeLessThan(512);
});
