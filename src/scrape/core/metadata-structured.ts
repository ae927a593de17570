import type { Document } from "domhandler";
import { attributeOf } from "./document-parse";
import { walk } from "./document-walk";
import { collapse, cut, rawText } from "./text";

/** What is read of a page's schema.org data (JSON-LD). */
export interface StructuredData {
  readonly author: string | null;
  readonly publishedAt: string | null;
  readonly siteName: string | null;
}

/** Blocks read, bytes of each, and things looked at in them: a page may carry megabytes of catalogue. */
const MAX_BLOCKS = 10;
const MAX_BLOCK_BYTES = 256 * 1024;
const MAX_THINGS = 100;

type Thing = Readonly<Record<string, unknown>>;

const isThing = (value: unknown): value is Thing =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const text = (value: unknown): string | null =>
  typeof value === "string" ? cut(collapse(value).trim(), 500) || null : null;

/** A name as schema.org allows it: a text, a thing with a name, or a list of either. */
function nameOf(value: unknown): string | null {
  const values: unknown[] = Array.isArray(value) ? value.slice(0, 10) : [value];
  const names = values.map((item) => text(isThing(item) ? item["name"] : item));
  return names.filter((name) => name !== null).join(", ") || null;
}

function parseBlock(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

/** The things of a block: itself, its items, its `@graph`; no deeper. */
function thingsOf(block: unknown): Thing[] {
  const items: unknown[] = Array.isArray(block) ? block.slice(0, MAX_THINGS) : [block];
  const things: Thing[] = [];
  for (const item of items) {
    if (!isThing(item)) continue;
    things.push(item);
    const graph = item["@graph"];
    if (Array.isArray(graph)) things.push(...graph.slice(0, MAX_THINGS).filter(isThing));
  }
  return things;
}

/** Author, date and site of the first things that name them. Malformed blocks count for nothing. */
export function readStructuredData(root: Document): StructuredData {
  let author: string | null = null;
  let publishedAt: string | null = null;
  let siteName: string | null = null;
  let blocks = 0;
  walk(root, {
    enter(element) {
      if (element.name !== "script") return true;
      const type = (attributeOf(element, "type") ?? "").trim().toLowerCase();
      if (type !== "application/ld+json") return false;
      blocks++;
      const { text: json, truncated } = rawText(element, MAX_BLOCK_BYTES);
      if (truncated) return false;
      for (const thing of thingsOf(parseBlock(json))) {
        author ??= nameOf(thing["author"]);
        publishedAt ??= text(thing["datePublished"]);
        siteName ??= thing["@type"] === "WebSite" ? text(thing["name"]) : null;
      }
      return false;
    },
    isDone: () => blocks >= MAX_BLOCKS,
  });
  return { author, publishedAt, siteName };
}
