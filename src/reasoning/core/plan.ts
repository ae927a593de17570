import { isArithmetic } from "./expression-text";

export const REASONING_TYPES = [
  "deductive",
  "inductive",
  "abductive",
  "mathematical",
  "logic_program",
] as const;
export type ReasoningType = (typeof REASONING_TYPES)[number];

export const COGNITIVE_TYPES = [
  "reasoning",
  "analysis",
  "summarization",
  "classification",
  "extraction",
  "planning",
] as const;
export type CognitiveType = (typeof COGNITIVE_TYPES)[number];

/** What an input may be told along with. */
export type Context = string | Readonly<Record<string, unknown>> | null;

/** Who does the work: an engine that is built in and surely right, or a model. */
export type Engine = "prolog" | "arithmetic" | "text" | "model";

/** Who reasons; null where only a model could and there is none. What can be computed is computed, whether or not there is a model. */
export function planReasoning(
  type: ReasoningType,
  input: string,
  hasModel: boolean,
): Engine | null {
  if (type === "logic_program") return "prolog";
  if (type === "mathematical" && isArithmetic(input)) return "arithmetic";
  return hasModel ? "model" : null;
}

/**
 * Who works on a text; null where only a model could and there is none. Without a model texts are summarised in their own sentences, and
 * what has a form is extracted; classified they are by their language, if that is asked for: any other label would be a guess.
 */
export function planCognitive(
  type: CognitiveType,
  context: Context,
  hasModel: boolean,
): Engine | null {
  if (hasModel) return "model";
  if (type === "summarization" || type === "extraction") return "text";
  return type === "classification" && asksForLanguage(context) ? "text" : null;
}

const asksForLanguage = (context: Context): boolean =>
  context !== null && typeof context === "object" && context["by"] === "language";
