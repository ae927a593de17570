import type { JsonObject, JsonValue } from "#platform/json-value";
import { failedRead } from "./page-answer";
import type { PatientFetch } from "./patient-fetch";
import type { ScriptTools } from "./tools-client";

/** Of all sitemaps together, in UTF-16 units: what one result may carry. */
const MAX_CHARACTERS = 4 * 1024 * 1024;

const listIn = (data: JsonObject, name: string): JsonObject[] => {
  const list = data[name];
  return (Array.isArray(list) ? list : []).filter(
    (entry): entry is JsonObject =>
      typeof entry === "object" && entry !== null && !Array.isArray(entry),
  );
};

/**
 * Reads the sitemaps that an index names, as many as its parameters ask for, and puts their addresses together. One that
 * cannot be had has its error beside it in `sitemaps`; the others count all the same.
 */
export async function followSitemaps(
  index: JsonObject,
  parameters: JsonObject,
  { fetchPage, isOver }: PatientFetch,
  extract: ScriptTools["extract"],
): Promise<JsonObject> {
  const follow = typeof parameters["follow"] === "number" ? parameters["follow"] : 0;
  const limit = typeof parameters["limit"] === "number" ? parameters["limit"] : 5_000;
  if (index["kind"] !== "index" || follow === 0) return index;
  const sitemaps = listIn(index, "sitemaps");
  const urls: JsonValue[] = [];
  let characters = 0;
  let isCut = sitemaps.length > follow || index["truncated"] === true;
  for (const sitemap of sitemaps.slice(0, follow)) {
    if (isOver() || urls.length >= limit || characters >= MAX_CHARACTERS) {
      isCut = true;
      break;
    }
    const { url } = sitemap;
    if (typeof url !== "string") continue;
    const read = await readSitemap(url);
    if ("error" in read) {
      sitemap["error"] = read.error;
      continue;
    }
    // A sitemap that is itself an index is none that the protocol allows; its own are not followed.
    urls.push(...listIn(read.data, "urls"));
    characters += JSON.stringify(read.data["urls"]).length;
    isCut ||= read.data["truncated"] === true;
  }
  return { ...index, urls, sitemaps, count: urls.length, truncated: isCut };

  async function readSitemap(url: string): Promise<{ data: JsonObject } | { error: string }> {
    const page = await fetchPage(url);
    if (!page.ok) return { error: "code" in page.error ? page.error.code : "FETCH_FAILED" };
    const { bytes, headers, finalUrl } = page.value.response;
    const verdict = await extract({
      script: "sitemap",
      parameters: { ...parameters, url, follow: 0, limit: limit - urls.length },
      body: bytes,
      contentType: headers.get("content-type"),
      url: finalUrl,
    }).catch(() => null);
    if (verdict?.ok === true) return { data: verdict.data };
    const failed = failedRead(verdict);
    return { error: "code" in failed ? failed.code : "EXTRACTION_FAILED" };
  }
}
