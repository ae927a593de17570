import type { JsonObject, JsonValue } from "#platform/json-value";
import type { Document, Element } from "domhandler";
import * as z from "zod";
import { ok } from "#platform/result";
import { type HtmlDocument, MAX_TEXT_BYTES } from "./document";
import { findElement, walk } from "./document-walk";
import { HEADINGS } from "./document-rules";
import { collectImages, collectLinks } from "./links";
import { toMarkdown } from "./markdown";
import { readMetadata } from "./metadata";
import { isBeside, roleOf } from "./page-scope";
import { defineScript, PageUrlSchema } from "./script";
import { countWords, inlineText, isUnread, readableText } from "./text";

const FIELDS = [
  "title",
  "description",
  "language",
  "author",
  "published_at",
  "canonical_url",
  "site_name",
  "image",
  "metadata",
  "headings",
  "text",
  "markdown",
  "links",
  "images",
  "word_count",
] as const;
type Field = (typeof FIELDS)[number];

const MAX_HEADINGS = 500;
const MAX_HEADING_LENGTH = 500;
const MAX_IMAGES = 500;

const ParametersSchema = z.strictObject({
  url: PageUrlSchema,
  include: z
    .array(z.enum(FIELDS))
    .min(1)
    .max(FIELDS.length)
    .optional()
    .describe("Only these fields. Without it, all but images."),
  only_main_content: z
    .boolean()
    .default(false)
    .describe(
      "Leaves out navigation, header, footer and sidebars; keeps to <main> where there is one.",
    ),
  max_links: z.int().min(0).max(5_000).default(500).describe("At most so many links."),
});
type Parameters = z.output<typeof ParametersSchema>;

interface Scope {
  readonly root: Document | Element;
  readonly skip: (element: Element) => boolean;
}

const keepAll = (): boolean => false;

/**
 * What of the page is read. Main content is `<main>` where the page has one with text, else the page
 * without what stands beside; where that leaves nothing, the whole page: never nothing of something.
 */
function scopeOf({ root }: HtmlDocument, onlyMain: boolean): Scope {
  if (!onlyMain) return { root, skip: keepAll };
  const hasText = (scope: Scope): boolean => readableText(scope.root, 200, scope.skip).text !== "";
  const main = findElement(
    root,
    (element) => !isUnread(element) && (element.name === "main" || roleOf(element) === "main"),
  );
  const candidates: Scope[] = [{ root, skip: isBeside }];
  if (main !== null) candidates.unshift({ root: main, skip: isBeside });
  return candidates.find(hasText) ?? { root, skip: keepAll };
}

function readHeadings({ root, skip }: Scope): { headings: JsonValue[]; more: boolean } {
  const headings: JsonValue[] = [];
  let more = false;
  walk(root, {
    enter(element) {
      if (isUnread(element) || skip(element)) return false;
      if (!HEADINGS.has(element.name)) return true;
      const text = inlineText(element, MAX_HEADING_LENGTH);
      if (text !== "" && headings.length >= MAX_HEADINGS) more = true;
      else if (text !== "") headings.push({ level: Number(element.name.charAt(1)), text });
      // A heading inside of a heading is a fault of the page; its text has been read with the outer one.
      return false;
    },
    isDone: () => more,
  });
  return { headings, more };
}

/** The fields in their fixed order, as far as they are wanted. */
class Fields {
  readonly data: JsonObject = {};
  truncated = false;
  readonly #wanted: ReadonlySet<string>;

  constructor(include: readonly Field[] | undefined) {
    this.#wanted = new Set<string>(include ?? FIELDS.filter((field) => field !== "images"));
  }

  wants(field: Field): boolean {
    return this.#wanted.has(field);
  }

  set(field: Field, read: () => JsonValue): void {
    if (this.wants(field)) this.data[field] = read();
  }

  /** As `set`, for a value that may have been cut. */
  setCut(field: Field, read: () => { value: JsonValue; cut: boolean }): void {
    if (!this.wants(field)) return;
    const { value, cut } = read();
    this.data[field] = value;
    this.truncated ||= cut;
  }

  finish(): JsonObject {
    return { ...this.data, truncated: this.truncated };
  }
}

function readHtml(page: HtmlDocument, parameters: Parameters): JsonObject {
  const fields = new Fields(parameters.include);
  const metadata = readMetadata(page);
  const scope = scopeOf(page, parameters.only_main_content);
  fields.set("title", () => metadata.title);
  fields.set("description", () => metadata.description);
  fields.set("language", () => metadata.language);
  fields.set("author", () => metadata.author);
  fields.set("published_at", () => metadata.publishedAt);
  fields.set("canonical_url", () => metadata.canonicalUrl);
  fields.set("site_name", () => metadata.siteName);
  fields.set("image", () => metadata.image);
  fields.set("metadata", () => metadata.entries);
  fields.setCut("headings", () => {
    const { headings, more } = readHeadings(scope);
    return { value: headings, cut: more };
  });
  const text =
    fields.wants("text") || fields.wants("word_count")
      ? readableText(scope.root, MAX_TEXT_BYTES, scope.skip)
      : { text: "", truncated: false };
  fields.setCut("text", () => ({ value: text.text, cut: text.truncated }));
  fields.setCut("markdown", () => {
    const options = { baseUrl: page.baseUrl, maxBytes: MAX_TEXT_BYTES, skip: scope.skip };
    const markdown = toMarkdown(scope.root, options);
    return { value: markdown.text, cut: markdown.truncated };
  });
  fields.setCut("links", () => {
    const { links, more } = collectLinks(page, { ...scope, limit: parameters.max_links });
    const value = links.map(({ rel, ...link }) => (rel === null ? link : { ...link, rel }));
    return { value, cut: more };
  });
  fields.setCut("images", () => {
    const { images, more } = collectImages(page, { ...scope, limit: MAX_IMAGES });
    return { value: images.map((image) => ({ ...image })), cut: more };
  });
  fields.set("word_count", () => countWords(text.text));
  return fields.finish();
}

function readText(text: string, truncated: boolean, parameters: Parameters): JsonObject {
  const fields = new Fields(parameters.include);
  for (const field of [
    "title",
    "description",
    "language",
    "author",
    "published_at",
    "canonical_url",
    "site_name",
    "image",
  ] as const) {
    fields.set(field, () => null);
  }
  fields.set("metadata", () => ({}));
  fields.set("headings", () => []);
  fields.setCut("text", () => ({ value: text, cut: truncated }));
  // Text that was not written as Markdown is not escaped into it either: it is given as it stands.
  fields.setCut("markdown", () => ({ value: text, cut: truncated }));
  fields.set("links", () => []);
  fields.set("images", () => []);
  fields.set("word_count", () => countWords(text));
  return fields.finish();
}

export const pageScript = defineScript({
  name: "page",
  version: "1.0.0",
  title: { ko: "페이지", en: "Page" },
  description: {
    ko: "페이지의 제목, 메타데이터, 본문 텍스트와 Markdown, 링크를 읽습니다. 일반 텍스트와 JSON도 읽습니다.",
    en: "Reads a page's title, metadata, text, Markdown and links. Reads plain text and JSON too.",
  },
  parameters: ParametersSchema,
  extract: (document, parameters) =>
    ok(
      document.kind === "html"
        ? readHtml(document, parameters)
        : readText(document.text, document.kind === "text" && document.truncated, parameters),
    ),
});
