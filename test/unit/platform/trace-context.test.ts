import { describe, expect, test } from "vitest";
import {
  childOf,
  continuedTrace,
  newTrace,
  passableState,
  readTraceContext,
  traceIdOf,
} from "#platform/trace-context";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";
const PARENT = `00-${TRACE}-${SPAN}-01`;

describe("a caller's trace", () => {
  test.each([
    ["00", "00"],
    ["01", "01"],
    // The second edition's `random` flag; what no edition names yet goes out as zero.
    ["03", "03"],
    ["ff", "03"],
    ["fc", "00"],
  ])("with the flags %s goes on with %s", (flags, own) => {
    expect(continuedTrace(`00-${TRACE}-${SPAN}-${flags}`)).toMatch(
      new RegExp(`^00-${TRACE}-[0-9a-f]{16}-${own}$`),
    );
  });

  test("of a future version is told on in the one that is known here", () => {
    const parent = continuedTrace(`fe-${TRACE}-${SPAN}-01-more-of-the-future`);
    expect(parent).toMatch(new RegExp(`^00-${TRACE}-(?!${SPAN})[0-9a-f]{16}-01$`));
  });

  test.each([
    null,
    "",
    "nonsense",
    `ff-${TRACE}-${SPAN}-01`,
    `00-${"0".repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${"0".repeat(16)}-01`,
    `00-${TRACE}-${SPAN}-01-`,
    `00-${TRACE}-${SPAN}-0g`,
    ` ${PARENT}`,
    `${PARENT}, ${PARENT}`,
  ])("is none where the header is %j, and its state falls with it", (header) => {
    expect(continuedTrace(header)).toBeNull();
    const context = readTraceContext(header, "vendor=1");
    expect(context.tracestate).toBeNull();
    expect(context.traceparent).toMatch(/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-01$/);
    expect(traceIdOf(context.traceparent)).not.toBe(TRACE);
  });
});

test("each hop below has a span of its own, in the same trace with the same flags", () => {
  const parent = newTrace();
  const children = Array.from({ length: 50 }, () => childOf(parent));
  for (const child of children) {
    expect(child.slice(0, 36)).toBe(parent.slice(0, 36));
    expect(child.slice(52)).toBe(parent.slice(52));
    expect(child).toHaveLength(55);
  }
  expect(new Set([parent, ...children]).size).toBe(51);
});

describe("a tracestate", () => {
  const long = (key: string, length: number): string => `${key}=${"x".repeat(length)}`;
  test.each([
    ["vendor=1", "vendor=1"],
    ["a=1,b=2", "a=1,b=2"],
    [" a=1 , \tb=2 ", " a=1 , \tb=2 "],
    ["tenant@vendor=x y", "tenant@vendor=x y"],
    ["a=1,,b=2", "a=1,,b=2"],
    [null, null],
    ["", null],
    [" , ", null],
    ["a", null],
    ["=1", null],
    ["A=1", null],
    ["a=1,a=2", null],
    ["a=b=c", null],
    ["a=나루", null],
    ["a=1\u0000", null],
    [Array.from({ length: 33 }, (_, i) => `k${i}=1`).join(","), null],
    [long("a", 257), null],
    [Array.from({ length: 32 }, (_, i) => `k${i}=1`).join(","), "as it is"],
  ])("%j is told on as %j", (header, told) => {
    expect(passableState(header)).toBe(told === "as it is" ? header : told);
  });

  test("that is too long loses whole members: the long ones first, then from the end", () => {
    const short = Array.from({ length: 20 }, (_, i) => long(`k${i}`, 20));
    const header = [
      long("first", 200),
      ...short.slice(0, 10),
      long("last", 140),
      ...short.slice(10),
    ];
    const told = passableState(header.join(","))?.split(",") ?? [];
    expect(told.join(",").length).toBeLessThanOrEqual(512);
    expect(told).toEqual(short.slice(0, told.length));
    expect(told.length).toBe(20);
  });

  test("of which every member fits but not all of them loses those at the end", () => {
    const members = Array.from({ length: 8 }, (_, i) => long(`k${i}`, 100));
    expect(passableState(members.join(","))).toBe(members.slice(0, 4).join(","));
  });
});
