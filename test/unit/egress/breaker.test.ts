import { expect, test } from "vitest";
import { BREAKER_RULES, CLOSED, permit, report } from "#egress/core/breaker";
import type { BreakerReport, BreakerState, Permit } from "#egress/core/breaker";

/** Plays calls and reports in order; answers with the last permit. */
function play(
  steps: readonly (["permit", string, number] | [BreakerReport, string, number])[],
  from: BreakerState = CLOSED,
): { state: BreakerState; permit: Permit | null } {
  let state = from;
  let last: Permit | null = null;
  for (const [what, token, atMs] of steps) {
    if (what === "permit") {
      const decided = permit(state, token, atMs);
      state = decided.state;
      last = decided.permit;
    } else state = report(state, token, what, atMs);
  }
  return { state, permit: last };
}

const failures = (count: number, startMs = 0): ["failure", string, number][] =>
  Array.from({ length: count }, (_, i) => ["failure", `t${i}`, startMs + i]);
const OPENED = play(failures(BREAKER_RULES.threshold)).state;
const OPEN_UNTIL = OPENED.openUntilMs ?? 0;

test("four failures in a row let the next call through", () => {
  expect(play([...failures(4), ["permit", "x", 10]]).permit).toMatchObject({ allowed: true });
});

test("the fifth failure in a row shuts the host out, and says for how long", () => {
  expect(play([...failures(5), ["permit", "x", 1_004]]).permit).toEqual({
    allowed: false,
    retryAfterMs: 4_000,
  });
});

test("a success between failures starts the count again", () => {
  const steps = [...failures(4), ["success", "s", 10] as const, ...failures(4, 20)] as const;
  expect(play([...steps, ["permit", "x", 30]] as never).permit).toMatchObject({ allowed: true });
});

test("failures far apart are not in a row", () => {
  const later = BREAKER_RULES.memoryMs + 10;
  expect(play([...failures(4), ["failure", "late", later], ["permit", "x", later]]).permit).toEqual(
    {
      allowed: true,
      isProbe: false,
      mustReport: true,
    },
  );
});

test("an abandoned call counts for nothing", () => {
  expect(play([...failures(4), ["abandoned", "a", 5]]).state.failures).toBe(4);
});

test("after the delay exactly one probe goes out, however many ask", () => {
  const { state } = play([["permit", "probe", OPEN_UNTIL]], OPENED);
  expect(play([["permit", "probe", OPEN_UNTIL]], OPENED).permit).toMatchObject({ isProbe: true });
  for (const token of ["a", "b", "c"])
    expect(play([["permit", token, OPEN_UNTIL + 1]], state).permit).toMatchObject({
      allowed: false,
    });
});

test("a probe that succeeds closes it", () => {
  const { state } = play(
    [
      ["permit", "probe", OPEN_UNTIL],
      ["success", "probe", OPEN_UNTIL + 5],
    ],
    OPENED,
  );
  expect(state).toEqual(CLOSED);
});

test("each probe that fails doubles the delay, up to the cap", () => {
  let state = OPENED;
  const delays: number[] = [];
  for (let i = 0; i < 9; i++) {
    const at = state.openUntilMs ?? 0;
    state = play(
      [
        ["permit", `p${i}`, at],
        ["failure", `p${i}`, at],
      ],
      state,
    ).state;
    delays.push((state.openUntilMs ?? 0) - at);
  }
  expect(delays).toEqual([
    10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000, 300_000,
  ]);
});

test("an abandoned probe makes room for the next", () => {
  const steps = [
    ["permit", "p", OPEN_UNTIL],
    ["abandoned", "p", OPEN_UNTIL + 1],
    ["permit", "q", OPEN_UNTIL + 2],
  ] as const;
  expect(play(steps as never, OPENED).permit).toMatchObject({ allowed: true, isProbe: true });
});

test("a probe that never reports is replaced after a while", () => {
  const { state } = play([["permit", "lost", OPEN_UNTIL]], OPENED);
  const later = OPEN_UNTIL + BREAKER_RULES.probeMs;
  expect(play([["permit", "next", later]], state).permit).toMatchObject({ isProbe: true });
});

test("while open, calls that went out before do not move it", () => {
  const state = play(
    [
      ["success", "old", OPEN_UNTIL - 1],
      ["failure", "old2", OPEN_UNTIL - 1],
    ],
    OPENED,
  ).state;
  expect(state).toEqual(OPENED);
});

test("a healthy host's success leaves the state untouched, so that nothing is written", () => {
  expect(report(CLOSED, "t", "success", 1)).toBe(CLOSED);
});
