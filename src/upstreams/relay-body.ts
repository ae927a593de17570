/**
 * Hands a body on piece by piece: never more than one piece is in memory, however long it is, since the next one is only
 * read when the last one was taken. It goes through one buffer: pieces of their own would be garbage faster than it is
 * collected.
 */
import type { TimerPort } from "#egress/service";

export type RelayEnd =
  | "complete"
  /** More than `maxBytes` came. */
  | "too_large"
  /** The source gave nothing for `idleMs`. */
  | "idle"
  /** The reader took nothing for `stallMs`. */
  | "stalled"
  | "source_lost"
  | "reader_left";

export interface RelayOptions {
  /** Told by the source; the reader is told too, and a source that gives another number of bytes breaks. Null where it is not known. */
  readonly length: number | null;
  readonly maxBytes: number | null;
  /** Null waits without end. */
  readonly idleMs: number | null;
  /** Null waits without end. */
  readonly stallMs: number | null;
  readonly timer: TimerPort;
  /** Sees each piece before it is handed on; it is gone afterwards. */
  readonly onPiece?: (piece: Uint8Array) => void;
}

export interface Relay {
  readonly readable: ReadableStream<Uint8Array>;
  /** How it ended; never rejects. Whatever the end, the source is left. */
  readonly ended: Promise<RelayEnd>;
}

const PIECE_BYTES = 65_536;

/** Starts to hand on. A body that did not end well breaks for its reader too: it is never quietly shorter. */
export function relayBody(source: ReadableStream<Uint8Array>, options: RelayOptions): Relay {
  const { readable, writable } =
    options.length === null ? new IdentityTransformStream() : new FixedLengthStream(options.length);
  return { readable, ended: run(source, writable, options) };
}

async function run(
  source: ReadableStream<Uint8Array>,
  writable: WritableStream<Uint8Array>,
  options: RelayOptions,
): Promise<RelayEnd> {
  const reader = source.getReader({ mode: "byob" });
  const writer = writable.getWriter();
  // What a writer's promises tell is told by its writes as well.
  writer.closed.catch(() => undefined);
  const end = await pump(reader, writer, options);
  if (end === "complete") return end;
  reader.cancel().catch(() => undefined);
  writer.abort(new Error(`body: ${end}`)).catch(() => undefined);
  return end;
}

async function pump(
  reader: ReadableStreamBYOBReader,
  writer: WritableStreamDefaultWriter<Uint8Array>,
  { maxBytes, idleMs, stallMs, timer, onPiece }: RelayOptions,
): Promise<RelayEnd> {
  let buffer = new Uint8Array(PIECE_BYTES);
  let total = 0;
  for (;;) {
    const reading = reader.read(buffer) as Promise<Read>;
    const read = await within(reading, idleMs, timer).catch(() => "source_lost" as const);
    if (read === "late") return "idle";
    if (read === "source_lost") return read;
    total += read.done ? 0 : read.value.byteLength;
    if (maxBytes !== null && total > maxBytes) return "too_large";
    if (!read.done) onPiece?.(read.value);
    const writing = read.done ? writer.close() : writer.write(read.value);
    const written = await within(writing, stallMs, timer).catch(() => "reader_left" as const);
    if (written === "late") return "stalled";
    if (written === "reader_left") return written;
    if (read.done) return "complete";
    buffer = new Uint8Array(read.value.buffer);
  }
}

type Read =
  | { readonly done: false; readonly value: Uint8Array<ArrayBuffer> }
  | { readonly done: true };

/** What `work` gives, or `late` where it takes longer than `ms`. */
async function within<T>(
  work: Promise<T>,
  ms: number | null,
  timer: TimerPort,
): Promise<T | "late"> {
  if (ms === null) return work;
  const { promise, resolve } = Promise.withResolvers<"late">();
  const cancel = timer(ms, () => resolve("late"));
  // Where the time is over first, nobody looks at this any more.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, promise]);
  } finally {
    cancel();
  }
}
