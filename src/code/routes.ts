import type { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { MODEL_ERRORS, STREAM_ERRORS } from "#ai/service";
import { requireScope } from "#auth/guard";
import { cachedAnswer, cachedStream } from "#cache/guard";
import { CACHE_ERRORS, evictAnswer } from "#cache/service";
import { describeError } from "#platform/log";
import { json } from "#http/json-content";
import type { AppEnv } from "#http/context";
import { defineRoute, newRouter } from "#http/router";
import { idempotent } from "#limits/guard";
import {
  AnalyzeCodeSchema,
  CodeAnalysisSchema,
  CodeCompletionsSchema,
  CodeStreamSchema,
  CodeValidationSchema,
  CompleteCodeSchema,
  GenerateCodeSchema,
  GenerateCodeStreamSchema,
  GeneratedCodeSchema,
  ValidateCodeSchema,
} from "./schemas";
import type { GenerationBody } from "./schemas";
import {
  analyzeCode,
  codeLanguageOf,
  codeStreamFormat,
  codeToolsOf,
  completeCode,
  generateCode,
  generationContext,
  generationRequest,
  keepMended,
  mergeProfiles,
  PROMPT_VERSION,
  validateCode,
} from "./service";
import type { AskModel, CodeProfile, Generation } from "./service";

/** What other domains add to the routes. */
export interface CodePorts {
  /** The caller's saved profile; null where nothing is saved. */
  readonly savedProfile?: (env: Env, ownerId: string) => Promise<Partial<CodeProfile> | null>;
  /** Asks the model in the caller's name, where something stands in front of it, such as a cache. */
  readonly askModel?: (c: Context<AppEnv>) => AskModel;
}

const tooled = requireScope("code");
const written = requireScope("code", ["burst", "client", "code"]);
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
  access: tooled,
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
  access: tooled,
  errors: ["CODE_TOO_COMPLEX"],
  request: body(AnalyzeCodeSchema),
  responses: { 200: json(CodeAnalysisSchema, "Score, metrics and findings.") },
});

const completeRoute = defineRoute({
  method: "post",
  path: "/api/v1/complete-code",
  operationId: "code.complete",
  tags: ["code"],
  summary: "Suggest what follows the cursor",
  description:
    "Suggestions are taken from the code itself: names that reach the cursor, members, parameters of the call, words and forms of the language. Where the deployment has a model other than `embedded`, what it writes comes first; where that fails, the answer is the one without it.",
  access: tooled,
  request: body(CompleteCodeSchema),
  responses: { 200: json(CodeCompletionsSchema, "Suggestions, the likeliest first.") },
});

const generateRoute = defineRoute({
  method: "post",
  path: "/api/v1/generate-code",
  operationId: "code.generate",
  tags: ["code"],
  summary: "Write code that answers a question",
  description:
    "The model's answer is taken apart into code and explanation, and code in Python, JavaScript or TypeScript is checked by the tools of `validate-code`: the verdict stands beside it. With `enhanced`, code with errors is sent back to the model with what the tools say, at most twice, and the best draft is answered.",
  access: written,
  errors: [...MODEL_ERRORS, ...CACHE_ERRORS],
  idempotency: idempotent(),
  request: body(GenerateCodeSchema),
  responses: { 200: json(GeneratedCodeSchema, "Code, what it does, and whether it is right.") },
});

const STREAM_EXAMPLE = `id: 1
data: {"type":"start","content":"str_1m7zq4h8v0k3d9w2x6c5b1n8rt","sequence":0}

id: 2
data: {"type":"code","content":"def area(radius):\\n","sequence":1}

id: 3
data: {"type":"done","content":"{\\"finish_reason\\":\\"stop\\",\\"model\\":\\"embedded\\"}","sequence":2}

`;

const streamRoute = defineRoute({
  method: "post",
  path: "/api/v1/generate-code-streaming",
  operationId: "code.generateStream",
  tags: ["code"],
  summary: "Write code and tell it while it is written",
  description:
    "Server-sent events whose `data` is `{type, content, sequence}`, `sequence` from 0 without a gap: one `start`, whose content is the stream's id; `code` and `explanation` as they come; at the end one `done`, whose content is JSON with `finish_reason`, `model` and `usage`, or one `error`, whose content says why, with the error's code. `Location` names the stream: `GET /api/v1/streams/:id` with `Last-Event-ID` goes on with it.",
  access: written,
  errors: [...STREAM_ERRORS, ...CACHE_ERRORS],
  request: body(GenerateCodeStreamSchema),
  responses: {
    200: {
      description: "The answer as it is written.",
      content: {
        "text/event-stream": {
          schema: CodeStreamSchema,
          example: STREAM_EXAMPLE,
        },
      },
    },
  },
});

