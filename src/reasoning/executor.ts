import type { JsonObject, JsonValue } from "#platform/json-value";
import type { AiEnv } from "#ai/service";
import type { Executor, RunOutcome, TaskRun } from "#tasks/service";
import { COGNITIVE_FORMS, ReasoningForm, schemaOf } from "./core/answer-forms";
import type { CognitiveType, ReasoningType } from "./core/plan";
import { cognitivePrompt, reasoningPrompt } from "./core/prompts";
import type { ComputeInput, ComputeVerdict } from "./engines";
import type { PlannedInput } from "./kinds";
import { askStructured, createAskModel } from "./model-client";
import type { AskModel, StructuredAnswer } from "./model-client";

export interface ReasoningEnv extends AiEnv {
  /** The generated type of its recursive JSON is beyond the compiler. */
  readonly TOOLS: unknown;
}

/** The model and the other Worker, for tests. */
export interface ReasoningPorts {
  readonly ask?: AskModel;
  readonly compute?: (input: ComputeInput) => Promise<ComputeVerdict>;
}

const completed = (data: JsonValue): RunOutcome => ({ status: "completed", data });

/** Runs what `POST /api/v1/reasoning/execute` asks for. */
export function createReasoningExecutor(env: ReasoningEnv, ports: ReasoningPorts = {}): Executor {
  const ask = ports.ask ?? createAskModel(env);
  return async function reason(run) {
    const planned = inputOf(run);
    const { engine } = planned;
    if (engine !== "model") return outcomeOf(await computed(env, ports, { ...planned, engine }));
    const messages = reasoningPrompt(
      planned.type as ReasoningType,
      { input: planned.input, context: contextText(planned) },
      schemaOf(ReasoningForm),
    );
    const asked = await askStructured(ask, run, {
      purpose: "reasoning",
      messages,
      form: ReasoningForm,
    });
    if (!asked.ok) return asked.outcome;
    const { steps, conclusion, confidence } = asked.answer.value;
    return completed({ conclusion, steps, confidence, engine: "model", ...modelOf(asked.answer) });
  };
}

/** Runs what `POST /api/v1/cognitive/process` asks for. */
export function createCognitiveExecutor(env: ReasoningEnv, ports: ReasoningPorts = {}): Executor {
  const ask = ports.ask ?? createAskModel(env);
  return async function process(run) {
    const planned = inputOf(run);
    const type = planned.type as CognitiveType;
    const { engine } = planned;
    if (engine !== "model")
      return outcomeOf(await computed(env, ports, { ...planned, engine }), (result) => ({
        type,
        engine,
        model: "embedded",
        result,
      }));
    const form = COGNITIVE_FORMS[type];
    const messages = cognitivePrompt(
      type,
      { input: planned.input, context: contextText(planned) },
      schemaOf(form),
    );
    const asked = await askStructured(ask, run, { purpose: type, messages, form });
    if (!asked.ok) return asked.outcome;
    const result = asked.answer.value as JsonObject;
    return completed({ type, engine: "model", ...modelOf(asked.answer), result });
  };
}

/** Null where the other Worker can't be reached, or was ended by what it computed. */
async function computed(
  env: ReasoningEnv,
  ports: ReasoningPorts,
  { engine, type, input, context }: PlannedInput & Pick<ComputeInput, "engine">,
): Promise<ComputeVerdict | null> {
  const tools = env.TOOLS as { compute: (input: ComputeInput) => Promise<ComputeVerdict> };
  const asked = typeof context === "object" ? context?.["query"] : context;
  const query = typeof asked === "string" && asked.trim() !== "" ? asked : null;
  const compute = ports.compute ?? ((input: ComputeInput) => tools.compute(input));
  return compute({ engine, type, input, query }).catch(() => null);
}

function outcomeOf(
  verdict: ComputeVerdict | null,
  present: (data: JsonObject) => JsonValue = (data) => data,
): RunOutcome {
  if (verdict === null)
    return { status: "failed", code: "DEPENDENCY_UNAVAILABLE", retryable: true };
  if (verdict.ok) return completed(present(verdict.data));
  return { status: "failed", code: verdict.code, params: { ...verdict.params }, retryable: false };
}

/** The kind's own validation made it, where the model's settings are. */
const inputOf = (run: TaskRun): PlannedInput => run.input as unknown as PlannedInput;

const contextText = ({ context }: PlannedInput): string => {
  if (context === null) return "";
  return typeof context === "string" ? context : JSON.stringify(context, null, 2);
};

const modelOf = ({ model, usage }: StructuredAnswer<unknown>): JsonObject => ({
  model,
  usage: {
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    total_tokens: usage.promptTokens + usage.completionTokens,
    is_estimated: usage.isEstimated,
  },
});
