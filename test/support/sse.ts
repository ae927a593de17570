/** An event as a reader of a stream gets it (HTML, "Interpreting an event stream"). */
export interface ReadEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

export interface SseReader {
  /** The next event, or null at the end of the stream. Comments are passed over. */
  readonly next: () => Promise<ReadEvent | null>;
  readonly rest: () => Promise<ReadEvent[]>;
  /** Leaves, as a client that is gone does. */
  readonly leave: () => Promise<void>;
}

/** Reads a stream event by event. Data is JSON in all of ours. */
export function readSse(response: Response): SseReader {
  const stream = response.body?.pipeThrough(new TextDecoderStream());
  if (!stream) throw new Error("The answer has no body.");
  const reader = stream.getReader();
  let buffer = "";
  async function next(): Promise<ReadEvent | null> {
    for (;;) {
      const end = buffer.indexOf("\n\n");
      if (end >= 0) {
        const event = parseBlock(buffer.slice(0, end));
        buffer = buffer.slice(end + 2);
        if (event) return event;
        continue;
      }
      const { done, value } = await reader.read();
      if (done) {
        if (buffer !== "") throw new Error(`The stream stopped inside an event: ${buffer}`);
        return null;
      }
      buffer += value;
    }
  }
  return {
    next,
    async rest() {
      const events: ReadEvent[] = [];
      for (let event = await next(); event; event = await next()) events.push(event);
      return events;
    },
    leave: () => reader.cancel(),
  };
}

function parseBlock(block: string): ReadEvent | null {
  let id: string | undefined;
  let event = "message";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const [, field = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
    if (field === "id") id = value;
    if (field === "event") event = value;
    if (field === "data") data.push(value);
  }
  if (data.length === 0) return null;
  return { id, event, data: JSON.parse(data.join("\n")) as Record<string, unknown> };
}
