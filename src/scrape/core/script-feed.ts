import type { JsonObject, JsonValue } from "#platform/json-value";
import * as z from "zod";
import { err, ok, type Result } from "#platform/result";
import type { Refusal } from "./document";
import { parseHtml } from "./document-parse";
import { readDate } from "./feed-date";
import { resolveResource } from "./links";
import { defineScript, PageUrlSchema } from "./script";
import { cut, readableText } from "./text";
import { gatherXml, type XmlElement } from "./xml-parse";

const MAX_TITLE_LENGTH = 1_000;
const MAX_SUMMARY_BYTES = 10_000;
const MAX_CONTENT_LENGTH = 200_000;
/** UTF-16 units of all items together. */
const MAX_CHARACTERS = 4 * 1024 * 1024;
const MAX_CATEGORIES = 50;

const ParametersSchema = z.strictObject({
  url: PageUrlSchema.describe("The feed to read: an absolute http or https address."),
  limit: z.int().min(1).max(500).default(50).describe("At most so many items."),
  content: z
    .boolean()
    .default(false)
    .describe("Also each item's whole content as HTML, where the feed has it."),
});
type Parameters = z.output<typeof ParametersSchema>;

const notAFeed = (mediaType: string): Result<never, Refusal> =>
  err({
    code: "UNSUPPORTED_CONTENT",
    params: { content_type: mediaType, accepts: "RSS, Atom, RDF, JSON Feed" },
  });

/** HTML as one line of text, entities and all; most of what feeds call text is that. */
function toLine(markup: string | null, maxLength: number): string | null {
  if (markup === null) return null;
  const root = parseHtml(cut(markup, 100_000));
  if (!root.ok) return null;
  return (
    cut(readableText(root.value, maxLength * 4).text.replaceAll(/\s+/g, " "), maxLength) || null
  );
}

function toText(markup: string | null): string | null {
  if (markup === null) return null;
  const root = parseHtml(markup);
  return root.ok ? readableText(root.value, MAX_SUMMARY_BYTES).text || null : null;
}

const trimmed = (text: string | undefined): string | null => text?.trim() || null;

const find = (element: XmlElement, ...names: string[]): XmlElement | null => {
  for (const name of names) {
    const child = element.children.find((own) => own.name === name);
    if (child !== undefined) return child;
  }
  return null;
};
const textIn = (element: XmlElement, ...names: string[]): string | null => {
  for (const name of names)
    for (const child of element.children) {
      const text = child.name === name ? trimmed(child.text) : null;
      if (text !== null) return text;
    }
  return null;
};

/** The address of an RSS `<link>` or an Atom one: the alternate, else the first that says nothing of itself. */
function linkOf(element: XmlElement, baseUrl: string): string | null {
  const links = element.children.filter(({ name }) => name === "link");
  const chosen =
    links.find(({ attributes }) => attributes.get("rel") === "alternate") ??
    links.find(({ attributes }) => !attributes.has("rel"));
  const reference = chosen?.attributes.get("href") ?? trimmed(chosen?.text);
  return resolveResource(reference ?? null, baseUrl);
}

function authorOf(element: XmlElement): string | null {
  const author = find(element, "author", "creator");
  if (author === null) return null;
  return toLine(textIn(author, "name") ?? trimmed(author.text), 300);
}

const categoriesOf = (element: XmlElement): string[] =>
  element.children
    .filter(({ name }) => name === "category" || name === "subject")
    .flatMap(
      ({ attributes, text }) =>
        trimmed(attributes.get("label") ?? attributes.get("term") ?? text)?.slice(0, 200) ?? [],
    )
    .slice(0, MAX_CATEGORIES);

function enclosuresOf(element: XmlElement, baseUrl: string): JsonObject[] {
  const media = element.children.filter(
    ({ name, prefix, attributes }) =>
      name === "enclosure" ||
      (name === "link" && attributes.get("rel") === "enclosure") ||
      (name === "content" && prefix === "media"),
  );
  return media.slice(0, 20).flatMap(({ attributes }) => {
    const url = resolveResource(attributes.get("url") ?? attributes.get("href") ?? null, baseUrl);
    const length = Number(attributes.get("length") ?? attributes.get("filesize") ?? "");
    if (url === null) return [];
    return {
      url,
      type: attributes.get("type") ?? null,
      length: Number.isSafeInteger(length) && length > 0 ? length : null,
    };
  });
}

