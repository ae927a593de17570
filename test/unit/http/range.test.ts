import { expect, test } from "vitest";
import { readRange } from "#http/range";
import type { RangeVerdict } from "#http/range";

const ETAG = '"v1"';
const WHOLE = { kind: "whole" } as const;
const NONE = { kind: "unsatisfiable" } as const;
const part = (first: number, last: number): RangeVerdict => ({ kind: "part", first, last });

test.each<[string | undefined, RangeVerdict]>([
  [undefined, WHOLE],
  ["bytes=0-0", part(0, 0)],
  ["bytes=0-99", part(0, 99)],
  ["bytes=90-", part(90, 99)],
  ["bytes=90-4000", part(90, 99)],
  ["bytes=-10", part(90, 99)],
  ["bytes=-4000", part(0, 99)],
  ["Bytes= 5 - 6 ", part(5, 6)],
  ["bytes=100-", NONE],
  ["bytes=100-200", NONE],
  ["bytes=-0", NONE],
  // Not served, or no range at all: the whole (RFC 9110 section 14.2).
  ["bytes=0-1,5-6", WHOLE],
  ["bytes=6-5", WHOLE],
  ["bytes=-", WHOLE],
  ["bytes=a-b", WHOLE],
  ["items=0-1", WHOLE],
  ["bytes=99999999999999999999-", WHOLE],
])("of 100 bytes, %s means %j", (header, expected) => {
  expect(readRange(header, 100, undefined, ETAG)).toEqual(expected);
});

test.each<[string, RangeVerdict]>([
  [ETAG, part(0, 9)],
  ['"v2"', WHOLE],
  // A weak tag never matches: the bytes may differ.
  ['W/"v1"', WHOLE],
  ["Sat, 21 Nov 2026 05:00:00 GMT", WHOLE],
])("If-Range: %s gives the part only of the very same version", (ifRange, expected) => {
  expect(readRange("bytes=0-9", 100, ifRange, ETAG)).toEqual(expected);
});
