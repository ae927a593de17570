import { z } from "@hono/zod-openapi";
import { RUN_OPTIONS, TimeoutSchema } from "#tasks/schemas";
import { COGNITIVE_TYPES, REASONING_TYPES } from "./core/plan";
import { MAX_CONTEXT_CHARS, MAX_INPUT_CHARS } from "./kinds";

export { SubmissionHeadersSchema, TaskParamsSchema, TaskSchema } from "#tasks/schemas";

const InputSchema = z.string().trim().min(1).max(MAX_INPUT_CHARS);
const contextSchema = (description: string, example: unknown) =>
  z
    .union([
      z.string().max(MAX_CONTEXT_CHARS),
      z.record(z.string().max(200), z.json()).openapi({ type: "object" }),
    ])
    .nullish()
    .openapi({ description, example });

export const ReasoningSchema = z
  .strictObject({
    type: z.enum(REASONING_TYPES).openapi({ example: "logic_program" }),
    input: InputSchema.openapi({
      description:
        "The premises and the question; of `logic_program` a Prolog program with its queries (`?- goal.`), of `mathematical` an expression.",
      example:
        "parent(tom, bob). parent(bob, ann).\ngrandparent(X, Z) :- parent(X, Y), parent(Y, Z).\n?- grandparent(tom, Who).",
    }),
    context: contextSchema(
      "What is known besides; of `logic_program` a further query, as text or as `query`.",
      { query: "grandparent(tom, Who)" },
    ),
    timeout: TimeoutSchema,
    ...RUN_OPTIONS,
  })
  .openapi("Reasoning");

export const CognitiveSchema = z
  .strictObject({
    type: z.enum(COGNITIVE_TYPES).openapi({ example: "summarization" }),
    input: InputSchema.openapi({
      description: "The text to work on.",
      example:
        "The ferry crosses the river. It is old. A new ferry will cross the river next year.",
    }),
    context: contextSchema(
      'What is known besides, such as the labels to classify by; `{"by": "language"}` classifies by language without a model.',
      { labels: ["news", "opinion"] },
    ),
    timeout: TimeoutSchema,
    ...RUN_OPTIONS,
  })
  .openapi("Cognitive");
