import type { MiddlewareHandler } from "hono";
import { ApiError } from "#platform/errors";
import type { AppEnv } from "#http/context";
import { writableHeaders } from "#http/writable-answer";

interface MediaRange {
  readonly type: string;
  readonly subtype: string;
  readonly weight: number;
}

const RANGE = /^\s*([!#$%&'*+.^_`|~\w-]+)\/([!#$%&'*+.^_`|~\w-]+)\s*(;.*)?$/;
const QUALITY = /;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*(?:;|$)/i;
const MAX_LENGTH = 2000;

/**
 * Which of the offered media types an `Accept` header prefers (RFC 9110 section 12.5.1): the most specific
 * range decides on each type, the highest weight wins, our order breaks ties. Null where none is acceptable.
 * A header without one readable range counts as none at all.
 */
export function preferredType(
  accept: string | null | undefined,
  offered: readonly string[],
): string | null {
  const first = offered[0] ?? null;
  if (!accept || accept === "*/*") return first;
  const ranges = accept.slice(0, MAX_LENGTH).split(",").flatMap(parseRange);
  if (ranges.length === 0) return first;
  let best: string | null = null;
  let bestWeight = 0;
  for (const type of offered) {
    const weight = weightOf(type, ranges);
    if (weight <= bestWeight) continue;
    best = type;
    bestWeight = weight;
  }
  return best;
}

/** Refuses with 406 where the `Accept` header excludes all that the route produces. */
export const requireAcceptable = (produces: readonly string[]): MiddlewareHandler<AppEnv> =>
  async function negotiate(c, next) {
    if (preferredType(c.req.header("accept"), produces) === null)
      throw new ApiError("NOT_ACCEPTABLE", { params: { produces: produces.join(", ") } });
    await next();
    // Which of several forms was chosen depends on the header.
    if (produces.length > 1) writableHeaders(c)?.append("Vary", "Accept");
  };

function parseRange(item: string): MediaRange[] {
  const [, type, subtype, parameters = ""] = RANGE.exec(item.toLowerCase()) ?? [];
  if (type === undefined || subtype === undefined) return [];
  return [{ type, subtype, weight: Number(QUALITY.exec(parameters)?.[1] ?? 1) }];
}

function weightOf(mediaType: string, ranges: readonly MediaRange[]): number {
  const [type, subtype] = mediaType.split("/");
  let specificity = -1;
  let weight = 0;
  for (const range of ranges) {
    const own = matchSpecificity(range, type, subtype);
    if (own <= specificity) continue;
    specificity = own;
    weight = range.weight;
  }
  return weight;
}

function matchSpecificity(range: MediaRange, type?: string, subtype?: string): number {
  if (range.type === type && range.subtype === subtype) return 2;
  if (range.type === type && range.subtype === "*") return 1;
  return range.type === "*" && range.subtype === "*" ? 0 : -1;
}
