import type * as z from "zod";
import { ApiError } from "#platform/errors";
import { openRun } from "#ai/service";
import type { AiEnv, ModelEvent, ModelFailure, Purpose, RunSpec, Usage } from "#ai/service";
import type { RunOutcome, TaskRun } from "#tasks/service";
import { schemaOf } from "./core/answer-forms";
import { repairPrompt } from "./core/prompts";
import type { PromptMessage } from "./core/prompts";
import { createStepReader, MAX_ANSWER_CHARS, readStructured } from "./core/structured";

/** Asks the model and tells its events. Ends in `done` or `error`; may throw an ApiError before the first. */
export type AskModel = (spec: RunSpec) => Promise<AsyncIterable<ModelEvent>>;

export const createAskModel =
  (env: AiEnv): AskModel =>
  async (spec) =>
    (await openRun(env, spec)).events;

export interface StructuredAnswer<T> {
  readonly value: T;
  readonly model: string;
  /** Of all rounds together. */
  readonly usage: Usage;
}

export type AskedStructured<T> =
  | { readonly ok: true; readonly answer: StructuredAnswer<T> }
  | { readonly ok: false; readonly outcome: RunOutcome };

/** The first answer, and one more for a model that missed the form. */
const ROUNDS = 2;
/** An attempt that lost its worker finds the answer that was paid for. */
const JOIN_ENDED_MS = 5 * 60_000;
/** How often followers are told of an answer that is coming, counted in characters of it. */
const PROGRESS_CHARS = 200;

/**
 * An answer of a form: asked for, read, held against the form, and where it does not fit asked for once more with what was wrong. Whatever
 * the model says, what comes out is of the form or a failure.
 */
export async function askStructured<T extends z.ZodType>(
  ask: AskModel,
  run: TaskRun,
  { purpose, messages, form }: { purpose: Purpose; messages: PromptMessage[]; form: T },
): Promise<AskedStructured<z.output<T>>> {
  const jsonSchema = schemaOf(form);
  const spent = { promptTokens: 0, completionTokens: 0, isEstimated: false };
  let asked = messages;
  for (let round = 1; round <= ROUNDS; round++) {
    const said = await listen(ask, run, round, {
      ownerId: run.ownerId,
      // A task does not know with which of its owner's keys it was submitted.
      keyId: null,
      kind: run.kind,
      request: {
        messages: asked,
        model: null,
        temperature: null,
        maxTokens: null,
        purpose,
        jsonSchema,
      },
      flightKey: `${run.taskId}:${round}`,
      joinEndedMs: JOIN_ENDED_MS,
    });
    if (!said.ok) return { ok: false, outcome: failed(said.failure) };
    spent.promptTokens += said.usage.promptTokens;
    spent.completionTokens += said.usage.completionTokens;
    spent.isEstimated ||= said.usage.isEstimated;
    const read = readStructured(said.text, form);
    if (read.ok)
      return { ok: true, answer: { value: read.value, model: said.model, usage: spent } };
    asked = repairPrompt(messages, said.text, read.error);
  }
  // It was asked twice and a third time would be paid for too.
  return {
    ok: false,
    outcome: {
      status: "failed",
      code: "MODEL_ERROR",
      params: { reason: "malformed" },
      retryable: false,
    },
  };
}

type Said =
  | { readonly ok: true; readonly text: string; readonly model: string; readonly usage: Usage }
  | { readonly ok: false; readonly failure: ModelFailure };

async function listen(ask: AskModel, run: TaskRun, round: number, spec: RunSpec): Promise<Said> {
  let text = "";
  let toldAt = -Infinity;
  const steps = createStepReader();
  const tell = (): void => {
    if (text.length - toldAt < PROGRESS_CHARS) return;
    toldAt = text.length;
    const { count, latest } = steps.read(text);
    run.reportProgress?.({
      stage: round === 1 ? "answering" : "repairing",
      steps_done: count,
      steps: latest,
    });
  };
  try {
    tell();
    for await (const event of await ask(spec)) {
      if (event.type === "delta") {
        // Beyond what is read it is only listened to for its end, which tells what it used.
        if (text.length <= MAX_ANSWER_CHARS) text += event.text;
        tell();
      } else if (event.type === "error") return { ok: false, failure: event };
      else if (event.type === "done")
        return { ok: true, text, model: event.model, usage: event.usage };
      // Cancelled or overrun: nobody reads the outcome any more, and the model's own run goes on without a reader.
      if (run.signal.aborted) break;
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { ok: false, failure: { code: error.code, isRetryable: error.status >= 500 } };
  }
  return { ok: false, failure: { code: "STREAM_INTERRUPTED", isRetryable: true } };
}

const failed = ({ code, params, isRetryable, retryAfterMs }: ModelFailure): RunOutcome => ({
  status: "failed",
  code,
  ...(params === undefined ? {} : { params }),
  retryable: isRetryable,
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});
