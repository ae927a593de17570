import { utf8 } from "#platform/bytes";
import { startTimer as platformTimer } from "#platform/timer";
import type { StartTimer } from "#platform/timer";

/**
 * Server-sent events (HTML, "Server-sent events"): one stream, from its first byte to its last event. It promises that whoever reads to the end
 * reads a last event, that no more than a bounded number of bytes waits for a slow reader, and that nothing goes on once the reader is gone.
 * What the events are, how they are numbered and how a reader resumes belongs to whoever produces them.
 */
export interface SseEvent {
  /** What a reader names in `Last-Event-ID` to go on behind this event. */
  readonly id?: string;
  /** `message` to readers where it is left out. */
  readonly event?: string;
  /** As it is sent; JSON is made by the caller. Line breaks are allowed. */
  readonly data: string;
}

/** What a producer writes to. */
export interface SseOut {
  /** Resolves when there is room for the next event. Throws `SseClosed` once the stream is over, whoever ended it. */
  readonly send: (event: SseEvent) => Promise<void>;
  /** Aborted when the stream is over: there is nobody left to produce for. */
  readonly signal: AbortSignal;
}

/** Produces a stream's events and gives its last one. What it throws becomes the last one by `onFailure`. */
export type SseProducer = (out: SseOut) => Promise<SseEvent>;

/** Something that is looked at while a stream is open, such as its reader's right to it. */
export interface SseWatch {
  readonly everyMs: number;
  /** Null to go on; an event ends the stream with it. What it throws ends the stream by `onFailure`. */
  readonly check: () => Promise<SseEvent | null>;
}

export interface SseOptions {
  /** Makes the last event of what a producer or a watch threw, and of a `ReaderTooSlow`. Never throws. */
  readonly onFailure: (error: unknown) => SseEvent;
  readonly watch?: SseWatch | undefined;
  /** What the reader saw last, where it resumes. A last event without an id of its own takes the newest id, so that its reader resumes behind it. */
  readonly resumedFrom?: string | undefined;
  /** Runs a timer and gives back what stops it. A parameter for tests. */
  readonly startTimer?: StartTimer;
}

/** How a stream ended: with its last event, or because its reader left. */
export type SseEnding = "ended" | "gone";

export interface OpenSse {
  readonly body: ReadableStream<Uint8Array>;
  /** Resolves when the stream is over. Never rejects. */
  readonly finished: Promise<SseEnding>;
  /** Ends the stream as if its reader had cancelled it. */
  readonly abandon: () => void;
}

/** Thrown at a producer that goes on after the end. */
export class SseClosed extends Error {
  override readonly name = "SseClosed";
}

/** The reader took nothing for `STALL_MS`. */
export class ReaderTooSlow extends Error {
  override readonly name = "ReaderTooSlow";
}

/** Proxies close a connection that is silent for a minute or less; a comment, which is no event, comes at least so often. */
export const HEARTBEAT_MS = 15_000;
/**
 * A reader that left is noticed where something is written to it, by workerd at the first write, behind a proxy at the second. So a stream's first
 * comments come quickly and the later ones ever more slowly: a reader that connects and breaks off again and again holds few streams at once.
 */
export const PROBE_MS = 500;
/** What waits for a slow reader, at most, besides the event that is being written. */
const BUFFER_BYTES = 64 * 1024;
/** A reader that takes nothing for so long is cut off: it resumes where it was, and holds nothing meanwhile. */
export const STALL_MS = 30_000;
/** How long a reader waits before it connects again. */
const RETRY_MS = 1_000;

/** One event on the wire. An id or a name with a line break or NUL would be another event: those are a fault of the program. */
export function encodeSseEvent({ id, event, data }: SseEvent): string {
  if (/[\r\n\0]/.test(`${id ?? ""}${event ?? ""}`))
    throw new Error("The id and the name of an event are one line.");
  const head = `${id === undefined ? "" : `id: ${id}\n`}${event === undefined ? "" : `event: ${event}\n`}`;
  const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
  return `${head}${lines.join("")}\n`;
}

