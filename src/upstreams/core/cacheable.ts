/**
 * Which answers of an upstream are told again, and to whom (RFC 9111 as for a shared cache, judged by
 * http-cache-semantics). Every caller is authenticated, so section 3.5 decides: only what its own headers call `public`,
 * `s-maxage` or `must-revalidate` may be told to another caller than the one who asked. Nothing stale is ever told.
 */
import CachePolicy from "http-cache-semantics";

/** Names in lower case, as the upstream got or sent them. */
export type HeaderRecord = Readonly<Record<string, string>>;

export interface CacheRequest {
  /** Names the answer within the upstream: path and query. */
  readonly url: string;
  readonly method: string;
  readonly headers: HeaderRecord;
}

export interface CacheAnswer {
  readonly status: number;
  readonly headers: HeaderRecord;
  /** Whether the headers set a cookie, which says something to one caller alone. */
  readonly setsCookie: boolean;
}

/** What is kept of an answer beside its body. */
export interface KeptAnswer {
  readonly policy: CachePolicy.CachePolicyObject;
  readonly status: number;
  readonly headers: HeaderRecord;
  /** When the upstream last said that it holds, milliseconds since the epoch. */
  readonly checkedAtMs: number;
}

/** Beyond this many bytes an answer is passed on and not kept. */
export const MAX_KEPT_BYTES = 1_048_576;
/** Beyond its freshness an answer is worth keeping only as something to compare with, and not for longer. */
const MAX_COMPARED_SECONDS = 86_400;

/** Statuses that are told again where freshness is stated. No part of an answer, and nothing that says "not now". */
const KEPT_STATUSES: ReadonlySet<number> = new Set([200, 203, 300, 301, 308, 404, 410]);

/** Headers of a request that differ with the caller: an answer that varies by one is the caller's own. */
const OF_A_CALLER =
  /^(?:\*|authorization|cookie|forwarded|traceparent|tracestate|via|x-api-key|x-real-ip|x-request-id|x-(?:forwarded|naru)-.+)$/;

/** How the cache takes part in a request: not at all, by telling and keeping, or by telling alone what it has. */
export type CacheUse = "bypass" | "normal" | "only";

/** `cacheSeconds` is the upstream's; above 0. A part of an answer is neither told nor kept. */
export function cacheUse(method: string, headers: HeaderRecord): CacheUse {
  if ((method !== "GET" && method !== "HEAD") || headers["range"] !== undefined) return "bypass";
  const directives = directivesOf(headers["cache-control"]);
  if (directives.has("no-store")) return "bypass";
  return directives.has("only-if-cached") ? "only" : "normal";
}

export interface Judge {
  /** What to keep of an answer to GET, and for how many seconds from now; null where it may not be told again. */
  readonly keep: (
    request: CacheRequest,
    answer: CacheAnswer,
    cacheSeconds: number,
  ) => { readonly kept: KeptAnswer; readonly seconds: number } | null;
  /** Whether the request is for what is kept: the headers by which it varies are the same. */
  readonly matches: (kept: KeptAnswer, request: CacheRequest) => boolean;
  /** Whether what is kept may be told without asking the upstream. */
  readonly isFresh: (kept: KeptAnswer, request: CacheRequest, cacheSeconds: number) => boolean;
  /** Headers by which the upstream is asked whether what is kept still holds; none where it has no mark. */
  readonly conditions: (kept: KeptAnswer) => HeaderRecord;
  /** What is kept, brought up to date by a 304 (RFC 9111 section 4.3.4). */
  readonly confirm: (
    kept: KeptAnswer,
    request: CacheRequest,
    headers: HeaderRecord,
    cacheSeconds: number,
  ) => { readonly kept: KeptAnswer; readonly seconds: number } | null;
  /** The headers to tell it with, `Age` among them. */
  readonly headersOf: (kept: KeptAnswer) => HeaderRecord;
}

