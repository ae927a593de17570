import * as z from "zod";
import { describe, expect, test } from "vitest";
import { ERRORS, errorText } from "#platform/errors";
import type { ErrorCode } from "#platform/errors";
import { describeIssues, FAULT_TEXTS } from "#platform/faults";
import type { Locale } from "#platform/locale";

/** What a caller reads of the first fault. */
function textOf(schema: z.ZodType, value: unknown, locale: Locale): string | undefined {
  const result = schema.safeParse(value, { error: FAULT_TEXTS[locale] });
  return result.success ? undefined : describeIssues(result.error.issues, [], locale)[0]?.message;
}

const limit = z.coerce.number().int().min(1).max(100).default(20);
const anyType = { en: "Invalid input: expected", ko: "잘못된 입력: 예상 타입은" };

describe.each<[string, z.ZodType, unknown, string, string]>([
  [
    "a word for a page size",
    limit,
    "abc",
    "Must be a whole number from 1 to 100",
    "1 이상 100 이하의 정수여야 합니다",
  ],
  [
    "a fraction for a page size",
    limit,
    "1.5",
    "Must be a whole number from 1 to 100",
    "1 이상 100 이하의 정수여야 합니다",
  ],
  [
    "a text for a count",
    z.int().min(2),
    "3",
    "Must be a whole number of at least 2",
    "2 이상의 정수여야 합니다",
  ],
  [
    "a text for a limit",
    z.int().max(2),
    "3",
    "Must be a whole number of at most 2",
    "2 이하의 정수여야 합니다",
  ],
  ["a fraction for any whole number", z.int(), 1.5, "Must be a whole number", "정수여야 합니다"],
  ["a text for any number", z.number(), "1", "Must be a number", "숫자여야 합니다"],
  [
    "a list for a record",
    z.record(z.string(), z.unknown()),
    [],
    `${anyType.en} object, received array`,
    `${anyType.ko} 객체, 받은 타입은 배열입니다`,
  ],
  [
    "a number for a text",
    z.string(),
    1,
    `${anyType.en} string, received number`,
    `${anyType.ko} 문자열, 받은 타입은 숫자입니다`,
  ],
  [
    "null for an object",
    z.strictObject({}),
    null,
    `${anyType.en} object, received null`,
    `${anyType.ko} 객체, 받은 타입은 null입니다`,
  ],
  [
    "an empty text",
    z.string().min(1),
    "",
    "Too small: expected string to have >=1 character",
    "문자열이 너무 작습니다: 1문자 이상이어야 합니다",
  ],
  [
    "too long a text",
    z.string().max(21),
    "x".repeat(22),
    "Too big: expected string to have <=21 characters",
    "문자열이 너무 큽니다: 21문자 이하여야 합니다",
  ],
  [
    "too many items",
    z.array(z.int()).max(1),
    [1, 2],
    "Too big: expected array to have <=1 item",
    "배열이 너무 큽니다: 1개 이하여야 합니다",
  ],
  [
    "too large a number",
    z.int().max(10),
    11,
    "Too big: expected number to be <=10",
    "숫자가 너무 큽니다: 10 이하여야 합니다",
  ],
  [
    "a name that a record does not take",
    z.record(z.string().max(1), z.int()),
    { long: 1 },
    "Invalid key in object",
    "잘못된 키: 객체",
  ],
])("%s is told of in the caller's words", (_what, schema, value, en, ko) => {
  test("in English", () => {
    expect(textOf(schema, value, "en")).toBe(en);
  });
  test("in Korean", () => {
    expect(textOf(schema, value, "ko")).toBe(ko);
  });
});

test("the text of a refusal reads well for one fault and for many", () => {
  const code: ErrorCode = "VALIDATION_FAILED";
  expect(ERRORS[code]).toBe(422);
  for (const count of [1, 2]) {
    expect(errorText(code, "en", { count }).error).toBe(
      `The request is well-formed, but not valid (faults: ${count}).`,
    );
    expect(errorText(code, "ko", { count }).error).toContain(`${count}개`);
  }
});
