import * as z from "zod";
import { expect, test } from "vitest";
import { decodeCursor, encodeCursor, PAGE_QUERY } from "#http/pagination";

const Position = z.strictObject({ at: z.int(), name: z.string() });
const Query = z.strictObject(PAGE_QUERY);

test("a cursor comes back as the position it was made of, whatever its characters", () => {
  const position = { at: 1_760_000_000_000, name: '나루 "?&=/+ ' };
  const cursor = encodeCursor(position);
  expect(cursor).toMatch(/^[\w-]+$/);
  expect(decodeCursor(cursor, Position)).toEqual(position);
});

test("without a cursor a list begins at its start", () => {
  expect(decodeCursor(undefined, Position)).toBeNull();
});

test.each([
  ["no base64url", "%%%"],
  ["base64 with padding", "eyJhdCI6MX0="],
  ["no JSON", "aGVsbG8"],
  ["no UTF-8", "__-_"],
  ["another list's position", encodeCursor({ id: "task_1" })],
  ["a member too many", encodeCursor({ at: 1, name: "x", admin: true })],
  ["a wrong type", encodeCursor({ at: "1; drop table tasks", name: "x" })],
  ["too long", "a".repeat(1025)],
])("a cursor that is %s is refused as INVALID_CURSOR", (_what, cursor) => {
  expect(() => decodeCursor(cursor, Position)).toThrow(
    expect.objectContaining({ code: "INVALID_CURSOR" }),
  );
});

test.each([
  [{}, 20],
  [{ limit: "1" }, 1],
  [{ limit: "100" }, 100],
])("the query %j asks for %i items", (query, limit) => {
  expect(Query.parse(query)).toMatchObject({ limit });
});

test.each(["0", "101", "-1", "1.5", "", "ten", "1,2"])("limit=%s is refused", (limit) => {
  expect(Query.safeParse({ limit }).success).toBe(false);
});
