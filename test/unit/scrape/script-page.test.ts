import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { findScript } from "#scrape/core/scripts";
import { dataOf, refusalOf } from "../../support/extraction";

describe("page", () => {
  const article = readFileSync("test/fixtures/pages/article.html");

  test("reads a whole article as it is shown", async () => {
    const { text, markdown, ...rest } = dataOf({ body: article });
    await expect(`${String(text)}\n`).toMatchFileSnapshot("../../fixtures/pages/article.txt");
    await expect(`${String(markdown)}\n`).toMatchFileSnapshot("../../fixtures/pages/article.md");
    expect(rest).toEqual({
      title: "나루터의 하루 — 강변 신문",
      description: "강가의 작은 나루터가 다시 문을 열었다.",
      language: "ko-KR",
      author: "김나루, 박강",
      published_at: "2026-03-02T09:30:00+09:00",
      canonical_url: "https://news.example.com/news/ferry",
      site_name: "강변 신문",
      image: "https://news.example.com/news/img/cover.jpg",
      metadata: {
        description: "강가의 작은 나루터가 다시 문을 열었다.",
        "og:title": "나루터의 하루",
        "og:site_name": "강변 신문",
        "og:image": "img/cover.jpg",
        "article:published_time": "2026-03-02T09:30:00+09:00",
        "twitter:card": "summary_large_image",
      },
      headings: [
        { level: 1, text: "나루터의 하루" },
        { level: 2, text: "요금 #1" },
        { level: 2, text: "이용 방법" },
      ],
      links: [
        { url: "https://news.example.com/", text: "강변 신문" },
        { url: "https://news.example.com/politics", text: "정치" },
        { url: "https://news.example.com/culture", text: "문화" },
        { url: "https://news.example.com/news/cards?type=a&b=(c)", text: "되는 카드" },
        { url: "mailto:desk@news.example.com", text: "편지" },
        { url: "https://other.example.org/x", text: "다른 신문", rel: "nofollow noopener" },
        { url: "https://news.example.com/ads", text: "광고" },
      ],
      word_count: 80,
      truncated: false,
    });
  });

  test("keeps to the main content when asked", () => {
    const { text, links, headings } = dataOf({
      body: article,
      parameters: { only_main_content: true },
    });
    expect(text).toMatch(/^나루터의 하루\n/);
    expect(text).not.toContain("정치");
    expect(text).not.toContain("©");
    expect(headings).toHaveLength(3);
    expect(JSON.stringify(links)).not.toContain("/ads");
  });

  test.each([
    [
      "without <main>, drops what stands beside",
      "<nav>n</nav><header>h</header><article><header>t</header>a</article><aside>s</aside><div role=search>r</div><footer>f</footer>",
      "t\na",
    ],
    ["with an empty <main>, reads the page", "<main> </main><nav>n</nav><p>a", "a"],
    ["with nothing but what stands beside, reads that", "<nav>n</nav>", "n"],
    ["takes the role for the element", "<div role=MAIN>a</div>b", "a"],
  ])("main content: %s", (_name, body, text) => {
    expect(dataOf({ body, parameters: { only_main_content: true } })["text"]).toBe(text);
  });

  test("gives just the fields asked for", () => {
    const body = `<title>t</title><img src=/i.png alt=" a ">`;
    expect(dataOf({ body, parameters: { include: ["title", "images"] } })).toEqual({
      title: "t",
      images: [{ url: "https://news.example.com/i.png", alt: "a" }],
      truncated: false,
    });
  });

  test("says that links were cut", () => {
    const result = dataOf({
      body: "<a href=/1>1</a><a href=/2>2</a>",
      parameters: { max_links: 1 },
    });
    expect(result).toMatchObject({
      links: [{ url: "https://news.example.com/1" }],
      truncated: true,
    });
  });

  test.each([
    ["text", "가".repeat(400_000), "text/plain", ["text", "markdown"]],
    ["a page", `<p>${"가".repeat(400_000)}`, "text/html", ["text", "markdown"]],
  ])("cuts %s at a MiB and says so", (_name, body, contentType, fields) => {
    const result = dataOf({ body, contentType });
    for (const field of fields) {
      const size = Buffer.byteLength(String(result[field]));
      expect(size).toBeLessThanOrEqual(1_048_576);
      expect(size).toBeGreaterThan(1_048_570);
    }
    expect(result["truncated"]).toBe(true);
  });

  test("reads a page of nothing", () => {
    expect(dataOf({})).toEqual({
      title: null,
      description: null,
      language: null,
      author: null,
      published_at: null,
      canonical_url: null,
      site_name: null,
      image: null,
      metadata: {},
      headings: [],
      text: "",
      markdown: "",
      links: [],
      word_count: 0,
      truncated: false,
    });
  });

  test.each([
    [
      "a title from Open Graph, then from the heading",
      "<meta property=og:title content=o><h1>h</h1>",
      { title: "o" },
    ],
    [
      "a title from the heading",
      "<svg><title>s</title></svg><h1>h <b>i</b></h1>",
      { title: "h i" },
    ],
    [
      "a language from Open Graph",
      "<meta property=og:locale content=ko_KR>",
      { language: "ko-KR" },
    ],
    ["no language that is none", "<html lang='<script>'>", { language: null }],
    [
      "an address of its own from Open Graph",
      "<meta property=og:url content=/x>",
      { canonical_url: "https://news.example.com/x" },
    ],
    ["no address that is none", "<link rel=canonical href=javascript:x>", { canonical_url: null }],
    [
      "a date from <time>",
      "<time datetime=2026-01-02>yesterday</time>",
      { published_at: "2026-01-02" },
    ],
    [
      "structured data that is broken as none",
      "<script type=application/ld+json>{</script><meta name=author content=a>",
      { author: "a" },
    ],
    [
      "structured data with odd types as none",
      `<script type=application/ld+json>[1,null,{"author":[[],{"name":1}],"datePublished":{}}]</script>`,
      { author: null, published_at: null },
    ],
  ])("finds %s", (_name, body, expected) => {
    expect(dataOf({ body })).toMatchObject(expected);
  });
});