export function createJudge(clock: () => number): Judge {
  /** The library reads the time itself; this is its door for another clock. */
  class Policy extends CachePolicy {
    now(): number {
      return clock();
    }
  }
  const policyOf = (kept: KeptAnswer): CachePolicy => Policy.fromObject(kept.policy);

  const keep: Judge["keep"] = (request, answer, cacheSeconds) => {
    if (!KEPT_STATUSES.has(answer.status) || answer.setsCookie || isOfOneCaller(answer))
      return null;
    const policy = new Policy(
      policyRequest(request),
      { status: answer.status, headers: policyHeaders(answer.headers) },
      { shared: true, cacheHeuristic: 0 },
    );
    const freshSeconds = Math.min(cacheSeconds, policy.maxAge() - policy.age());
    if (!policy.storable() || freshSeconds <= 0) return null;
    const { headers, status } = answer;
    const isComparable = headers["etag"] !== undefined || headers["last-modified"] !== undefined;
    return {
      kept: { policy: policy.toObject(), status, headers, checkedAtMs: clock() },
      seconds: Math.ceil(
        freshSeconds + (isComparable ? Math.min(cacheSeconds, MAX_COMPARED_SECONDS) : 0),
      ),
    };
  };

  return {
    keep,
    matches: (kept, request) => {
      const plain = { ...policyRequest(request) };
      // Only what the answer varies by is asked here, and not how old the caller takes it.
      plain.headers = { ...plain.headers, "cache-control": "max-stale" };
      delete plain.headers["pragma"];
      return policyOf(kept).satisfiesWithoutRevalidation(plain);
    },
    isFresh: (kept, request, cacheSeconds) =>
      clock() - kept.checkedAtMs < cacheSeconds * 1000 &&
      policyOf(kept).satisfiesWithoutRevalidation(policyRequest(request)),
    conditions: ({ headers }) => ({
      ...(headers["etag"] !== undefined && { "if-none-match": headers["etag"] }),
      ...(headers["last-modified"] !== undefined && {
        "if-modified-since": headers["last-modified"],
      }),
    }),
    confirm: (kept, request, headers, cacheSeconds) => {
      if (
        headers["etag"] !== undefined &&
        bare(headers["etag"]) !== bare(kept.headers["etag"] ?? "")
      )
        return null;
      const { age: _age, date: _date, ...known } = kept.headers;
      const merged = { ...known, ...Object.fromEntries(renewed(headers)) };
      // What it says to one caller beside is no part of what all are told.
      const setsCookie = headers["set-cookie"] !== undefined;
      const answer = { status: kept.status, headers: merged, setsCookie };
      return keep(request, answer, cacheSeconds);
    },
    headersOf: (kept) => ({
      ...kept.headers,
      age: String(Math.max(0, Math.floor(policyOf(kept).age()))),
    }),
  };
}

/**
 * Whether the caller holds what is told already (RFC 9110 section 13.2.2): its tag, or no later date where it names none.
 */
export function holdsAlready(request: HeaderRecord, answer: HeaderRecord): boolean {
  const tags = request["if-none-match"];
  const etag = answer["etag"];
  if (tags !== undefined)
    return (
      etag !== undefined &&
      (tags.trim() === "*" || tags.split(",").some((tag) => bare(tag) === bare(etag)))
    );
  const [since, modified] = [request["if-modified-since"], answer["last-modified"]];
  // The one date that a client has is the one that it was given.
  return since !== undefined && since === modified;
}

/** Headers that the body decides, which a 304 does not change. */
const OF_THE_BODY = new Set([
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
]);
const renewed = (headers: HeaderRecord): [string, string][] =>
  Object.entries(headers).filter(([name]) => !OF_THE_BODY.has(name));

/** Weak comparison (RFC 9110 section 8.8.3.2). */
const bare = (tag: string): string => tag.trim().replace(/^W\//, "");

function isOfOneCaller({ headers }: CacheAnswer): boolean {
  const varies = (headers["vary"] ?? "").toLowerCase().replaceAll("_", "-").split(",");
  return varies.some((name) => OF_A_CALLER.test(name.trim()));
}

/** As the library is to see it: every request shows a credential, whatever header it came in. */
function policyRequest({ url, headers }: CacheRequest): {
  url: string;
  method: string;
  headers: Record<string, string>;
} {
  const directives = headers["cache-control"]
    ?.toLowerCase()
    .replaceAll(/max-stale(?:=[^,]*)?/g, "");
  return {
    url,
    method: "GET",
    headers: {
      ...headers,
      ...(directives !== undefined && { "cache-control": directives }),
      authorization: "shown",
    },
  };
}

/**
 * As the library is to see it: it knows directives in small letters only, and takes `must-revalidate` to forbid telling a
 * fresh answer, where it forbids a stale one (RFC 9111 section 5.2.2.2). What else it does is what `public` does.
 */
function policyHeaders(headers: HeaderRecord): Record<string, string> {
  const control = headers["cache-control"]?.toLowerCase().replaceAll("must-revalidate", "public");
  const vary = headers["vary"] === undefined ? [] : [headers["vary"]];
  // An encoded answer is for those who take its coding, also where its server forgets to say so.
  if (headers["content-encoding"] !== undefined) vary.push("accept-encoding");
  return {
    ...headers,
    ...(control !== undefined && { "cache-control": control }),
    ...(vary.length > 0 && { vary: vary.join(", ") }),
  };
}

const directivesOf = (control: string | undefined): ReadonlySet<string> =>
  new Set(
    (control ?? "")
      .toLowerCase()
      .split(",")
      .map((item) => item.trim().split("=")[0] ?? ""),
  );
