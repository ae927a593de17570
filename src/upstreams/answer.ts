/** What a client gets of an upstream's answer, fresh or kept. */
import { forget, lookUp } from "./answer-cache";
import type { CacheEntry, CacheLookup, CachePlace } from "./answer-cache";
import type { Answered } from "./call-targets";
import { cacheUse, holdsAlready, MAX_KEPT_BYTES } from "./core/cacheable";
import type { CacheAnswer, CacheRequest } from "./core/cacheable";
import type { HeaderPair } from "./core/hop-by-hop";
import { responseHeaders } from "./core/response-headers";
import { callUpstream } from "./forward";
import type { Forwarding, ForwardPorts, HeldPlace } from "./forward";
import { relayBody, takeBody } from "./relay-body";
import type { RelayOptions } from "./relay-body";
import { ApiError } from "#platform/errors";
import { count } from "#platform/meter";

/** Statuses whose answers have no body (RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5). */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);
const EVENT_STREAM = /^text\/event-stream\b/i;

/** Answers a request from what is kept, or by the upstream. */
export async function answerRequest(
  ports: ForwardPorts,
  forwarding: Forwarding,
): Promise<Response> {
  const { arrival, view, headers } = forwarding;
  const { cacheSeconds, id, version } = view.upstream;
  const { method } = arrival.request;
  if (cacheSeconds === 0)
    return passAnswer(ports, forwarding, await callUpstream(ports, forwarding), {
      cacheNote: null,
    });
  const request = cacheRequest(forwarding);
  const place: CachePlace = { ...ports, scope: `${id}/${version}`, cacheSeconds };
  const use = cacheUse(method, request.headers);
  if (use === "bypass") {
    const answered = await callUpstream(ports, forwarding);
    const { status } = answered.response;
    // What was changed is not told as it was before.
    if (method !== "GET" && method !== "HEAD" && status < 400)
      ports.waitUntil(forget(place, request.url));
    return passAnswer(ports, forwarding, answered, { cacheNote: "bypass" });
  }
  const found = await lookUp(place, request);
  if (found.entry !== null && found.isFresh) {
    count("naru_upstream_requests_total", { upstream: view.upstream.name, outcome: "kept" });
    return tellKept(place, forwarding, found.entry);
  }
  if (use === "only") throw new ApiError("NOT_CACHED");
  const conditions = found.entry === null ? {} : ports.judge.conditions(found.entry.kept);
  if (method !== "GET" || found.entry === null || Object.keys(conditions).length === 0)
    return passAndKeep(ports, forwarding, await callUpstream(ports, forwarding), found);

  const answered = await callUpstream(ports, forwarding, conditional(headers, conditions));
  if (answered.response.status !== 304) return passAndKeep(ports, forwarding, answered, found);
  const entry = await found.confirm(recordOf([...answered.response.headers]));
  if (entry !== null) return tellKept(place, forwarding, entry);
  // It compared with something else than was asked for: asked again without conditions, it has nothing to compare.
  const plain = await callUpstream(ports, forwarding, conditional(headers, {}));
  return passAndKeep(ports, forwarding, plain, found);
}

/** The upstream's own headers and statuses under the gateway's; the body as it comes. */
export async function passAnswer(
  ports: ForwardPorts,
  { arrival, view, prefix, end }: Forwarding,
  { response, calledUrl }: Answered,
  {
    cacheNote,
    keep,
  }: { cacheNote: string | null; keep?: (body: Uint8Array<ArrayBuffer>) => Promise<void> },
): Promise<Response> {
  const { status, statusText } = response;
  if (status < 200 || status > 599)
    throw new ApiError("UPSTREAM_UNREACHABLE", {
      params: { upstream: view.upstream.name },
      internal: `status ${status}`,
    });
  const place = { prefix, calledUrl, targets: view.upstream.targets.map(({ url }) => url) };
  const headers = new Headers();
  for (const [name, value] of responseHeaders([...response.headers], place))
    headers.append(name, value);
  if (cacheNote !== null) headers.set("x-cache", cacheNote);
  const length = lengthOf(response.headers.get("content-length"));
  const isHead = arrival.request.method === "HEAD";
  const init = { status, statusText, headers, encodeBody: "manual" as const };
  if (isHead || WITHOUT_BODY.has(status) || response.body === null) {
    response.body?.cancel().catch(() => undefined);
    if (isHead && length !== null) headers.set("content-length", String(length));
    return new Response(null, init);
  }
  const isEvents = EVENT_STREAM.test(response.headers.get("content-type") ?? "");
  const held = isEvents ? await holdOrEnd(ports, end) : null;
  const copy = keep === undefined ? null : createCopy(MAX_KEPT_BYTES);
  const options: RelayOptions = {
    length,
    maxBytes: null,
    idleMs: view.upstream.idleMs,
    stallMs: null,
    timer: ports.egress.timer,
    ...(copy === null ? {} : { onPiece: copy.add }),
  };
  const taken =
    held === null ? await takeBody(response.body, options) : relayBody(response.body, options);
  if (taken instanceof Uint8Array) {
    if (keep !== undefined) ports.waitUntil(keep(taken));
    return new Response(taken, init);
  }
  const { readable, ended } = taken;
  const stopWatching = held === null ? null : watchPlace(ports, held, end);
  const finish = async (): Promise<void> => {
    const how = await ended;
    stopWatching?.();
    if (how !== "complete") end.abort();
    const bytes = copy?.bytes() ?? null;
    if (how === "complete" && bytes !== null) await keep?.(bytes);
    await held?.release().catch(() => undefined);
  };
  ports.waitUntil(finish());
  return new Response(readable, init);
}

