import { describe, expect, test } from "vitest";
import type { HtmlDocument } from "#scrape/core/document";
import { parseHtml } from "#scrape/core/document-parse";
import { type FieldSpecs, SELECT_LIMITS, selectFields } from "#scrape/core/select";
import { Selection } from "#scrape/core/select-query";
import { validateSelector } from "#scrape/core/select-validate";

function page(html: string): HtmlDocument {
  const parsed = parseHtml(html);
  if (!parsed.ok) throw new Error(parsed.error.code);
  return { kind: "html", root: parsed.value, baseUrl: "https://site.test/dir/" };
}
const SHOP = page(`<main><h1 id=top>Shop <b>one</b></h1>
  <ul><li class="item new" data-id=1><a href="a?x=1">A</a><i>10</i></li>
      <li class=item data-id=2><a href=/b>B</a><i>20</i><i>25</i></li>
      <li class=item data-id=3>C</li></ul>
  <script type="application/json">{"a":1}</script></main><p>after</p>`);
const select = (specs: FieldSpecs, html: HtmlDocument = SHOP) => selectFields(html, specs);

describe("fields of a page", () => {
  test.each<[string, FieldSpecs, unknown]>([
    ["the first match's text", { a: "li" }, { a: "A10" }],
    [
      "nothing found",
      { a: "h6", b: { selector: "h6", all: true }, c: { selector: "h6", fields: { d: "x" } } },
      { a: null, b: [], c: null },
    ],
    ["all matches", { a: { selector: "li > a", all: true } }, { a: ["A", "B"] }],
    [
      "attributes, addresses made absolute",
      {
        a: { selector: "li", attribute: "DATA-ID", all: true },
        b: { selector: "a", attribute: "href", all: true },
        c: { selector: "li", attribute: "title" },
      },
      { a: ["1", "2", "3"], b: ["https://site.test/dir/a?x=1", "https://site.test/b"], c: null },
    ],
    ["HTML", { a: { selector: "h1", html: true } }, { a: `<h1 id="top">Shop <b>one</b></h1>` }],
    [
      "the source of a script",
      { a: { selector: "script", html: true } },
      { a: `<script type="application/json">{"a":1}</script>` },
    ],
    [
      "objects",
      {
        items: {
          selector: ".item",
          all: true,
          fields: {
            name: "a",
            prices: { selector: "i", all: true },
            id: { selector: ":scope", attribute: "data-id" },
            first: "> a",
          },
        },
      },
      {
        items: [
          { name: "A", prices: ["10"], id: "1", first: "A" },
          { name: "B", prices: ["20", "25"], id: "2", first: "B" },
          { name: null, prices: [], id: "3", first: null },
        ],
      },
    ],
    [
      "objects in objects",
      {
        a: {
          selector: "main",
          fields: { b: { selector: "ul", fields: { c: { selector: "li", fields: { d: "a" } } } } },
        },
      },
      { a: { b: { c: { d: "A" } } } },
    ],
    [
      "an alternative, in document order",
      { a: { selector: "p, h1", all: true } },
      { a: ["Shop one", "after"] },
    ],
    ["names in any language", { 제목: "h1" }, { 제목: "Shop one" }],
  ])("%s", (_name, specs, data) => {
    expect(select(specs)).toEqual({ ok: true, value: data });
  });

  test.each([
    ["*", 14],
    ["li:nth-child(2n+1)", 2],
    ["li:not(.new)", 2],
    ["li:has(> a)", 2],
    ["li:has(a + i)", 2],
    [":is(h1, p)", 2],
    ["i:first-of-type", 2],
    ["li:last-child", 1],
    ["li:contains('B')", 1],
    ["[data-id='2'] ~ li", 1],
    ["li + li", 2],
    ["[class~=NEW i]", 1],
    ["a[href^='/']", 1],
    ["main :empty", 0],
    ["a:any-link", 2],
  ])("%s matches as in a browser", (selector, count) => {
    const checked = validateSelector(selector);
    if (!checked.ok) throw new Error(checked.error.en);
    const found = new Selection().all(checked.value, SHOP.root);
    expect(found.ok && found.value.length).toBe(count);
  });

  test("attribute names that objects have are no attributes", () => {
    const specs = {
      a: { selector: "h1", attribute: "constructor" },
      b: "[constructor]",
      c: "[toString]",
    };
    expect(select(specs)).toEqual({ ok: true, value: { a: null, b: null, c: null } });
  });

  test("a list that was cut says so", () => {
    const many = page("<b>x</b>".repeat(SELECT_LIMITS.matches + 1));
    const result = select({ all: { selector: "b", all: true }, one: "b" }, many);
    if (!result.ok) throw new Error(result.error.code);
    expect(result.value["all"]).toHaveLength(SELECT_LIMITS.matches);
    expect(result.value["_truncated"]).toEqual(["all"]);
  });

  test("an answer that grows too large is refused, not cut", () => {
    const large = page(`<b>${"x".repeat(10_000)}</b>`.repeat(450));
    expect(select({ a: { selector: "b", all: true } }, large)).toMatchObject({
      ok: false,
      error: { code: "RESULT_TOO_LARGE" },
    });
  });
});

