import { describe, expect, test } from "vitest";
import { readDate } from "#scrape/core/feed-date";
import { dataOf, refusalOf } from "../../support/extraction";

const feed = (body: string, parameters = {}, contentType = "application/xml") =>
  dataOf({ script: "feed", body, contentType, parameters });

const RSS = `<?xml version="1.0"?><!-- c --><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>The Landing &amp; its boats</title><link>https://ferry.example/</link><atom:link rel="self" href="https://ferry.example/rss"/>
<description>News</description><language>ko</language><image><title>Logo</title><url>/logo.png</url><link>https://logo.example/</link></image>
<item><title><![CDATA[Dawn <b>boat</b> &amp; crew]]></title><link>/a?x=1&amp;y=2</link><guid isPermaLink="false">id-1</guid>
<pubDate>Mon, 02 Mar 2026 09:00:00 +0900</pubDate><dc:creator>A. Boatman</dc:creator><category>news</category><category>boats</category>
<description>&lt;p&gt;Every &lt;i&gt;twenty&lt;/i&gt; minutes&lt;/p&gt;</description><content:encoded><![CDATA[<p>Whole</p>]]></content:encoded>
<enclosure url="/a.mp3" type="audio/mpeg" length="123"/></item>
<item><guid>https://ferry.example/b</guid><description>only text</description></item></channel></rss>`;
const ATOM = `<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title type="text">Landing</title><subtitle>sub</subtitle><updated>2026-03-02T00:00:00Z</updated>
<link rel="self" href="/self"/><link href="/home"/><author><name>Feed author</name></author>
<entry><id>urn:1</id><title type="html">A &amp;lt; B</title><link rel="alternate" href="/1"/><link rel="enclosure" href="/1.pdf" type="application/pdf"/>
<published>2026-03-01T10:00:00.5+09:00</published><updated>2026-03-02T10:00:00Z</updated><author><name>A</name><email>a@b</email></author>
<category term="t" label="Label"/><summary>sum</summary><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">In <b>bold</b></div></content></entry></feed>`;
const RDF = `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel rdf:about="x"><title>R</title><link>https://r.example/</link></channel>
<item rdf:about="https://r.example/1"><title>One</title><link>https://r.example/1</link><dc:date>2026-03-02</dc:date></item></rdf:RDF>`;

describe("a feed becomes items of one form", () => {
  test("RSS, with its HTML as text and its addresses absolute", () => {
    expect(feed(RSS)).toEqual({
      format: "rss",
      version: "2.0",
      title: "The Landing & its boats",
      description: "News",
      link: "https://ferry.example/",
      language: "ko",
      updated_at: null,
      image: "https://news.example.com/logo.png",
      items: [
        {
          id: "id-1",
          url: "https://news.example.com/a?x=1&y=2",
          title: "Dawn boat & crew",
          summary: "Every twenty minutes",
          author: "A. Boatman",
          published_at: "2026-03-02T09:00:00+09:00",
          updated_at: null,
          categories: ["news", "boats"],
          enclosures: [{ url: "https://news.example.com/a.mp3", type: "audio/mpeg", length: 123 }],
        },
        {
          id: "https://ferry.example/b",
          url: "https://ferry.example/b",
          title: null,
          summary: "only text",
          author: null,
          published_at: null,
          updated_at: null,
          categories: [],
          enclosures: [],
        },
      ],
      count: 2,
      truncated: false,
    });
    expect(feed(RSS, { content: true, limit: 1 })).toMatchObject({
      items: [{ content_html: "<p>Whole</p>" }],
      count: 1,
      truncated: true,
    });
  });

  test("Atom", () => {
    expect(feed(ATOM)).toMatchObject({
      format: "atom",
      title: "Landing",
      description: "sub",
      link: "https://news.example.com/home",
      updated_at: "2026-03-02T00:00:00Z",
      items: [
        {
          id: "urn:1",
          url: "https://news.example.com/1",
          title: "A < B",
          summary: "sum",
          author: "A",
          published_at: "2026-03-01T10:00:00+09:00",
          categories: ["Label"],
          enclosures: [{ url: "https://news.example.com/1.pdf" }],
        },
      ],
    });
  });

  test("RDF, whose items stand beside their channel", () => {
    expect(feed(RDF)).toMatchObject({
      format: "rdf",
      title: "R",
      items: [{ id: "https://r.example/1", title: "One", published_at: "2026-03-02" }],
    });
  });

  test("JSON Feed", () => {
    const json = JSON.stringify({
      version: "https://jsonfeed.org/version/1.1",
      title: "J",
      home_page_url: "/home",
      items: [
        {
          id: "1",
          url: "/1",
          content_html: "<p>x &amp; y</p>",
          authors: [{ name: "A" }],
          tags: ["t"],
        },
        7,
      ],
    });
    expect(feed(json, {}, "application/feed+json")).toMatchObject({
      format: "json",
      version: "1.1",
      link: "https://news.example.com/home",
      items: [
        {
          id: "1",
          url: "https://news.example.com/1",
          summary: "x & y",
          author: "A",
          categories: ["t"],
        },
      ],
      count: 1,
    });
  });

  test("whatever type and encoding it came with", () => {
    const rss = `<?xml version="1.0" encoding="euc-kr"?><rss><channel><title>x</title></channel></rss>`;
    const bytes = new TextEncoder().encode(rss);
    const at = rss.indexOf(">x<") + 1;
    const body = new Uint8Array([
      ...bytes.slice(0, at),
      0xb3,
      0xaa,
      0xb7,
      0xe7,
      ...bytes.slice(at + 1),
    ]);
    expect(dataOf({ script: "feed", body, contentType: "text/html" })).toMatchObject({
      title: "나루",
    });
  });

  test("that breaks off or forgets end tags is read as far as it goes", () => {
    expect(feed("<rss><channel><title>T</title><item><title>One<item><title>Two")).toMatchObject({
      title: "T",
      count: 1,
    });
  });
});

test.each([
  ["a page", "<!doctype html><title>x</title>"],
  ["other XML", "<svg/>"],
  ["nothing", ""],
  ["JSON that is no feed", '{"a":1}'],
  ["broken JSON", '{"items":['],
])("%s is no feed", (_what, body) => {
  expect(refusalOf({ script: "feed", body, contentType: "text/html" })?.code).toBe(
    "UNSUPPORTED_CONTENT",
  );
});

test.each([
  ["Mon, 02 Mar 2026 09:00:00 +0900", "2026-03-02T09:00:00+09:00"],
  ["2 Mar 26 9:05 GMT", "2026-03-02T09:05:00Z"],
  ["Mon, 2 March 2026 09:00:00 EST", "2026-03-02T09:00:00-05:00"],
  ["2026-03-02", "2026-03-02"],
  ["2026-03-02 09:00", "2026-03-02T09:00:00Z"],
  ["2026-03-02T09:00:00.123Z", "2026-03-02T09:00:00Z"],
  ["yesterday", "yesterday"],
  ["", null],
])("the date %j is %j", (text, date) => {
  expect(readDate(text)).toBe(date);
});
