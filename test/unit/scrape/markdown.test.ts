import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseHtml } from "#scrape/core/document-parse";
import { toMarkdown } from "#scrape/core/markdown";
import { readableText } from "#scrape/core/text";

function parse(html: string) {
  const parsed = parseHtml(html);
  if (!parsed.ok) throw new Error(parsed.error.code);
  return parsed.value;
}
const markdown = (html: string, maxBytes = 100_000) =>
  toMarkdown(parse(html), { baseUrl: "https://site.test/dir/", maxBytes });

describe("HTML becomes Markdown", () => {
  test.each([
    ["headings", "<h1>A</h1><h6>B<br>C</h6>", "# A\n\n###### B C"],
    ["paragraphs", "<p>a</p><p>b\n c</p>", "a\n\nb c"],
    ["blocks without paragraphs", "<div>a</div><div>b</div>", "a\n\nb"],
    ["line breaks", "<p>a<br>b<br><br>c<br></p>", "a  \nb\n\nc"],
    [
      "emphasis without white space at its edges",
      "a<b> b </b>c <i>d</i><em></em>",
      "a **b** c *d*",
    ],
    ["emphasis inside of emphasis", "<b><strong>a <i>b</i></strong></b>", "**a *b***"],
    ["emphasis that touches the next of its kind", "<b>a</b><b>b</b><i>c</i>", "**ab***c*"],
    ["emphasis over paragraphs", "<b><p>a</p><p>b</p></b>", "**a**\n\n**b**"],
    ["deletions", "<del>a</del><s>b</s>", "~~ab~~"],
    ["tight lists", "<ul><li>a</li><li>b</li></ul><p>c", "- a\n- b\n\nc"],
    ["numbered lists", "<ol start=9><li>a<li>b</ol>", "9. a\n10. b"],
    [
      "nested lists",
      "<ul><li>a<ol><li>b<ul><li>c</ul></ol>d<li>e</ul>",
      "- a\n  1. b\n     - c\n  d\n- e",
    ],
    ["a list that begins with a list", "<ul><li><ul><li>a</ul></ul>", "- - a"],
    ["items of several paragraphs", "<ul><li><p>a</p><p>b</p></li></ul>", "- a\n\n  b"],
    [
      "links",
      `<a href="x?a=1&amp;b=(2)#f">a [b]</a>`,
      "[a \\[b\\]](https://site.test/dir/x?a=1&b=%282%29#f)",
    ],
    ["links around blocks", `<a href=/x><h3>A</h3><p>b</p></a>`, "[A b](https://site.test/x)"],
    ["links without text", `a<a href=/x> </a>b`, "a b"],
    [
      "links that lead nowhere",
      `<a href="javascript:x()">a</a> <a href="#b">b</a> <a>c</a> <a href="data:text/html,x">d</a>`,
      "a b c d",
    ],
    ["mail", `<a href="mailto:a@b.test">m</a>`, "[m](mailto:a@b.test)"],
    [
      "images",
      `<img src=a.png alt="x * y"><img src="data:image/png;base64,xx" data-src=/b.png>`,
      "![x \\* y](https://site.test/dir/a.png)![](https://site.test/b.png)",
    ],
    [
      "linked images",
      `<a href=/x><img src=/i.png alt=i></a>`,
      "[![i](https://site.test/i.png)](https://site.test/x)",
    ],
    ["code", "a <code>b  `c`</code><code>*d*</code>", "a `` b `c` `` `*d*`"],
    [
      "code blocks",
      `<pre class="x language-ts">\na\n\n  b &lt;c&gt;\n</pre>`,
      "```ts\na\n\n  b <c>\n```",
    ],
    ["code blocks with fences inside", "<pre>```\n````</pre>", "`````\n```\n````\n`````"],
    [
      "highlighted code",
      `<pre><code class=lang-py><span>a</span> <span>b</span>\n<span>c</span></code></pre>`,
      "```py\na b\nc\n```",
    ],
    [
      "quotes",
      "<p>a<blockquote><p>b<p>c<blockquote>d</blockquote></blockquote><p>e",
      "a\n\n> b\n>\n> c\n>\n> > d\n\ne",
    ],
    ["quotes in items", "<ul><li>a<blockquote>b</blockquote></ul>", "- a\n\n  > b"],
    ["two quotes", "<blockquote>a</blockquote><blockquote>b</blockquote>", "> a\n\n> b"],
    ["rules", "a<hr>b", "a\n\n---\n\nb"],
    [
      "tables",
      "<table><caption>C</caption><tr><th>a|b<th>c</tr><tr><td><a href=/x>y</a><td><code>p|q</code></table>",
      "C\n\n| a\\|b | c |\n| --- | --- |\n| [y](https://site.test/x) | `p\\|q` |",
    ],
    [
      "tables without headers",
      "<table><tr><td>a<td>b<tr><td colspan=2>c</table>",
      "|  |  |\n| --- | --- |\n| a | b |\n| c |  |",
    ],
    ["tables that lay out a page", "<table><tr><td><h2>A</h2><td><p>b</table>", "## A\n\nb"],
    ["tables of one column", "<table><tr><td>a<tr><td>b</table>", "a\n\nb"],
    [
      "what nobody sees",
      "a<script>x</script><style>x</style><template>x</template><noscript>x</noscript><p hidden>x</p><p style='display : none'>x</p><!--x--><svg><title>x</title></svg>",
      "a",
    ],
    ["nothing", "<ul><li></li></ul><p> </p><h1></h1><blockquote></blockquote><b> </b>", ""],
  ])("%s", (_name, html, expected) => {
    expect(markdown(html)).toEqual({ text: expected, truncated: false });
  });
});

