import type { JsonObject } from "#platform/json-value";
import { toTimestamp } from "#platform/clock";
import type { ErrorCode, ErrorParams } from "#platform/errors";
import type { OutsideResponse } from "#egress/service";
import type { RunOutcome } from "#tasks/service";
import type { CacheNote } from "./page-cache";
import { failedFetch, refusedByTarget } from "./visit";
import type { FetchResult } from "./visit";

/** Why a page that was asked for cannot be read, as the end of its run; null where it can. */
export function failureIn(fetched: FetchResult, nowMs: number): RunOutcome | null {
  if (fetched.ok) return refusedByTarget(fetched.value, nowMs);
  return "kind" in fetched.error ? failedFetch(fetched.error) : fetched.error;
}

/** A page that could not be taken apart. Null is a tool that could not be reached, which another attempt may find. */
export function failedRead(
  verdict: { readonly code: ErrorCode; readonly params?: ErrorParams } | null,
): RunOutcome {
  if (verdict === null)
    return { status: "failed", code: "DEPENDENCY_UNAVAILABLE", retryable: true };
  const { code, params } = verdict;
  return { status: "failed", code, retryable: false, ...(params === undefined ? {} : { params }) };
}

/** How a page was had: what every result says beside what its script took. */
export function factsOf(
  url: string,
  { bytes, finalUrl, headers, status, redirects }: OutsideResponse,
  note: CacheNote,
  fetchedAtMs: number,
): JsonObject {
  return {
    url,
    final_url: finalUrl,
    status_code: status,
    content_type: headers.get("content-type"),
    bytes: bytes.byteLength,
    redirects: redirects.map((step) => ({ url: step.url, status: step.status })),
    // The moment that the site made what was read, as far as it told.
    fetched_at: toTimestamp(fetchedAtMs - note.age * 1000),
    cache: { status: note.status, age: note.age },
  };
}
