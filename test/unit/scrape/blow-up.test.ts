/** Documents that were built to keep a parser busy, and honest ones of the largest kind: each ends, in a result or a clear refusal. */
import { describe, expect, test } from "vitest";
import { extractPage } from "#scrape/core/extract";
import { listScripts } from "#scrape/core/scripts";
import { readXml } from "#scrape/core/xml-parse";
import { ADDRESS, runScript } from "../../support/extraction";

const MIB = 1024 * 1024;
const fill = (piece: string, bytes = 0.625 * MIB): string =>
  piece.repeat(Math.floor(bytes / piece.length));

const PAGES: readonly [string, string][] = [
  [
    "100,000 nodes in 3 MB",
    fill(
      `<div class="row"><p>${"Some text, as long as one usually is, ".repeat(3)}and a <a href="/x">link</a></p></div>`,
      3 * MIB,
    ),
  ],
  ["elements without end", fill("<b>")],
  ["elements that all close at once", fill("<div>") + fill("</div>")],
  ["end tags alone", fill("</p>")],
  ["a million attributes on one element", `<p ${fill("a ")}>`],
  [
    "attributes that differ",
    `<p ${Array.from({ length: 50_000 }, (_none, n) => `a${n}=""`).join(" ")}>`,
  ],
  ["one attribute without end", `<p class="${fill("a ")}">x`],
  ["references without end", fill("&amp;&#x41;&notanentity;")],
  ["references in an attribute", `<a href="${fill("&amp;")}">x</a>`],
  ["formatting that is misnested", fill("<a><b><i></a></b></i>")],
  ["tables in tables", fill("<table><tr><td>")],
  ["lists in lists", fill("<ul><li>")],
  ["links in links", fill("<a href=x>")],
  ["comments that never end", fill("<!--")],
  ["a script that never ends", `<script>${fill("</scrip")}`],
  ["tags that never end", fill("<p a='")],
  ["white space alone", fill(" \n\t")],
  ["one text without end", fill("a")],
  ["commas alone", `<p>${fill(",")}</p>`],
  ["paragraphs that all vote", fill("<p>aaaaaaaaaaaaaaaaaaaaaaaaa,</p>")],
  ["classes that mislead", fill(`<div class="ad comment share">x</div>`)],
];

const XML: readonly [string, string][] = [
  [
    "billion laughs",
    `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">${Array.from({ length: 9 }, (_none, n) => `<!ENTITY lol${n + 1} "${`&lol${n || ""};`.repeat(10)}">`).join("")}]><rss><channel><title>&lol9;</title><item><title>&lol9;</title></item></channel></rss>`,
  ],
  [
    "one entity a million times",
    `<!DOCTYPE r [<!ENTITY a "${"x".repeat(50_000)}">]><rss><channel><item><title>${fill("&a;")}</title></item></channel></rss>`,
  ],
  [
    "an entity that reads a file",
    `<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><title>&x;</title></channel></rss>`,
  ],
  ["elements nested without end", `<rss><channel><item>${fill("<a>")}`],
  ["items without end", `<rss><channel>${fill("<item><title>x</title></item>")}`],
  ["one item without end", `<rss><channel><item>${fill("<category>x</category>")}`],
  ["attributes without end", `<rss ${fill("a='' ")}>`],
  ["references without end", `<rss><channel><title>${fill("&#65;")}`],
  ["CDATA without end", `<rss><channel><title>${fill("<![CDATA[x]]>")}`],
  ["processing instructions", fill("<?x ?>")],
  ["addresses without end", `<urlset>${fill("<url><loc>https://a.example/</loc></url>")}`],
  ["end tags alone", `<rss>${fill("</a>")}`],
  ["JSON nested without end", `{"items":[${"[".repeat(500_000)}`],
  [
    "HTML in an item",
    `<rss><channel><item><description><![CDATA[${fill("<div>", MIB)}]]></description></item></channel></rss>`,
  ],
];

/** The code of a refusal, or `ok` for a result that is no larger than results may be. */
function outcome(script: string, body: string, contentType: string): string {
  const parameters =
    script === "select" ? { selectors: { all: { selector: "p, div", all: true } } } : {};
  const result = runScript({ script, body, contentType, parameters });
  if (!result.ok) return result.error.code;
  expect(JSON.stringify(result.value.data).length).toBeLessThan(16 * MIB);
  return "ok";
}
const CLEAR = expect.stringMatching(
  /^(?:ok|PAGE_TOO_COMPLEX|RESULT_TOO_LARGE|UNSUPPORTED_CONTENT)$/,
);

const HTML_SCRIPTS = listScripts().filter(({ reads }) => reads === "page");

describe.each(HTML_SCRIPTS.map(({ name }) => name))("the script %s ends on", (script) => {
  test.each(PAGES)("%s", (_what, body) => {
    expect(outcome(script, body, "text/html")).toEqual(CLEAR);
  });
});

describe.each(["feed", "sitemap"])("the script %s ends on", (script) => {
  test.each(XML)("%s", (_what, body) => {
    expect(outcome(script, body, "application/xml")).toEqual(CLEAR);
  });
});

test("no entity of a document is ever expanded, and none reaches a file", () => {
  for (const [what, body] of XML.filter(([name]) => /laughs|file/.test(name))) {
    const result = runScript({ script: "feed", body, contentType: "application/xml" });
    const title = result.ok ? JSON.stringify(result.value.data["title"]) : "";
    expect([what, title.length < 20, title]).toEqual([
      what,
      true,
      expect.stringMatching(/^"&(?:lol9|x);"$/),
    ]);
  }
});

test("a page of 100,000 nodes in 3 MB is a result for every script that reads pages", () => {
  for (const { name } of HTML_SCRIPTS)
    expect(outcome(name, PAGES[0]?.[1] ?? "", "text/html")).toBe("ok");
});

describe("a script of one's own ends on", () => {
  const plan = {
    fields: {
      rows: {
        selector: "div div div p:nth-child(odd), p ~ p, :has(> p)",
        all: true,
        fields: { t: { selector: "*", all: true, markdown: true } },
      },
      one: {
        selector: "body",
        html: true,
        transforms: [{ op: "match", pattern: "((?:a?b?)+)+c", group: 0 } as const],
      },
    },
    links: [{ into: "x", selector: "a", attribute: "href", sameSite: true, limit: 100 }],
    next: { selector: "a", attribute: "href" },
  };
  test.each(PAGES)("%s", (_what, body) => {
    const bytes = new TextEncoder().encode(body);
    const result = extractPage({ body: bytes, contentType: "text/html", url: ADDRESS, plan });
    expect(result.ok ? "ok" : result.error.code).toEqual(CLEAR);
  });
});

test("XML ends at its depth, its elements and its attributes, whichever comes first", () => {
  const none = { open: () => undefined, close: () => undefined, text: () => undefined };
  const limitOf = (xml: string): unknown => {
    const read = readXml(xml, none);
    return read.ok ? null : read.error.params?.["limit"];
  };
  expect(limitOf("<a>".repeat(128))).toBeNull();
  expect(limitOf("<a>".repeat(129))).toBe("depth");
  expect(limitOf(`<r>${"<a/>".repeat(500_000)}`)).toBe("elements");
  expect(limitOf(`<r>${"<a b=''/>".repeat(1_000)}<c ${"d='' ".repeat(499_001)}>`)).toBe(
    "attributes",
  );
});
