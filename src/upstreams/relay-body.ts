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

/** Bodies up to this many bytes are mostly here when their head is. */
const MAX_WHOLE_BYTES = 16_384;

/** Starts to hand on. A body that did not end well breaks for its reader too: it is never quietly shorter. */
export const relayBody = (source: ReadableStream<Uint8Array>, options: RelayOptions): Relay =>
  start(source.getReader({ mode: "byob" }), options);

/**
 * The whole of a body that is short by its told length and came in one piece, as most answers do: that spares the stream, its
 * buffer and its timers. All others are relayed from the first piece on, for which this waits `idleMs` at most. `onPiece`
 * sees a whole body too.
 */
export async function takeBody(
  source: ReadableStream<Uint8Array>,
  options: RelayOptions,
): Promise<Uint8Array<ArrayBuffer> | Relay> {
  const { length, idleMs, timer, onPiece } = options;
  if (length === null || length === 0 || length > MAX_WHOLE_BYTES)
    return relayBody(source, options);
  const reader = source.getReader({ mode: "byob" });
  const first = await settled(within(readShort(reader, length), idleMs, timer));
  if (!(first instanceof Uint8Array)) return start(reader, options, first);
  onPiece?.(first);
  return first;
}

/** All of a body that came in one piece, or what came first. Throws where more came than was told. */
async function readShort(
  reader: ReadableStreamBYOBReader,
  length: number,
): Promise<Uint8Array<ArrayBuffer> | Read> {
  const first = (await reader.read(new Uint8Array(length))) as Read;
  if (first.done || first.value.byteLength < length) return first;
  const { done } = await reader.read(new Uint8Array(1));
  if (!done) throw new Error("longer than was told");
  return first.value;
}

function start(reader: ReadableStreamBYOBReader, options: RelayOptions, first?: Piece): Relay {
  const { readable, writable } =
    options.length === null ? new IdentityTransformStream() : new FixedLengthStream(options.length);
  return { readable, ended: run(reader, writable, options, first) };
}

async function run(
  reader: ReadableStreamBYOBReader,
  writable: WritableStream<Uint8Array>,
  options: RelayOptions,
  first: Piece | undefined,
): Promise<RelayEnd> {
  const writer = writable.getWriter();
  // What a writer's promises tell is told by its writes as well.
  writer.closed.catch(() => undefined);
  const end = await pump(reader, writer, options, first);
  if (end === "complete") return end;
  reader.cancel().catch(() => undefined);
  writer.abort(new Error(`body: ${end}`)).catch(() => undefined);
  return end;
}

async function pump(
  reader: ReadableStreamBYOBReader,
  writer: WritableStreamDefaultWriter<Uint8Array>,
  { length, maxBytes, idleMs, stallMs, timer, onPiece }: RelayOptions,
  first: Piece | undefined,
): Promise<RelayEnd> {
  // One more than is told, which shows what is longer.
  let buffer = new Uint8Array(Math.min(PIECE_BYTES, (length ?? PIECE_BYTES) + 1));
  let total = 0;
  let begun = first;
  for (;;) {
    const read =
      begun ?? (await settled(within(reader.read(buffer) as Promise<Read>, idleMs, timer)));
    if (read === "late") return "idle";
    if (read === "source_lost") return read;
    total += read.done ? 0 : read.value.byteLength;
    if (maxBytes !== null && total > maxBytes) return "too_large";
    // The stream breaks for its reader by this, and yet is closed for its writer.
    if (read.done && length !== null && total !== length) return "source_lost";
    if (!read.done) onPiece?.(read.value);
    const writing = read.done ? writer.close() : writer.write(read.value);
    const written = await within(writing, stallMs, timer).catch(() => "reader_left" as const);
    if (written === "late") return "stalled";
    if (written === "reader_left") return written;
    if (read.done) return "complete";
    if (begun === undefined) buffer = new Uint8Array(read.value.buffer);
    begun = undefined;
  }
}

/** What reading gave: a piece, the end, or why there is neither. */
type Piece = Read | "late" | "source_lost";

const settled = <T>(reading: Promise<T>): Promise<T | "source_lost"> =>
  reading.catch(() => "source_lost" as const);

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
