import type { Context, MiddlewareHandler } from "hono";
import { ApiError } from "#platform/errors";
import type { AppEnv } from "#http/context";
import { FORM_TYPE, parseForm } from "#http/form";
import { MAX_DEPTH, parseJson } from "#http/json";

const JSON_TYPE = "application/json";

export interface BodyRule {
  /** Media types that the route takes; JSON and forms are parsed, others reach the handler as bytes. */
  readonly contentTypes: readonly string[];
  /** Whether a request without a body is refused. */
  readonly isRequired: boolean;
}

/**
 * Reads the body once, under all of its caps, before anything looks into it: content type, bytes (counted
 * as they come, whatever Content-Length says), UTF-8, then JSON with its depth and keys, or a form. The parsed
 * value is left on the context, so that nobody parses it again.
 */
export const readBody = (rule: BodyRule): MiddlewareHandler<AppEnv> =>
  async function readBodyWithinCaps(c, next) {
    const contentType = c.req.header("content-type");
    const maxBytes = c.get("config").maxBodyBytes;
    if (contentType !== undefined) requireContentType(c, contentType, rule);
    if (Number(c.req.header("content-length") ?? 0) > maxBytes) {
      await c.req.raw.body?.cancel();
      throw new ApiError("BODY_TOO_LARGE", { params: { limit: maxBytes } });
    }
    const bytes = await readBytes(c.req.raw.body, maxBytes);
    if (bytes.byteLength === 0) {
      if (rule.isRequired) throw new ApiError("BODY_REQUIRED");
    } else if (contentType === undefined) throw unsupported(rule);
    if (rule.contentTypes.includes(JSON_TYPE) && (contentType === undefined || isJson(contentType)))
      takeJson(c, bytes);
    else if (rule.contentTypes.includes(FORM_TYPE) && isForm(contentType)) takeForm(c, bytes);
    else c.req.arrayBuffer = async () => bytes.buffer;
    await next();
  };

function takeJson(c: Context<AppEnv>, bytes: Uint8Array): void {
  // An absent optional body is validated like an empty object: no field of it is skipped.
  const parsed = bytes.byteLength === 0 ? { ok: true as const, value: {} } : parseJson(bytes);
  if (!parsed.ok) {
    const { code, pointer } = parsed.error;
    throw new ApiError(code, {
      params:
        code === "BODY_TOO_DEEP"
          ? { limit: MAX_DEPTH }
          : pointer === undefined
            ? {}
            : { key: pointer },
    });
  }
  c.set("body", parsed.value);
  c.req.json = <T>() => Promise.resolve(parsed.value as T);
}

function takeForm(c: Context<AppEnv>, bytes: Uint8Array): void {
  const parsed = parseForm(bytes);
  if (!parsed.ok) throw new ApiError(parsed.error);
  c.set("body", parsed.value);
}

/** RFC 9110 section 8.3: type and subtype without case; of the parameters only the charset means something here. */
function requireContentType(c: Context<AppEnv>, contentType: string, rule: BodyRule): void {
  const [essence = "", ...parameters] = contentType.split(";");
  const charset = parameters
    .map((parameter) => parameter.trim().toLowerCase())
    .find((parameter) => parameter.startsWith("charset="));
  const isUtf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset);
  const encoding = c.req.header("content-encoding")?.toLowerCase() ?? "identity";
  if (
    !rule.contentTypes.includes(essence.trim().toLowerCase()) ||
    !isUtf8 ||
    encoding !== "identity"
  )
    throw unsupported(rule);
}

const essenceOf = (contentType: string): string =>
  contentType.split(";", 1)[0]?.trim().toLowerCase() ?? "";

const isJson = (contentType: string): boolean => essenceOf(contentType) === JSON_TYPE;

/** A request without a body and without a content type is an empty form, where a form is what the route takes. */
const isForm = (contentType: string | undefined): boolean =>
  contentType === undefined || essenceOf(contentType) === FORM_TYPE;

const unsupported = (rule: BodyRule): ApiError =>
  new ApiError("UNSUPPORTED_MEDIA_TYPE", { params: { expected: rule.contentTypes.join(", ") } });

/**
 * All bytes of a stream, or 413 as soon as there are too many; the rest is then not read. The stream is
 * counted even where Content-Length is small: with `Transfer-Encoding` beside it, that header means nothing.
 */
async function readBytes(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (body === null) return new Uint8Array();
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    length += read.value.byteLength;
    if (length > maxBytes) {
      await reader.cancel();
      throw new ApiError("BODY_TOO_LARGE", { params: { limit: maxBytes } });
    }
    chunks.push(read.value);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}
