import { describe, expect, test } from "vitest";
import { formatValues } from "#scrape/core/script-format";
import { define, HOME, runOver, valuesOver } from "../../support/script-definitions";

const BOATS = `<h1>Ferries</h1><table><tr><th>Boat</th><th>Leaves</th></tr>
  <tr class="b"><td>Dawn</td><td>06:30</td></tr><tr class="b"><td>Moon, late</td><td>21:00</td></tr></table>
  <p class="fare">3,000원</p><p class="fare">1,500원</p><a class="next" href="/?page=2#top">more</a>`;

const pageOf = (n: number, count: number): string =>
  `<ul><li class="i"><a href="/d/${n}">${n}</a></li></ul>${n < count ? `<a rel="next" href="/?p=${n + 1}">next</a>` : ""}`;

describe("values", () => {
  test("come as texts, records, tables, numbers and Markdown", async () => {
    const definition = define([
      {
        extract: {
          title: { selector: "h1", transforms: [{ op: "upper" }] },
          boats: {
            selector: "tr.b",
            all: true,
            fields: { name: "td", at: { selector: "td:nth-child(2)" } },
          },
          timetable: { selector: "table", table: true },
          fares: { selector: ".fare", all: true, transforms: [{ op: "number" }] },
          heading: { selector: "h1", markdown: true },
          captain: { selector: ".captain", default: "unknown" },
        },
      },
    ]);
    expect(await valuesOver(definition, { [HOME]: BOATS })).toEqual({
      title: "FERRIES",
      boats: [
        { name: "Dawn", at: "06:30" },
        { name: "Moon, late", at: "21:00" },
      ],
      timetable: [
        { Boat: "Dawn", Leaves: "06:30" },
        { Boat: "Moon, late", Leaves: "21:00" },
      ],
      fares: [3000, 1500],
      heading: "Ferries",
      captain: "unknown",
    });
  });

  test("that are required leave a record out, and fail a page", async () => {
    const rows = (required: boolean) =>
      define([
        {
          extract: {
            rows: {
              selector: "tr",
              all: true,
              fields: { name: { selector: "td", required: true } },
            },
            title: { selector: "h2", required },
          },
        },
      ]);
    expect(await valuesOver(rows(false), { [HOME]: BOATS })).toMatchObject({
      rows: [{ name: "Dawn" }, { name: "Moon, late" }],
      title: null,
    });
    expect(await runOver(rows(true), { [HOME]: BOATS })).toMatchObject({
      ok: false,
      error: { code: "FIELD_MISSING", params: { field: "title" } },
    });
  });
});

