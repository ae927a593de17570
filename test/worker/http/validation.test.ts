import { expect, test } from "vitest";
import { api, createTestKey } from "../../support/api";
import { probe, problemOf, put } from "../../support/http-app";

const VALID = JSON.stringify({ name: "a", size: 1 });

test("a valid request reaches the handler with its defaults filled in", async () => {
  const response = await probe().fetch("/probe/items/i1", put(VALID));
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    id: "i1",
    item: { name: "a", size: 1, kind: "small" },
  });
});

test("all faults of path, query, header and body are told at once, each with its pointer", async () => {
  const body = { name: "", size: 11, tags: [{ key: 1 }, {}], "a/b~c": 1, other: 2 };
  const response = await probe().fetch(
    "/probe/items/x?mode=z&extra=1",
    put(JSON.stringify(body), { "X-Probe": "long" }),
  );
  expect(response.status).toBe(422);
  const problem = await problemOf(response);
  expect(problem.code).toBe("VALIDATION_FAILED");
  expect(problem.errors?.map(({ pointer, code }) => `${pointer} ${code}`).sort()).toEqual([
    "/a~1b~0c unknown_field",
    "/header/X-Probe too_big",
    "/name too_small",
    "/other unknown_field",
    "/path/id invalid_format",
    "/query/extra unknown_field",
    "/query/mode invalid_value",
    "/size too_big",
    "/tags/0/key invalid_type",
    "/tags/1/key required",
  ]);
});

test.each([
  ["ko", "필수 항목입니다", "제공하지 않는 사이트입니다"],
  ["en", "This field is required", "This site is not served"],
])(
  "in %s the faults are told in that language, with the same codes",
  async (locale, missing, own) => {
    const response = await probe().fetch(
      "/probe/items/i1",
      put(JSON.stringify({ size: 1, site: "forbidden" }), { "Accept-Language": locale }),
    );
    expect((await problemOf(response)).errors).toEqual([
      { pointer: "/name", code: "required", message: missing },
      { pointer: "/site", code: "site_forbidden", message: own },
    ]);
    expect(response.headers.get("Content-Language")).toBe(locale);
  },
);

test.each([
  ["en", "Must be a whole number from 1 to 100"],
  ["ko", "1 이상 100 이하의 정수여야 합니다"],
])("in %s a page size that is no number is told which ones are taken", async (locale, text) => {
  const { key } = await createTestKey();
  const response = await api("/api/v1/tasks?limit=abc", {
    key,
    headers: { "Accept-Language": locale },
  });
  expect((await problemOf(response)).errors).toMatchObject([
    { pointer: "/query/limit", message: text },
  ]);
});

test("a query parameter given twice is not silently cut to one", async () => {
  const response = await probe().fetch("/probe/items/i1?mode=a&mode=b", put(VALID));
  expect((await problemOf(response)).errors?.[0]?.pointer).toBe("/query/mode");
});

test("a query parameter called __proto__ is refused like any unknown one", async () => {
  const response = await probe().fetch("/probe/items/i1?__proto__=1", put(VALID));
  expect((await problemOf(response)).errors).toMatchObject([
    { pointer: "/query/__proto__", code: "unknown_field" },
  ]);
});

test("of 50,000 unknown fields a hundred are told, and how many there are", async () => {
  const fields = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`f${i}`, 0]));
  const response = await probe().fetch("/probe/items/i1", put(JSON.stringify(fields)));
  const problem = await problemOf(response);
  expect(problem.errors).toHaveLength(100);
  expect(problem.error).toContain("50002");
});
