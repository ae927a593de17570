import { readConfig } from "#platform/config";
import { createBreaker, createEgress, fetchOutside, systemTimer } from "#egress/service";
import type { BreakerPort, Egress, EgressPorts } from "#egress/service";
import type { RunOutcome, TaskRun } from "#tasks/service";
import { createPageCache } from "./page-cache";
import type { PageAnswer } from "./page-cache";
import { createRobots } from "./robots-client";
import type { SiteGateStub } from "./site-client";
import { createVisit } from "./visit";
import type { FetchResult, VisitPorts } from "./visit";

/** Caps of one page. */
export const PAGE_CAPS = {
  maxBytes: 5 * 1_048_576,
  timeoutMs: 30_000,
  maxRedirects: 5,
} as const;

/** The network and the clocks, for tests. */
export interface PageFetchPorts extends EgressPorts {
  readonly breaker?: BreakerPort;
  readonly gateOf?: (site: string) => SiteGateStub;
}

export interface PageRequest {
  readonly url: string;
  /** Media types that the reader of the page takes. */
  readonly accepts: readonly string[];
  /** Nothing older is taken from the cache, in seconds; null leaves it to the site's own headers. */
  readonly maxAgeSeconds: number | null;
  /** Shorter than a page's own where the run has less left. */
  readonly timeoutMs?: number;
}

export interface PageFetch {
  readonly egress: Egress;
  /**
   * A page from the cache or from its site: address policy → breaker → robots.txt → a slot of the site → fetch.
   * `left` is when the site's slot is given back; a page can be read before, so that it is not waited for here.
   */
  readonly fetchPage: (
    run: TaskRun,
    request: PageRequest,
  ) => Promise<{ readonly answer: PageAnswer; readonly left: Promise<void> }>;
}

const ACCEPT_LANGUAGE = "ko, en;q=0.8, *;q=0.5";

/** To be made once per deployment rather than per run: it keeps robots rules and DNS answers for a minute. */
export function createPageFetch(env: ConsumerEnv, ports: PageFetchPorts = {}): PageFetch {
  const egress = createEgress(readConfig(env), ports);
  const pages = createPageCache(env.CACHE_KV, egress.clock);
  const visitPorts: VisitPorts = {
    robots: createRobots(egress, env.CACHE_KV),
    breaker: ports.breaker ?? createBreaker(env.BREAKER, "scrape"),
    gateOf: ports.gateOf ?? ((site) => env.SITE_GATE.get(env.SITE_GATE.idFromName(site))),
    timer: ports.timer ?? systemTimer,
    now: egress.clock,
  };
  return {
    egress,
    async fetchPage(run, { url, accepts, maxAgeSeconds, timeoutMs = PAGE_CAPS.timeoutMs }) {
      const headers = { accept: accepts.join(", "), "accept-language": ACCEPT_LANGUAGE };
      const kept = await pages.look({ ownerId: run.ownerId, url, headers, maxAgeSeconds });
      // Nothing is asked of the site, so neither its rules nor its slots are needed.
      if (kept.isFresh) return { answer: kept.answer, left: Promise.resolve() };

      const visit = createVisit(visitPorts, run);
      const fetched: FetchResult = await fetchOutside<RunOutcome>(egress, {
        // A run that ends earlier ends the fetch by its signal: its own short timeout says nothing about the host.
        ...PAGE_CAPS,
        timeoutMs: Math.min(timeoutMs, PAGE_CAPS.timeoutMs),
        url,
        trust: "user",
        signal: run.signal,
        traceparent: run.traceparent,
        accept: accepts,
        headers: { "accept-language": ACCEPT_LANGUAGE, ...kept.headers },
        admit: visit.admit,
      });
      const left = visit.leave(fetched);
      return { answer: await kept.absorb(fetched), left };
    },
  };
}
