import { expect, test } from "vitest";
import { keyEnvironment, ownerRoutingOf, parseKey, redactKey } from "#keys/core/format";

const ID = "01m7xyfbzb1jp1f0zzxr7a9yjwjn928jxs7kjbfjxv";
const SECRET = "bv7zws9k2r3p5djqx05fq1q442fyy4xc";
const TAG = "t1kn73p8at0c";
const KEY = `nr_dev_${ID}_${SECRET}_${TAG}`;

test("a key comes apart into what leads to its owner, what is compared and what is signed", () => {
  expect(parseKey(KEY)).toEqual({
    environment: "dev",
    keyId: `key_${ID}`,
    ownerRouting: "1jp1f0zzxr7a9yjw",
    secret: SECRET,
    tag: TAG,
    signed: `nr_dev_${ID}_${SECRET}`,
  });
});

test.each([
  ["nothing", ""],
  ["another prefix", KEY.replace("nr_", "sk_")],
  ["an environment that there is not", KEY.replace("_dev_", "_test_")],
  ["upper case", KEY.toUpperCase()],
  ["a letter outside the alphabet", KEY.replace("t1kn", "tikn")],
  ["a short secret", KEY.replace(SECRET, SECRET.slice(1))],
  ["a long tag", `${KEY}0`],
  ["a missing tag", KEY.slice(0, -13)],
  ["a space at the end", `${KEY} `],
  ["a line break at the end", `${KEY}\n`],
  ["something before it", `x${KEY}`],
  ["no time in its id", KEY.replace(ID, ID.slice(10))],
])("has one spelling: refuses %s", (_name, text) => {
  expect(parseKey(text)).toBeNull();
});

test("a redacted key shows its id and neither its secret nor its tag", () => {
  expect(redactKey(KEY)).toBe(`nr_dev_${ID}_***`);
  expect(redactKey(`${KEY}x`)).toBe("nr_***");
});

test("an owner's id and the ids of its keys lead to the same gate", () => {
  expect(ownerRoutingOf("usr_01m7xyfbzb1jp1f0zzxr7a9yjw")).toBe("1jp1f0zzxr7a9yjw");
  expect(ownerRoutingOf(`key_${ID}`)).toBe("1jp1f0zzxr7a9yjw");
});

test.each([
  "",
  "usr_",
  "task_01m7xyfbzb1jp1f0zzxr7a9yjw",
  "usr_01m7xyfbzb1jp1f0zzxr7a9yj",
  "usr_01m7xyfbzb1jp1f0zzxr7a9yjw0",
])("%j leads to no gate", (id) => {
  expect(ownerRoutingOf(id)).toBeNull();
});

test("each environment has keys of its own", () => {
  expect((["development", "staging", "production"] as const).map(keyEnvironment)).toEqual([
    "dev",
    "stg",
    "live",
  ]);
});
