/** Which media types each built-in script reads: known also to those who fetch pages and take none apart. */

export const HTML_TYPES: readonly string[] = ["text/html", "application/xhtml+xml"];
const XML_TYPES: readonly string[] = ["application/xml", "text/xml"];
const TEXT_TYPES: readonly string[] = ["text/plain", "application/json", "text/json"];

const TYPES = {
  page: [...HTML_TYPES, ...TEXT_TYPES],
  article: HTML_TYPES,
  links: HTML_TYPES,
  tables: HTML_TYPES,
  select: HTML_TYPES,
  feed: [
    "application/rss+xml",
    "application/atom+xml",
    "application/rdf+xml",
    "application/feed+json",
    ...XML_TYPES,
    ...TEXT_TYPES,
    // Feeds of servers that know no better; what is no feed inside is refused all the same.
    "text/html",
  ],
  sitemap: [
    ...XML_TYPES,
    "text/plain",
    "application/gzip",
    "application/x-gzip",
    "application/octet-stream",
  ],
} as const satisfies Record<string, readonly string[]>;

export type BuiltInName = keyof typeof TYPES;

/** What a built-in script reads; null where there is none of that name. */
export const typesOf = (name: string): readonly string[] | null =>
  Object.hasOwn(TYPES, name) ? TYPES[name as BuiltInName] : null;
