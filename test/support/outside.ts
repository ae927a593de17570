/** A network and a clock that a test holds in its hands: nothing moves unless the test says so. */
import type { FetchPort, TimerPort } from "#egress/service";

export interface FakeNetwork {
  readonly fetch: FetchPort;
  /** What was asked for, in order: `METHOD url`. */
  readonly calls: string[];
  /** The requests behind `calls`. */
  readonly requests: { readonly url: string; readonly init: RequestInit }[];
}

export type FakeAnswer = (url: string, init: RequestInit) => Response | Promise<Response>;

/** Answers by exact URL; what it does not know is a refused connection. */
export function fakeNetwork(answers: Readonly<Record<string, FakeAnswer>>): FakeNetwork {
  const calls: string[] = [];
  const requests: { url: string; init: RequestInit }[] = [];
  return {
    calls,
    requests,
    fetch: async (url, init) => {
      calls.push(`${init.method ?? "GET"} ${url}`);
      requests.push({ url, init });
      const answer = answers[url];
      if (answer === undefined) throw new TypeError("connection refused");
      return answer(url, init);
    },
  };
}

export const redirect =
  (location: string, status = 302): FakeAnswer =>
  () =>
    new Response(null, { status, headers: { location } });

export const page =
  (body: string, headers: Record<string, string> = { "content-type": "text/html" }): FakeAnswer =>
  () =>
    new Response(body, { headers });

/** Never answers, and does not care for its signal. */
export const silence: FakeAnswer = () => new Promise<Response>(() => {});

export interface ManualTimer {
  readonly timer: TimerPort;
  readonly now: () => number;
  /** Moves time on, calling back what falls due in its order. */
  readonly advance: (ms: number) => Promise<void>;
  /** How many timers are running. */
  readonly pending: () => number;
}

export function manualTimer(startMs = 1_800_000_000_000): ManualTimer {
  let nowMs = startMs;
  const timers = new Set<{ atMs: number; callback: () => void }>();
  return {
    now: () => nowMs,
    pending: () => timers.size,
    timer: (ms, callback) => {
      const entry = { atMs: nowMs + ms, callback };
      timers.add(entry);
      return () => timers.delete(entry);
    },
    advance: async (ms) => {
      const endMs = nowMs + ms;
      await settled();
      for (;;) {
        const due = [...timers]
          .filter((entry) => entry.atMs <= endMs)
          .sort((a, b) => a.atMs - b.atMs)[0];
        if (due === undefined) break;
        timers.delete(due);
        nowMs = due.atMs;
        due.callback();
        await settled();
      }
      nowMs = endMs;
    },
  };
}

/** Lets everything that is already decided happen. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
