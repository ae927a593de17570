import type { JsonObject, JsonValue } from "#platform/json-value";
import * as z from "zod";
import { err, ok, type Result } from "#platform/result";
import type { Refusal } from "./document";
import { readDate } from "./feed-date";
import { resolveResource } from "./links";
import { defineScript, PageUrlSchema } from "./script";
import { gatherXml, type XmlElement } from "./xml-parse";

/** UTF-16 units of all entries together. */
const MAX_CHARACTERS = 4 * 1024 * 1024;
const MAX_SITEMAPS = 1_000;

const ParametersSchema = z.strictObject({
  url: PageUrlSchema.describe(
    "The sitemap to read, packed by gzip or not: an absolute http or https address.",
  ),
  limit: z.int().min(1).max(50_000).default(5_000).describe("At most so many addresses."),
  contains: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe("Only addresses that contain this text, upper and lower case alike."),
  follow: z
    .int()
    .min(0)
    .max(20)
    .default(0)
    .describe("Of an index of sitemaps, also reads so many of them, in their order."),
});
type Parameters = z.output<typeof ParametersSchema>;

/** Entries up to the limit, and up to how much may be told in one answer. */
class Entries {
  readonly list: JsonValue[] = [];
  truncated = false;
  #room = MAX_CHARACTERS;
  readonly #limit: number;
  readonly #contains: string | undefined;

  constructor(limit: number, contains?: string) {
    this.#limit = limit;
    this.#contains = contains?.toLowerCase();
  }

  /** Adds an entry that has an address which is wanted; false where there is no room for more. */
  add(url: string | null, more: JsonObject): boolean {
    if (url === null) return true;
    if (this.#contains !== undefined && !url.toLowerCase().includes(this.#contains)) return true;
    const entry = { url, ...more };
    this.#room -= JSON.stringify(entry).length;
    this.truncated = this.list.length >= this.#limit || this.#room < 0;
    if (!this.truncated) this.list.push(entry);
    return !this.truncated;
  }
}

const textIn = (element: XmlElement, name: string): string | null =>
  element.children.find((child) => child.name === name)?.text.trim() || null;

/** sitemaps.org, protocol 0.9. */
function readXmlSitemap(
  source: string,
  mediaType: string,
  url: string,
  parameters: Parameters,
): Result<JsonObject, Refusal> {
  let kind: "urlset" | "index" | null = null;
  const urls = new Entries(parameters.limit, parameters.contains);
  const sitemaps = new Entries(MAX_SITEMAPS);
  const read = gatherXml(
    source,
    ({ name }, depth) => {
      if (depth === 1)
        kind = name === "urlset" ? "urlset" : name === "sitemapindex" ? "index" : null;
      return depth === 2 && kind !== null;
    },
    (element) => {
      const address = resolveResource(textIn(element, "loc"), url);
      const lastmod = readDate(textIn(element, "lastmod"));
      if (kind === "index") return sitemaps.add(address, { last_modified: lastmod });
      const priority = Number(textIn(element, "priority") ?? "x");
      return urls.add(address, {
        last_modified: lastmod,
        change_frequency: textIn(element, "changefreq")?.slice(0, 20).toLowerCase() ?? null,
        priority: priority >= 0 && priority <= 1 ? priority : null,
      });
    },
  );
  if (!read.ok) return read;
  if (kind === null) return notASitemap(mediaType);
  return ok(present(kind, urls, sitemaps));
}

/** One address on each line, which the protocol allows too. */
function readTextSitemap(source: string, url: string, parameters: Parameters): JsonObject {
  const urls = new Entries(parameters.limit, parameters.contains);
  for (let start = 0; start < source.length;) {
    const newline = source.indexOf("\n", start);
    const end = newline < 0 ? source.length : newline;
    const line = source.slice(start, Math.min(end, start + 5_000)).trim();
    start = end + 1;
    const address = /^https?:\/\//i.test(line) ? resolveResource(line, url) : null;
    const more = { last_modified: null, change_frequency: null, priority: null };
    if (!urls.add(address, more)) break;
  }
  return present("text", urls, new Entries(0));
}

const present = (kind: string, urls: Entries, sitemaps: Entries): JsonObject => ({
  kind,
  urls: urls.list,
  sitemaps: sitemaps.list,
  count: urls.list.length,
  truncated: urls.truncated || sitemaps.truncated,
});

const notASitemap = (mediaType: string): Result<never, Refusal> =>
  err({
    code: "UNSUPPORTED_CONTENT",
    params: { content_type: mediaType, accepts: "sitemaps.org 0.9" },
  });

export const sitemapScript = defineScript({
  name: "sitemap",
  version: "1.0.0",
  title: { ko: "사이트맵", en: "Sitemap" },
  description: {
    ko: "사이트맵의 주소를 읽습니다. gzip으로 묶인 것, 텍스트 형식, 사이트맵 색인도 읽습니다.",
    en: "Reads the addresses of a sitemap, also packed by gzip, as plain text, or an index of sitemaps.",
  },
  reads: "source",
  parameters: ParametersSchema,
  extract(document, parameters, url) {
    if (document.kind !== "source") return err({ code: "UNSUPPORTED_CONTENT" });
    const { text, mediaType } = document;
    if (text.trimStart().startsWith("<")) return readXmlSitemap(text, mediaType, url, parameters);
    // What is neither XML nor a list of addresses is no sitemap, such as a page for people.
    return /^\s*https?:\/\//i.test(text)
      ? ok(readTextSitemap(text, url, parameters))
      : notASitemap(mediaType);
  },
});
