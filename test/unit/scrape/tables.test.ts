import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseHtml } from "#scrape/core/document-parse";
import { findTables, newTableBudget, readTable, TABLE_LIMITS } from "#scrape/core/tables";

function readAll(html: string) {
  const parsed = parseHtml(html);
  if (!parsed.ok) throw new Error(parsed.error.code);
  const budget = newTableBudget();
  return findTables(parsed.value).map((table) => readTable(table, budget));
}
function readOne(html: string) {
  const [table] = readAll(html);
  if (table === undefined) throw new Error("no table");
  return table;
}

describe("a table becomes rows", () => {
  test.each([
    [
      "cells",
      "<tr><td>a<td> b\n c <tr><td>d<td>",
      [
        ["a", "b c"],
        ["d", ""],
      ],
    ],
    [
      "rows of unequal length",
      "<tr><td>a<td>b<tr><td>c",
      [
        ["a", "b"],
        ["c", ""],
      ],
    ],
    [
      "colspan",
      "<tr><td colspan=2>a<td>b<tr><td>c<td>d<td>e",
      [
        ["a", "a", "b"],
        ["c", "d", "e"],
      ],
    ],
    [
      "rowspan",
      "<tr><td rowspan=2>a<td>b<tr><td>c<tr><td>d<td>e",
      [
        ["a", "b"],
        ["a", "c"],
        ["d", "e"],
      ],
    ],
    [
      "both",
      "<tr><td rowspan=2 colspan=2>a<td>b<tr><td>c",
      [
        ["a", "a", "b"],
        ["a", "a", "c"],
      ],
    ],
    [
      "a rowspan on the right",
      "<tr><td>a<td>b<td rowspan=2>c<tr><td>d",
      [
        ["a", "b", "c"],
        ["d", "", "c"],
      ],
    ],
    [
      "rowspan=0, to the end of the group",
      "<tbody><tr><td rowspan=0>a<td>b<tr><td>c<tbody><tr><td>d<td>e",
      [
        ["a", "b"],
        ["a", "c"],
        ["d", "e"],
      ],
    ],
    [
      "a rowspan that outlives its group",
      "<tbody><tr><td rowspan=9>a<td>b<tbody><tr><td>c<td>d",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    [
      "spans that are no numbers",
      "<tr><td colspan=x rowspan=-1>a<td colspan=0>b<td colspan=1.9>c",
      [["a", "b", "c"]],
    ],
    [
      "row headers",
      "<tr><th>a<td>b<tr><th>c<td>d",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    ["cells outside of rows", "<td>a<td>b", [["a", "b"]]],
    [
      "hidden rows and cells",
      "<tr hidden><td>x<tr><td>a<td style='display:none'>x<td>b",
      [["a", "b"]],
    ],
    ["no rows", "", []],
  ])("%s", (_name, inner, rows) => {
    expect(readOne(`<table>${inner}</table>`)).toEqual({
      caption: null,
      headers: [],
      rows,
      records: [],
      truncated: false,
    });
  });
});

describe("headers make records", () => {
  test("from <thead>, with a caption", () => {
    expect(
      readOne("<table><caption> C <tbody><tr><td>1<td>2<thead><tr><td>x<td>y</table>").headers,
    ).toEqual([]);
    expect(
      readOne("<table><caption> C </caption><thead><tr><td>a<td>b</thead><tr><td>1<td>2</table>"),
    ).toEqual({
      caption: "C",
      headers: ["a", "b"],
      rows: [["1", "2"]],
      records: [{ a: "1", b: "2" }],
      truncated: false,
    });
  });

  test("from a first row of <th> alone", () => {
    const { headers, records } = readOne("<table><tr><th>a<th>b<tr><th>1<td>2</table>");
    expect({ headers, records }).toEqual({ headers: ["a", "b"], records: [{ a: "1", b: "2" }] });
  });

  test("of several rows, joined from top to bottom", () => {
    const { headers } = readOne(
      "<table><thead><tr><th rowspan=2>a<th colspan=2>b<tr><th>c<th>d</thead><tr><td>1<td>2<td>3</table>",
    );
    expect(headers).toEqual(["a", "b / c", "b / d"]);
  });

  test("unique and safe as keys", () => {
    const { headers, records } = readOne(
      "<table><tr><th>a<th>a<th><th>__proto__<th>a_2<tr><td>1<td>2<td>3<td>4<td>5</table>",
    );
    expect(headers).toEqual(["a", "a_2", "column_3", "column_4", "a_2_2"]);
    expect(Object.keys(records[0] ?? {})).toEqual(headers);
    expect(Object.getPrototypeOf(records[0])).toBe(Object.prototype);
  });
});

test("a table inside a cell is a table of its own and no part of the outer text", () => {
  const html = "<table><tr><td>a<table><tr><td>b</table>c<td>d</table>";
  expect(readAll(html).map(({ rows }) => rows)).toEqual([[["a c", "d"]], [["b"]]]);
});

describe("spans cost what the page has, not what they say", () => {
  test.each([
    [
      "one cell over a thousand million places",
      "<tr><td colspan=1000000000 rowspan=1000000000>a<tr><td>b",
    ],
    [
      "every cell over a thousand columns and all rows",
      "<tr><td colspan=1000 rowspan=65534>x".repeat(3_000),
    ],
    [
      "long headers over many rows",
      `<tr>${`<th>${"n".repeat(300)}`.repeat(100)}${"<tr><td>a<td>b".repeat(10_000)}`,
    ],
    [
      "long cells over many places",
      `<tr><td colspan=200 rowspan=50>${"t".repeat(9_000)}`.repeat(300),
    ],
  ])("%s", (_name, inner) => {
    const table = readOne(`<table>${inner}</table>`);
    const places = table.rows.reduce((sum, row) => sum + row.length, 0);
    expect(places).toBeLessThanOrEqual(TABLE_LIMITS.slots + TABLE_LIMITS.columns);
    expect(Math.max(...table.rows.map((row) => row.length))).toBeLessThanOrEqual(
      TABLE_LIMITS.columns,
    );
    expect(JSON.stringify(table).length).toBeLessThan(4 * TABLE_LIMITS.characters);
    expect(table.truncated).toBe(true);
  });
});

const INNER = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "<tr>",
        "</tr>",
        "<thead>",
        "</thead>",
        "<tbody>",
        "<caption>c</caption>",
        "<table>",
        "</table>",
        "x",
      ),
      fc
        .tuple(
          fc.constantFrom("td", "th"),
          fc.integer({ min: -1, max: 300 }),
          fc.integer({ min: -1, max: 9 }),
        )
        .map(([name, columns, rows]) => `<${name} colspan=${columns} rowspan=${rows}>t`),
    ),
    { maxLength: 60 },
  )
  .map((pieces) => pieces.join(""));

test("any table has rows of one length, and records with just the headers as keys", () => {
  fc.assert(
    fc.property(INNER, (inner) => {
      for (const { rows, headers, records } of readAll(`<table>${inner}</table>`)) {
        const widths = new Set(rows.map((row) => row.length));
        expect(widths.size).toBeLessThanOrEqual(1);
        expect(records).toHaveLength(headers.length > 0 ? rows.length : 0);
        expect(new Set(headers).size).toBe(headers.length);
        for (const record of records)
          expect(Object.keys(record).toSorted()).toEqual(headers.toSorted());
      }
    }),
    { numRuns: 1_000 },
  );
});
