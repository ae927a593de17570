import { expect, test } from "vitest";
import { presentRow, writeExport } from "#data/core/export-format";
import type { ExportSection } from "#data/core/export-format";

async function* rowsOf(...rows: object[]): AsyncGenerator<object> {
  yield* rows;
}
const section = (name: string, rows: object[], isSingle = false): ExportSection => ({
  name,
  isSingle,
  rows: () => rowsOf(...rows),
});
async function write(sections: ExportSection[]): Promise<string[]> {
  const parts: string[] = [];
  for await (const part of writeExport({ exported_at: "t" }, sections)) parts.push(part);
  return parts;
}

test("lists, single rows and what is not there are told, and the last member says that it is whole", async () => {
  const text = (
    await write([
      section("account", [{ id: 1 }], true),
      section("profile", [], true),
      section("empty", []),
      section("many", [{ a: "1" }, { a: '"2"\u2028' }]),
    ])
  ).join("");
  const document = JSON.parse(text) as object;
  expect(document).toEqual({
    format: "naru-export-1",
    exported_at: "t",
    account: { id: 1 },
    profile: null,
    empty: [],
    many: [{ a: "1" }, { a: '"2"\u2028' }],
    complete: true,
  });
  expect(Object.keys(document).at(-1)).toBe("complete");
});

test("a document that is cut anywhere is no JSON", async () => {
  const parts = await write([section("account", [{ id: 1 }], true), section("many", [{}, {}])]);
  for (let end = 0; end < parts.length; end += 1)
    expect(() => JSON.parse(parts.slice(0, end).join(""))).toThrow();
});

test("a section that fails breaks the document off", async () => {
  const parts: string[] = [];
  const failing: ExportSection = {
    name: "many",
    isSingle: false,
    rows: async function* fail() {
      yield {};
      throw new Error("gone");
    },
  };
  const writing = (async () => {
    for await (const part of writeExport({}, [failing])) parts.push(part);
  })();
  await expect(writing).rejects.toThrow("gone");
  expect(() => JSON.parse(parts.join(""))).toThrow();
});

test("of a row only the named columns are told, each in its form", () => {
  const columns = { at: "time", ok: "flag", scopes: "json", gone: "json", name: "plain" } as const;
  expect(
    presentRow({ columns }, { at: 0, ok: 1, scopes: '["a"]', gone: "", name: null, secret: "s" }),
  ).toEqual({
    at: "1970-01-01T00:00:00.000Z",
    ok: true,
    scopes: ["a"],
    gone: null,
    name: null,
  });
});