describe("text never becomes markup", () => {
  test.each([
    ["# a", "\\# a"],
    ["- a", "\\- a"],
    ["+ a", "\\+ a"],
    ["* a", "\\* a"],
    ["1. a", "1\\. a"],
    ["12) a", "12\\) a"],
    ["> a", "\\> a"],
    ["---", "\\---"],
    ["===", "\\==="],
    ["| a |", "\\| a |"],
    ["```", "\\`\\`\\`"],
    ["~~~", "\\~\\~\\~"],
    ["<script>alert(1)</script>", "\\<script>alert(1)\\</script>"],
    ["&lt; &#60; & a&b", "\\&lt; \\&#60; & a&b"],
    ["[a](javascript:b)", "\\[a\\](javascript:b)"],
    ["![a](b)", "!\\[a\\](b)"],
    ["_a_ snake_case __b__", "\\_a\\_ snake_case \\_\\_b\\_\\_"],
    ["a\\*b", "a\\\\\\*b"],
    ["2026. 3. 2.", "2026\\. 3. 2."],
    ["3.14 -5 C# a #1", "3.14 -5 C# a #1"],
  ])("%j", (text, expected) => {
    const html = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
    expect(markdown(`<p>${html}</p>`).text).toBe(expected);
  });

  test("not even when it comes in pieces", () => {
    expect(markdown("<p>1<span>. a</span></p>").text).toBe("1\\. a");
    expect(markdown("<p>&amp;<span>lt;</span></p>").text).toBe("&lt\\;");
    expect(markdown("<h2>a <i>#</i></h2>").text).toBe("## a *\\#*");
  });

  const PIECES = fc.constantFrom(
    "*",
    "_",
    "`",
    "#",
    "-",
    "+",
    "=",
    "~",
    "[",
    "]",
    "(",
    ")",
    "!",
    "<",
    ">",
    "&",
    "amp;",
    "|",
    ":",
    "\\",
    "1",
    ".",
    "a",
    "한",
    " ",
    "<b>",
    "&lt;",
  );
  const TEXT = fc.array(PIECES, { maxLength: 16 }).map((pieces) => pieces.join(""));

  test("escapes undone, the text is what it was", () => {
    fc.assert(
      fc.property(TEXT, (text) => {
        const html = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
        const { text: escaped } = markdown(`<p>${html}</p>`);
        expect(escaped.replaceAll(/\\([!-/:-@[-`{-~])/g, "$1")).toBe(
          text.replaceAll(/\s+/g, " ").trim(),
        );
        // Every `<` is escaped, so there is no tag and no autolink for a reader to find.
        expect(escaped.replaceAll(/\\[^]/g, "")).not.toContain("<");
      }),
      { numRuns: 2_000 },
    );
  });
});

const TAGS = [
  "p",
  "div",
  "ul",
  "ol",
  "li",
  "b",
  "i",
  "a href=/x",
  "blockquote",
  "h2",
  "pre",
  "code",
  "table",
  "tr",
  "td",
  "th",
  "br",
  "hr",
  "dl",
  "span",
  "img src=y",
];
const HTML = fc
  .array(
    fc.oneof(
      fc.constantFrom(...TAGS).map((tag) => `<${tag}>`),
      fc.constantFrom(...TAGS).map((tag) => `</${tag.split(" ", 1)[0]}>`),
      fc.constantFrom("word", " ", "한 글", "- x", "| y"),
    ),
    { maxLength: 80 },
  )
  .map((pieces) => pieces.join(""));

test("any page becomes Markdown within the limit, the same each time, with no HTML and no trailing space outside of code", () => {
  fc.assert(
    fc.property(HTML, fc.integer({ min: 0, max: 200 }), (html, maxBytes) => {
      const cut = markdown(html, maxBytes);
      expect(Buffer.byteLength(cut.text)).toBeLessThanOrEqual(maxBytes);
      expect(markdown(html, maxBytes)).toEqual(cut);
      const whole = markdown(html);
      expect(whole.truncated).toBe(false);
      expect(cut.truncated || cut.text === whole.text).toBe(true);
      expect(whole.text).not.toMatch(/<\/?[a-z]/i);
    }),
    { numRuns: 2_000 },
  );
});

test("text outside of a table's cells is not lost", () => {
  expect(markdown("<table>before<tr><th>a<td>b<tr>between<th>c<td>d</table>").text).toMatch(
    /before[^]*a[^]*b[^]*between[^]*c[^]*d/,
  );
});

test("no word of a page gets lost or doubled on its way to Markdown", () => {
  fc.assert(
    fc.property(HTML, (html) => {
      const count = (text: string): number => text.split("word").length - 1;
      const root = parse(html);
      const { text } = toMarkdown(root, { baseUrl: "https://site.test/", maxBytes: 1_000_000 });
      expect(count(text)).toBe(count(readableText(root, 1_000_000).text));
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ["quotes in quotes", "<blockquote>x".repeat(50_000)],
  ["lists in lists", "<ol><li>x".repeat(30_000)],
  ["emphasis in emphasis", "<b>x<i>y".repeat(40_000)],
  ["code that never ends", `<code>${"<i>x</i>".repeat(50_000)}`],
  [
    "a code block of line ends in deep quotes",
    `${"<blockquote>".repeat(400)}<pre>${"x\n".repeat(500_000)}`,
  ],
  ["a link around the page", `<a href=/x>${"<p>x</p>".repeat(40_000)}`],
])("a page of %s ends within the limit", (_name, html) => {
  const { text } = markdown(html, 1_000_000);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1_000_000);
  expect(text).toContain("x");
});

test("a cut never splits a character", () => {
  const { text, truncated } = markdown("<p>가나다😀라</p>", 12);
  expect({ text, truncated }).toEqual({ text: "가나다", truncated: true });
});
