import { utf8 } from "#platform/bytes";
import type { JsonValue } from "#platform/json-value";
import type { ModelEvent } from "./port";

/** Batches of events as bytes, one line of JSON each. Reading sets the pace; leaving ends the source. */
export function toLines(
  batches: AsyncGenerator<readonly ModelEvent[], void>,
): ReadableStream<Uint8Array> {
  return new ReadableStream({
    type: "bytes",
    pull: async (controller) => {
      const { done, value } = await batches.next();
      if (done === true) controller.close();
      else controller.enqueue(utf8(value.map((event) => `${JSON.stringify(event)}\n`).join("")));
    },
    cancel: () => void batches.return(),
  });
}

/** The events of such lines. They come from an object of ours, so that what they hold is not questioned. Throws where the stream breaks. */
export async function* fromLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<ModelEvent> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) yield JSON.parse(line) as JsonValue as ModelEvent;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
