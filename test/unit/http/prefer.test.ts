import { expect, test } from "vitest";
import { parsePrefer } from "#http/prefer";

test.each([
  [undefined, false, null],
  ["", false, null],
  ["respond-async", true, null],
  ["Respond-Async", true, null],
  ["wait=10", false, 10],
  ['wait="10"', false, 10],
  ["respond-async, wait=5", true, 5],
  ["wait = 7 ; note=x", false, 7],
  ["wait=0", false, 0],
  ["wait=1, wait=99", false, 1],
  ["wait=-1", false, null],
  ["wait=1.5", false, null],
  ["wait=1e3", false, null],
  ["wait", false, null],
  ["wait=", false, null],
  ["wait=99999999999999999999", false, null],
  ['foo="a, respond-async, b"', false, null],
  ['foo="a\\", respond-async", wait=3', false, 3],
  ['return=representation; note="x,y", respond-async', true, null],
  [",,,;;;=", false, null],
  ['"respond-async"', false, null],
] as const)("Prefer %j means respond-async %j and wait %j", (header, respondAsync, waitSeconds) => {
  expect(parsePrefer(header)).toEqual({ respondAsync, waitSeconds });
});
