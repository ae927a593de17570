import { z } from "@hono/zod-openapi";
import { MAX_CODE_CHARS } from "./core/bounds";
import { ANALYSES, VALIDATIONS } from "./core/checks";
import { MAX_SHOWN_ISSUES, SEVERITIES } from "./core/issue";
import { COMPLETION_CATEGORIES, COMPLETION_COMPLEXITIES } from "./core/completion";
import { CODE_LANGUAGES, LANGUAGE_NAMES } from "./core/language";
import { EXPLANATION_STYLES, OUTPUT_STRUCTURES, SKILL_LEVELS } from "./core/profile";

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

export const CompleteCodeSchema = z
  .strictObject({
    prefix: z.string().min(1).max(MAX_CODE_CHARS).openapi({
      description: "The code. What stands behind the cursor is read too.",
      example: "def area(radius):\n    return ra",
    }),
    language: LanguageSchema,
    cursor_position: z.int().min(0).max(MAX_CODE_CHARS).optional().openapi({
      description: "UTF-16 units of `prefix` before the cursor; its end unless told.",
      example: 31,
    }),
    context: z.string().max(50_000).default("").openapi({
      description: "Further code whose names may be used.",
    }),
  })
  .superRefine(({ prefix, cursor_position: cursor }, check) => {
    if (cursor !== undefined && cursor > prefix.length)
      check.addIssue({
        code: "custom",
        path: ["cursor_position"],
        params: {
          code: "too_big",
          en: `Too big: the prefix has ${prefix.length} UTF-16 units`,
          ko: `너무 큽니다: prefix는 UTF-16 단위로 ${prefix.length}자입니다`,
        },
      });
  })
  .openapi("CompleteCode");

export const CodeCompletionsSchema = z
  .object({
    completions: z
      .array(
        z
          .object({
            code: z.string().openapi({
              description: "What follows the cursor: the text before it and this are the code.",
              example: "dius",
            }),
            label: z.string().openapi({ example: "radius" }),
            confidence: z.number().min(0).max(1).openapi({
              description:
                "Those of all that the code itself suggests, and of something else, add up to 1. What a model wrote has 0.5: it does not tell how sure it is.",
              example: 0.52,
            }),
            category: z.enum(COMPLETION_CATEGORIES).openapi({ example: "parameter" }),
            complexity: z.enum(COMPLETION_COMPLEXITIES).openapi({ example: "simple" }),
          })
          .openapi("CodeCompletion"),
      )
      .openapi({ description: "At most 11, the likeliest first." }),
    status: z.literal("success"),
    model: z.string().nullable().openapi({
      description: "The model that wrote the first one; null where the code alone was read.",
      example: null,
    }),
  })
  .openapi("CodeCompletions");

const ProfileSchema = z
  .strictObject({
    pythonSkillLevel: z.enum(SKILL_LEVELS).optional().openapi({ example: "intermediate" }),
    codeOutputStructure: z.enum(OUTPUT_STRUCTURES).optional().openapi({ example: "standard" }),
    explanationStyle: z.enum(EXPLANATION_STYLES).optional().openapi({ example: "brief" }),
  })
  .openapi("CodeProfile", { description: "What is not said here is taken from the settings." });

const GENERATION = {
  user_question: z.string().trim().min(1).max(8_000).openapi({
    example: "Write a function that computes Fibonacci numbers",
  }),
  code_context: z.string().max(50_000).default("").openapi({
    description: "Code that the answer has to fit.",
  }),
  language: z
    .string()
    .trim()
    .max(40)
    .regex(/^[A-Za-z0-9 .+#_-]*$/)
    .default("")
    .openapi({
      description: "Any programming language; as the question says it unless told.",
      example: "python",
    }),
  user_profile: ProfileSchema.optional(),
};

export const GenerateCodeSchema = z
  .strictObject({
    ...GENERATION,
    enhanced: z.boolean().default(false).openapi({
      description:
        "Sends code with errors back to be mended, at most twice, before it is answered.",
    }),
  })
  .openapi("GenerateCode");

export const GenerateCodeStreamSchema = z
  .strictObject({
    ...GENERATION,
    enhanced: z.literal(false).optional().openapi({
      description: "A stream cannot take back what it has told; ask without a stream for that.",
    }),
  })
  .openapi("GenerateCodeStream");

export type GenerationBody = Omit<z.infer<typeof GenerateCodeSchema>, "enhanced">;

export const CodeStreamSchema = z.string().openapi({ description: "Server-sent events." });

export const GeneratedCodeSchema = z
  .object({
    generated_code: z.string().openapi({ description: "Empty with `no_code`." }),
    explanation: z.string(),
    status: z.enum(["success", "invalid_code", "no_code"]).openapi({
      description:
        "`invalid_code`: the tools found errors in it; `no_code`: the model wrote none, and says why in `explanation`.",
    }),
    language: z.string().openapi({ example: "python" }),
    validation: z
      .object({
        checked: z.boolean().openapi({
          description:
            "Whether there are tools for the language, and the code is within their bounds.",
        }),
        valid: z.boolean().nullable(),
        repairs: z.int().openapi({ description: "How often it was sent back to be mended." }),
        issues: z.array(CodeIssueSchema).openapi({ description: "Errors and warnings." }),
      })
      .openapi("CodeVerdict"),
    usage: z
      .object({
        prompt_tokens: z.int(),
        completion_tokens: z.int(),
        total_tokens: z.int(),
        is_estimated: z.boolean().openapi({
          description: "Counted here, since the provider did not tell.",
        }),
      })
      .openapi("CodeUsage", { description: "Of all questions to the model together." }),
    model: z.string().openapi({ example: "embedded" }),
    cached: z.boolean(),
  })
  .openapi("GeneratedCode");
