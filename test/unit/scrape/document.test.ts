import type { ChildNode, Document, Element } from "domhandler";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PARSE_LIMITS, parseHtml, type ParseLimits } from "#scrape/core/document-parse";
import { walk } from "#scrape/core/document-walk";

/** The tree as text: `name(children)`, text in quotes. Recursive, for small trees. */
function outline(node: Document | Element): string {
  const show = (child: ChildNode): string =>
    "data" in child
      ? JSON.stringify(child.data)
      : `${(child as Element).name}(${outline(child as Element)})`;
  return node.children.map(show).join(" ");
}

function parse(html: string, limits?: ParseLimits): Document {
  const parsed = parseHtml(html, limits);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}

/** Nodes and greatest depth, counted along the parents, so that it trusts no child list alone. */
function measure(root: Document): { nodes: number; depth: number } {
  let nodes = 0;
  let depth = 0;
  let level = 0;
  walk(root, {
    enter() {
      nodes++;
      level++;
      depth = Math.max(depth, level);
      return true;
    },
    leave() {
      level--;
    },
    text() {
      nodes++;
    },
  });
  return { nodes, depth };
}

describe("content lands where a browser puts it", () => {
  test.each([
    ["unclosed items", "<ul><li>a<li>b</ul>", `ul(li("a") li("b"))`],
    ["an item with an unclosed tag inside", "<ul><li><b>a<li>b</ul>", `ul(li(b("a")) li("b"))`],
    ["a list inside an item", "<ul><li>a<ul><li>b</ul>c</ul>", `ul(li("a" ul(li("b")) "c"))`],
    ["unclosed paragraphs", "<p>a<p>b<div>c</div>", `p("a") p("b") div("c")`],
    ["a paragraph with an unclosed tag", "<p><b>a<div>b</div>", `p(b("a")) div("b")`],
    [
      "unclosed cells and rows",
      "<table><tr><td>a<td>b<tr><td>c</table>d",
      `table(tr(td("a") td("b")) tr(td("c"))) "d"`,
    ],
    [
      "row groups",
      "<table><thead><tr><th>a<tbody><tr><td>b</table>",
      `table(thead(tr(th("a"))) tbody(tr(td("b"))))`,
    ],
    [
      "a table inside a cell",
      "<table><tr><td><table><tr><td>a</table>b<td>c</table>",
      `table(tr(td(table(tr(td("a"))) "b") td("c")))`,
    ],
    [
      "a stray end tag in a cell",
      "<div><table><tr><td>a</div>b</table>c</div>d",
      `div(table(tr(td("ab"))) "c") "d"`,
    ],
    ["an end tag of nothing", "<div>a</span></p>b</div>", `div("ab")`],
    ["a link inside a link", `<a href=x>a<a href=y>b</a>`, `a("a") a("b")`],
    [
      "formatting closed across a block",
      "<div><a>a<div>b</a>c</div>d</div>e",
      `div(a("a" div("bc")) "d") "e"`,
    ],
    ["terms", "<dl><dt>a<dd>b<dt>c</dl>", `dl(dt("a") dd("b") dt("c"))`],
    [
      "options",
      "<select><optgroup><option>a<option>b<optgroup><option>c</select>",
      `select(optgroup(option("a") option("b")) optgroup(option("c")))`,
    ],
    ["a head that never ends", "<head><title>a</title><p>b", `head(title("a")) p("b")`],
    ["text right after the head's content", "<head><meta><link>a", `head(meta() link()) "a"`],
    ["a second body", "<body class=a><p>b</p><body class=x id=y>c", `body(p("b") "c")`],
    ["void elements", "<br>a</br><img src=x/>b<hr/>", `br() "a" br() img() "b" hr()`],
    ["scripts", "<script>if (a<b) '<p>'</script>a", `script("if (a<b) '<p>'") "a"`],
    ["a title", "<title>a<b>&amp;</title>", `title("a<b>&")`],
    ["comments and declarations", "a<!-- b --><!doctype html><?x?>c", `"ac"`],
    ["CDATA in SVG only", "<svg><![CDATA[a]]><path/></svg><![CDATA[b]]>c", `svg("a" path()) "c"`],
    ["entities", "&lt;&eacute;&#44032;&#x1F600;&nosuch;&amp", `"<é가😀&nosuch;&"`],
    ["no markup", "a < b && c > d", `"a < b && c > d"`],
    ["nothing", "", ""],
  ])("%s", (_name, html, expected) => {
    expect(outline(parse(html))).toBe(expected);
  });

  test("attributes of a second <html> are added, and the first value of a name counts", () => {
    const root = parse(`<html lang=ko><p a=1 A=2 __proto__=x constructor=c><html lang=en dir=ltr>`);
    const html = root.children[0] as Element;
    expect(html.attribs).toEqual({ lang: "ko", dir: "ltr" });
    const p = html.children[0] as Element;
    expect(Object.entries(p.attribs)).toEqual([
      ["a", "1"],
      ["constructor", "c"],
    ]);
  });
});