/**
 * Opens a stream and starts its producer. The reader's pace is the producer's: `send` waits while more than 64 KiB wait. A reader that stalls for
 * 30 s is told so and cut off; one that leaves aborts the producer's signal.
 */
export function openSse(produce: SseProducer, options: SseOptions): OpenSse {
  const { onFailure, watch, startTimer = platformTimer } = options;
  const over = new AbortController();
  const stops = new Set<() => void>();
  let onRoom: (() => void)[] = [];
  let lastId = options.resumedFrom;
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  let settle: (last: SseEvent | null) => void = () => undefined;
  // The first end counts: the producer's last event, a watch's, a failure's, or null where the reader left.
  const end = new Promise<SseEvent | null>((resolve) => {
    settle = resolve;
  });

  const body = new ReadableStream<Uint8Array>(
    {
      start(stream) {
        controller = stream;
      },
      pull() {
        const waiting = onRoom;
        onRoom = [];
        for (const resume of waiting) resume();
      },
      cancel() {
        settle(null);
      },
    },
    { highWaterMark: BUFFER_BYTES, size: (chunk) => chunk?.byteLength ?? 0 },
  );
  const hasRoom = (): boolean => (controller?.desiredSize ?? 0) > 0;
  const write = (bytes: Uint8Array): void => controller?.enqueue(bytes);
  const after = (delayMs: number, onEnd: () => void): (() => void) => {
    const cancel = startTimer(delayMs, () => {
      stops.delete(stop);
      onEnd();
    });
    const stop = (): void => {
      stops.delete(stop);
      cancel();
    };
    stops.add(stop);
    return stop;
  };

  async function untilRoom(): Promise<void> {
    if (hasRoom()) return;
    const stop = after(STALL_MS, () => {
      settle(onFailure(new ReaderTooSlow("The reader takes nothing.")));
    });
    await new Promise<void>((resolve) => {
      onRoom.push(resolve);
    });
    stop();
  }

  const out: SseOut = {
    signal: over.signal,
    async send(event) {
      if (over.signal.aborted) throw new SseClosed("The stream is over.");
      write(utf8(encodeSseEvent(event)));
      lastId = event.id ?? lastId;
      await untilRoom();
    },
  };

  function beat(ageMs: number): void {
    const delayMs = Math.min(HEARTBEAT_MS, Math.max(PROBE_MS, ageMs / 2));
    after(delayMs, () => {
      // Behind a full buffer a comment would tell nobody anything.
      if (hasRoom()) write(utf8(":\n\n"));
      beat(ageMs + delayMs);
    });
  }

  function look({ everyMs, check }: SseWatch): void {
    const again = async (): Promise<void> => {
      try {
        const last = await check();
        if (over.signal.aborted) return;
        if (last) settle(last);
        else look({ everyMs, check });
      } catch (error) {
        fail(error);
      }
    };
    after(everyMs, () => void again());
  }

  function fail(error: unknown): void {
    // What fails because the stream is over is no failure of the stream.
    if (!over.signal.aborted) settle(onFailure(error));
  }

  async function run(): Promise<SseEnding> {
    // The first bytes show the reader that it is connected, long before there may be anything to tell.
    write(utf8(`retry: ${RETRY_MS}\n\n`));
    beat(0);
    if (watch) look(watch);
    produce(out).then(settle, fail);
    const last = await end;
    over.abort(new SseClosed("The stream is over."));
    for (const stop of stops) stop();
    // Whoever still waits for room finds out that the stream is over.
    for (const resume of onRoom) resume();
    if (last === null) {
      controller?.close();
      return "gone";
    }
    write(utf8(encodeSseEvent(lastId === undefined ? last : { id: lastId, ...last })));
    controller?.close();
    return "ended";
  }

  // A body whose reader left at this very moment takes no more bytes.
  const finished = run().catch((): SseEnding => "gone");
  return {
    body,
    finished,
    abandon: () => {
      settle(null);
    },
  };
}
