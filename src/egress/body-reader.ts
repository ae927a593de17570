import type { Watch } from "./watch";

/** Thrown out of a guarded stream; the opener turns it into a failure with a code. */
export class TooLarge extends Error {}

export interface BodyCaps {
  /** Of the decoded body: what a small compressed answer unfolds to counts, not what came over the wire. */
  readonly maxBytes: number;
  readonly idleMs: number;
}

/**
 * The body chunk by chunk under its caps. The source is cancelled as soon as a cap is passed or the reader leaves,
 * so that no byte more is transferred; `watch` is closed at the end, whatever the end was.
 */
export function guardBody(
  source: ReadableStream<Uint8Array>,
  caps: BodyCaps,
  watch: Watch,
): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  let total = 0;
  const giveUp = (): void => {
    watch.close();
    reader.cancel().catch(() => {});
  };
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      try {
        const { done, value } = await watch.race(() => reader.read(), caps.idleMs);
        if (done) {
          watch.close();
          controller.close();
          return;
        }
        total += value.byteLength;
        if (total > caps.maxBytes) throw new TooLarge();
        controller.enqueue(value);
      } catch (error) {
        giveUp();
        throw error;
      }
    },
    cancel: giveUp,
  });
}

/** All bytes of a body, or its first `maxBytes` where `truncate` says that the rest does not matter. */
export async function collectBody(
  source: ReadableStream<Uint8Array> | null,
  caps: BodyCaps & { readonly truncate: boolean },
  watch: Watch,
): Promise<Uint8Array> {
  if (source === null) {
    watch.close();
    return new Uint8Array();
  }
  const reader = source.getReader();
  const chunks: Uint8Array[] = [];
  let total = 0;
  let isComplete = false;
  try {
    while (total <= caps.maxBytes) {
      const { done, value } = await watch.race(() => reader.read(), caps.idleMs);
      if (done) {
        isComplete = true;
        break;
      }
      chunks.push(value);
      total += value.byteLength;
    }
  } finally {
    watch.close();
    if (!isComplete) reader.cancel().catch(() => {});
  }
  if (!isComplete && !caps.truncate) throw new TooLarge();
  const bytes = new Uint8Array(Math.min(total, caps.maxBytes));
  let offset = 0;
  for (const chunk of chunks) {
    const part = chunk.subarray(0, bytes.length - offset);
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return bytes;
}