describe("further pages", () => {
  const site = Object.fromEntries(
    Array.from({ length: 9 }, (_none, n) => [
      n === 0 ? HOME : `${HOME}?p=${n + 1}`,
      pageOf(n + 1, 9),
    ]),
  );
  const items = { extract: { items: { selector: ".i", all: true } } };

  test("are turned up to the limit, lists growing page by page", async () => {
    const definition = define([items, { paginate: { next: "[rel=next]", limit: 3 } }]);
    const result = await runOver(definition, site);
    expect(result).toMatchObject({
      ok: true,
      value: { values: { items: ["1", "2", "3"] }, stoppedBy: null },
    });
  });

  test("end where the site ends, in a circle too", async () => {
    const circle = {
      [HOME]: pageOf(1, 9),
      [`${HOME}?p=2`]: `${pageOf(2, 2)}<a rel="next" href="/">x</a>`,
    };
    const definition = define([items, { paginate: { next: "[rel=next]", limit: 50 } }]);
    expect(await valuesOver(definition, circle)).toEqual({ items: ["1", "2"] });
  });

  test("of another site are not turned to", async () => {
    const away = { [HOME]: `<i class="i">1</i><a rel="next" href="https://other.example/">x</a>` };
    const definition = define([items, { paginate: { next: "[rel=next]" } }]);
    const result = await runOver(definition, away);
    expect(result.ok && result.value.pages.map(({ url }) => url)).toEqual([HOME]);
  });

  test("that fail end the turning, and the list of pages says why", async () => {
    const definition = define([items, { paginate: { next: "[rel=next]", limit: 9 } }]);
    expect(await runOver(definition, { [HOME]: pageOf(1, 9) })).toMatchObject({
      ok: true,
      value: {
        values: { items: ["1"] },
        pages: [
          { url: HOME, status_code: 200, error: null },
          { url: `${HOME}?p=2`, status_code: 404, error: "TARGET_STATUS" },
        ],
      },
    });
  });

  test("are as many as the run may have, and the result says what ended it", async () => {
    const definition = define([items, { paginate: { next: "[rel=next]", limit: 9 } }], {
      limits: { pages: 4 },
    });
    expect(await runOver(definition, site)).toMatchObject({
      ok: true,
      value: { values: { items: ["1", "2", "3", "4"] }, stoppedBy: "pages" },
    });
  });

  test("are begun only while there is time", async () => {
    let looks = 0;
    const definition = define([items, { paginate: { next: "[rel=next]", limit: 9 } }]);
    const result = await runOver(definition, site, { url: HOME }, { isOver: () => ++looks > 2 });
    expect(result).toMatchObject({
      ok: true,
      value: { values: { items: ["1", "2", "3"] }, stoppedBy: "time" },
    });
  });
});

describe("links", () => {
  const detail = (n: number): string => `<h1>Boat ${n}</h1><a href="/">back</a>`;
  const site = {
    [HOME]: `<a class="d" href="/d/1#a">1</a><a class="d" href="/d/2">2</a><a class="d" href="/d/1">again</a>
      <a class="d" href="mailto:a@b.example">mail</a><a class="d" href="https://other.example/">other</a><a class="d" href="/d/3">3</a>`,
    [`${HOME}d/1`]: detail(1),
    [`${HOME}d/2`]: detail(2),
  };
  const boats = {
    follow: { links: "a.d", into: "boats", steps: [{ extract: { title: "h1" } }] },
  };

  test("are followed once each, within the site, in order; what fails says so", async () => {
    expect(await valuesOver(define([boats]), site)).toEqual({
      boats: [
        { url: `${HOME}d/1`, title: "Boat 1" },
        { url: `${HOME}d/2`, title: "Boat 2" },
        { url: `${HOME}d/3`, error: "TARGET_STATUS" },
      ],
    });
  });

  test("to other sites are followed where the script says so", async () => {
    const definition = define([{ follow: { ...boats.follow, same_site: false, limit: 3 } }]);
    const result = await runOver(definition, site);
    expect(result.ok && result.value.pages.map(({ url }) => url)).toEqual([
      HOME,
      `${HOME}d/1`,
      `${HOME}d/2`,
      "https://other.example/",
    ]);
  });

  test("in records put what is behind them into the record", async () => {
    const list = {
      [HOME]: `<p class="r"><a href="/d/1">One</a></p><p class="r">None</p><p class="r"><a href="/d/1">Same</a></p>`,
      [`${HOME}d/1`]: detail(1),
    };
    const definition = define([
      {
        extract: {
          rows: {
            selector: ".r",
            all: true,
            fields: { name: ":scope", url: { selector: "a", attribute: "href" } },
          },
        },
      },
      { follow: { from: "rows.url", into: "page", steps: [{ extract: { title: "h1" } }] } },
    ]);
    const result = await runOver(definition, list);
    expect(result).toMatchObject({
      ok: true,
      value: {
        values: {
          rows: [
            { name: "One", page: { title: "Boat 1" } },
            { name: "None", page: null },
            { name: "Same", page: { title: "Boat 1" } },
          ],
        },
        // One address is asked for once.
        pages: [{ url: HOME }, { url: `${HOME}d/1` }],
      },
    });
  });

  test("lead two levels deep", async () => {
    const definition = define([
      {
        follow: {
          links: "a",
          into: "level1",
          steps: [{ follow: { links: "a", into: "level2", steps: [{ extract: { t: "b" } }] } }],
        },
      },
    ]);
    const chain = {
      [HOME]: `<a href="/1">1</a>`,
      [`${HOME}1`]: `<a href="/2">2</a>`,
      [`${HOME}2`]: `<b>end</b><a href="/3">3</a>`,
    };
    expect(await valuesOver(definition, chain)).toEqual({
      level1: [{ url: `${HOME}1`, level2: [{ url: `${HOME}2`, t: "end" }] }],
    });
  });
});