/** Code that is checked, measured, completed and written. */
export function createCodeRoutes(ports: CodePorts = {}): OpenAPIHono<AppEnv> {
  const askModel = ports.askModel ?? throughCache;

  async function generationOf(c: Context<AppEnv>, asked: GenerationBody): Promise<Generation> {
    const { ownerId } = c.get("principal");
    const saved = (await ports.savedProfile?.(c.env, ownerId)) ?? null;
    return {
      question: asked.user_question,
      codeContext: asked.code_context,
      language: asked.language,
      profile: mergeProfiles(saved, asked.user_profile),
      locale: c.get("locale"),
    };
  }

  return newRouter()
    .openapi(validateRoute, async (c) => {
      const { code, language, validation_type: type } = c.req.valid("json");
      const asked = { code, language: codeLanguageOf(language) ?? "python", type };
      return c.json(await validateCode(codeToolsOf(c.env), asked), 200) as never;
    })
    .openapi(analyzeRoute, async (c) => {
      const { code, language, analysis_type: type } = c.req.valid("json");
      const asked = { code, language: codeLanguageOf(language) ?? "python", type };
      return c.json(await analyzeCode(codeToolsOf(c.env), asked), 200) as never;
    })
    .openapi(completeRoute, async (c) => {
      const { prefix, language, cursor_position: cursor, context } = c.req.valid("json");
      const ask = c.get("config").ai.provider === "embedded" ? null : askModel(c);
      const question = {
        prefix,
        cursor: cursor ?? prefix.length,
        language: codeLanguageOf(language) ?? "python",
        context,
      };
      return c.json(await completeCode({ tools: codeToolsOf(c.env), ask }, question), 200) as never;
    })
    .openapi(generateRoute, async (c) => {
      const asked = c.req.valid("json");
      const generation = await generationOf(c, asked);
      const ask = askModel(c);
      let streamId: string | null = null;
      const cacheKeys: string[] = [];
      const noting: AskModel = async (kind, ...question) => {
        const answer = await ask(kind, ...question);
        if (kind === "code") streamId = answer.streamId ?? null;
        if (typeof answer.cacheKey === "string") cacheKeys.push(answer.cacheKey);
        return answer;
      };
      const tools = codeToolsOf(c.env);
      const written = await generateCode({ tools, ask: noting }, generation, asked.enhanced);
      // The history has the first draft, from its run; what the caller is told is the mended one.
      if (streamId !== null && written.validation.repairs > 0)
        await keepMended(c.env, c.get("principal").ownerId, streamId, written).catch(
          (error: unknown) => c.get("log").warn("code.not_amended", describeError(error)),
        );
      if (written.status !== "success") await forget(c, cacheKeys);
      return c.json(written, 200) as never;
    })
    .openapi(streamRoute, async (c) => {
      const generation = await generationOf(c, c.req.valid("json"));
      const spec = {
        kind: "code-stream",
        request: generationRequest(generation),
        context: generationContext(generation),
        promptVersion: CODE_PROMPTS,
      };
      return cachedStream(c, spec, codeStreamFormat);
    });
}

/** What turned out to be no code is asked for anew the next time: only what succeeds is told again. */
async function forget(c: Context<AppEnv>, cacheKeys: readonly string[]): Promise<void> {
  const { ownerId } = c.get("principal");
  const evictions = cacheKeys.map((key) => evictAnswer(c.env, ownerId, key));
  await Promise.all(evictions).catch((error: unknown) => {
    c.get("log").warn("code.not_evicted", describeError(error));
  });
}

const CODE_PROMPTS = `code/${PROMPT_VERSION}`;

const throughCache =
  (c: Context<AppEnv>): AskModel =>
  (kind, request, context) =>
    cachedAnswer(c, { kind, request, context, promptVersion: CODE_PROMPTS });