describe("selectors are refused with a reason", () => {
  test.each([
    ["", "empty"],
    ["   ", "empty"],
    ["li[", "name"],
    ["li:not(", ""],
    ["> li", "beginning"],
    ["li >", "end"],
    ["li,", ""],
    ["li::before", "pseudo-elements"],
    ["li:before", "pseudo-elements"],
    ["a|b", "namespaces"],
    ["a || b", "column"],
    ["a < b", "combinator"],
    ["li:hover", ":hover"],
    ["li:constructor", ":constructor"],
    ["li:toString", ":tostring"],
    ["li:__proto__", ":__proto__"],
    ["li:hasOwnProperty(a)", ":hasownproperty"],
    ["li:nth-child(x)", ""],
    ["li:nth-child(2 of .a)", "of"],
    ["li:nth-child", "argument"],
    ["li:empty(a)", "no argument"],
    ["li:not()", ""],
    [":is(:scope > a)", ":scope"],
    [Array.from({ length: 14 }, () => "a").join(" "), "12 combinators"],
    ["a:not(:is(:not(:is(:not(b)))))", "4 deep"],
    [":has(a):has(a):has(a):has(a)", "3 :has()"],
    [".a".repeat(21), "20 conditions"],
    [Array.from({ length: 51 }, () => "a").join(","), "50 alternatives"],
    ["a".repeat(501), "500"],
  ])("%s", (selector, reason) => {
    const checked = validateSelector(selector);
    if (checked.ok) throw new Error("accepted");
    expect(checked.error.en).toContain(reason);
  });

  test("with the name of the field and a pointer to it", () => {
    const result = select({
      ok: "h1",
      "a/b": { selector: "li", fields: { price: { selector: "li[" } } },
    });
    if (result.ok) throw new Error("accepted");
    expect(result.error).toMatchObject({
      code: "INVALID_SELECTOR",
      params: { field: "price", selector: "li[" },
      errors: [
        { pointer: "/parameters/selectors/a~1b/fields/price/selector", code: "invalid_selector" },
      ],
    });
  });
});

describe("a selector that explodes ends at the step budget", () => {
  const deep = page(`${"<div>".repeat(400)}${"<p>x</p>".repeat(20_000)}`);
  const wide = page(`<div class="${"a".repeat(60_000)}">${"<p>x</p>".repeat(20_000)}</div>`);
  test.each([
    ["negated descendants", "p:not(q div div *)", deep],
    ["chains of descendants", "q div div div p", deep],
    ["nested :has()", ":has(:has(:has(q)))", deep],
    ["siblings of siblings", "p:not(q ~ p ~ p) ~ p:nth-last-child(2n) ~ q, p:nth-child(2n)", wide],
    [":has() of siblings", "p:has(~ q)", wide],
    ["long texts", `div:contains(${"x".repeat(300)}y)`, deep],
    ["long attributes", `[class*="${"a".repeat(300)}b"]`, wide],
  ])("%s", (_name, selector, html) => {
    const steps = 300_000;
    const checked = validateSelector(selector);
    if (!checked.ok) throw new Error(checked.error.en);
    const selection = new Selection(steps);
    const found = selection.all(checked.value, html.root);
    expect(found.ok ? found.value.length : found.error).toBe("out_of_steps");
  });

  test("and so does reading the text of matches that nest", () => {
    const specs = { a: { selector: "div", all: true } };
    const empty = page(`${"<div>".repeat(400)}${"<p></p>".repeat(20_000)}`);
    expect(selectFields(empty, specs, new Selection(1_000_000))).toMatchObject({
      ok: false,
      error: { code: "PAGE_TOO_COMPLEX", params: { limit: "selector_steps", field: "a" } },
    });
  });

  test("while fifty usual selectors over a large page stay within it", () => {
    const large = page(
      `<div class=row><a href=x><b>t</b></a><span class="c d">u</span></div>`.repeat(10_000),
    );
    const specs = Object.fromEntries(
      Array.from({ length: 50 }, (_, i) => [
        `f${i}`,
        { selector: `div.row > span.c${i}, .row a b.x${i}`, all: true },
      ]),
    );
    expect(selectFields(large, specs).ok).toBe(true);
  });
});