function itemOf(item: XmlElement, baseUrl: string, withContent: boolean): JsonObject {
  const url = linkOf(item, baseUrl);
  const id = textIn(item, "guid", "id") ?? item.attributes.get("rdf:about") ?? url;
  // A permanent link by its form, where the item has no link of its own (RSS 2.0, `guid`).
  const permanent = find(item, "guid")?.attributes.get("ispermalink") !== "false" ? id : null;
  const content = contentOf(item);
  return {
    id: id === null ? null : cut(id, 2_000),
    url: url ?? resolveResource(permanent, baseUrl),
    title: toLine(textIn(item, "title"), MAX_TITLE_LENGTH),
    summary: toText(textIn(item, "description", "summary") ?? content),
    author: authorOf(item),
    published_at: readDate(textIn(item, "pubdate", "published", "issued", "date", "created")),
    updated_at: readDate(textIn(item, "updated", "modified")),
    categories: categoriesOf(item),
    enclosures: enclosuresOf(item, baseUrl),
    ...(withContent ? { content_html: content && cut(content, MAX_CONTENT_LENGTH) } : {}),
  };
}

const contentOf = (item: XmlElement): string | null => {
  const whole = item.children.find(
    ({ name, prefix }) => name === "encoded" || (name === "content" && prefix !== "media"),
  );
  return trimmed(whole?.text);
};

/** Items up to the limit, and up to how much may be told in one answer. */
class Items {
  readonly list: JsonValue[] = [];
  truncated = false;
  readonly #limit: number;
  #room = MAX_CHARACTERS;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Adds an item; false where there is no room for it. */
  add(item: JsonObject): boolean {
    this.#room -= JSON.stringify(item).length;
    this.truncated = this.list.length >= this.#limit || this.#room < 0;
    if (!this.truncated) this.list.push(item);
    return !this.truncated;
  }
}

const FORMATS: Readonly<Record<string, string>> = { rss: "rss", feed: "atom", rdf: "rdf" };
/** What stands beside the items and says nothing of the feed itself. */
const PARTS: ReadonlySet<string> = new Set(["item", "entry"]);

