import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "#http/context";
import { writableHeaders } from "#http/writable-answer";

/** How a route goes out of use. Dates are RFC 3339. */
export interface Retirement {
  /** Since when it should not be used any more. */
  readonly since: string;
  /** From when on it may be gone; not before `since`. */
  readonly sunset: string;
  /** The path that takes its place. */
  readonly successor: string;
}

/**
 * Tells with every answer of a retired route, errors included, that and when it goes: `Deprecation`
 * (RFC 9745), `Sunset` (RFC 8594), and links to its successor and to the documentation.
 * Throws where the dates are none or the wrong way round.
 */
export function announceRetirement(retirement: Retirement): MiddlewareHandler<AppEnv> {
  const sinceMs = Date.parse(retirement.since);
  const sunsetMs = Date.parse(retirement.sunset);
  if (!(sinceMs <= sunsetMs)) throw new Error("a route's sunset comes after its deprecation");
  const deprecation = `@${Math.floor(sinceMs / 1000)}`;
  const sunset = new Date(sunsetMs).toUTCString();
  const links = `<${retirement.successor}>; rel="successor-version", </docs>; rel="deprecation"; type="text/html"`;
  return async function announce(c, next) {
    await next();
    const headers = writableHeaders(c);
    headers?.set("Deprecation", deprecation);
    headers?.set("Sunset", sunset);
    headers?.append("Link", links);
  };
}
