import type { Element } from "domhandler";
import * as z from "zod";
import { err, ok } from "#platform/result";
import { findArticle } from "./article";
import { MAX_TEXT_BYTES } from "./document";
import { walk } from "./document-walk";
import { imageUrl } from "./links";
import { toMarkdown } from "./markdown";
import { readMetadata } from "./metadata";
import { defineScript, PageUrlSchema } from "./script";
import { countWords, cut, inlineText, isUnread, readableText } from "./text";

const MAX_EXCERPT_LENGTH = 300;
const MAX_TITLE_LENGTH = 1_000;

const ParametersSchema = z.strictObject({ url: PageUrlSchema });

/**
 * The headline: the first `<h1>` of the article, or of the page; else the title, without the name of its site behind a
 * bar or dash.
 */
function titleOf(
  heading: Element | null,
  title: string | null,
  siteName: string | null,
): string | null {
  const headline = heading === null ? "" : inlineText(heading, MAX_TITLE_LENGTH);
  if (headline !== "" || title === null) return headline || null;
  for (const bar of [" | ", " - ", " – ", " — ", " · ", " :: ", " » "]) {
    const at = title.lastIndexOf(bar);
    const tail = title.slice(at + bar.length);
    // A dash may be part of the title itself: it parts the name of the site only where that is the shorter side.
    const isPart = tail === siteName || bar === " | " || bar === " :: " || at > tail.length * 2;
    if (at > 0 && isPart) return title.slice(0, at).trim();
  }
  return title;
}

export const articleScript = defineScript({
  name: "article",
  version: "1.0.0",
  title: { ko: "기사", en: "Article" },
  description: {
    ko: "페이지의 본문만 골라 제목, 글쓴이, 날짜, 텍스트와 Markdown으로 읽습니다. 본문을 찾지 못하면 페이지 전체를 읽고 `readable`이 false입니다.",
    en: "Reads what a page is about, without what stands around it: title, author, date, text and Markdown. Where nothing reads as an article it is the whole page, and `readable` is false.",
  },
  parameters: ParametersSchema,
  extract(document) {
    if (document.kind !== "html") return err({ code: "UNSUPPORTED_CONTENT" });
    const metadata = readMetadata(document);
    const { root, skip, isReadable } = findArticle(document.root);
    let heading: Element | null = null;
    let image: string | null = null;
    walk(root, {
      enter(element) {
        if (isUnread(element) || skip(element)) return false;
        if (element.name === "h1") heading ??= element;
        if (element.name === "img") image ??= imageUrl(element, document.baseUrl);
        return true;
      },
    });
    if (heading === null)
      walk(document.root, {
        enter(element) {
          if (isUnread(element)) return false;
          if (element.name === "h1") heading ??= element;
          return true;
        },
        isDone: () => heading !== null,
      });
    const text = readableText(root, MAX_TEXT_BYTES, skip);
    const options = { baseUrl: document.baseUrl, maxBytes: MAX_TEXT_BYTES, skip };
    const markdown = toMarkdown(root, options);
    const firstLines = text.text.split("\n", 20).filter((line) => line.length > 40);
    return ok({
      title: titleOf(heading, metadata.title, metadata.siteName),
      author: metadata.author,
      published_at: metadata.publishedAt,
      language: metadata.language,
      site_name: metadata.siteName,
      canonical_url: metadata.canonicalUrl,
      image: metadata.image ?? image,
      excerpt: metadata.description ?? (cut(firstLines[0] ?? "", MAX_EXCERPT_LENGTH) || null),
      text: text.text,
      markdown: markdown.text,
      word_count: countWords(text.text),
      readable: isReadable,
      truncated: text.truncated || markdown.truncated,
    });
  },
});
