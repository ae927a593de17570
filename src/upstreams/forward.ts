import type { Egress } from "#egress/service";
import { ApiError } from "#platform/errors";
import type { LogFields } from "#platform/log";
import { count, observe } from "#platform/meter";
import type { Principal } from "#platform/principal";
import { callTargets } from "./call-targets";
import type { Answered } from "./call-targets";
import type { CachePort } from "./answer-cache";
import type { Judge } from "./core/cacheable";
import type { HeaderPair } from "./core/hop-by-hop";
import { GATEWAY_PREFIX, readTarget } from "./core/path";
import type { GatewayTarget } from "./core/path";
import { requestHeaders } from "./core/request-headers";
import type { Passage } from "./core/request-headers";
import type { CallOutcome } from "./core/health";
import { allowsMethod, allowsPath, mayCall, UPSTREAM_NAME } from "./core/upstream";
import type { Upstream } from "./core/upstream";
import type { UpstreamView } from "./core/view";
import { passBody } from "./request-body";
import type { PassedBody } from "./request-body";

/** Something open that has a place among the caller's streams. */
export interface HeldPlace {
  readonly everyMs: number;
  /** Throws when what is open has to end. */
  readonly check: () => Promise<unknown>;
  readonly release: () => Promise<void>;
}

export interface ForwardPorts {
  readonly egress: Egress;
  readonly random: () => number;
  readonly view: (name: string) => Promise<UpstreamView | null>;
  readonly report: (name: string, targetUrl: string, outcome: CallOutcome) => void;
  readonly cache: CachePort;
  readonly judge: Judge;
  /** Throws TOO_MANY_CONCURRENT where the caller has as much open as it may. */
  readonly hold: () => Promise<HeldPlace>;
  readonly waitUntil: (work: Promise<unknown>) => void;
  /** What the request's log line is to tell. */
  readonly note: (fields: LogFields) => void;
}

/** A request that was let in, and what the gateway says of it. */
export interface Arrival {
  readonly request: Request;
  readonly passage: Omit<Passage, "upstream" | "added" | "prefix">;
}

/** A request that may be passed on, and what it is passed on with. */
export interface Forwarding {
  readonly arrival: Arrival;
  readonly view: UpstreamView;
  readonly target: GatewayTarget;
  readonly prefix: string;
  readonly headers: readonly HeaderPair[];
  /** Aborted when the client has left, or when what it does may not go on. */
  readonly end: AbortController;
}

/**
 * Reads what a request asks for and decides whether it may pass. Refuses with UNSAFE_PATH, UPSTREAM_NOT_FOUND,
 * INSUFFICIENT_SCOPE (by `refuseScope`), METHOD_NOT_ALLOWED, UPSTREAM_PATH_CLOSED, INVALID_HEADER, HEADERS_TOO_LARGE and
 * UPSTREAM_LOOP.
 */
export async function admitForward(
  ports: Pick<ForwardPorts, "view" | "note">,
  arrival: Arrival,
  refuseScope: (scope: string) => ApiError,
): Promise<Forwarding> {
  const { request, passage } = arrival;
  const target = targetOf(request.url);
  const { name } = target;
  const view = UPSTREAM_NAME.test(name) ? await ports.view(name) : null;
  if (view === null)
    throw new ApiError("UPSTREAM_NOT_FOUND", { params: { upstream: name.slice(0, 63) } });
  ports.note({ upstream: name });
  const { upstream } = view;
  requireRight(passage.principal, upstream, refuseScope);
  requireOpen(upstream, request.method, target.path);
  const prefix = `${GATEWAY_PREFIX}${name}`;
  const headers = requestHeaders([...request.headers], {
    ...passage,
    upstream,
    added: [...upstream.addHeaders, ...view.secretHeaders],
    prefix,
  });
  if (!headers.ok) {
    const { error } = headers;
    if (error.kind === "too_large")
      throw new ApiError("HEADERS_TOO_LARGE", { params: { limit: error.limit } });
    if (error.kind === "loop") throw new ApiError("UPSTREAM_LOOP");
    throw new ApiError("INVALID_HEADER", { params: { header: error.name } });
  }
  return { arrival, view, target, prefix, headers: headers.value, end: endWith(request.signal) };
}

