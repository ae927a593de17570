import * as z from "zod";
import type { JsonObject } from "#platform/json-value";
import type { CognitiveType } from "./plan";

const Line = z.string().trim().min(1).max(4_000);
const Text = z.string().trim().min(1).max(20_000);
const Confidence = z.number().min(0).max(1);

/** What a model's reasoning has to be. Fields beyond these are dropped, whatever they hold. */
export const ReasoningForm = z.object({
  steps: z.array(Line).min(1).max(50),
  conclusion: Text,
  confidence: Confidence,
});

export const COGNITIVE_FORMS = {
  reasoning: ReasoningForm,
  analysis: z.object({
    steps: z.array(Line).max(50),
    summary: Text,
    findings: z.array(z.object({ title: Line, detail: Text })).max(50),
  }),
  summarization: z.object({ summary: Text, key_points: z.array(Line).max(20) }),
  classification: z.object({
    label: Line,
    confidence: Confidence,
    alternatives: z.array(z.object({ label: Line, confidence: Confidence })).max(20),
  }),
  extraction: z.object({
    items: z.array(z.object({ name: Line, value: z.string().max(20_000) })).max(500),
  }),
  planning: z.object({
    goal: Text,
    steps: z
      .array(z.object({ title: Line, detail: Text }))
      .min(1)
      .max(50),
  }),
} as const satisfies Record<CognitiveType, z.ZodType>;

/** The form as JSON Schema, for the model and for those endpoints that hold it to one. */
export const schemaOf = (form: z.ZodType): JsonObject =>
  z.toJSONSchema(form, { io: "output" }) as unknown as JsonObject;
