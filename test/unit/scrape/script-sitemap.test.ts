import { describe, expect, test } from "vitest";
import { dataOf, refusalOf } from "../../support/extraction";

const sitemap = (body: string, parameters = {}, contentType = "text/xml") =>
  dataOf({ script: "sitemap", body, contentType, parameters });
const urlset = (urls: string): string =>
  `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${urls}</urlset>`;

describe("a sitemap", () => {
  test("gives its addresses with what it says of them", () => {
    expect(
      sitemap(
        urlset(
          `<url><loc> https://a.example/1?a=1&amp;b=2 </loc><lastmod>2026-03-02</lastmod><changefreq>Daily</changefreq><priority>0.8</priority></url>
           <url><loc>https://a.example/2</loc><image:image><image:loc>https://a.example/i.png</image:loc></image:image></url><url><loc>javascript:x</loc></url>`,
        ),
      ),
    ).toEqual({
      kind: "urlset",
      urls: [
        {
          url: "https://a.example/1?a=1&b=2",
          last_modified: "2026-03-02",
          change_frequency: "daily",
          priority: 0.8,
        },
        { url: "https://a.example/2", last_modified: null, change_frequency: null, priority: null },
      ],
      sitemaps: [],
      count: 2,
      truncated: false,
    });
  });

  test("may be an index of others", () => {
    const index = `<sitemapindex><sitemap><loc>https://a.example/s1.xml.gz</loc><lastmod>2026-01-01T00:00:00+00:00</lastmod></sitemap></sitemapindex>`;
    expect(sitemap(index)).toMatchObject({
      kind: "index",
      urls: [],
      sitemaps: [{ url: "https://a.example/s1.xml.gz", last_modified: "2026-01-01T00:00:00Z" }],
    });
  });

  test("may be a text", () => {
    const text = "https://a.example/1\r\n# no\n\nhttps://a.example/2";
    expect(sitemap(text, {}, "text/plain")).toMatchObject({
      kind: "text",
      urls: [{ url: "https://a.example/1" }, { url: "https://a.example/2" }],
    });
  });

  test("is read as far as it is asked for", () => {
    const many = urlset(
      Array.from({ length: 50 }, (_none, n) => `<url><loc>https://a.example/${n}</loc></url>`).join(
        "",
      ),
    );
    expect(sitemap(many, { limit: 10 })).toMatchObject({ count: 10, truncated: true });
    expect(sitemap(many, { contains: "/4" })).toMatchObject({ count: 11, truncated: false });
  });

  test.each([
    ["a page", "<!doctype html><p>x", "text/xml"],
    ["a text that lists nothing", "hello", "text/plain"],
    ["nothing", "", "text/xml"],
  ])("is not %s", (_what, body, contentType) => {
    expect(refusalOf({ script: "sitemap", body, contentType })?.code).toBe("UNSUPPORTED_CONTENT");
  });
});