/** Calls the upstream, and counts what becomes of it. The body ends with the client, and is cut off where it is too long. */
export async function callUpstream(
  ports: ForwardPorts,
  forwarding: Forwarding,
  headers: readonly HeaderPair[] = forwarding.headers,
): Promise<Answered> {
  const { arrival, view, target, end } = forwarding;
  const { upstream } = view;
  const { clock, timer } = ports.egress;
  const body = await passBody(arrival.request, upstream, timer);
  const fault = watchBody(body, end, upstream);
  const startedMs = clock();
  try {
    const answered = await callTargets(
      {
        egress: ports.egress,
        random: ports.random,
        report: (url, outcome) => ports.report(upstream.name, url, outcome),
      },
      {
        view,
        target,
        method: arrival.request.method,
        headers,
        traceparent: arrival.passage.traceparent,
        body,
        signal: end.signal,
      },
    );
    const { status } = answered.response;
    settle(upstream, outcomeOfAnswer(answered.response), answered.elapsedMs);
    ports.note({ upstream_status: status, upstream_tries: answered.tries });
    return answered;
  } catch (error) {
    const thrown = fault() ?? error;
    const outcome = thrown instanceof ApiError ? outcomeOfRefusal(thrown) : "error";
    settle(upstream, arrival.request.signal.aborted ? "left" : outcome, clock() - startedMs);
    throw thrown;
  }
}

function targetOf(url: string): GatewayTarget {
  const target = readTarget(url);
  if (target.ok) return target.value;
  if (target.error === "not_gateway") throw new ApiError("ROUTE_NOT_FOUND");
  throw new ApiError("UNSAFE_PATH", { params: { reason: target.error } });
}

function requireRight(
  principal: Principal,
  upstream: Upstream,
  refuseScope: (scope: string) => ApiError,
): void {
  if (upstream.scope !== null && !mayCall(principal, upstream)) throw refuseScope(upstream.scope);
}

function requireOpen(upstream: Upstream, method: string, path: string): void {
  // HEAD is GET without the body, here as everywhere.
  const isOpen =
    allowsMethod(upstream, method) || (method === "HEAD" && allowsMethod(upstream, "GET"));
  if (!isOpen) {
    const listed = upstream.methods.filter((other) => other !== "HEAD" && other !== "OPTIONS");
    const all = listed.flatMap((other) => (other === "GET" ? ["GET", "HEAD"] : [other]));
    const allow = [...all, "OPTIONS"].join(", ");
    throw new ApiError("METHOD_NOT_ALLOWED", {
      params: { method: method.slice(0, 20), allow },
      headers: { Allow: allow },
    });
  }
  if (!allowsPath(upstream, path)) throw new ApiError("UPSTREAM_PATH_CLOSED");
}

function endWith(signal: AbortSignal): AbortController {
  const end = new AbortController();
  if (signal.aborted) end.abort();
  else signal.addEventListener("abort", () => end.abort(), { once: true });
  return end;
}

/** Ends the call where the body went wrong, and tells what the client is to hear of that; null where nothing did. */
function watchBody(
  body: PassedBody,
  end: AbortController,
  { maxBodyBytes }: Upstream,
): () => ApiError | null {
  let fault: ApiError | null = null;
  const wait = async (): Promise<void> => {
    const ended = await body.ended;
    if (ended === "too_large")
      fault = new ApiError("BODY_TOO_LARGE", { params: { limit: maxBodyBytes } });
    else if (ended === "source_lost" || ended === "idle")
      fault = new ApiError("BAD_REQUEST", { internal: `the body ended: ${ended}` });
    if (fault !== null) end.abort();
  };
  void wait();
  return () => fault;
}

const REFUSALS: Readonly<Record<string, string>> = {
  UPSTREAM_UNAVAILABLE: "unavailable",
  UPSTREAM_UNREACHABLE: "unreachable",
  UPSTREAM_TIMED_OUT: "timed_out",
};
const outcomeOfRefusal = ({ code }: ApiError): string => REFUSALS[code] ?? "refused";

/** By the class of its status; a status that HTTP does not have is no answer. */
const outcomeOfAnswer = ({ status, webSocket }: Response): string =>
  webSocket !== null || (status >= 200 && status <= 599)
    ? `${Math.trunc(status / 100)}xx`
    : "unreachable";

function settle({ name }: Upstream, outcome: string, elapsedMs: number): void {
  count("naru_upstream_requests_total", { upstream: name, outcome });
  observe("naru_upstream_duration_seconds", { upstream: name }, elapsedMs / 1000);
}

/** Whether a request wants to become a WebSocket (RFC 6455 section 4.1). */
export const isUpgrade = ({ method, headers }: Request): boolean =>
  method === "GET" && headers.get("upgrade")?.toLowerCase() === "websocket";
