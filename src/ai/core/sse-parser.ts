/**
 * Takes apart an event stream of an upstream (WHATWG HTML, "Server-sent events") of which nothing is trusted: its lines
 * and events are bounded, so that a line without an end costs a fixed amount of memory. Only `data` is of interest here.
 */

/** Thrown out of `push` where a line or an event is longer than allowed. */
export class SseTooLong extends Error {}

export interface SseParser {
  /** The `data` of every event that this piece of text completes, in order. */
  readonly push: (text: string) => string[];
  /** What the end of the body completes: an event whose empty line was left out. */
  readonly end: () => string[];
}

/** A parser of one stream. `maxChars` bounds a line, and the data of an event. */
export function createSseParser(maxChars: number): SseParser {
  let rest = "";
  let isFirst = true;
  let data: string[] = [];
  let dataChars = 0;

  const take = (line: string, events: string[]): void => {
    if (line === "") {
      if (data.length > 0) events.push(data.join("\n"));
      data = [];
      dataChars = 0;
      return;
    }
    // A colon at its start makes a comment of a line, and a line without one is a field without a value.
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    if (field !== "data") return;
    const value = colon < 0 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
    dataChars += value.length + 1;
    if (dataChars > maxChars) throw new SseTooLong();
    data.push(value);
  };

  return {
    push: (text) => {
      const events: string[] = [];
      let buffer = rest + text;
      if (isFirst && buffer !== "") {
        isFirst = false;
        if (buffer.startsWith("\uFEFF")) buffer = buffer.slice(1);
      }
      let start = 0;
      for (;;) {
        const end = nextBreak(buffer, start);
        // A carriage return at the very end may be half of a pair.
        if (end < 0 || (buffer[end] === "\r" && end === buffer.length - 1)) break;
        take(buffer.slice(start, end), events);
        start = end + (buffer[end] === "\r" && buffer[end + 1] === "\n" ? 2 : 1);
      }
      rest = buffer.slice(start);
      if (rest.length > maxChars) throw new SseTooLong();
      return events;
    },
    end: () => {
      const events: string[] = [];
      const line = rest.endsWith("\r") ? rest.slice(0, -1) : rest;
      rest = "";
      if (line !== "") take(line, events);
      take("", events);
      return events;
    },
  };
}

function nextBreak(text: string, from: number): number {
  const lf = text.indexOf("\n", from);
  const cr = text.indexOf("\r", from);
  if (lf < 0) return cr;
  return cr < 0 ? lf : Math.min(lf, cr);
}
