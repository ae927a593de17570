import type { OpenAPIHono, z } from "@hono/zod-openapi";
import { systemClock } from "#platform/clock";
import type { JsonObject } from "#platform/json-value";
import { requireScope } from "#auth/guard";
import { json } from "#http/json-content";
import type { AppEnv } from "#http/context";
import { defineRoute, newRouter } from "#http/router";
import { answerSubmission, presentTask, SUBMISSION_ERRORS } from "#tasks/guard";
import { getTask, splitOptions } from "#tasks/service";
import type { KindRegistry } from "#tasks/service";
import {
  CognitiveSchema,
  ReasoningSchema,
  SubmissionHeadersSchema,
  TaskParamsSchema,
  TaskSchema,
} from "./schemas";

const submitted = {
  200: json(TaskSchema, "The task has ended."),
  202: json(TaskSchema, "The task is accepted; `Location` says where to follow it."),
};

const reasoning = defineRoute({
  method: "post",
  path: "/api/v1/reasoning/execute",
  operationId: "reasoning.execute",
  tags: ["reasoning"],
  summary: "Reason step by step and answer with the conclusion",
  description:
    "`data` has `conclusion`, `steps`, `confidence` and `engine`. `logic_program` runs a Prolog program on an engine that is built in: its clauses and queries (`?- goal.`) stand in `input`, a further query in `context`; `data.queries` has each query's answers, and the steps are the facts that its first answer rests on. It has the predicates of ISO Prolog for terms, lists, arithmetic and all solutions, and none that reach beyond the program: no files, no clauses added or removed as it runs, no `catch/3`. `mathematical` calculates an expression exactly (`data.exact`): whole numbers and fractions of up to 3,600 digits, `%`, `!`, `mod`, powers, comparisons, variables (`x = 3; x^2`), `sqrt`, `log`, `sin` and others; also asked as `What is 12% of 340?` or `340의 12%는 얼마인가요?`. Both need no model and have `confidence` 1. What runs away is a task that failed with `COMPUTATION_TOO_LARGE`. All else is answered by the model, `engine: model` with its own `confidence`; where none is set it is refused at once with 503 `MODEL_REQUIRED`.",
  access: requireScope("chat"),
  errors: [...SUBMISSION_ERRORS, "MODEL_REQUIRED"],
  request: {
    headers: SubmissionHeadersSchema,
    body: { required: true, content: { "application/json": { schema: ReasoningSchema } } },
  },
  responses: submitted,
});

const cognitive = defineRoute({
  method: "post",
  path: "/api/v1/cognitive/process",
  operationId: "cognitive.process",
  tags: ["reasoning"],
  summary: "Analyse, summarise, classify, extract, reason or plan",
  description:
    '`data` has `type`, `engine`, `model` and `result`. A model answers in a form that is checked: `reasoning` {steps, conclusion, confidence}, `analysis` {steps, summary, findings}, `summarization` {summary, key_points}, `classification` {label, confidence, alternatives}, `extraction` {items}, `planning` {goal, steps}. Without a model (`engine: text`) `summarization` takes out the sentences that the others are most like, word for word {summary, sentences, total_sentences, keywords, language}, `extraction` finds what has a form {entities, keywords, language}, and `classification` tells the language if `context` is `{"by": "language"}`; all else is refused at once with 503 `MODEL_REQUIRED`, since no worker could ever serve it.',
  access: requireScope("chat"),
  errors: [...SUBMISSION_ERRORS, "MODEL_REQUIRED"],
  request: {
    headers: SubmissionHeadersSchema,
    body: { required: true, content: { "application/json": { schema: CognitiveSchema } } },
  },
  responses: submitted,
});

const status = defineRoute({
  method: "get",
  path: "/api/v1/cognitive/status/{id}",
  operationId: "cognitive.status",
  tags: ["reasoning"],
  summary: "Read a task",
  description: "The same record as `GET /api/v1/tasks/{id}`.",
  access: requireScope("tasks:read"),
  errors: ["TASK_NOT_FOUND"],
  request: { params: TaskParamsSchema },
  responses: { 200: json(TaskSchema, "The task.") },
});

/** Reasoning and work on texts, as tasks. */
export const createReasoningRoutes = (kinds: KindRegistry): OpenAPIHono<AppEnv> => {
  const submit = (
    c: Parameters<typeof answerSubmission>[0],
    kind: string,
    body: z.infer<typeof ReasoningSchema> | z.infer<typeof CognitiveSchema>,
  ) => {
    const { options, rest } = splitOptions(body);
    const { timeout, ...input } = rest;
    // An absent context is an absent field: the body was JSON.
    const request = { kinds, kind, input: input as JsonObject, timeout, options };
    return answerSubmission(c, request) as never;
  };
  return newRouter()
    .openapi(reasoning, (c) => submit(c, "reasoning", c.req.valid("json")))
    .openapi(cognitive, (c) => submit(c, "cognitive", c.req.valid("json")))
    .openapi(status, async (c) => {
      const task = await getTask(c.env, c.req.valid("param").id, c.get("principal").ownerId);
      return c.json(presentTask(task, c.get("locale"), systemClock()), 200);
    });
};
