import { array, assert, nat, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { createSseParser, SseTooLong } from "#ai/core/sse-parser";

const parse = (pieces: readonly string[], max = 1000): string[] => {
  const parser = createSseParser(max);
  return [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end()];
};

describe("an event stream", () => {
  test.each([
    ["line feeds", "data: a\n\ndata: b\n\n", ["a", "b"]],
    ["carriage returns", "data: a\r\rdata: b\r\r", ["a", "b"]],
    ["pairs of both", "data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]],
    ["a byte order mark", "\uFEFFdata: a\n\n", ["a"]],
    ["no space behind the colon", "data:a\n\n", ["a"]],
    ["two spaces, of which one belongs to the data", "data:  a\n\n", [" a"]],
    ["several lines of data", "data: a\ndata: b\n\n", ["a\nb"]],
    ["a field without a colon", "data\n\n", [""]],
    ["comments and other fields", ": hi\nid: 4\nevent: x\nretry: 5\ndata: a\n\n", ["a"]],
    ["an event without data", "event: x\n\ndata: a\n\n", ["a"]],
    ["an end without an empty line", "data: a", ["a"]],
    ["nothing", "", []],
  ])("is read with %s", (_what, text, events) => {
    expect(parse([text])).toEqual(events);
  });

  test("is the same however it is cut", () => {
    const text = "\uFEFFdata: a\r\n\r\n: c\rdata: b\rdata: c\r\r\ndata:한글\n\ndata";
    assert(
      property(array(nat(text.length)), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), text.length];
        const pieces = at.slice(1).map((end, index) => text.slice(at[index], end));
        expect(parse(pieces)).toEqual(parse([text]));
      }),
    );
  });

  test("is given up at a line without an end, and at an event of too many lines", () => {
    expect(() => parse([`data: ${"x".repeat(60)}`], 50)).toThrow(SseTooLong);
    expect(() =>
      parse(
        Array.from({ length: 60 }, () => "x"),
        50,
      ),
    ).toThrow(SseTooLong);
    expect(() =>
      parse(
        Array.from({ length: 60 }, () => "data: x\n"),
        50,
      ),
    ).toThrow(SseTooLong);
  });
});