/** Passes an answer on and keeps it on its way, where that is allowed. */
function passAndKeep(
  ports: ForwardPorts,
  forwarding: Forwarding,
  answered: Answered,
  found: CacheLookup,
): Promise<Response> {
  const { response, calledUrl } = answered;
  const pairs = [...response.headers] as HeaderPair[];
  const answer: CacheAnswer = {
    status: response.status,
    headers: recordOf(pairs),
    setsCookie: pairs.some(([name]) => name === "set-cookie"),
  };
  const length = lengthOf(response.headers.get("content-length")) ?? 0;
  const mayKeep =
    forwarding.arrival.request.method === "GET" &&
    length <= MAX_KEPT_BYTES &&
    !EVENT_STREAM.test(answer.headers["content-type"] ?? "");
  return passAnswer(ports, forwarding, answered, {
    cacheNote: "miss",
    ...(mayKeep ? { keep: (body) => found.keep(answer, calledUrl, body) } : {}),
  });
}

function tellKept({ judge }: CachePlace, forwarding: Forwarding, entry: CacheEntry): Response {
  const { arrival, prefix, view } = forwarding;
  const { kept, calledUrl, body } = entry;
  const place = { prefix, calledUrl, targets: view.upstream.targets.map(({ url }) => url) };
  const told = judge.headersOf(kept);
  const headers = new Headers();
  for (const [name, value] of responseHeaders(Object.entries(told), place))
    headers.append(name, value);
  headers.set("x-cache", "hit");
  const isHeld = kept.status === 200 && holdsAlready(cacheRequest(forwarding).headers, told);
  const init = { headers, encodeBody: "manual" as const };
  if (isHeld) return new Response(null, { ...init, status: 304 });
  if (arrival.request.method !== "HEAD")
    return new Response(body, { ...init, status: kept.status });
  headers.set("content-length", String(body.byteLength));
  return new Response(null, { ...init, status: kept.status });
}

async function holdOrEnd({ hold }: ForwardPorts, end: AbortController): Promise<HeldPlace> {
  try {
    return await hold();
  } catch (error) {
    end.abort();
    throw error;
  }
}

/** Ends what is open when its place is lost; gives back what stops that. */
export function watchPlace(
  { egress }: Pick<ForwardPorts, "egress">,
  { everyMs, check }: HeldPlace,
  end: AbortController,
): () => void {
  let isOver = false;
  let cancel = (): void => undefined;
  const lookAgain = (): void => {
    if (isOver) return;
    cancel = egress.timer(everyMs, () => {
      check().then(lookAgain, () => end.abort());
    });
  };
  lookAgain();
  return () => {
    isOver = true;
    cancel();
  };
}

/** Collects what passes, up to a limit beyond which it has nothing. */
function createCopy(maxBytes: number): {
  readonly add: (piece: Uint8Array) => void;
  readonly bytes: () => Uint8Array<ArrayBuffer> | null;
} {
  let pieces: Uint8Array[] | null = [];
  let length = 0;
  return {
    add: (piece) => {
      length += piece.byteLength;
      if (length > maxBytes) pieces = null;
      pieces?.push(piece.slice());
    },
    bytes: () => {
      if (pieces === null) return null;
      const bytes = new Uint8Array(length);
      let offset = 0;
      for (const piece of pieces) {
        bytes.set(piece, offset);
        offset += piece.byteLength;
      }
      return bytes;
    },
  };
}

const cacheRequest = ({ arrival, target, headers }: Forwarding): CacheRequest => ({
  url: `${target.path}${target.query}`,
  method: arrival.request.method,
  headers: recordOf(headers),
});

/** The headers with these conditions in place of the caller's own, which are looked at afterwards. */
const conditional = (
  headers: readonly HeaderPair[],
  conditions: Readonly<Record<string, string>>,
): HeaderPair[] => [
  ...headers.filter(([name]) => name !== "if-none-match" && name !== "if-modified-since"),
  ...Object.entries(conditions),
];

function recordOf(headers: readonly HeaderPair[]): Record<string, string> {
  const record: Record<string, string> = {};
  for (const [name, value] of headers)
    record[name] = record[name] === undefined ? value : `${record[name]}, ${value}`;
  return record;
}

/** A length that is told as RFC 9110 section 8.6 has it, or null. */
const lengthOf = (header: string | null): number | null =>
  header !== null && /^\d{1,15}$/.test(header) ? Number(header) : null;
