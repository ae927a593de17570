import { describe, expect, test } from "vitest";
import {
  encodeSseEvent,
  HEARTBEAT_MS,
  openSse,
  PROBE_MS,
  ReaderTooSlow,
  STALL_MS,
} from "#http/sse";
import type { OpenSse, SseEvent, SseOptions, SseOut, SseProducer } from "#http/sse";
import { createManualTimers } from "../../support/tasks";

const DONE: SseEvent = { id: "9", event: "done", data: "{}" };

function open(produce: SseProducer, options: Partial<SseOptions> = {}) {
  const timers = createManualTimers();
  const failures: unknown[] = [];
  const stream = openSse(produce, {
    startTimer: timers.startTimer,
    onFailure: (error) => {
      failures.push(error);
      return { event: "error", data: "{}" };
    },
    ...options,
  });
  return { stream, timers, failures };
}

const readAll = (stream: OpenSse): Promise<string> => new Response(stream.body).text();

/** A promise that the test resolves. */
function gate<T = void>() {
  let open: (value: T) => void = () => undefined;
  const opened = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe("an event", () => {
  test.each<[string, SseEvent, string]>([
    [
      "has its id, name and data",
      { id: "1", event: "a", data: "x" },
      "id: 1\nevent: a\ndata: x\n\n",
    ],
    ["may have data alone", { data: "x" }, "data: x\n\n"],
    [
      "keeps each kind of line break in its data",
      { data: "a\nb\r\nc\rd" },
      "data: a\ndata: b\ndata: c\ndata: d\n\n",
    ],
    ["that is empty is still one", { data: "" }, "data: \n\n"],
  ])("%s", (_name, event, wire) => {
    expect(encodeSseEvent(event)).toBe(wire);
  });

  test.each(["1\ndata: forged", "1\r", "1\0"])("never has an id of more than a line: %j", (id) => {
    expect(() => encodeSseEvent({ id, data: "" })).toThrow("one line");
    expect(() => encodeSseEvent({ event: id, data: "" })).toThrow("one line");
  });
});

describe("a stream", () => {
  test("begins with bytes of its own, carries what is sent in order, and ends with the producer's last event", async () => {
    const { stream } = open(async (out) => {
      await out.send({ id: "1", data: "one" });
      await out.send({ id: "2", data: "두" });
      return DONE;
    });
    expect(await readAll(stream)).toBe(
      "retry: 1000\n\nid: 1\ndata: one\n\nid: 2\ndata: 두\n\nid: 9\nevent: done\ndata: {}\n\n",
    );
    expect(await stream.finished).toBe("ended");
  });

  test("leaves no timer behind", async () => {
    const { stream, timers } = open(async () => DONE, {
      watch: { everyMs: 1_000, check: async () => null },
    });
    await readAll(stream);
    expect(timers.pending()).toBe(0);
  });

  test("whose producer throws ends in the error event, under the id that was sent last", async () => {
    const { stream, failures } = open(async (out) => {
      await out.send({ id: "7", data: "x" });
      throw new Error("broken");
    });
    expect(await readAll(stream)).toMatch(/id: 7\nevent: error\ndata: \{\}\n\n$/);
    expect(failures).toEqual([new Error("broken")]);
  });

  test("that failed before its first event ends under the id that its reader resumed from", async () => {
    const { stream } = open(() => Promise.reject(new Error("broken")), { resumedFrom: "4" });
    expect(await readAll(stream)).toMatch(/id: 4\nevent: error\n/);
  });

  test("shows signs of life, which are no events: often while it is young, at last every 15 s", async () => {
    const end = gate();
    const { stream, timers } = open(async () => {
      await end.opened;
      return DONE;
    });
    const reader = stream.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    const read = (async () => {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        text += value;
      }
    })();
    const signs = async (ms: number): Promise<number> => {
      const before = text.split(":\n\n").length;
      await timers.advance(ms);
      await new Promise((resolve) => setImmediate(resolve));
      return text.split(":\n\n").length - before;
    };
    expect(await signs(2 * PROBE_MS)).toBe(2);
    expect(await signs(60_000)).toBeGreaterThan(4);
    for (let n = 0; n < 4; n++) expect(await signs(HEARTBEAT_MS)).toBe(1);
    end.open();
    await read;
    expect(text).toMatch(/^retry: 1000\n\n(?::\n\n)+id: 9\nevent: done\n/);
  });
});

