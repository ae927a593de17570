import { z } from "@hono/zod-openapi";
import { MAX_CODE_CHARS } from "./core/bounds";
import { ANALYSES, VALIDATIONS } from "./core/checks";
import { MAX_SHOWN_ISSUES, SEVERITIES } from "./core/issue";
import { CODE_LANGUAGES, LANGUAGE_NAMES } from "./core/language";

const LanguageSchema = z
  .enum(LANGUAGE_NAMES as [string, ...string[]])
  .default("python")
  .openapi({
    description: "`python`, `javascript` or `typescript`, or one of their short names.",
    example: "python",
  });

const CodeSchema = z.string().min(1).max(MAX_CODE_CHARS).openapi({
  description:
    "At most 100,000 UTF-16 units, 200 open brackets and 100 levels of indentation; what nests deeper than a parser can follow is refused with `CODE_TOO_COMPLEX`.",
  example: "import os\n\n\ndef area(radius):\n    return 3.14159 * radius**2\n",
});

export const ValidateCodeSchema = z
  .strictObject({
    code: CodeSchema,
    language: LanguageSchema,
    validation_type: z.enum(VALIDATIONS).default("all").openapi({
      description: "Faults of syntax are told whatever is asked for.",
      example: "all",
    }),
  })
  .openapi("ValidateCode");

export const AnalyzeCodeSchema = z
  .strictObject({
    code: CodeSchema,
    language: LanguageSchema,
    analysis_type: z.enum(ANALYSES).default("quality").openapi({ example: "complexity" }),
  })
  .openapi("AnalyzeCode");

const PLACE = {
  line: z.int().openapi({ description: "From 1.", example: 1 }),
  column: z
    .int()
    .openapi({ description: "From 1, in UTF-16 units, as editors count.", example: 8 }),
  end_line: z.int().openapi({ example: 1 }),
  end_column: z.int().openapi({ description: "The first that is not meant.", example: 10 }),
};

export const CodeIssueSchema = z
  .object({
    ...PLACE,
    severity: z.enum(SEVERITIES).openapi({
      description:
        "`error`: the code does not run as it stands, or somebody else's data could be run by it.",
      example: "warning",
    }),
    rule: z.string().openapi({
      description: "Ruff's code or ESLint's name of the rule; `invalid-syntax` for the parser's.",
      example: "F401",
    }),
    message: z.string().openapi({ example: "`os` imported but unused" }),
    fix: z
      .object({
        message: z.string().nullable(),
        edits: z
          .array(z.object({ ...PLACE, text: z.string() }))
          .openapi({ description: "To be made together. They do not overlap." }),
      })
      .nullable()
      .openapi({ description: "How the tool would mend it, where it knows." }),
  })
  .openapi("CodeIssue");

const REPORT = {
  status: z.literal("success"),
  language: z.enum(CODE_LANGUAGES),
  issues: z.array(CodeIssueSchema).openapi({
    description: `In the order of the code; the gravest ${MAX_SHOWN_ISSUES} where there are more.`,
  }),
  issue_count: z.int().openapi({ description: "How many there are in all.", example: 1 }),
};

export const CodeValidationSchema = z
  .object({
    ...REPORT,
    validation_type: z.enum(VALIDATIONS),
    valid: z.boolean().openapi({ description: "Whether no issue is an `error`." }),
  })
  .openapi("CodeValidation");

const FunctionMetricsSchema = z
  .object({
    name: z.string().openapi({ example: "area" }),
    line: z.int(),
    lines: z.int(),
    cyclomatic_complexity: z.int(),
    nesting: z.int(),
    parameters: z.int(),
  })
  .openapi("FunctionMetrics");

export const CodeAnalysisSchema = z
  .object({
    ...REPORT,
    analysis_type: z.enum(ANALYSES),
    score: z.int().min(0).max(100).openapi({
      description:
        "To compare versions of the same code by: what was found, against the length of the code, and for `complexity` and `quality` how branched, deep and long its functions are. 0 where the code does not parse.",
      example: 94,
    }),
    metrics: z
      .object({
        lines: z.int(),
        code_lines: z.int(),
        comment_lines: z.int(),
        blank_lines: z.int(),
        functions: z.int(),
        classes: z.int(),
        cyclomatic_complexity: z.int().openapi({
          description: "Ways through the code: 1, and one for each branch.",
        }),
        max_cyclomatic_complexity: z.int(),
        max_nesting: z.int(),
        max_function_lines: z.int(),
        function_metrics: z
          .array(FunctionMetricsSchema)
          .openapi({ description: "The 50 most branched functions." }),
      })
      .openapi("CodeMetrics"),
  })
  .openapi("CodeAnalysis");
