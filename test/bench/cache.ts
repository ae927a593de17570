/**
 * What the cache of answers does for callers whose questions repeat as people's do: 2,000 requests over 200 prompts by Zipf's law, 32 at
 * once, against a model's server on loopback that streams ten words; beside the bare runtime, asked by the same client in the same run.
 */
import { startModelServer } from "../support/model-server.ts";
import { startRuntime } from "../support/runtime.ts";

const REQUESTS = 2_000;
const PROMPTS = 200;
const CALLERS = 32;

/** The same sequence in every run (Numerical Recipes' linear congruence). */
function chance(): () => number {
  let state = 20_261_020;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Ranks from 0, each as likely as one over its place. */
function zipf(random: () => number): number {
  let rest =
    random() * Array.from({ length: PROMPTS }, (_, i) => 1 / (i + 1)).reduce((a, b) => a + b);
  for (let rank = 0; rank < PROMPTS; rank++) {
    rest -= 1 / (rank + 1);
    if (rest < 0) return rank;
  }
  return PROMPTS - 1;
}

interface Load {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly said: ReadonlyMap<string, number>;
}

/** Sends all of them, `CALLERS` at once, and counts what `X-Cache` said, or the status of what failed. */
async function send(requests: readonly (() => Promise<Response>)[]): Promise<Load> {
  const waits: number[] = [];
  const said = new Map<string, number>();
  let next = 0;
  const call = async (): Promise<void> => {
    for (let request = requests[next++]; request !== undefined; request = requests[next++]) {
      const startedAt = performance.now();
      const response = await request();
      await response.text();
      waits.push(performance.now() - startedAt);
      const what = response.ok ? (response.headers.get("x-cache") ?? "none") : `${response.status}`;
      said.set(what, (said.get(what) ?? 0) + 1);
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: CALLERS }, call));
  const seconds = (performance.now() - startedAt) / 1000;
  waits.sort((a, b) => a - b);
  const at = (part: number): number => waits[Math.floor(waits.length * part)] ?? 0;
  return { perSecond: requests.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99), said };
}

/** Measures, and prints. */
export async function benchCache(): Promise<void> {
  const server = await startModelServer();
  const runtime = await startRuntime({
    LOG_LEVEL: "error",
    AI_PROVIDER: "openai",
    AI_MODEL_ENDPOINT: server.endpoint,
    AI_MODEL: "bench-model",
    RATE_LIMITS: JSON.stringify({
      burst: { limit: 5_000_000, window: 60 },
      client: { limit: 9_000_000, window: 3600 },
      chat: { limit: 5_000_000, window: 60 },
    }),
  });
  try {
    const ask =
      (content: string, headers: object = {}) =>
      (): Promise<Response> =>
        fetch(`${runtime.origin}/v1/chat/completions`, {
          method: "POST",
          headers: {
            ...headers,
            Authorization: `Bearer ${runtime.demoKey}`,
            "Content-Type": "application/json",
          },
          body: JSON.stringify({ messages: [{ role: "user", content }] }),
        });
    const random = chance();
    const drawn = Array.from({ length: REQUESTS }, () => `Question ${zipf(random)}`);
    const bare = await send(drawn.map(() => () => fetch(runtime.bare)));
    const kept = await send(drawn.map((content) => ask(content)));
    const calls = server.calls("").length;
    const hits = kept.said.get("hit") ?? 0;
    const all = await send(drawn.slice(0, 500).map((_, at) => ask(`Warm ${at % 5}`)));
    const none = await send(
      drawn.slice(0, 500).map((content) => ask(content, { "Cache-Control": "no-store" })),
    );
    console.log(
      `\n${REQUESTS} requests over ${PROMPTS} prompts by Zipf's law, ${CALLERS} callers: ${((100 * hits) / REQUESTS).toFixed(1)} % hits, ${calls} calls of the model\n`,
    );
    console.log(
      "POST /v1/chat/completions         per s   p50 ms   p99 ms  bare = 1   X-Cache or status",
    );
    for (const [name, row] of [
      ["bare runtime, a constant", bare],
      ["Zipf", kept],
      ["kept already (5 prompts)", all],
      ["no-store: the model each time", none],
    ] as const)
      console.log(
        name.padEnd(30) +
          row.perSecond.toFixed(0).padStart(9) +
          row.p50Ms.toFixed(1).padStart(9) +
          row.p99Ms.toFixed(1).padStart(9) +
          (row.perSecond / bare.perSecond).toFixed(3).padStart(10) +
          `   ${[...row.said].map(([what, count]) => `${what} ${count}`).join(", ")}`,
      );
  } finally {
    await runtime.stop();
    await server.stop();
  }
}
