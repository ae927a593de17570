import * as z from "zod";
import { err, ok } from "#platform/result";
import { collectLinks } from "./links";
import { defineScript, PageUrlSchema } from "./script";
import { siteOf } from "./site";

const ParametersSchema = z.strictObject({
  url: PageUrlSchema,
  same_site: z
    .boolean()
    .default(false)
    .describe("Only links to the page's own site (its registrable domain)."),
  contains: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe("Only addresses that contain this text, upper and lower case alike."),
  limit: z.int().min(1).max(10_000).default(1_000).describe("At most so many links."),
});

const isWeb = (url: string): boolean => url.startsWith("http");

export const linksScript = defineScript({
  name: "links",
  version: "1.0.0",
  title: { ko: "링크", en: "Links" },
  description: {
    ko: "페이지의 링크를 절대 주소로 모읍니다. 주소마다 한 번씩, 같은 사이트(internal), 다른 사이트(external), 메일(mailto)로 표시합니다.",
    en: "Collects a page's links as absolute addresses, each once, marked as internal, external or mailto.",
  },
  parameters: ParametersSchema,
  extract(document, parameters, url) {
    if (document.kind !== "html") return err({ code: "UNSUPPORTED_CONTENT" });
    const site = siteOf(new URL(url));
    const contains = parameters.contains?.toLowerCase();
    // A page links to few hosts many times, and finding the site of a host takes a look-up of suffixes.
    const internalHosts = new Map<string, boolean>();
    const isInternal = (address: string): boolean => {
      if (!isWeb(address)) return false;
      const target = new URL(address);
      const key = `${target.protocol}//${target.host}`;
      const known = internalHosts.get(key);
      if (known !== undefined) return known;
      const isSame = siteOf(target) === site;
      internalHosts.set(key, isSame);
      return isSame;
    };
    const { links, more } = collectLinks(document, {
      root: document.root,
      skip: () => false,
      limit: parameters.limit,
      accepts: (address) =>
        (contains === undefined || address.toLowerCase().includes(contains)) &&
        (!parameters.same_site || isInternal(address)),
    });
    return ok({
      links: links.map((link) => ({
        ...link,
        kind: isWeb(link.url) ? (isInternal(link.url) ? "internal" : "external") : "mailto",
      })),
      count: links.length,
      truncated: more,
    });
  },
});
