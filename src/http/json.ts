import type { ErrorCode } from "#platform/errors";
import { toPointer } from "#platform/faults";
import type { Result } from "#platform/result";
import { err, ok } from "#platform/result";

export const MAX_DEPTH = 32;

/** Names that mean something to the language when an object is copied or merged by hand. */
const FORBIDDEN_KEYS = new Set(["__proto__", "constructor", "prototype"]);

export interface JsonFault {
  readonly code: Extract<
    ErrorCode,
    "INVALID_UTF8" | "MALFORMED_JSON" | "BODY_TOO_DEEP" | "FORBIDDEN_KEY"
  >;
  /** RFC 6901, for a forbidden key. */
  readonly pointer?: string;
}

interface Place {
  readonly value: object;
  readonly depth: number;
  readonly key: string;
  readonly parent: Place | null;
}

// The byte order mark is dropped, as RFC 8259 section 8.1 lets a reader do.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** Parses a body: UTF-8 without a fault, JSON, at most `MAX_DEPTH` levels, none of the forbidden keys. */
export function parseJson(bytes: Uint8Array): Result<unknown, JsonFault> {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return err({ code: "INVALID_UTF8" });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return err({ code: "MALFORMED_JSON" });
  }
  const fault = inspect(value);
  return fault === null ? ok(value) : err(fault);
}

/**
 * Walks the value with a stack of its own. The parser takes 200,000 levels without complaint; what comes
 * after it (validators, serialisers) recurses, so that depth has to be refused here and without recursion.
 */
function inspect(root: unknown): JsonFault | null {
  if (typeof root !== "object" || root === null) return null;
  const stack: Place[] = [{ value: root, depth: 1, key: "", parent: null }];
  for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
    if (place.depth > MAX_DEPTH) return { code: "BODY_TOO_DEEP" };
    const isArray = Array.isArray(place.value);
    for (const [key, child] of Object.entries(place.value)) {
      if (!isArray && FORBIDDEN_KEYS.has(key))
        return { code: "FORBIDDEN_KEY", pointer: pointerTo(place, key) };
      if (typeof child === "object" && child !== null)
        stack.push({ value: child, depth: place.depth + 1, key, parent: place });
    }
  }
  return null;
}

function pointerTo(place: Place, key: string): string {
  const keys = [key];
  for (let at: Place | null = place; at !== null && at.parent !== null; at = at.parent)
    keys.unshift(at.key);
  return toPointer(keys);
}
