import { describe, expect, test } from "vitest";
import { createReasoningExecutor } from "../../../src/reasoning/executor";
import { ENV, run } from "./run-task";

describe("without a model", () => {
  test("a logic program answers with its proof, and asks nobody", async () => {
    const input = {
      type: "logic_program",
      input: "a(1). a(2).",
      context: { query: "a(X)" },
      engine: "prolog",
    };
    const { outcome, asked } = await run("reasoning", input);
    expect(asked).toEqual([]);
    expect(outcome).toMatchObject({
      status: "completed",
      data: {
        conclusion: "X = 1 ; X = 2",
        steps: ["?- a(X).", "a(1)", "X = 1 ; X = 2"],
        confidence: 1,
        engine: "prolog",
      },
    });
  });

  test.each([
    [
      "logic_program",
      "prolog",
      "p :- p. ?- p.",
      { code: "COMPUTATION_TOO_LARGE", params: { limit: "steps" } },
    ],
    [
      "logic_program",
      "prolog",
      "a(",
      { code: "PROGRAM_NOT_VALID", params: { reason: "syntax", line: 1 } },
    ],
    [
      "logic_program",
      "prolog",
      "a.",
      { code: "PROGRAM_NOT_VALID", params: { reason: "no_query" } },
    ],
    [
      "logic_program",
      "prolog",
      "?- halt.",
      { code: "PROGRAM_NOT_VALID", params: { reason: "unknown_predicate", near: "halt/0" } },
    ],
    [
      "mathematical",
      "arithmetic",
      "1/0",
      { code: "EXPRESSION_NOT_VALID", params: { reason: "division_by_zero" } },
    ],
    [
      "mathematical",
      "arithmetic",
      "9^9^9",
      { code: "COMPUTATION_TOO_LARGE", params: { limit: "digits" } },
    ],
  ])("what can't be computed fails for good: %s %s %s", async (type, engine, input, expected) => {
    const { outcome } = await run("reasoning", { type, input, context: null, engine });
    expect(outcome).toMatchObject({ status: "failed", retryable: false, ...expected });
  });

  test("tools that can't be reached are tried again", async () => {
    const executor = createReasoningExecutor(ENV, {
      compute: () => Promise.reject(new Error("down")),
    });
    const input = { type: "mathematical", input: "1+1", context: null, engine: "arithmetic" };
    const signal = new AbortController().signal;
    const task = {
      taskId: "t",
      ownerId: "o",
      kind: "reasoning",
      attempt: 1,
      input,
      signal,
      deadlineMs: 0,
      traceparent: "",
    };
    expect(await executor(task)).toEqual({
      status: "failed",
      code: "DEPENDENCY_UNAVAILABLE",
      retryable: true,
    });
  });
});
