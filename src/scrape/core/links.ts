import type { Document, Element } from "domhandler";
import { type HtmlDocument, MAX_URL_LENGTH } from "./document";
import { attributeOf } from "./document-parse";
import { walk } from "./document-walk";
import { collapse, cut, inlineText, isUnread } from "./text";

export interface Link {
  readonly url: string;
  readonly text: string;
  /** Tokens of `rel` in lower case, parted by one space; null where there is none. */
  readonly rel: string | null;
}

export interface Image {
  readonly url: string;
  readonly alt: string;
}

const MAX_LABEL_LENGTH = 500;
/** Addresses and texts of one list together, in UTF-16 units: a long `<base>` makes each short link long. */
const MAX_CHARACTERS = 2 * 1024 * 1024;
const LINK_PROTOCOLS: ReadonlySet<string> = new Set(["http:", "https:", "mailto:"]);

/**
 * The absolute form of a reference, or null where it is not one to http, https or (for links)
 * mail: `javascript:` and `data:` never come through. Fragments are kept.
 */
export function resolveUrl(reference: string | null, baseUrl: string): string | null {
  if (reference === null || reference.length > MAX_URL_LENGTH) return null;
  const url = URL.parse(reference, baseUrl);
  if (url === null || !LINK_PROTOCOLS.has(url.protocol)) return null;
  return url.href.length > MAX_URL_LENGTH ? null : url.href;
}

/** As `resolveUrl`, for what is fetched and not followed: no `mailto:`. */
export function resolveResource(reference: string | null, baseUrl: string): string | null {
  const url = resolveUrl(reference, baseUrl);
  return url === null || url.startsWith("mailto:") ? null : url;
}

/** What relative references of a page resolve against: its first `<base href>`, else its own address. */
export function baseUrlOf(root: Document, url: string): string {
  let base: string | null = null;
  walk(root, {
    enter(element) {
      if (element.name === "base") base ??= attributeOf(element, "href");
      // `<base>` counts in the head only, where pages put it before the first reference.
      return element.name !== "body";
    },
    isDone: () => base !== null,
  });
  return resolveResource(base, url) ?? url;
}

/** What a link says: its text, else the names that it gives to assistive technology or its images. */
function labelOf(element: Element): string {
  const text = inlineText(element, MAX_LABEL_LENGTH);
  if (text !== "") return text;
  let alt: string | null = null;
  let nodes = 0;
  walk(element, {
    enter(child) {
      nodes++;
      if (child.name === "img") alt ??= attributeOf(child, "alt") || null;
      return true;
    },
    isDone: () => alt !== null || nodes > 100,
  });
  const label =
    attributeOf(element, "aria-label") ??
    attributeOf(element, "title") ??
    alt ??
    attributeOf(element, "alt") ??
    "";
  return cut(collapse(label).trim(), MAX_LABEL_LENGTH);
}

export interface LinkQuery {
  /** Where to look: the whole page, or its main content. */
  readonly root: Document | Element;
  readonly skip: (element: Element) => boolean;
  readonly limit: number;
  readonly accepts?: (url: string) => boolean;
}

/**
 * The links of a page in document order, each address once with the first text that it is given.
 * A link to a place on the same page (`#top`) is not one. `more` tells that the limit cut some off.
 */
export function collectLinks(
  page: HtmlDocument,
  query: LinkQuery,
): { links: Link[]; more: boolean } {
  const found = new Map<string, { url: string; text: string; rel: string | null }>();
  let more = false;
  let room = MAX_CHARACTERS;
  walk(query.root, {
    enter(element) {
      if (query.skip(element) || (isUnread(element) && element.name !== "svg")) return false;
      if (element.name !== "a" && element.name !== "area") return true;
      const href = attributeOf(element, "href")?.trim() ?? null;
      if (href === null || href === "" || href.startsWith("#")) return true;
      const url = resolveUrl(href, page.baseUrl);
      if (url === null || query.accepts?.(url) === false) return true;
      const known = found.get(url);
      if (known !== undefined) {
        if (known.text === "") known.text = labelOf(element);
        return true;
      }
      const text = labelOf(element);
      room -= url.length + text.length;
      if (found.size < query.limit && room >= 0) found.set(url, { url, text, rel: relOf(element) });
      else more = true;
      return true;
    },
    isDone: () => more,
  });
  return { links: [...found.values()], more };
}

function relOf(element: Element): string | null {
  const tokens = (attributeOf(element, "rel") ?? "").slice(0, 200).toLowerCase().split(/\s+/);
  return tokens.filter((token) => token !== "").join(" ") || null;
}

/** The address of an image: `src`, or where a page loads it late, the attribute that holds it until then. */
export function imageUrl(element: Element, baseUrl: string): string | null {
  for (const name of ["src", "data-src", "data-original", "data-lazy-src"]) {
    const url = resolveResource(attributeOf(element, name)?.trim() || null, baseUrl);
    if (url !== null) return url;
  }
  const candidate = (attributeOf(element, "srcset") ?? "").trim().split(/[\s,]/, 1)[0] ?? "";
  return candidate === "" ? null : resolveResource(candidate, baseUrl);
}

/** The images of a page, each address once. */
export function collectImages(
  page: HtmlDocument,
  query: Omit<LinkQuery, "accepts">,
): { images: Image[]; more: boolean } {
  const found = new Map<string, Image>();
  let more = false;
  let room = MAX_CHARACTERS;
  walk(query.root, {
    enter(element) {
      if (query.skip(element) || isUnread(element)) return false;
      if (element.name !== "img") return true;
      const url = imageUrl(element, page.baseUrl);
      if (url === null || found.has(url)) return true;
      const alt = cut(collapse(attributeOf(element, "alt") ?? "").trim(), MAX_LABEL_LENGTH);
      room -= url.length + alt.length;
      if (found.size < query.limit && room >= 0) found.set(url, { url, alt });
      else more = true;
      return true;
    },
    isDone: () => more,
  });
  return { images: [...found.values()], more };
}
