import type { z } from "@hono/zod-openapi";
import { requireScope } from "#auth/guard";
import { defineRoute, newRouter } from "#http/router";
import {
  AnalyzeCodeSchema,
  CodeAnalysisSchema,
  CodeValidationSchema,
  ValidateCodeSchema,
} from "./schemas";
import { analyzeCode, codeLanguageOf, codeToolsOf, validateCode } from "./service";

const access = requireScope("code");
const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { "application/json": { schema } },
});
const body = <T extends z.ZodType>(schema: T) => ({
  body: { required: true, content: { "application/json": { schema } } },
});

const validateRoute = defineRoute({
  method: "post",
  path: "/api/v1/validate-code",
  operationId: "code.validate",
  tags: ["code"],
  summary: "Check code for faults of syntax, style and security",
  description:
    "Python is read by Ruff, JavaScript and TypeScript by Babel's parser and ESLint with its security rules; no model is asked, and nothing is run. `fix` says how the tool would mend an issue.",
  access,
  errors: ["CODE_TOO_COMPLEX"],
  request: body(ValidateCodeSchema),
  responses: { 200: json(CodeValidationSchema, "What was found, and whether the code is valid.") },
});

const analyzeRoute = defineRoute({
  method: "post",
  path: "/api/v1/analyze-code",
  operationId: "code.analyze",
  tags: ["code"],
  summary: "Measure code, and find what makes it slow, unsafe or hard to change",
  description:
    "The tools of `validate-code` with other rules, and what can be counted: lines, functions, branches, nesting. Code that does not parse is measured as far as it goes and has score 0.",
  access,
  errors: ["CODE_TOO_COMPLEX"],
  request: body(AnalyzeCodeSchema),
  responses: { 200: json(CodeAnalysisSchema, "Score, metrics and findings.") },
});

/** Code that is checked, measured, completed and written. */
export const codeRoutes = newRouter()
  .openapi(validateRoute, async (c) => {
    const { code, language, validation_type: type } = c.req.valid("json");
    const asked = { code, language: codeLanguageOf(language) ?? "python", type };
    return c.json(await validateCode(codeToolsOf(c.env), asked), 200) as never;
  })
  .openapi(analyzeRoute, async (c) => {
    const { code, language, analysis_type: type } = c.req.valid("json");
    const asked = { code, language: codeLanguageOf(language) ?? "python", type };
    return c.json(await analyzeCode(codeToolsOf(c.env), asked), 200) as never;
  });