test("a first page that cannot be had is no result", async () => {
  expect(await runOver(define([{ extract: { a: "a" } }]), {})).toEqual({
    ok: false,
    error: { code: "TARGET_STATUS", params: { status: 404 } },
  });
});

test("values without end stop the run", async () => {
  const big = `<a rel="next" href="/?p=2">n</a><p>${"x".repeat(200_000)}</p>`.replace(
    "</a>",
    "</a>",
  );
  const site = Object.fromEntries(
    Array.from({ length: 60 }, (_none, n) => [
      n === 0 ? HOME : `${HOME}?p=${n + 1}`,
      big.replace("p=2", `p=${n + 2}`),
    ]),
  );
  const definition = define(
    [{ extract: { p: { selector: "p", all: true } } }, { paginate: { next: "a", limit: 60 } }],
    { limits: { pages: 100 } },
  );
  const result = await runOver(definition, site);
  expect(result.ok && result.value.stoppedBy).toBe("characters");
  expect(result.ok && result.value.pages.length).toBeLessThan(25);
});

describe("the result as a text", () => {
  const values = {
    title: "A *b* <c>",
    boats: [
      { name: "Dawn", at: "06:30", note: null },
      { name: 'Moon, "late"', at: "21:00", deck: ["a", "b"] },
    ],
    tags: ["x", "y|z"],
    none: null,
  };

  test("CSV follows RFC 4180, with the columns as they first appear", () => {
    const { content, content_type: type } = formatValues(values, { format: "csv" }) ?? {};
    expect(content).toBe(
      'name,at,note,deck\r\nDawn,06:30,,\r\n"Moon, ""late""",21:00,,"[""a"",""b""]"\r\n',
    );
    expect(type).toBe("text/csv; charset=utf-8; header=present");
  });

  test.each([
    [{ rows: "tags" }, "value\r\nx\r\ny|z\r\n"],
    [{ rows: "boats", columns: ["at", "captain"] }, "at,captain\r\n06:30,\r\n21:00,\r\n"],
  ])("CSV of %j", (output, content) => {
    expect(formatValues(values, { format: "csv", ...output })?.content).toBe(content);
  });

  test("CSV without any list is one row", () => {
    expect(formatValues({ a: 1, b: null }, { format: "csv" })?.content).toBe("a,b\r\n1,\r\n");
  });

  test("Markdown escapes what was taken as text, and makes tables of records", () => {
    const { content } =
      formatValues({ ...values, boats: [{ a: "1|2" }] }, { format: "markdown" }) ?? {};
    expect(content).toBe(
      "**title:** A \\*b\\* \\<c\\>\n\n## boats\n\n| a |\n| --- |\n| 1\\|2 |\n\n## tags\n\n- x\n- y\\|z\n\n",
    );
  });

  test("plain text names each value", () => {
    expect(formatValues(values, { format: "text" })?.content).toContain(
      "title: A *b* <c>\nboats:\n  name: Dawn\n  at: 06:30\n",
    );
  });

  test("JSON is the values themselves", () => {
    expect(formatValues(values, { format: "json" })).toBeNull();
  });

  test("a text without end is cut, and says so", () => {
    const rows = Array.from({ length: 5_000 }, () => ({ a: "x".repeat(1_000) }));
    expect(formatValues({ rows }, { format: "csv" })?.truncated).toBe(true);
  });
});
