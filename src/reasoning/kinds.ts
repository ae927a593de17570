import * as z from "zod";
import type { JsonObject } from "#platform/json-value";
import { readConfig } from "#platform/config";
import { ApiError } from "#platform/errors";
import { describeIssues, FAULT_TEXTS } from "#platform/faults";
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";
import type { KindDefinition, ValidationContext } from "#tasks/service";
import { COGNITIVE_TYPES, planCognitive, planReasoning, REASONING_TYPES } from "./core/plan";
import type { Engine } from "./core/plan";

/** Characters of an input, and of what is told along with it. */
export const MAX_INPUT_CHARS = 200_000;
export const MAX_CONTEXT_CHARS = 50_000;

const INPUT = {
  input: z.string().trim().min(1).max(MAX_INPUT_CHARS),
  context: z
    .union([z.string().max(MAX_CONTEXT_CHARS), z.record(z.string().max(200), z.json())])
    .nullish(),
};
const ReasoningInput = z.strictObject({ type: z.enum(REASONING_TYPES), ...INPUT });
const CognitiveInput = z.strictObject({ type: z.enum(COGNITIVE_TYPES), ...INPUT });

/** The input of either kind, with who is to work on it: that is decided where the model's settings are. */
export interface PlannedInput {
  readonly type: string;
  readonly input: string;
  readonly context: string | JsonObject | null;
  readonly engine: Engine;
}

export const reasoningKind: KindDefinition = {
  kind: "reasoning",
  scope: "chat",
  lane: "slow",
  title: "Reasons step by step, by a model, a logic program or exact arithmetic",
  validate: (input, context) =>
    plan(input, ReasoningInput, context, (asked, hasModel) =>
      planReasoning(asked.type, asked.input, hasModel),
    ),
};

export const cognitiveKind: KindDefinition = {
  kind: "cognitive",
  scope: "chat",
  lane: "slow",
  title: "Analyses, summarises, classifies, extracts, reasons or plans",
  validate: (input, context) =>
    plan(input, CognitiveInput, context, (asked, hasModel) =>
      planCognitive(asked.type, asked.context ?? null, hasModel),
    ),
};

/**
 * Refuses with MODEL_REQUIRED at once what only a model could do where there is none: no worker would ever serve it, so that a task would
 * only tell the caller later.
 */
function plan<T extends typeof ReasoningInput | typeof CognitiveInput>(
  input: JsonObject,
  schema: T,
  { env, locale, root }: ValidationContext,
  engineFor: (asked: z.output<T>, hasModel: boolean) => Engine | null,
): Result<JsonObject, ApiError> {
  const parsed = schema.safeParse(input, { error: FAULT_TEXTS[locale] });
  if (!parsed.success) {
    const errors = describeIssues(parsed.error.issues, root, locale);
    return err(new ApiError("VALIDATION_FAILED", { params: { count: errors.length }, errors }));
  }
  const asked = parsed.data as z.output<T>;
  const context = asked.context ?? null;
  if (JSON.stringify(context).length > MAX_CONTEXT_CHARS + 2)
    return err(new ApiError("BODY_TOO_LARGE", { params: { limit: MAX_CONTEXT_CHARS } }));
  const engine = engineFor(asked, readConfig(env).ai.provider !== "embedded");
  if (engine === null) return err(new ApiError("MODEL_REQUIRED"));
  const planned: PlannedInput = {
    type: asked.type,
    input: asked.input,
    context,
    engine,
  };
  return ok({ ...planned });
}
