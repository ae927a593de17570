import { expect, test } from "vitest";
import { page } from "../../support/outside";
import { codeOf, fakeWeb, pagesOf, status } from "../../support/scrape";

const HOME = "https://map.example.com/";
const urlset = (...paths: string[]): string =>
  `<urlset>${paths.map((path) => `<url><loc>${HOME}${path}</loc></url>`).join("")}</urlset>`;

async function gzip(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
const file = (bytes: Uint8Array<ArrayBuffer>) => () =>
  new Response(bytes, { headers: { "content-type": "application/gzip" } });

const run = (web: ReturnType<typeof fakeWeb>, parameters: object) =>
  web.scrape(HOME, { script_name: "sitemap", parameters: { url: HOME, ...parameters } });

test("a sitemap is read packed, and an index with the sitemaps that it names", async () => {
  const index = `<sitemapindex>${["1.gz", "2.xml", "3.xml", "4.xml"].map((path) => `<sitemap><loc>${HOME}${path}</loc></sitemap>`).join("")}</sitemapindex>`;
  const web = fakeWeb({
    [HOME]: page(index, { "content-type": "text/xml" }),
    [`${HOME}1.gz`]: file(await gzip(urlset("a", "b"))),
    [`${HOME}2.xml`]: status(404),
    [`${HOME}3.xml`]: page(urlset("c"), { "content-type": "application/xml" }),
  });
  expect(await run(web, { follow: 3 })).toMatchObject({
    status: "completed",
    data: {
      kind: "index",
      count: 3,
      urls: [{ url: `${HOME}a` }, { url: `${HOME}b` }, { url: `${HOME}c` }],
      sitemaps: [{ url: `${HOME}1.gz` }, { error: "TARGET_STATUS" }, {}, {}],
      // The fourth was not asked for.
      truncated: true,
    },
  });
  expect(pagesOf(web)).toHaveLength(4);
});

test("a small file that unfolds to a huge one is refused", async () => {
  const bomb = await gzip(`<urlset>${" ".repeat(20 * 1024 * 1024)}</urlset>`);
  const web = fakeWeb({ [HOME]: file(bomb) });
  expect(bomb.byteLength).toBeLessThan(100_000);
  expect(codeOf(await run(web, {}))).toBe("RESPONSE_TOO_LARGE");
});
