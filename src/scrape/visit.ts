import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";
import { portOf } from "#egress/service";
import type { BreakerPort, OutsideFailure, OutsideResponse, TimerPort } from "#egress/service";
import type { RunOutcome, TaskRun } from "#tasks/service";
import type { SlotOutcome } from "./core/politeness";
import { siteOf } from "./core/site";
import { retryAfterMs } from "./retry-after";
import type { RobotsPort, RobotsUnreachable } from "./robots-client";
import { enterSite } from "./site-client";
import type { SiteGateStub, SiteHold } from "./site-client";

export interface VisitPorts {
  readonly robots: RobotsPort;
  readonly breaker: BreakerPort;
  readonly gateOf: (site: string) => SiteGateStub;
  readonly timer: TimerPort;
  readonly now: () => number;
}

/** One run's way over the sites that it touches: the asked one, and those that redirects lead to. */
export interface Visit {
  /** Breaker, robots.txt, then a slot of the site. What it refuses is what becomes of the run. */
  readonly admit: (url: URL) => Promise<Result<void, RunOutcome>>;
  /** Gives back what is held, with what the last host did. To be called once at the end, whatever the end was. */
  readonly leave: (end: FetchResult) => Promise<void>;
}

/** What fetching a page came to: an answer, a failure, or a refusal of ours, which says nothing about the host. */
export type FetchResult = Result<OutsideResponse, OutsideFailure | RunOutcome>;

/** A slot mostly comes free within one page's time: that long a run waits in place before it goes back to its shard. */
const IN_PLACE_WAIT_MS = 1_000;
/** A site that wants to be left alone for longer fails the run: the caller learns of it now rather than then. */
const MAX_DEFER_MS = 15 * 60_000;
/** The first pauses of a breaker; a host that stays down for longer than this is not waited for. */
const MAX_HOST_WAIT_MS = 30_000;

type Settle = (outcome: "success" | "failure" | "abandoned") => Promise<void>;

export function createVisit(
  ports: VisitPorts,
  call: Pick<TaskRun, "signal" | "traceparent" | "deadlineMs">,
): Visit {
  let passage: { readonly host: string; readonly settle: Settle } | null = null;
  let hold: SiteHold | null = null;
  /** Once it is left, what an abandoned admission still receives is given back at once: nobody else would. */
  let isOver = false;

  const leaveHost = async (outcome: Parameters<Settle>[0]): Promise<void> => {
    const current = passage;
    passage = null;
    await current?.settle(outcome);
  };
  const leaveSite = async (outcome: SlotOutcome): Promise<void> => {
    const current = hold;
    hold = null;
    await current?.release(outcome);
  };

  /** Past the breaker of the host, or why not. A redirect within a host needs no second passage. */
  const enterHost = async (url: URL): Promise<RunOutcome | null> => {
    const host = `${url.hostname}:${portOf(url)}`;
    if (passage?.host === host) return null;
    // Asked for a further hop, the host before it has just answered.
    await leaveHost("success");
    const entered = await ports.breaker.enter(host);
    if (!entered.allowed) return hostDown(url, entered.retryAfterMs, ports.now(), call.deadlineMs);
    passage = { host, settle: entered.settle };
    if (isOver) await leaveHost("abandoned");
    return null;
  };

  /** A slot of the site, or why not. A redirect within a site is part of the same visit. */
  const takeSlot = async (url: URL, crawlDelayMs: number): Promise<RunOutcome | null> => {
    if (hold?.site === siteOf(url)) return null;
    await leaveSite({ kind: "answered" });
    const entry = await enterSite(
      ports.gateOf,
      url,
      { crawlDelayMs, waitMs: IN_PLACE_WAIT_MS },
      ports.timer,
    ).catch(() => null);
    if (entry === null)
      return { status: "failed", code: "DEPENDENCY_UNAVAILABLE", retryable: true };
    if (!entry.granted) return siteBusy(url, entry.notBeforeMs, ports.now());
    hold = entry.hold;
    if (isOver) await leaveSite({ kind: "unknown" });
    return null;
  };

  return {
    admit: async (url) => {
      const shut = await enterHost(url);
      if (shut !== null) return err(shut);
      const robots = await ports.robots.judge(url, call);
      if (!robots.ok) {
        const { error } = robots;
        await leaveHost(error.kind === "egress" ? outcomeFor(error) : "success");
        return err(error.kind === "egress" ? failedFetch(error) : robotsUnreachable(error));
      }
      const refusal = robots.value.isAllowed
        ? await takeSlot(url, robots.value.crawlDelayMs)
        : robotsDisallowed(url);
      if (refusal === null) return ok(undefined);
      await leaveHost("abandoned");
      return err(refusal);
    },
    leave: async (end) => {
      isOver = true;
      await Promise.all([leaveHost(hostOutcome(end)), leaveSite(siteOutcome(end, ports.now()))]);
    },
  };
}