describe("a reader", () => {
  const BIG = "x".repeat(40_000);

  test("that is slow slows the producer: no more than the buffer waits for it", async () => {
    let sent = 0;
    const { stream } = open(async (out) => {
      for (; sent < 20; sent++) await out.send({ data: BIG });
      return DONE;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toBeLessThanOrEqual(2);
    expect((await readAll(stream)).match(/data: x/g)).toHaveLength(20);
  });

  test("that takes nothing for 30 s is cut off, and its producer with it", async () => {
    const seen = { signal: null as AbortSignal | null };
    const { stream, timers, failures } = open(async (out) => {
      seen.signal = out.signal;
      for (;;) await out.send({ id: "1", data: BIG });
    });
    await timers.advance(STALL_MS - 1);
    expect(failures).toEqual([]);
    await timers.advance(1);
    expect(await stream.finished).toBe("ended");
    expect(failures).toEqual([expect.any(ReaderTooSlow)]);
    expect(seen.signal?.aborted).toBe(true);
    expect(await readAll(stream)).toMatch(/event: error\ndata: \{\}\n\n$/);
  });

  test("that stalls gathers no signs of life behind a full buffer", async () => {
    const { stream, timers } = open(async (out) => {
      await out.send({ data: BIG });
      await out.send({ data: BIG });
      return DONE;
    });
    await timers.advance(HEARTBEAT_MS);
    expect(await readAll(stream)).not.toContain("\n:\n");
  });

  test.each<[string, (stream: OpenSse) => unknown]>([
    ["that cancels", (stream) => stream.body.cancel()],
    ["whose request is aborted", (stream) => stream.abandon()],
  ])("%s ends the producer, and nothing is left running", async (_name, leave) => {
    const seen = { out: null as SseOut | null };
    const { stream, timers, failures } = open((out) => {
      seen.out = out;
      return new Promise(() => undefined);
    });
    await leave(stream);
    expect(await stream.finished).toBe("gone");
    expect(seen.out?.signal.aborted).toBe(true);
    await expect(seen.out?.send({ data: "late" })).rejects.toThrow("over");
    expect(timers.pending()).toBe(0);
    expect(failures).toEqual([]);
  });

  test("that leaves while the producer waits for room leaves no producer waiting", async () => {
    const ended = gate<unknown>();
    const { stream } = open(async (out) => {
      try {
        for (;;) await out.send({ data: BIG });
      } catch (error) {
        ended.open(error);
        throw error;
      }
    });
    await stream.body.cancel();
    expect(await ended.opened).toMatchObject({ name: "SseClosed" });
    expect(await stream.finished).toBe("gone");
  });
});

describe("what is watched", () => {
  test("ends the stream with its event, though the producer has nothing to say", async () => {
    let looks = 0;
    const { stream, timers } = open(() => new Promise(() => undefined), {
      watch: {
        everyMs: 4_000,
        check: async () => (++looks < 3 ? null : { event: "error", data: "revoked" }),
      },
    });
    await timers.advance(8_000);
    expect(looks).toBe(2);
    await timers.advance(4_000);
    expect(await stream.finished).toBe("ended");
    expect(await readAll(stream)).toMatch(/event: error\ndata: revoked\n\n$/);
  });

  test("and can't be looked at ends the stream in an error", async () => {
    const { stream, timers, failures } = open(() => new Promise(() => undefined), {
      watch: { everyMs: 4_000, check: () => Promise.reject(new Error("gate away")) },
    });
    await timers.advance(4_000);
    expect(await stream.finished).toBe("ended");
    expect(failures).toEqual([new Error("gate away")]);
  });
});
