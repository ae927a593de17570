import { expect, test } from "vitest";
import { openAiCode, openAiError, openAiStatus } from "#openai/core/error-shape";
import { ERRORS } from "#platform/errors";

const problem = (more: object = {}) => ({
  code: "VALIDATION_FAILED",
  status: 422,
  error: "Two fields are wrong.",
  detail: "Mend them.",
  ...more,
});

test("a refusal has OpenAI's four members and no other", () => {
  const errors = [
    { pointer: "/messages/0/role", code: "x", message: "is unknown" },
    { pointer: "/a~1b~0c", code: "x", message: "is odd" },
  ];
  expect(openAiError(problem({ errors, request_id: "req_1", instance: "/v1" }))).toEqual({
    error: {
      message: "Two fields are wrong. messages[0].role: is unknown; a/b~c: is odd",
      type: "invalid_request_error",
      param: "messages[0].role",
      code: "validation_failed",
    },
  });
});

test.each([
  [400, "invalid_request_error"],
  [401, "invalid_request_error"],
  [429, "rate_limit_error"],
  [500, "server_error"],
  [503, "server_error"],
])("%i is of the type %s", (status, type) => {
  expect(openAiError(problem({ status })).error.type).toBe(type);
});

test("no two of our codes become one, and a model that is not there is a 404", () => {
  const codes = Object.keys(ERRORS).map(openAiCode);
  expect(new Set(codes).size).toBe(codes.length);
  expect(openAiCode("RATE_LIMITED")).toBe("rate_limit_exceeded");
  expect(openAiStatus("MODEL_NOT_FOUND", 422)).toBe(404);
  expect(openAiStatus("VALIDATION_FAILED", 422)).toBe(422);
  expect(openAiError(problem({ code: "MODEL_NOT_FOUND" })).error.param).toBe("model");
});

test("a refusal without faults tells what to do about it", () => {
  expect(openAiError(problem()).error).toMatchObject({
    message: "Two fields are wrong. Mend them.",
    param: null,
  });
});

test("of a refusal without a hint nothing but its message is told", () => {
  expect(openAiError(problem({ detail: null })).error.message).toBe("Two fields are wrong.");
});
