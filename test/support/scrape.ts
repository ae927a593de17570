import type { JsonObject } from "#platform/json-value";
import { env } from "cloudflare:workers";
import { ok } from "#platform/result";
import { createScrapeExecutor } from "#scrape/service";
import type { ScrapePorts } from "#scrape/service";
import type { Executor, RunOutcome, TaskRun } from "#tasks/service";
import { fakeNetwork } from "./outside";
import type { FakeAnswer, FakeNetwork } from "./outside";

export interface FakeWeb {
  readonly network: FakeNetwork;
  readonly executor: Executor;
  /** A run of the `page` script on a URL, for `executor`. */
  readonly run: (url: string, more?: JsonObject, signal?: AbortSignal) => TaskRun;
  /** Runs the `page` script on a URL, with the real objects, KV and tools behind it. */
  readonly scrape: (url: string, more?: JsonObject, signal?: AbortSignal) => Promise<RunOutcome>;
}

/** A scraper whose outside is `answers`; robots.txt is a 404 wherever the test says nothing of it. Each is an isolate of its own. */
export function fakeWeb(
  answers: Readonly<Record<string, FakeAnswer>>,
  ports: ScrapePorts = {},
  settings: Readonly<Record<string, string>> = {},
): FakeWeb {
  const network = fakeNetwork(
    new Proxy(answers, {
      get: (known, url: string) =>
        known[url] ??
        (url.endsWith("/robots.txt") ? () => new Response("", { status: 404 }) : undefined),
    }),
  );
  const bindings = {
    CACHE_KV: env.CACHE_KV,
    SITE_GATE: env.SITE_GATE,
    BREAKER: env.BREAKER,
    TOOLS: env.TOOLS,
    ...settings,
  };
  const executor = createScrapeExecutor(bindings as unknown as ConsumerEnv, {
    fetch: network.fetch,
    resolve: async () => ok(["93.184.216.34"]),
    ...ports,
  });
  let runs = 0;
  const run: FakeWeb["run"] = (url, more = {}, signal = new AbortController().signal) => ({
    taskId: `task_${runs++}`,
    ownerId: "usr_test",
    kind: "scrape",
    attempt: 1,
    input: { script_name: "page", parameters: { url }, ...more },
    signal,
    deadlineMs: Date.now() + 300_000,
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  });
  return { network, executor, run, scrape: (...of) => executor(run(...of)) };
}

/** The pages that were asked for, without robots.txt. */
export const pagesOf = (web: FakeWeb): string[] =>
  web.network.calls.filter((call) => !call.endsWith("/robots.txt"));

/** An answer of that status alone. */
export const status =
  (code: number, headers: Record<string, string> = {}): FakeAnswer =>
  () =>
    new Response("no", { status: code, headers });

/** The code that a run failed with, else its status. */
export const codeOf = (outcome: RunOutcome): string =>
  outcome.status === "failed" ? outcome.code : outcome.status;
