import { describe, expect, test } from "vitest";
import type { JsonObject } from "#platform/json-value";
import { isArithmetic } from "../../../src/reasoning/core/expression-text";
import { cognitiveKind, reasoningKind } from "../../../src/reasoning/kinds";

const EMBEDDED = { AI_PROVIDER: "embedded" } as unknown as Env;
const MODEL = {
  AI_PROVIDER: "openai",
  AI_MODEL_ENDPOINT: "http://model.test/v1",
  AI_MODEL: "m",
} as unknown as Env;

async function plan(kind: typeof reasoningKind, env: Env, input: JsonObject): Promise<unknown> {
  const result = await kind.validate(input, { env, ownerId: "usr_1", locale: "en", root: [] });
  return result.ok ? result.value["engine"] : result.error.code;
}

describe("who reasons is decided when it is submitted", () => {
  test.each([
    ["logic_program", "a. ?- a.", "prolog", "prolog"],
    ["mathematical", "12 * (3 + 4)", "arithmetic", "arithmetic"],
    ["mathematical", "340의 12%는 얼마인가요?", "arithmetic", "arithmetic"],
    ["mathematical", "What is 2 + 2?", "arithmetic", "arithmetic"],
    ["mathematical", "Two trains leave at 9. When do they meet?", "MODEL_REQUIRED", "model"],
    ["mathematical", "2x + 3 = 7", "MODEL_REQUIRED", "model"],
    ["mathematical", "사과 3개와 배 4개의 합은?", "MODEL_REQUIRED", "model"],
    ["deductive", "All men are mortal.", "MODEL_REQUIRED", "model"],
    ["inductive", "1 + 1", "MODEL_REQUIRED", "model"],
    ["abductive", "The grass is wet.", "MODEL_REQUIRED", "model"],
  ])("%s %j: %s without a model, %s with one", async (type, input, without, withModel) => {
    expect(await plan(reasoningKind, EMBEDDED, { type, input })).toBe(without);
    expect(await plan(reasoningKind, MODEL, { type, input })).toBe(withModel);
  });

  test.each([
    ["summarization", null, "text"],
    ["extraction", null, "text"],
    ["classification", { by: "language" }, "text"],
    ["classification", { labels: ["a"] }, "MODEL_REQUIRED"],
    ["classification", null, "MODEL_REQUIRED"],
    ["classification", "by language", "MODEL_REQUIRED"],
    ["analysis", null, "MODEL_REQUIRED"],
    ["planning", null, "MODEL_REQUIRED"],
    ["reasoning", null, "MODEL_REQUIRED"],
  ])("%s with %j: %s without a model", async (type, context, expected) => {
    const input = { type, input: "x", context };
    expect(await plan(cognitiveKind, EMBEDDED, input)).toBe(expected);
    expect(await plan(cognitiveKind, MODEL, input)).toBe("model");
  });

  test.each([
    [{}, "VALIDATION_FAILED"],
    [{ type: "deductive", input: "" }, "VALIDATION_FAILED"],
    [{ type: "deductive", input: "x", engine: "prolog" }, "VALIDATION_FAILED"],
    [{ type: "guessing", input: "x" }, "VALIDATION_FAILED"],
    [{ type: "deductive", input: "x".repeat(200_001) }, "VALIDATION_FAILED"],
    [{ type: "deductive", input: "x", context: { a: "x".repeat(50_001) } }, "BODY_TOO_LARGE"],
  ] as [JsonObject, string][])("%j is refused", async (input, code) => {
    expect(await plan(reasoningKind, MODEL, input)).toBe(code);
  });
});

test.each([
  ["1 + 1", true],
  ["x = 3; x ^ 2", true],
  ["sqrt(2) > 1", true],
  ["2 pi", true],
  ["10 mod 3", true],
  ["x + 1", false],
  ["a.b", false],
  ["import(1)", false],
  ["'1'", false],
  ["[1]", false],
  ["", false],
  ["+", false],
  ["hello 3", false],
])("whether %j is arithmetic: %s", (text, expected) => {
  expect(isArithmetic(text)).toBe(expected);
});
