/**
 * A service of the operator's own behind the gateway: what its definition says, and the rules that need nothing else.
 * Its addresses are the operator's word, so they may be private; callers name an upstream and never an address.
 */
import { hasScope, roleAllows } from "#platform/principal";
import type { Principal } from "#platform/principal";

/** Methods that an upstream may be called with. CONNECT and TRACE are never passed on (RFC 9110 sections 9.3.6 and 9.3.8). */
export const UPSTREAM_METHODS = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
] as const;
export type UpstreamMethod = (typeof UPSTREAM_METHODS)[number];

/** The name in `/api/v1/gw/:name`, in scopes and in metrics. It never changes. */
export const UPSTREAM_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** One place where the service answers. */
export interface Target {
  /** Canonical, http(s), with the base path if there is one, without a slash at its end, a query or a fragment. Names the target. */
  readonly url: string;
  /** Its share of the calls among the healthy targets; at least 1. */
  readonly weight: number;
}

export interface Header {
  /** Lower case. */
  readonly name: string;
  readonly value: string;
}

/** A header whose value is kept sealed: the value itself is nowhere but in memory, beside the definition. */
export interface SecretHeader {
  /** Lower case. */
  readonly name: string;
  readonly updatedAtMs: number;
}

/** How targets are asked whether they are well, beside what calls tell of them. */
export interface HealthCheck {
  /** Path and query that are asked with GET, below the target's base path. */
  readonly path: string;
  readonly intervalSeconds: number;
  readonly timeoutMs: number;
  /** Good checks in a row that bring a target back. */
  readonly healthyAfter: number;
  /** Failures in a row, of checks or of calls, that take a target out. */
  readonly unhealthyAfter: number;
  /** The status of a good check; null takes any from 200 to 299. */
  readonly expectedStatus: number | null;
}

export interface Upstream {
  /** `ups_…`: another one under the same name later is another upstream. */
  readonly id: string;
  readonly name: string;
  /** At least one. */
  readonly targets: readonly Target[];
  readonly methods: readonly UpstreamMethod[];
  /** Patterns of `allowsPath`, of which one must fit. */
  readonly paths: readonly string[];
  /** Set on each call, in place of what the caller sent under these names; so are the secret ones. */
  readonly addHeaders: readonly Header[];
  readonly secretHeaders: readonly SecretHeader[];
  /** Milliseconds from the call to the first byte of the answer, for each try. */
  readonly timeoutMs: number;
  /** Milliseconds between two chunks of an answer's body; null waits as long as the client does. */
  readonly idleMs: number | null;
  /** Further tries, each at another target where there is one; only where trying again is safe. */
  readonly retries: number;
  /**
   * The longest that an answer is told again, in seconds. Whether it is at all, and for how long, its own headers say
   * (RFC 9111): this only shortens it. One that states no freshness is not kept. 0 keeps none.
   */
  readonly cacheSeconds: number;
  /** Null: only calls tell of the targets' health. */
  readonly healthCheck: HealthCheck | null;
  /** The scope that callers need, a general one or `gw:<name>`; null lets in whoever shows a good credential. */
  readonly scope: string | null;
  /** Of a request. Answers are passed on whatever their size. */
  readonly maxBodyBytes: number;
  /** Goes up by one with each change. */
  readonly version: number;
  readonly isEnabled: boolean;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** What is set where a definition says nothing. */
export const UPSTREAM_DEFAULTS = {
  weight: 1,
  methods: UPSTREAM_METHODS,
  paths: ["/*"],
  timeoutMs: 30_000,
  idleMs: 120_000,
  retries: 1,
  cacheSeconds: 0,
  // 128 MiB: more than what most plans of the platform let through (100 MB).
  maxBodyBytes: 134_217_728,
} as const;

export const HEALTH_CHECK_DEFAULTS = {
  intervalSeconds: 10,
  timeoutMs: 2_000,
  healthyAfter: 2,
  unhealthyAfter: 3,
  expectedStatus: null,
} as const satisfies Partial<HealthCheck>;

/** Failures of calls in a row that take a target out where no health check says another number. */
export const UNHEALTHY_AFTER = HEALTH_CHECK_DEFAULTS.unhealthyAfter;

export const allowsMethod = (upstream: Pick<Upstream, "methods">, method: string): boolean =>
  upstream.methods.some((allowed) => allowed === method);

/**
 * Whether a path may be asked for. `path` is what follows the upstream's name, with its slash in front, as the URL parser
 * writes it: dot segments are gone, and whoever calls has refused encoded slashes. A pattern fits the whole of a path; `*`
 * as its last segment fits any rest, an empty one too, and elsewhere exactly one segment that is not empty. Letters count
 * as they are written: a path that is spelt otherwise fits no pattern, which refuses rather than lets through.
 */
export const allowsPath = (upstream: Pick<Upstream, "paths">, path: string): boolean =>
  upstream.paths.some((pattern) => fitsPattern(pattern.split("/"), path.split("/")));

function fitsPattern(pattern: readonly string[], path: readonly string[]): boolean {
  const takesRest = pattern.at(-1) === "*";
  if (takesRest ? path.length < pattern.length : path.length !== pattern.length) return false;
  const fixed = takesRest ? pattern.slice(0, -1) : pattern;
  return fixed.every((segment, at) => (segment === "*" ? path[at] !== "" : path[at] === segment));
}

/** Whether a caller may use the upstream: the credential carries its scope, and the caller's role bears that one. */
export const mayCall = (principal: Principal, { scope }: Pick<Upstream, "scope">): boolean =>
  scope === null || (hasScope(principal, scope) && roleAllows(principal.role, scope));
