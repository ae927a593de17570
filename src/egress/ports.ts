/** What egress needs from outside itself. Tests hand in their own. */
export type FetchPort = (input: string, init: RequestInit) => Promise<Response>;

/** Calls back once after `ms`; the answer cancels. */
export type TimerPort = (ms: number, callback: () => void) => () => void;

export const systemTimer: TimerPort = (ms, callback) => {
  const id = setTimeout(callback, ms);
  return () => clearTimeout(id);
};

/** The runtime's fetch, looked up at the call: taking it off `globalThis` once would lose its receiver. */
export const systemFetch: FetchPort = (input, init) => fetch(input, init);
