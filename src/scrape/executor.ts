import type { JsonObject } from "#platform/json-value";
import * as z from "zod";
import { toTimestamp } from "#platform/clock";
import { readConfig } from "#platform/config";
import type { ErrorCode, ErrorParams } from "#platform/errors";
import { createBreaker, createEgress, fetchOutside, systemTimer } from "#egress/service";
import type { BreakerPort, EgressPorts } from "#egress/service";
import type { Executor, RunOutcome } from "#tasks/service";
import { findScript } from "./core/scripts";
import { createPageCache } from "./page-cache";
import type { PageAnswer } from "./page-cache";
import { createRobots } from "./robots-client";
import type { SiteGateStub } from "./site-client";
import { createVisit, failedFetch, refusedByTarget } from "./visit";
import type { FetchResult, VisitPorts } from "./visit";

/** Caps of one page. */
export const PAGE_CAPS = {
  maxBytes: 5 * 1_048_576,
  timeoutMs: 30_000,
  maxRedirects: 5,
} as const;

/** A page as `naru-tools` takes it, and what it makes of it. */
export interface FetchedPage {
  readonly body: Uint8Array;
  readonly contentType: string | null;
  readonly url: string;
  readonly script: string;
  readonly parameters: JsonObject;
}
export type Extraction =
  | { readonly ok: true; readonly data: JsonObject; readonly charset: string }
  | { readonly ok: false; readonly code: ErrorCode; readonly params?: ErrorParams };

/** The network, the clocks and the other Workers, for tests. */
export interface ScrapePorts extends EgressPorts {
  readonly breaker?: BreakerPort;
  readonly gateOf?: (site: string) => SiteGateStub;
  readonly extract?: (page: FetchedPage) => Promise<Extraction>;
}

const ACCEPT_LANGUAGE = "ko, en;q=0.8, *;q=0.5";

const JobSchema = z.object({
  script_name: z.string(),
  max_age: z.number().optional(),
  parameters: z.looseObject({ url: z.string() }),
});

/**
 * Runs scrapes: address policy → breaker → robots.txt → a slot of the site → fetch → extraction in `naru-tools`.
 * To be made once per deployment rather than per run: it keeps robots rules and DNS answers for a minute.
 */
export function createScrapeExecutor(env: ConsumerEnv, ports: ScrapePorts = {}): Executor {
  const egress = createEgress(readConfig(env), ports);
  // Over RPC the method answers with a promise; the generated type of its recursive JSON is beyond the compiler.
  const tools = env.TOOLS as unknown as { extract: (page: FetchedPage) => Promise<Extraction> };
  const pages = createPageCache(env.CACHE_KV, egress.clock);
  const extract = ports.extract ?? ((page: FetchedPage) => tools.extract(page));
  const visitPorts: VisitPorts = {
    robots: createRobots(egress, env.CACHE_KV),
    breaker: ports.breaker ?? createBreaker(env.BREAKER, "scrape"),
    gateOf: ports.gateOf ?? ((site) => env.SITE_GATE.get(env.SITE_GATE.idFromName(site))),
    timer: ports.timer ?? systemTimer,
    now: egress.clock,
  };

  return async function scrape(run) {
    const job = JobSchema.safeParse(run.input);
    const script = job.success ? findScript(job.data.script_name) : null;
    if (!job.success || script === null) return failed("SCRIPT_NOT_FOUND", false);
    const { parameters, max_age: maxAgeSeconds = null } = job.data;
    const page = { script: script.name, parameters: parameters as JsonObject };
    const headers = { accept: script.accepts.join(", "), "accept-language": ACCEPT_LANGUAGE };
    const question = { ownerId: run.ownerId, url: parameters.url, headers, maxAgeSeconds };
    const kept = await pages.look(question);
    // Nothing is asked of the site, so neither its rules nor its slots are needed.
    if (kept.isFresh) return conclude(kept.answer, page);

    const visit = createVisit(visitPorts, run);
    const fetched: FetchResult = await fetchOutside<RunOutcome>(egress, {
      // A run that ends earlier ends the fetch by its signal: its own short timeout says nothing about the host.
      ...PAGE_CAPS,
      url: parameters.url,
      trust: "user",
      signal: run.signal,
      traceparent: run.traceparent,
      accept: script.accepts,
      headers: { "accept-language": ACCEPT_LANGUAGE, ...kept.headers },
      admit: visit.admit,
    });
    // The site's slot is for asking the site: it is given back while the page is taken apart.
    const [, outcome] = await Promise.all([
      visit.leave(fetched),
      kept.absorb(fetched).then((answer) => conclude(answer, page)),
    ]);
    return outcome;
  };

  /** What becomes of the run, by what was fetched. */
  async function conclude(
    { fetched, note }: PageAnswer,
    job: Pick<FetchedPage, "script" | "parameters">,
  ): Promise<RunOutcome> {
    if (!fetched.ok) return "kind" in fetched.error ? failedFetch(fetched.error) : fetched.error;
    const refused = refusedByTarget(fetched.value, egress.clock());
    if (refused !== null) return refused;
    const fetchedAtMs = egress.clock();
    const { bytes, finalUrl, headers, status, redirects } = fetched.value;
    const contentType = headers.get("content-type");
    const page = { ...job, body: bytes, contentType, url: finalUrl };
    const verdict = await extract(page).catch(() => null);
    if (verdict === null) return failed("DEPENDENCY_UNAVAILABLE", true);
    if (!verdict.ok) return failed(verdict.code, false, verdict.params);
    return {
      status: "completed",
      data: {
        ...verdict.data,
        url: job.parameters["url"] ?? finalUrl,
        final_url: finalUrl,
        status_code: status,
        content_type: contentType,
        charset: verdict.charset,
        bytes: bytes.byteLength,
        redirects: redirects.map((step) => ({ url: step.url, status: step.status })),
        // The moment that the site made what was read, as far as it told.
        fetched_at: toTimestamp(fetchedAtMs - note.age * 1000),
        cache: { status: note.status, age: note.age },
      },
    };
  }
}

function failed(code: ErrorCode, retryable: boolean, params?: ErrorParams): RunOutcome {
  return { status: "failed", code, retryable, ...(params === undefined ? {} : { params }) };
}
