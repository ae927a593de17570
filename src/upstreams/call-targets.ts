import { passOutside, portOf } from "#egress/service";
import type { Egress, OutsideFailure } from "#egress/service";
import { ApiError } from "#platform/errors";
import { retryAfterMs } from "#platform/retry-after";
import type { Result } from "#platform/result";
import { childOf } from "#platform/trace-context";
import { inSpan } from "#platform/tracing";
import type { CallOutcome } from "./core/health";
import type { HeaderPair } from "./core/hop-by-hop";
import { urlAt } from "./core/path";
import type { GatewayTarget } from "./core/path";
import { afterCall, FULL_BUDGET, isTransient, nextTryMs, spend } from "./core/retry-policy";
import type { RetryBudget, TryOutcome } from "./core/retry-policy";
import { chooseTarget } from "./core/selection";
import type { Target } from "./core/upstream";
import type { UpstreamView } from "./core/view";
import type { RelayEnd } from "./relay-body";
import type { PassedBody } from "./request-body";

export interface UpstreamCall {
  readonly view: UpstreamView;
  readonly target: GatewayTarget;
  readonly method: string;
  readonly headers: readonly HeaderPair[];
  readonly traceparent: string;
  readonly body: PassedBody;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

export interface CallPorts {
  readonly egress: Egress;
  readonly random: () => number;
  /** To be told of each try that says something of its target. */
  readonly report: (targetUrl: string, outcome: CallOutcome) => void;
}

export interface Answered {
  readonly response: Response;
  readonly calledUrl: string;
  readonly tries: number;
  /** To the head of the answer, over all tries. */
  readonly elapsedMs: number;
}

/** What tries again may cost each upstream, in this isolate. Bounded by the upstreams that exist. */
const budgets = new Map<string, RetryBudget>();
const MAX_BUDGETS = 1_000;

/**
 * Calls an upstream and gives its answer, whatever its status. Goes to another target where one fails and nothing can be
 * done twice by it. UPSTREAM_UNAVAILABLE where no target is left to ask, UPSTREAM_UNREACHABLE where none could be reached,
 * UPSTREAM_TIMED_OUT where none began to answer in time.
 */
export async function callTargets(ports: CallPorts, call: UpstreamCall): Promise<Answered> {
  const { view } = call;
  const { isRepeatable } = call.body;
  const { clock, timer } = ports.egress;
  const startedMs = clock();
  const tried = new Set<string>();
  const bodyEnd = seen(call.body.ended);
  const { id, retries } = view.upstream;
  earn(id);
  for (let tries = 1; ; tries++) {
    const target = pick(call, ports.random(), tried);
    if (target === null) throw unavailable(view);
    tried.add(target.url);
    const { sent, url } = await send(ports, call, target, tries);
    const elapsedMs = clock() - startedMs;
    // What the client did not finish says nothing of the target.
    const hasLeft = !sent.ok && (sent.error.isAborted || isClientsFault(bodyEnd()));
    const outcome = outcomeOf(sent, clock());
    const says = hasLeft ? null : saysOf(outcome, target, view);
    if (says !== null) ports.report(target.url, says);
    const waitMs =
      hasLeft || !isRepeatable
        ? null
        : nextTryMs({
            outcome,
            tries,
            retries,
            hasOther: view.targets.some((other) => !tried.has(other.url)),
            elapsedMs,
            random: ports.random(),
          });
    if (waitMs === null || pick(call, 0, tried) === null || !pay(id)) {
      if (!sent.ok) throw refusalOf(sent.error, view, tries);
      return { response: sent.value, calledUrl: url, tries, elapsedMs };
    }
    if (sent.ok) sent.value.body?.cancel().catch(() => undefined);
    await pause(timer, waitMs, call.signal);
  }
}

/** A probe goes first where its failing costs the caller nothing but time; else it is the last resort. */
function pick(
  { view, body }: UpstreamCall,
  random: number,
  tried: ReadonlySet<string>,
): Target | null {
  const { probe, targets, upstream } = view;
  const mayFail = targets.length === 0 || (body.isRepeatable && upstream.retries > 0);
  if (probe !== null && mayFail && !tried.has(probe.url)) return probe;
  return chooseTarget(targets, random, tried);
}

async function send(
  { egress }: CallPorts,
  call: UpstreamCall,
  target: Target,
  tries: number,
): Promise<{ readonly sent: Result<Response, OutsideFailure>; readonly url: string }> {
  const url = urlAt(target.url, call.target);
  if (url === null) throw new ApiError("UNSAFE_PATH", { params: { reason: "malformed" } });
  const called = new URL(url);
  const headers = new Headers(call.headers as [string, string][]);
  // Each try is a span of its own in the same trace.
  headers.set("traceparent", childOf(call.traceparent));
  const { name, timeoutMs } = call.view.upstream;
  const clock = startClock(egress.timer, timeoutMs, call.body.ended);
  const attributes = {
    "http.request.method": call.method,
    "server.address": called.hostname,
    "server.port": portOf(called),
    "url.scheme": called.protocol.slice(0, -1),
    "naru.upstream.name": name,
    ...(tries > 1 ? { "http.request.resend_count": tries - 1 } : {}),
  };
  const sent = await inSpan(call.method, attributes, async (span) => {
    const { method, body, signal } = call;
    const { deadline } = clock;
    const request = { url, method, headers, body: body.content, signal, deadline };
    const answer = await passOutside(egress, request);
    clock.stop();
    if (!answer.ok) span.fail(answer.error.code);
    else {
      span.set({ "http.response.status_code": answer.value.status });
      if (answer.value.status >= 400) span.fail(String(answer.value.status));
    }
    return answer;
  });
  return { sent, url };
}

/**
 * The time to the head of an answer. Where the body streams it begins when the body is through: how long that takes is the
 * client's doing, but for an upstream that does not take it.
 */
function startClock(
  timer: Egress["timer"],
  timeoutMs: number,
  ended: Promise<RelayEnd> | null,
): { readonly deadline: AbortSignal; readonly stop: () => void } {
  const controller = new AbortController();
  let isStopped = false;
  let cancel = (): void => undefined;
  const start = (): void => {
    if (!isStopped) cancel = timer(timeoutMs, () => controller.abort());
  };
  if (ended === null) start();
  else void ended.then((end) => (end === "stalled" ? controller.abort() : start()));
  return {
    deadline: controller.signal,
    stop: () => {
      isStopped = true;
      cancel();
    },
  };
}

/** What a promise gave, once it did; null before. */
function seen<T>(promise: Promise<T> | null): () => T | null {
  let value: T | null = null;
  const wait = async (): Promise<void> => {
    value = await promise;
  };
  void wait();
  return () => value;
}

const isClientsFault = (end: RelayEnd | null): boolean =>
  end === "source_lost" || end === "too_large" || end === "idle";

function outcomeOf(sent: Result<Response, OutsideFailure>, nowMs: number): TryOutcome {
  if (!sent.ok) return { kind: sent.error.code === "FETCH_TIMED_OUT" ? "late" : "lost" };
  const { status, headers } = sent.value;
  return {
    kind: "answered",
    status,
    retryAfterMs: retryAfterMs(headers.get("retry-after"), nowMs),
  };
}

/**
 * What a try says of its target; null for nothing. An answer does not take out the last one that is well: whoever may call an
 * upstream could end it for all others by what it answers with 503, and the answer tells more than our own refusal would.
 */
function saysOf(
  outcome: TryOutcome,
  { url }: Target,
  { targets }: UpstreamView,
): CallOutcome | null {
  if (outcome.kind !== "answered") return "failure";
  if (!isTransient(outcome.status)) return "success";
  return targets.length === 1 && targets[0]?.url === url ? null : "failure";
}

function refusalOf(failure: OutsideFailure, view: UpstreamView, tries: number): ApiError {
  const { name, timeoutMs } = view.upstream;
  const internal = `${failure.code} at ${URL.parse(failure.url)?.host ?? ""}, tries: ${tries}`;
  if (failure.code === "FETCH_TIMED_OUT")
    return new ApiError("UPSTREAM_TIMED_OUT", {
      params: { upstream: name, seconds: Math.ceil(timeoutMs / 1000) },
      internal,
    });
  return new ApiError("UPSTREAM_UNREACHABLE", { params: { upstream: name }, internal });
}

const unavailable = ({ upstream, retryAfterSeconds }: UpstreamView): ApiError =>
  new ApiError("UPSTREAM_UNAVAILABLE", {
    params: { upstream: upstream.name },
    headers: { "Retry-After": String(retryAfterSeconds) },
  });

function earn(id: string): void {
  const next = afterCall(budgets.get(id) ?? FULL_BUDGET);
  if (!budgets.has(id) && budgets.size >= MAX_BUDGETS)
    budgets.delete(budgets.keys().next().value ?? "");
  budgets.set(id, next);
}

function pay(id: string): boolean {
  const next = spend(budgets.get(id) ?? FULL_BUDGET);
  if (next !== null) budgets.set(id, next);
  return next !== null;
}

/** Waits, but not for whoever has left. */
async function pause(timer: Egress["timer"], ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = timer(ms, resolve);
  const stop = (): void => resolve();
  signal.addEventListener("abort", stop, { once: true });
  await promise;
  cancel();
  signal.removeEventListener("abort", stop);
}
