/** What a `Range` header asks of a representation of so many bytes; both ends are included. */
export type RangeVerdict =
  | { readonly kind: "whole" }
  | { readonly kind: "part"; readonly first: number; readonly last: number }
  | { readonly kind: "unsatisfiable" };

const WHOLE: RangeVerdict = { kind: "whole" };
const ONE_RANGE = /^bytes=\s*(\d{0,15})\s*-\s*(\d{0,15})\s*$/i;

/**
 * Reads a `Range` header (RFC 9110 section 14.2). A server may pass over what it does not serve: another unit, several ranges at once, and what is
 * malformed lead to the whole. `If-Range` has to name exactly the present version; a weak tag never does (section 13.1.5).
 */
export function readRange(
  header: string | null | undefined,
  size: number,
  ifRange: string | null | undefined,
  etag: string,
): RangeVerdict {
  const [, from = "", to = ""] = ONE_RANGE.exec(header ?? "") ?? [];
  if (from === "" && to === "") return WHOLE;
  if (ifRange && ifRange.trim() !== etag) return WHOLE;
  if (from === "") {
    const length = Math.min(Number(to), size);
    return length === 0
      ? { kind: "unsatisfiable" }
      : { kind: "part", first: size - length, last: size - 1 };
  }
  const first = Number(from);
  const last = to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== "" && Number(to) < first) return WHOLE;
  return first >= size ? { kind: "unsatisfiable" } : { kind: "part", first, last };
}