describe("content that is not HTML", () => {
  test("plain text is given as it stands, markup and all", () => {
    const body = "# a\n<b>한</b>  \n";
    expect(dataOf({ body, contentType: "text/plain; charset=utf-8" })).toMatchObject({
      title: null,
      text: body,
      markdown: body,
      links: [],
      word_count: 3,
    });
  });
  test("JSON is made readable", () => {
    expect(dataOf({ body: `{"a":[1,2]}`, contentType: "application/json" })["text"]).toBe(
      `{\n  "a": [\n    1,\n    2\n  ]\n}`,
    );
  });
  test.each([
    ["<!doctype html><title>t</title>", { title: "t" }],
    ["\ufeff  <p>a", { text: "a" }],
    ["[1]", { text: "[\n  1\n]" }],
    ["just text", { text: "just text" }],
  ])("without a type, %j is read as what it looks like", (body, expected) => {
    expect(dataOf({ body, contentType: null })).toMatchObject(expected);
  });
  test.each([
    ["image/png", "x", "page", "image/png"],
    ["application/pdf", "%PDF", "page", "application/pdf"],
    ["text/xml", "<a/>", "page", "text/xml"],
    [null, "%PDF-1.4\0\x01", "page", "application/octet-stream"],
    ["text/plain", "x", "links", "text/plain"],
    ["application/json", "{}", "tables", "application/json"],
    ["text/plain", "x", "select", "text/plain"],
  ])("%j is refused by its name", (contentType, body, script, type) => {
    const parameters = script === "select" ? { selectors: { a: "b" } } : {};
    expect(refusalOf({ contentType, body, script, parameters })).toEqual({
      code: "UNSUPPORTED_CONTENT",
      params: { content_type: type, accepts: findScript(script)?.accepts.join(", ") },
    });
  });

  test.each(["text/html", "text/plain", "application/json"])(
    "a NUL in %s reaches no result",
    (contentType) => {
      const body = "<title>a\0b</title><p title='c\0'>d\0e&#0;</p>";
      const data = JSON.stringify(dataOf({ body, contentType }));
      expect(data).toContain("d\uFFFDe");
      expect(data).not.toContain(String.raw`\u0000`);
    },
  );
});
