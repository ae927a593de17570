import type { ModelEvent, RunSpec } from "#ai/service";
import type { RunOutcome, TaskRun } from "#tasks/service";
import { compute } from "../../../src/reasoning/engines";
import { createCognitiveExecutor, createReasoningExecutor } from "../../../src/reasoning/executor";
import type { JsonObject, JsonValue } from "#platform/json-value";

export const ENV = { STREAM_RUN: { getByName: () => null }, TOOLS: null };

const USAGE = { promptTokens: 10, completionTokens: 5, isEstimated: false };
export async function* telling(text: string): AsyncGenerator<ModelEvent> {
  yield { type: "start", model: "m-1" };
  for (const [piece] of text.matchAll(/[\s\S]{1,40}/g)) {
    await Promise.resolve();
    yield { type: "delta", text: piece };
  }
  yield { type: "done", finishReason: "stop", usage: USAGE, model: "m-1" };
}
export async function* failing(
  event: Extract<ModelEvent, { type: "error" }>,
): AsyncGenerator<ModelEvent> {
  await Promise.resolve();
  yield event;
}

/** Runs a task whose model says one text after the other, and tells what it was asked and what its followers saw. */
export async function run(
  kind: "reasoning" | "cognitive",
  input: JsonObject,
  answers: readonly (string | AsyncIterable<ModelEvent> | Error)[] = [],
  signal = new AbortController().signal,
): Promise<{ outcome: RunOutcome; asked: RunSpec[]; progress: JsonValue[] }> {
  const asked: RunSpec[] = [];
  const progress: JsonValue[] = [];
  const ports = {
    ask: (spec: RunSpec) => {
      const answer = answers[asked.length];
      asked.push(spec);
      if (answer instanceof Error) return Promise.reject(answer);
      return Promise.resolve(
        typeof answer === "string" ? telling(answer) : (answer ?? telling("")),
      );
    },
    compute: (question: Parameters<typeof compute>[0]) => Promise.resolve(compute(question)),
  };
  const executor =
    kind === "reasoning"
      ? createReasoningExecutor(ENV, ports)
      : createCognitiveExecutor(ENV, ports);
  const task: TaskRun = {
    taskId: "task_1",
    ownerId: "usr_1",
    kind,
    attempt: 1,
    input,
    signal,
    deadlineMs: 0,
    traceparent: "",
    reportProgress: (value) => progress.push(value),
  };
  return { outcome: await executor(task), asked, progress };
}
