import type { JsonValue } from "#platform/json-value";
import type { Document, Element } from "domhandler";
import { type HtmlDocument, isSafeKey } from "./document";
import { attributeOf } from "./document-parse";
import { findElement, walk } from "./document-walk";
import { resolveResource } from "./links";
import { readStructuredData, type StructuredData } from "./metadata-structured";
import { collapse, cut, inlineText, rawText } from "./text";

const MAX_ENTRIES = 200;
const MAX_NAME_LENGTH = 200;
const MAX_VALUE_LENGTH = 2_000;
const MAX_TITLE_LENGTH = 1_000;

/** What a page says about itself, in its head, its Open Graph names and its structured data. */
export interface PageMetadata {
  readonly title: string | null;
  readonly description: string | null;
  /** BCP 47, as the page writes it. */
  readonly language: string | null;
  readonly author: string | null;
  /** As the page writes it, mostly RFC 3339; not every page keeps to a format. */
  readonly publishedAt: string | null;
  readonly canonicalUrl: string | null;
  readonly siteName: string | null;
  readonly image: string | null;
  /** Every `<meta>` with a name or property, by that name in lower case; the first of a name counts. */
  readonly entries: Record<string, JsonValue>;
}

const clean = (text: string | null | undefined, maxLength: number): string | null =>
  cut(collapse(text ?? "").trim(), maxLength) || null;

function readEntries(root: Document): Map<string, string> {
  const entries = new Map<string, string>();
  walk(root, {
    enter(element) {
      if (element.name === "meta") {
        const name = cut(
          (
            attributeOf(element, "property") ??
            attributeOf(element, "name") ??
            attributeOf(element, "itemprop") ??
            ""
          )
            .trim()
            .toLowerCase(),
          MAX_NAME_LENGTH,
        );
        if (!isSafeKey(name) || entries.has(name)) return true;
        const value = clean(attributeOf(element, "content"), MAX_VALUE_LENGTH);
        if (value !== null) entries.set(name, value);
      }
      return true;
    },
    isDone: () => entries.size >= MAX_ENTRIES,
  });
  return entries;
}

/** The `<title>` of the page; an SVG's own does not count. */
function titleElement(root: Document): Element | null {
  let title: Element | null = null;
  walk(root, {
    enter(element) {
      if (element.name === "title") title ??= element;
      return element.name !== "svg";
    },
    isDone: () => title !== null,
  });
  return title;
}

function languageOf(root: Document, entries: ReadonlyMap<string, string>): string | null {
  const html = findElement(root, (element) => element.name === "html");
  const declared =
    html === null ? null : (attributeOf(html, "lang") ?? attributeOf(html, "xml:lang"));
  const language = declared || entries.get("language") || entries.get("og:locale") || "";
  const tag = language.trim().split(/[,\s]/, 1)[0]?.replaceAll("_", "-") ?? "";
  return /^[a-z]{1,8}(?:-[a-z0-9]{1,8}){0,8}$/i.test(tag) ? tag : null;
}

function canonicalOf(page: HtmlDocument, entries: ReadonlyMap<string, string>): string | null {
  const link = findElement(
    page.root,
    (element) =>
      element.name === "link" &&
      (attributeOf(element, "rel") ?? "").toLowerCase().split(/\s+/).includes("canonical"),
  );
  return (
    resolveResource(link === null ? null : attributeOf(link, "href"), page.baseUrl) ??
    resolveResource(entries.get("og:url") ?? null, page.baseUrl)
  );
}

function publishedTimeOf(root: Document): string | null {
  const time = findElement(
    root,
    (element) => element.name === "time" && attributeOf(element, "datetime") !== null,
  );
  return time === null ? null : attributeOf(time, "datetime");
}

const first = (entries: ReadonlyMap<string, string>, ...names: string[]): string | null => {
  for (const name of names) {
    const value = entries.get(name);
    if (value !== undefined) return value;
  }
  return null;
};

/** Reads what a page says about itself. Null where it says nothing; nothing is inferred from prose but the title from `<h1>`. */
export function readMetadata(page: HtmlDocument): PageMetadata {
  const { root } = page;
  const entries = readEntries(root);
  const structured: StructuredData = readStructuredData(root);
  const title = titleElement(root);
  const heading = findElement(root, (element) => element.name === "h1");
  return {
    title:
      clean(title === null ? null : rawText(title, MAX_VALUE_LENGTH * 3).text, MAX_TITLE_LENGTH) ??
      clean(first(entries, "og:title", "twitter:title"), MAX_TITLE_LENGTH) ??
      (heading === null ? null : inlineText(heading, MAX_TITLE_LENGTH) || null),
    description: first(entries, "description", "og:description", "twitter:description"),
    language: languageOf(root, entries),
    author:
      structured.author ??
      first(entries, "author", "article:author", "dc.creator", "parsely-author", "twitter:creator"),
    publishedAt:
      first(entries, "article:published_time", "datepublished", "og:published_time") ??
      structured.publishedAt ??
      first(entries, "date", "dc.date", "dc.date.issued", "pubdate", "publishdate") ??
      clean(publishedTimeOf(root), 100),
    canonicalUrl: canonicalOf(page, entries),
    siteName: first(entries, "og:site_name", "application-name") ?? structured.siteName,
    image: resolveResource(
      first(entries, "og:image", "og:image:url", "og:image:secure_url", "twitter:image"),
      page.baseUrl,
    ),
    entries: Object.fromEntries(entries),
  };
}