/** What a failed fetch makes of its run. */
export const failedFetch = (failure: OutsideFailure): RunOutcome => ({
  status: "failed",
  code: failure.code,
  params: failure.params,
  retryable: failure.isRetryable,
});

/** What is wrong with an answered page by its status alone, or null where it can be read. */
export function refusedByTarget(response: OutsideResponse, nowMs: number): RunOutcome | null {
  const { status, headers } = response;
  if (status >= 200 && status < 300) return null;
  const isPushedBack = status === 429 || status === 503;
  const askedMs = isPushedBack ? retryAfterMs(headers.get("retry-after"), nowMs) : undefined;
  return {
    status: "failed",
    code: "TARGET_STATUS",
    params: { status, host: new URL(response.finalUrl).host },
    // 408 and 425 ask for another try by their meaning; every other 4xx is the target's last word.
    retryable: status >= 500 || status === 429 || status === 408 || status === 425,
    ...(askedMs === undefined ? {} : { retryAfterMs: askedMs }),
  };
}

function siteOutcome(end: FetchResult, nowMs: number): SlotOutcome {
  if (!end.ok) return { kind: "unknown" };
  const { status, headers } = end.value;
  if (status !== 429 && status !== 503) return { kind: "answered" };
  const askedMs = retryAfterMs(headers.get("retry-after"), nowMs);
  return { kind: "pushed_back", ...(askedMs === undefined ? {} : { retryAfterMs: askedMs }) };
}

/** Any answer shows that the host is up, a 500 too; only silence counts against it. */
function hostOutcome(end: FetchResult): Parameters<Settle>[0] {
  if (end.ok) return "success";
  return "kind" in end.error ? outcomeFor(end.error) : "abandoned";
}

const outcomeFor = (failure: OutsideFailure): Parameters<Settle>[0] =>
  failure.isTransport ? "failure" : "abandoned";

const robotsDisallowed = (url: URL): RunOutcome => ({
  status: "failed",
  code: "ROBOTS_DISALLOWED",
  params: { host: url.host },
  retryable: false,
});

const robotsUnreachable = (error: RobotsUnreachable): RunOutcome => ({
  status: "failed",
  code: "ROBOTS_UNREACHABLE",
  params: { status: error.status, retry_after: seconds(error.retryAfterMs) },
  retryable: true,
  retryAfterMs: error.retryAfterMs,
});

/** An open breaker has asked nothing of the host, so no attempt is spent: a short pause is waited out, a long one is the answer. */
function hostDown(url: URL, retryAfterMs: number, nowMs: number, deadlineMs: number): RunOutcome {
  const why = {
    code: "HOST_DOWN",
    params: { host: url.host, retry_after: seconds(retryAfterMs) },
  } as const;
  const notBeforeMs = nowMs + retryAfterMs;
  return retryAfterMs <= MAX_HOST_WAIT_MS && notBeforeMs < deadlineMs
    ? { status: "deferred", notBeforeMs, ...why }
    : { status: "failed", retryable: false, ...why };
}

function siteBusy(url: URL, notBeforeMs: number, nowMs: number): RunOutcome {
  const waitMs = Math.max(0, notBeforeMs - nowMs);
  const why = {
    code: "SITE_BUSY",
    params: { host: url.host, retry_after: seconds(waitMs) },
  } as const;
  return waitMs <= MAX_DEFER_MS
    ? { status: "deferred", notBeforeMs, ...why }
    : { status: "failed", retryable: false, ...why };
}

const seconds = (ms: number): number => Math.ceil(ms / 1000);
