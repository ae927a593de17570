import { TooLarge } from "./body-reader";

/** What a request asks for: what the runtime undoes by itself (`gzip`, `br`), and what is undone here. */
export const ACCEPT_ENCODING = "gzip, deflate, br";

type Coding = "gzip" | "deflate";
type Format = Coding | "deflate-raw";
const CODINGS: ReadonlyMap<string, Coding> = new Map([
  ["gzip", "gzip"],
  ["x-gzip", "gzip"],
  ["deflate", "deflate"],
]);
/** Nobody honest applies more; each one costs a pass over the body. */
const MAX_CODINGS = 2;
/** A thousandfold at most comes of a piece, so that a small body that unfolds to a huge one is noticed in time. */
const PIECE_BYTES = 4 * 1024;

/**
 * The codings of a body that are still to be undone, the outermost last, or null where one is unknown. workerd's fetch undoes
 * a `Content-Encoding` of exactly `gzip` or `br`, in small letters and alone, and hands on everything else as it came.
 */
export function codingsLeft(header: string | null): readonly Coding[] | null {
  if (header === null || header === "gzip" || header === "br") return [];
  const names = header
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "" && name !== "identity");
  const codings = names.flatMap((name) => CODINGS.get(name) ?? []);
  return codings.length < names.length || codings.length > MAX_CODINGS ? null : codings;
}

/**
 * Undoes the codings of a body, of which at most `maxBytes` are made: TooLarge where there is more, unless `truncate` keeps the
 * beginning. Throws where the body is damaged.
 */
export async function decodeBytes(
  body: Uint8Array,
  codings: readonly Coding[],
  caps: { readonly maxBytes: number; readonly truncate: boolean },
): Promise<Uint8Array> {
  let bytes = body;
  for (const coding of codings.toReversed())
    bytes = await inflate(bytes, formatOf(bytes, coding), caps);
  return bytes;
}

/** `deflate` names the zlib format (RFC 9110 section 8.4.1.2), and many servers send the bare one: the header tells (RFC 1950). */
function formatOf([first = 0, second = 0]: Uint8Array, coding: Coding): Format {
  if (coding === "gzip") return "gzip";
  const isZlib = (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0;
  return isZlib ? "deflate" : "deflate-raw";
}

async function inflate(
  body: Uint8Array,
  format: Format,
  caps: { readonly maxBytes: number; readonly truncate: boolean },
): Promise<Uint8Array> {
  if (body.byteLength === 0) return body;
  let offset = 0;
  const pieces = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        if (offset >= body.byteLength) {
          controller.close();
          return;
        }
        controller.enqueue(new Uint8Array(body.subarray(offset, offset + PIECE_BYTES)));
        offset += PIECE_BYTES;
      },
    },
    { highWaterMark: 0 },
  );
  const reader = pieces.pipeThrough(new DecompressionStream(format)).getReader();
  const chunks: Uint8Array[] = [];
  let total = 0;
  try {
    while (total <= caps.maxBytes) {
      const { done, value } = await reader.read();
      if (done) return join(chunks, total);
      chunks.push(value);
      total += value.byteLength;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
  if (!caps.truncate) throw new TooLarge();
  return join(chunks, caps.maxBytes);
}

/** The first `length` bytes of what the chunks hold. */
function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    const part = chunk.subarray(0, length - offset);
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return bytes;
}
