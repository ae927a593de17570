import type { JsonObject } from "#platform/json-value";
import { err, ok, type Result } from "#platform/result";
import { type ContentType, decodeBody, parseContentType } from "./charset";
import { MAX_TEXT_BYTES, type PageDocument, type Refusal } from "./document";
import { parseHtml } from "./document-parse";
import { baseUrlOf } from "./links";
import { extractByPlan, type PageExtract } from "./plan-extract";
import type { Script } from "./script";
import type { PagePlan } from "./script-plan";
import { HTML_TYPES } from "./script-types";
import { findScript } from "./scripts";
import { prettyJson } from "./text-json";
import { utf8Prefix } from "./text-size";

/** A body larger than this is not decoded. */
export const MAX_INPUT_BYTES = 5 * 1024 * 1024;
/** Nor a source that is larger, unpacked: of one only what is asked for becomes more than text. */
export const MAX_SOURCE_BYTES = 16 * 1024 * 1024;

export interface ExtractRequest {
  readonly body: Uint8Array;
  /** The Content-Type header as it came, or null. */
  readonly contentType: string | null;
  /** The page's address after redirects. */
  readonly url: string;
  readonly script: string;
  readonly parameters: unknown;
}

export interface Extracted {
  readonly data: JsonObject;
  /** WHATWG name of the encoding that the body was read in. */
  readonly charset: string;
  /** The media type that the body was read as. */
  readonly mediaType: string;
}

const isJson = (mediaType: string): boolean =>
  mediaType === "application/json" || mediaType === "text/json";

/** Bytes that no text in a byte-wise encoding contains ("binary data byte", MIME Sniffing standard). */
const isBinaryByte = (byte: number): boolean =>
  byte <= 0x08 || byte === 0x0b || (byte >= 0x0e && byte <= 0x1a) || (byte >= 0x1c && byte <= 0x1f);

/** The type of a body that came without one. */
function sniffType(body: Uint8Array): string {
  const head = body.subarray(0, 1445);
  const isUtf16 = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  if (!isUtf16 && head.some(isBinaryByte)) return "application/octet-stream";
  const { text } = decodeBody(head, null, false);
  const start = text.trimStart();
  if (start.startsWith("<")) return "text/html";
  return start.startsWith("{") || start.startsWith("[") ? "application/json" : "text/plain";
}

function readDocument(text: string, mediaType: string, url: string): Result<PageDocument, Refusal> {
  if (HTML_TYPES.includes(mediaType)) {
    const root = parseHtml(text);
    if (!root.ok) return root;
    return ok({ kind: "html", root: root.value, baseUrl: baseUrlOf(root.value, url) });
  }
  if (isJson(mediaType)) return ok({ kind: "text", ...prettyJson(text, MAX_TEXT_BYTES) });
  const cut = utf8Prefix(text, MAX_TEXT_BYTES).text;
  return ok({ kind: "text", text: cut, truncated: cut.length < text.length });
}

interface OpenedPage {
  readonly document: PageDocument;
  readonly charset: string;
  readonly mediaType: string;
}

/** A body as a document of one of the media types, by its declared type or what it looks like. */
function openPage(
  { body, contentType, url }: Pick<ExtractRequest, "body" | "contentType" | "url">,
  { accepts, reads }: Pick<Script, "accepts" | "reads">,
): Result<OpenedPage, Refusal> {
  const limit = reads === "source" ? MAX_SOURCE_BYTES : MAX_INPUT_BYTES;
  if (body.byteLength > limit) {
    return err({ code: "RESPONSE_TOO_LARGE", params: { limit } });
  }
  if (URL.parse(url) === null) return err({ code: "EXTRACTION_FAILED", params: { reason: "url" } });
  const declared: ContentType = parseContentType(contentType);
  const mediaType = declared.mediaType === "" ? sniffType(body) : declared.mediaType;
  if (!accepts.includes(mediaType)) {
    return err({
      code: "UNSUPPORTED_CONTENT",
      params: { content_type: mediaType.slice(0, 100), accepts: accepts.join(", ") },
    });
  }
  const isMarkup = reads === "source" || HTML_TYPES.includes(mediaType);
  const decoded = decodeBody(body, declared.charset, isMarkup);
  // As HTML parsing does: a NUL reaches no result, where consumers would choke on it.
  const text = decoded.text.replaceAll("\0", "\uFFFD");
  const document: Result<PageDocument, Refusal> =
    reads === "source"
      ? ok({ kind: "source", text, mediaType })
      : readDocument(text, mediaType, url);
  if (!document.ok) return document;
  return ok({ document: document.value, charset: decoded.charset, mediaType });
}

/**
 * Turns one fetched body into the data that a script describes. Pure and total: the same bytes give
 * the same answer, and every outcome is a value: SCRIPT_NOT_FOUND, VALIDATION_FAILED,
 * INVALID_SELECTOR, RESPONSE_TOO_LARGE, UNSUPPORTED_CONTENT, PAGE_TOO_COMPLEX, RESULT_TOO_LARGE.
 */
export function extract(request: ExtractRequest): Result<Extracted, Refusal> {
  const { url } = request;
  const script = findScript(request.script);
  if (script === null) {
    return err({ code: "SCRIPT_NOT_FOUND", params: { script_name: request.script.slice(0, 100) } });
  }
  const checked = script.check(request.parameters);
  if (!checked.ok) return checked;
  const page = openPage(request, script);
  if (!page.ok) return page;
  const { document, charset, mediaType } = page.value;
  const result = script.run(document, request.parameters, url);
  return result.ok ? ok({ data: result.value, charset, mediaType }) : result;
}

export interface PlanRequest extends Omit<ExtractRequest, "script" | "parameters"> {
  readonly plan: PagePlan;
}

/** As `extract`, for a page of a script that a person wrote: its values, and the addresses to go on with. */
export function extractPage(
  request: PlanRequest,
): Result<PageExtract & { readonly charset: string }, Refusal> {
  const page = openPage(request, { accepts: HTML_TYPES, reads: "page" });
  if (!page.ok) return page;
  const { document, charset } = page.value;
  if (document.kind !== "html") return err({ code: "UNSUPPORTED_CONTENT" });
  const read = extractByPlan(document, request.plan, request.url);
  return read.ok ? ok({ ...read.value, charset }) : read;
}
