import type { Document } from "domhandler";
import type { ErrorCode, ErrorParams, FieldError } from "#platform/errors";

/** A parsed HTML page. The tree is read only: scripts share it. */
export interface HtmlDocument {
  readonly kind: "html";
  readonly root: Document;
  /** What relative references resolve against: `<base href>`, else the final URL. */
  readonly baseUrl: string;
}

/** A page that is text as it stands: `text/plain`, or JSON made readable. */
export interface TextDocument {
  readonly kind: "text";
  readonly text: string;
  /** Whether the text was cut at its limit. */
  readonly truncated: boolean;
}

/** A document as it was written, decoded: what is not HTML and not shown, such as a feed. */
export interface SourceDocument {
  readonly kind: "source";
  readonly text: string;
  readonly mediaType: string;
}

export type PageDocument = HtmlDocument | TextDocument | SourceDocument;

/** Why there is no result: a public code, the parameters of its text, and for bad parameters every fault. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly params?: ErrorParams;
  readonly errors?: readonly FieldError[];
}

/** Text and Markdown end here, each, in bytes of UTF-8. */
export const MAX_TEXT_BYTES = 1024 * 1024;

/** Longest address that a result carries, in UTF-16 units; longer ones are left out. */
export const MAX_URL_LENGTH = 4096;

/**
 * Whether a name that a page chose may become a key of a result. The three refused names reach
 * the prototype in careless consumers (CWE-1321), and the API refuses them in bodies too.
 */
export const isSafeKey = (name: string): boolean =>
  name !== "" && name !== "__proto__" && name !== "constructor" && name !== "prototype";