const NAMES = [
  "div",
  "p",
  "a",
  "b",
  "li",
  "ul",
  "table",
  "tr",
  "td",
  "svg",
  "script",
  "title",
  "h1",
  "option",
  "body",
  "br",
  "form",
  "template",
  "foreignobject",
];
const PIECES = fc.oneof(
  fc.constantFrom(...NAMES).map((name) => `<${name}>`),
  fc.constantFrom(...NAMES).map((name) => `</${name}>`),
  fc.constantFrom(...NAMES).map((name) => `<${name} a="b" c='d' e=f/>`),
  fc.constantFrom(
    "x",
    " ",
    "&amp;",
    "&",
    "<",
    ">",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    `"`,
    "'",
    "=",
    "</",
    "<!",
    "<?",
    "\0",
    "한",
  ),
  fc.string({ maxLength: 8 }),
);
const HTML = fc.array(PIECES, { maxLength: 120 }).map((pieces) => pieces.join(""));
const SMALL: ParseLimits = { ...PARSE_LIMITS, nodes: 60, depth: 8, attributes: 40 };

test("any input ends in a tree within the limits or in a refusal that names the limit", () => {
  fc.assert(
    fc.property(HTML, (html) => {
      const parsed = parseHtml(html, SMALL);
      if (!parsed.ok) {
        expect(parsed.error.code).toBe("PAGE_TOO_COMPLEX");
        return;
      }
      const { nodes, depth } = measure(parsed.value);
      expect(nodes).toBeLessThanOrEqual(SMALL.nodes);
      // Raw text may stand one level deeper, so that a script never becomes text.
      expect(depth).toBeLessThanOrEqual(SMALL.depth + 1);
    }),
    { numRuns: 3_000 },
  );
});

test("the links between nodes agree with the child lists", () => {
  fc.assert(
    fc.property(HTML, (html) => {
      const parsed = parseHtml(html);
      if (!parsed.ok) return;
      const pending: (Document | Element)[] = [parsed.value];
      for (let parent = pending.pop(); parent !== undefined; parent = pending.pop()) {
        parent.children.forEach((child, i) => {
          expect(child.parent).toBe(parent);
          expect(child.prev).toBe(parent.children[i - 1] ?? null);
          expect(child.next).toBe(parent.children[i + 1] ?? null);
          if ("children" in child) pending.push(child as Element);
        });
      }
    }),
    { numRuns: 500 },
  );
});

describe("a hostile page ends in a result or a refusal", () => {
  const many = (text: string, times: number): string => text.repeat(times);
  test.each([
    ["100,000 nested divs", `${many("<div>", 100_000)}deep${many("</div>", 100_000)}`, null],
    ["100,000 unclosed inline tags", `${many("<font>", 100_000)}deep`, null],
    [
      "misnested formatting that outgrows the open elements",
      many("<a><b><i><div></a></b></i>", 40_000),
      null,
    ],
    ["a million tags", many("<i>", 1_000_000), "nodes"],
    ["a million attributes", `<p ${many("a=1 ", 1_000_000)}>`, "attributes"],
    ["an attribute of a megabyte", `<p title="${many("x", 1_000_000)}">deep</p>`, null],
    ["an attribute name of a megabyte", `<p ${many("x", 1_000_000)}>deep</p>`, null],
    [
      "end tags that find their start out of reach",
      `<div><table><td>${many("<b>", 500)}${many("</div>", 500_000)}`,
      null,
    ],
    ["end tags of nothing", many("</x>", 1_000_000), null],
    ["entities only", many("&amp;", 1_000_000), null],
    ["angle brackets only", many("<", 3_000_000), null],
    ["comments that never end", many("<!--", 1_000_000), null],
    ["a tag that never ends", `deep<p ${many("x", 3_000_000)}`, null],
  ])("%s", (_name, html, exceeded) => {
    const parsed = parseHtml(html);
    if (!parsed.ok) {
      expect(parsed.error.params).toMatchObject({ limit: exceeded });
      return;
    }
    expect(exceeded).toBeNull();
    expect(measure(parsed.value).depth).toBeLessThanOrEqual(PARSE_LIMITS.depth + 1);
  });

  test("a page of 3 MB with 100,000 nodes is read", () => {
    const root = parse(`<body>${many(`<p>${many("word ", 11)}</p>`, 50_000)}`);
    expect(measure(root).nodes).toBe(100_001);
  });

  test("beyond the depth limit markup is flattened: nothing of its text is lost, and what follows stands outside", () => {
    const root = parse(
      `<main>${many("<div>", 600)}deep<script>code</script>${many("</div>", 600)}</main><p>after</p>`,
    );
    expect(root.children.map((child) => (child as Element).name)).toEqual(["main", "p"]);
    const texts: string[] = [];
    walk(root, {
      enter: (element) => element.name !== "script",
      text: ({ data }) => texts.push(data),
    });
    expect(texts).toEqual(["deep", "after"]);
  });

  test("attributes beyond their number are dropped, longer values are cut", () => {
    const names = Array.from({ length: 300 }, (_, i) => `a${i}=${i}`).join(" ");
    const root = parse(`<p title="${many("x", 100_000)}" ${names}>`);
    const { attribs } = root.children[0] as Element;
    expect(Object.keys(attribs)).toHaveLength(PARSE_LIMITS.attributesPerElement);
    expect(attribs["title"]).toHaveLength(PARSE_LIMITS.attributeValueLength);
  });
});
