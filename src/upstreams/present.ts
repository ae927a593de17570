/** Between a definition and its form on the wire. */
import { toTimestamp } from "#platform/clock";
import { readTargetUrl } from "./core/definition";
import type { TargetHealth } from "./core/health";
import { UPSTREAM_DEFAULTS } from "./core/upstream";
import type { Header, Upstream } from "./core/upstream";
import type { UpstreamChanges } from "./definition-schemas";
import type { Definition } from "./manage";
import type { UpstreamBody, UpstreamHealthBody } from "./schemas";

/** What a new upstream is, and what a replaced one becomes, in all that nobody says. */
export const defaultsOf = (name: string): Definition => ({
  targets: [],
  methods: UPSTREAM_DEFAULTS.methods,
  paths: UPSTREAM_DEFAULTS.paths,
  addHeaders: [],
  timeoutMs: UPSTREAM_DEFAULTS.timeoutMs,
  idleMs: UPSTREAM_DEFAULTS.idleMs,
  retries: UPSTREAM_DEFAULTS.retries,
  cacheSeconds: UPSTREAM_DEFAULTS.cacheSeconds,
  healthCheck: null,
  scope: `gw:${name}`,
  maxBodyBytes: UPSTREAM_DEFAULTS.maxBodyBytes,
  isEnabled: true,
  secrets: null,
});

/** What is to be changed, over what is there or the defaults. */
export function definitionOf(changes: UpstreamChanges, base: Definition): Definition {
  const { targets, health_check: check, add_headers: headers, secret_headers: secrets } = changes;
  return {
    targets:
      targets?.map(({ url, weight }) => ({
        url: canonical(url),
        weight: weight ?? UPSTREAM_DEFAULTS.weight,
      })) ?? base.targets,
    methods: changes.methods ?? base.methods,
    paths: changes.paths ?? base.paths,
    addHeaders: headers === undefined ? base.addHeaders : headersOf(headers),
    timeoutMs: changes.timeout_ms ?? base.timeoutMs,
    idleMs: changes.idle_timeout_ms === undefined ? base.idleMs : changes.idle_timeout_ms,
    retries: changes.retries ?? base.retries,
    cacheSeconds: changes.cache_seconds ?? base.cacheSeconds,
    healthCheck:
      check === undefined
        ? base.healthCheck
        : check === null
          ? null
          : {
              path: check.path,
              intervalSeconds: check.interval_seconds,
              timeoutMs: check.timeout_ms,
              healthyAfter: check.healthy_after,
              unhealthyAfter: check.unhealthy_after,
              expectedStatus: check.expected_status,
            },
    scope: changes.scope === undefined ? base.scope : changes.scope,
    maxBodyBytes: changes.max_body_bytes ?? base.maxBodyBytes,
    isEnabled: changes.enabled ?? base.isEnabled,
    secrets:
      secrets === undefined
        ? base.secrets
        : new Map(Object.entries(secrets).map(([name, value]) => [name.toLowerCase(), value])),
  };
}

/** What an upstream is, as the base of a change. */
export const presentDefinition = (upstream: Upstream): Definition => {
  const {
    id: _i,
    name: _n,
    secretHeaders: _s,
    version: _v,
    createdAtMs: _c,
    updatedAtMs: _u,
    ...rest
  } = upstream;
  return { ...rest, secrets: null };
};

const headersOf = (headers: Readonly<Record<string, string>>): Header[] =>
  Object.entries(headers).map(([name, value]) => ({ name: name.toLowerCase(), value }));

/** The schema has found the text good. */
function canonical(url: string): string {
  const read = readTargetUrl(url);
  return read.ok ? read.value : url;
}

export const presentUpstream = (upstream: Upstream): UpstreamBody => ({
  id: upstream.id,
  name: upstream.name,
  targets: upstream.targets.map(({ url, weight }) => ({ url, weight })),
  methods: [...upstream.methods],
  paths: [...upstream.paths],
  add_headers: Object.fromEntries(upstream.addHeaders.map(({ name, value }) => [name, value])),
  secret_headers: upstream.secretHeaders.map(({ name, updatedAtMs }) => ({
    name,
    updated_at: toTimestamp(updatedAtMs),
  })),
  timeout_ms: upstream.timeoutMs,
  idle_timeout_ms: upstream.idleMs,
  retries: upstream.retries,
  cache_seconds: upstream.cacheSeconds,
  health_check:
    upstream.healthCheck === null
      ? null
      : {
          path: upstream.healthCheck.path,
          interval_seconds: upstream.healthCheck.intervalSeconds,
          timeout_ms: upstream.healthCheck.timeoutMs,
          healthy_after: upstream.healthCheck.healthyAfter,
          unhealthy_after: upstream.healthCheck.unhealthyAfter,
          expected_status: upstream.healthCheck.expectedStatus,
        },
  scope: upstream.scope,
  max_body_bytes: upstream.maxBodyBytes,
  enabled: upstream.isEnabled,
  version: upstream.version,
  created_at: toTimestamp(upstream.createdAtMs),
  updated_at: toTimestamp(upstream.updatedAtMs),
});

/** The health of each target, with nothing on record where its pool knows nothing. */
export const presentHealth = (
  upstream: Upstream,
  known: readonly TargetHealth[],
): UpstreamHealthBody => ({
  upstream: upstream.name,
  enabled: upstream.isEnabled,
  targets: upstream.targets.map(({ url, weight }) => {
    const health = known.find((target) => target.url === url);
    const { lastFailureMs = null, lastCheck = null } = health ?? {};
    return {
      url,
      weight,
      healthy: health?.isHealthy ?? true,
      since: health === undefined ? null : toTimestamp(health.sinceMs),
      failures: health?.failures ?? 0,
      last_failure_at: lastFailureMs === null ? null : toTimestamp(lastFailureMs),
      last_check:
        lastCheck === null
          ? null
          : { at: toTimestamp(lastCheck.atMs), good: lastCheck.isGood, status: lastCheck.status },
    };
  }),
});
