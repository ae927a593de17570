import { utf8 } from "#platform/bytes";

/** How soon a caller that has left is noticed. */
const BLANK_EVERY_MS = 1_000;

export interface LateJson {
  readonly body: ReadableStream<Uint8Array>;
  /** Resolves when nothing is left to do, whoever ended it. */
  readonly finished: Promise<void>;
}

/**
 * The body of an answer whose JSON is not there yet. It begins at once, with blanks that mean nothing (RFC 8259 section 2): before an answer has
 * begun the runtime does not tell that its caller has left, afterwards it does. `make` learns of that by its signal, and must not throw for
 * what it expects, since the status has been sent; when it throws, the body breaks off.
 */
export function lateJson(
  make: (left: AbortSignal) => Promise<unknown>,
  blankEveryMs = BLANK_EVERY_MS,
): LateJson {
  const left = new AbortController();
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const timer = setInterval(() => {
        if (!left.signal.aborted) controller.enqueue(utf8(" "));
      }, blankEveryMs);
      const run = async (): Promise<void> => {
        try {
          const value = await make(left.signal);
          if (left.signal.aborted) return;
          controller.enqueue(utf8(JSON.stringify(value)));
          controller.close();
        } catch (error) {
          if (!left.signal.aborted) controller.error(error);
        } finally {
          clearInterval(timer);
          finish();
        }
      };
      void run();
    },
    cancel() {
      left.abort();
    },
  });
  return { body, finished };
}
