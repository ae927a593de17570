import { describe, expect, test } from "vitest";
import { OfferTurns } from "#workers/core/offer-turns";
import type { OfferLine } from "#workers/core/offer-turns";

const HIGH = 1;
const NORMAL = 3;
const LOW = 6;

const line = (ownerId: string, stride: number, kind = "ocr"): OfferLine => ({
  ownerId,
  stride,
  kind,
});

/** Takes so many of a kind and tells whose turn each was, as `owner/stride`. */
function serve(turns: OfferTurns, count: number, kind = "ocr"): string[] {
  return Array.from({ length: count }, () => {
    const next = turns.next([kind]);
    if (next === null) return "nobody";
    turns.leave({ ...next, kind });
    return `${next.ownerId}/${next.stride}`;
  });
}

const count = (served: readonly string[], name: string): number =>
  served.filter((one) => one === name).length;

describe("the turns of what waits in a pool", () => {
  test("are by weight within one owner: of nine six high, two normal, one low", () => {
    const turns = new OfferTurns();
    for (const stride of [LOW, NORMAL, HIGH]) turns.enter(line("a", stride), 20);
    const served = serve(turns, 9);
    expect([HIGH, NORMAL, LOW].map((stride) => count(served, `a/${stride}`))).toEqual([6, 2, 1]);
    expect(served[0]).toBe(`a/${HIGH}`);
  });

  test("are even between owners, whatever they have waiting and call urgent", () => {
    const turns = new OfferTurns();
    turns.enter(line("greedy", HIGH), 100);
    turns.enter(line("modest", LOW), 3);
    const served = serve(turns, 6);
    expect(count(served, `modest/${LOW}`)).toBe(3);
  });

  test("save up nothing for a line or an owner that was away", () => {
    const turns = new OfferTurns();
    turns.enter(line("a", HIGH), 40);
    serve(turns, 20);
    turns.enter(line("a", LOW), 10);
    turns.enter(line("late", HIGH), 10);
    const served = serve(turns, 14);
    expect(count(served, `late/${HIGH}`)).toBe(7);
    expect(count(served, `a/${LOW}`)).toBe(1);
  });

  test("pass over what the worker does not serve, and end where nothing waits", () => {
    const turns = new OfferTurns();
    turns.enter(line("a", HIGH, "faces"));
    turns.enter(line("b", LOW, "ocr"));
    expect(serve(turns, 2, "ocr")).toEqual([`b/${LOW}`, "nobody"]);
    expect(serve(turns, 2, "faces")).toEqual([`a/${HIGH}`, "nobody"]);
  });
});
