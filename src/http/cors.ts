import type { Context, MiddlewareHandler } from "hono";
import type { AppEnv } from "#http/context";

/** Request headers that a page of an allowed origin may send. */
const ALLOWED_HEADERS = [
  "Accept",
  "Accept-Language",
  "Authorization",
  "Cache-Control",
  "Content-Type",
  "Idempotency-Key",
  "If-Match",
  "If-None-Match",
  "If-Range",
  "Last-Event-ID",
  "Prefer",
  "Range",
  "X-API-Key",
  "X-CSRF-Token",
  "X-Request-Id",
  "traceparent",
  "tracestate",
  // What OpenAI's SDK sends of itself from a page.
  "OpenAI-Organization",
  "OpenAI-Project",
  ...[
    "Arch",
    "Helper-Method",
    "Lang",
    "OS",
    "Package-Version",
    "Retry-Count",
    "Runtime",
    "Runtime-Version",
    "Timeout",
  ].map((name) => `X-Stainless-${name}`),
].join(", ");

/** Answer headers that a page of an allowed origin may read. */
const EXPOSED_HEADERS = [
  "Accept-Ranges",
  "Age",
  "Allow",
  "Content-Language",
  "Content-Range",
  "Deprecation",
  "ETag",
  "Idempotency-Replayed",
  "Link",
  "Location",
  "Preference-Applied",
  "RateLimit",
  "RateLimit-Policy",
  "Retry-After",
  "Server-Timing",
  "Sunset",
  "WWW-Authenticate",
  "X-Cache",
  "X-RateLimit-Limit",
  "X-RateLimit-Remaining",
  "X-RateLimit-Reset",
  "X-Request-Id",
  "X-Should-Retry",
  "X-Trace-Id",
].join(", ");

const LIST_OF_NAMES = /^[\w-]+(?:\s*,\s*[\w-]+)*$/;

/** Two hours: what the most patient browser keeps a preflight for. */
const PREFLIGHT_SECONDS = "7200";

/**
 * Cross-origin sharing by `CORS_ORIGINS` (Fetch standard, section 3.2). An origin that is not listed gets
 * the plain answer without permission to read it. Listed origins may send cookies; with `*` nobody may.
 */
export const cors: MiddlewareHandler<AppEnv> = async function shareAcrossOrigins(c, next) {
  await next();
  const { corsOrigins } = c.get("config");
  if (corsOrigins.length === 0 || c.res.status === 101) return;
  const { headers } = c.res;
  const isOpen = corsOrigins.includes("*");
  // With both `*` and names in the list the answer differs by origin as well.
  if (corsOrigins.length > 1 || !isOpen) headers.append("Vary", "Origin");
  const origin = c.req.header("origin");
  if (origin === undefined || !(isOpen || corsOrigins.includes(origin))) return;
  const isListed = corsOrigins.includes(origin);
  headers.set("Access-Control-Allow-Origin", isListed ? origin : "*");
  if (isListed) headers.set("Access-Control-Allow-Credentials", "true");
  headers.set("Access-Control-Expose-Headers", exposedHeaders(c));
  if (c.req.method !== "OPTIONS" || !c.req.header("access-control-request-method")) return;
  headers.set("Access-Control-Allow-Methods", headers.get("Allow") ?? "");
  headers.set("Access-Control-Allow-Headers", allowedHeaders(c));
  headers.set("Access-Control-Max-Age", PREFLIGHT_SECONDS);
};

/** What an upstream of the gateway takes from a page that may come at all is between the two. */
function allowedHeaders(c: Context<AppEnv>): string {
  const asked = c.req.header("access-control-request-headers") ?? "";
  if (!c.req.path.startsWith("/api/v1/gw/") || !LIST_OF_NAMES.test(asked)) return ALLOWED_HEADERS;
  return `${ALLOWED_HEADERS}, ${asked}`;
}

/** So is what it tells: all of its headers, which a browser never shows of cookies. */
function exposedHeaders(c: Context<AppEnv>): string {
  if (!c.get("isForwarded")) return EXPOSED_HEADERS;
  return [EXPOSED_HEADERS, ...c.res.headers.keys()].join(", ");
}
