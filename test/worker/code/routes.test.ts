import { expect, test } from "vitest";
import { api, createTestKey } from "../../support/api";

interface Report {
  status: string;
  language: string;
  valid?: boolean;
  score?: number;
  issue_count: number;
  issues: { line: number; column: number; rule: string; severity: string }[];
  metrics?: Record<string, unknown>;
  code?: string;
  errors?: { pointer: string; code: string }[];
}

async function post(path: string, json: object): Promise<Report & { http: number }> {
  const { key } = await createTestKey({ scopes: ["code"] });
  const response = await api(`/api/v1/${path}`, { key, json });
  return { http: response.status, ...(await response.json<Report>()) };
}

test("code that is right is valid, and Python where nothing is said", async () => {
  expect(await post("validate-code", { code: "VALUE = 1\n" })).toEqual({
    http: 200,
    status: "success",
    language: "python",
    validation_type: "all",
    valid: true,
    issues: [],
    issue_count: 0,
  });
});

test("def f(: is not valid, and the answer says where", async () => {
  expect(await post("validate-code", { code: "def f(:", validation_type: "syntax" })).toMatchObject(
    {
      http: 200,
      valid: false,
      issues: [
        {
          line: 1,
          column: 7,
          end_line: 1,
          end_column: 8,
          rule: "invalid-syntax",
          severity: "error",
        },
        {},
      ],
    },
  );
});

test.each([
  ["ts", "typescript", "const a: number = ;"],
  ["jsx", "javascript", "const a = <div>;"],
  ["py", "python", "class:"],
])("%s is read as %s", async (language, answered, code) => {
  const report = await post("validate-code", { code, language });
  expect(report).toMatchObject({ http: 200, language: answered, valid: false });
});

test("an analysis has a score and metrics; warnings alone leave code valid", async () => {
  const code = "import os\n\n\ndef f(a):\n    if a:\n        return 1\n    return 2\n";
  expect(await post("analyze-code", { code })).toMatchObject({
    http: 200,
    analysis_type: "quality",
    score: expect.any(Number),
    metrics: { lines: 7, functions: 1, cyclomatic_complexity: 2, max_nesting: 1 },
    issues: expect.arrayContaining([expect.objectContaining({ rule: "F401" })]),
  });
  expect(await post("validate-code", { code })).toMatchObject({ valid: true });
  expect(await post("analyze-code", { code: "def f(:" })).toMatchObject({ score: 0 });
});

test.each([
  ["a language without tools", { code: "x", language: "cobol" }, "/language"],
  ["an unknown kind of check", { code: "x", validation_type: "taste" }, "/validation_type"],
  ["no code", { code: "" }, "/code"],
  ["code that is too long", { code: "x".repeat(100_001) }, "/code"],
])("%s is refused by its pointer", async (_name, json, pointer) => {
  const report = await post("validate-code", json);
  expect(report).toMatchObject({ http: 422, code: "VALIDATION_FAILED" });
  expect(report.errors?.map((error) => error.pointer)).toEqual([pointer]);
});

test.each(["validate-code", "analyze-code"])(
  "%s refuses what is too deep, with a code of its own",
  async (path) => {
    for (const code of ["(".repeat(20_000), `x = ${"not ".repeat(20_000)}1`])
      expect(await post(path, { code })).toMatchObject({ http: 422, code: "CODE_TOO_COMPLEX" });
  },
);