function readXmlFeed(
  source: string,
  mediaType: string,
  url: string,
  parameters: Parameters,
): Result<JsonObject, Refusal> {
  let format: string | null = null;
  let version: string | null = null;
  const about: XmlElement[] = [];
  const items = new Items(parameters.limit);
  const isPart = (name: string, depth: number): boolean =>
    depth > 1 && depth <= 3 && PARTS.has(name);
  const read = gatherXml(
    source,
    ({ name, attributes }, depth) => {
      if (depth === 1) {
        format = FORMATS[name] ?? null;
        version = attributes.get("version") ?? null;
        return false;
      }
      if (format === null) return false;
      // Of RSS the channel's own members are one level further in; its items too, or beside it in RDF.
      return isPart(name, depth) || (format === "atom" ? depth === 2 : depth === 3);
    },
    (element, depth) => {
      if (isPart(element.name, depth)) return items.add(itemOf(element, url, parameters.content));
      if (about.length < 200) about.push(element);
      return true;
    },
  );
  if (!read.ok) return read;
  if (format === null) return notAFeed(mediaType);
  const channel: XmlElement = {
    name: "channel",
    prefix: "",
    attributes: new Map(),
    // A channel's image has a title and a link of its own, which are inside of it and not mistaken for these.
    children: about,
    text: "",
  };
  const image = find(channel, "image", "logo", "icon");
  return ok({
    format,
    version,
    title: toLine(textIn(channel, "title"), MAX_TITLE_LENGTH),
    description: toText(textIn(channel, "description", "subtitle", "tagline")),
    link: linkOf(channel, url),
    language: textIn(channel, "language"),
    updated_at: readDate(textIn(channel, "updated", "lastbuilddate", "pubdate", "date")),
    image: resolveResource(image && (textIn(image, "url") ?? trimmed(image.text)), url),
    items: items.list,
    count: items.list.length,
    truncated: items.truncated,
  });
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const string = (value: unknown): string | null =>
  typeof value === "string" && value.trim() !== "" ? value.trim() : null;

/** JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/). */
function readJsonFeed(
  source: string,
  mediaType: string,
  url: string,
  parameters: Parameters,
): Result<JsonObject, Refusal> {
  let feed: unknown;
  try {
    feed = JSON.parse(source);
  } catch {
    return notAFeed(mediaType);
  }
  if (!isObject(feed) || !Array.isArray(feed["items"])) return notAFeed(mediaType);
  const items = new Items(parameters.limit);
  for (const item of feed["items"]) {
    if (!isObject(item)) continue;
    const isAdded = items.add({
      id: string(item["id"]),
      url: resolveResource(string(item["url"]) ?? string(item["external_url"]), url),
      title: toLine(string(item["title"]), MAX_TITLE_LENGTH),
      summary: toText(
        string(item["summary"]) ?? string(item["content_text"]) ?? string(item["content_html"]),
      ),
      author: jsonAuthor(item),
      published_at: readDate(string(item["date_published"])),
      updated_at: readDate(string(item["date_modified"])),
      categories: (Array.isArray(item["tags"]) ? item["tags"] : [])
        .flatMap((tag) => string(tag)?.slice(0, 200) ?? [])
        .slice(0, MAX_CATEGORIES),
      enclosures: jsonEnclosures(item["attachments"], url),
      ...(parameters.content
        ? { content_html: cut(string(item["content_html"]) ?? "", MAX_CONTENT_LENGTH) || null }
        : {}),
    });
    if (!isAdded) break;
  }
  return ok({
    format: "json",
    version: string(feed["version"])?.replace(/^.*\//, "") ?? null,
    title: toLine(string(feed["title"]), MAX_TITLE_LENGTH),
    description: toText(string(feed["description"])),
    link: resolveResource(string(feed["home_page_url"]), url),
    language: string(feed["language"]),
    updated_at: null,
    image: resolveResource(string(feed["icon"]) ?? string(feed["favicon"]), url),
    items: items.list,
    count: items.list.length,
    truncated: items.truncated,
  });
}

function jsonAuthor(item: Record<string, unknown>): string | null {
  const authors: unknown[] = Array.isArray(item["authors"]) ? item["authors"] : [item["author"]];
  const [first] = authors;
  return isObject(first) ? toLine(string(first["name"]), 300) : null;
}

function jsonEnclosures(attachments: unknown, baseUrl: string): JsonObject[] {
  return (Array.isArray(attachments) ? attachments : []).slice(0, 20).flatMap((attachment) => {
    if (!isObject(attachment)) return [];
    const url = resolveResource(string(attachment["url"]), baseUrl);
    const size = attachment["size_in_bytes"];
    const length = typeof size === "number" && size > 0 ? size : null;
    return url === null ? [] : { url, type: string(attachment["mime_type"]), length };
  });
}

export const feedScript = defineScript({
  name: "feed",
  version: "1.0.0",
  title: { ko: "피드", en: "Feed" },
  description: {
    ko: "RSS, Atom, RDF, JSON Feed를 같은 모양의 항목으로 읽습니다. 날짜는 RFC 3339로 적습니다.",
    en: "Reads RSS, Atom, RDF and JSON Feed as items of one form, dates as RFC 3339.",
  },
  reads: "source",
  parameters: ParametersSchema,
  extract(document, parameters, url) {
    if (document.kind !== "source") return err({ code: "UNSUPPORTED_CONTENT" });
    const { text, mediaType } = document;
    return text.trimStart().startsWith("{")
      ? readJsonFeed(text, mediaType, url, parameters)
      : readXmlFeed(text, mediaType, url, parameters);
  },
});
