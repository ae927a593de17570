import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseHtml } from "#scrape/core/document-parse";
import { findElement } from "#scrape/core/document-walk";
import { countWords, cut, inlineText, readableText } from "#scrape/core/text";
import { prettyJson } from "#scrape/core/text-json";
import { utf8Prefix } from "#scrape/core/text-size";

function parse(html: string) {
  const parsed = parseHtml(html);
  if (!parsed.ok) throw new Error(parsed.error.code);
  return parsed.value;
}

describe("text reads as a page does", () => {
  test.each([
    ["white space", "<p> a\n\t b&nbsp;&#12288;c </p>", "a b c"],
    ["words across inline tags", "<p>a<b>b</b> <i>c</i>d", "ab cd"],
    ["blocks", "<div>a<div>b</div>c</div>", "a\nb\nc"],
    ["paragraphs", "<h1>a</h1><p>b</p><p>c", "a\n\nb\n\nc"],
    ["line breaks", "a<br>b<br><br><br>c", "a\nb\n\nc"],
    ["cells", "<table><tr><td>a</td> <td>b</td><tr><td>c</table>", "a\tb\nc"],
    ["lists", "<ul><li>a<ul><li>b</ul><li>c</ul>", "a\nb\nc"],
    ["preformatted text", "<p>a<pre>\n b\n\n  c \n</pre>d", "a\n\n b\n\n  c\n\nd"],
    [
      "hidden things",
      "a<p hidden>x</p><p hidden=until-found>b</p><i style='color:red;DISPLAY:none'>x</i><i style='visibility:hidden !important'>x</i><i style='display:none-such'>c</i>",
      "a\n\nb\n\nc",
    ],
    [
      "code and alternatives",
      "<head><title>x</title></head><script>x</script><style>x</style><noscript>x</noscript><template>x</template><textarea>x</textarea><select><option>x</select>a",
      "a",
    ],
  ])("%s", (_name, html, expected) => {
    expect(readableText(parse(html), 10_000)).toEqual({ text: expected, truncated: false });
  });
});

test("one line of text ends at its length, at a whole character", () => {
  const element = findElement(parse("<p>a <b>b</b>\n<br> 😀😀"), ({ name }) => name === "p");
  if (element === null) throw new Error("no element");
  expect([100, 6, 5, 3, 1].map((length) => inlineText(element, length))).toEqual(
    ["a b 😀😀", "a b 😀", "a b", "a b", "a"].map((text) => text.trimEnd()),
  );
});

test("a text cut to bytes or units is its longest beginning that fits, and well-formed", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", maxLength: 30 }),
      fc.integer({ min: 0, max: 60 }),
      (text, size) => {
        const prefix = utf8Prefix(text, size);
        expect(text.startsWith(prefix.text)).toBe(true);
        expect(Buffer.byteLength(prefix.text)).toBe(prefix.bytes);
        expect(prefix.bytes).toBeLessThanOrEqual(size);
        const next = String.fromCodePoint(text.codePointAt(prefix.text.length) ?? 0);
        if (prefix.text !== text)
          expect(prefix.bytes + Buffer.byteLength(next)).toBeGreaterThan(size);
        expect(prefix.text.isWellFormed()).toBe(true);
        expect(cut(text, size).isWellFormed()).toBe(true);
        expect(cut(text, size).length).toBeLessThanOrEqual(size);
      },
    ),
  );
});

test.each([
  ["", 0],
  ["  ", 0],
  ["a", 1],
  [" 한국어 문장\n둘\u3000셋 ", 4],
])("%j has %i words", (text, words) => {
  expect(countWords(text)).toBe(words);
});

describe("JSON made readable", () => {
  test("differs from JSON.stringify in nothing but empty lines, for every value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, "\t"), (value, indent) => {
        const json = JSON.stringify(value, null, indent);
        expect(prettyJson(json, 1_000_000).text).toBe(JSON.stringify(JSON.parse(json), null, 2));
      }),
    );
  });

  test("keeps every digit and the order of keys", () => {
    expect(prettyJson(`{"b":12345678901234567890.10,"1":[]}`, 1_000).text).toBe(
      `{\n  "b": 12345678901234567890.10,\n  "1": []\n}`,
    );
  });

  test("ends within its limit for any text", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^[[\]{},:"\\1 ]{0,60}$/)),
        fc.integer({ min: 0, max: 100 }),
        (json, maxBytes) => {
          expect(Buffer.byteLength(prettyJson(json, maxBytes).text)).toBeLessThanOrEqual(maxBytes);
        },
      ),
    );
    expect(prettyJson("[".repeat(2_000_000), 1_000_000).truncated).toBe(true);
    expect(prettyJson(`"${"a".repeat(3_000_000)}`, 1_000_000).truncated).toBe(true);
  });
});
