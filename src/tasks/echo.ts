import { ok } from "#platform/result";
import type { Executor } from "./core/run";
import type { KindDefinition } from "./kinds";

/** Answers its input: the whole way of a task, from the caller to a worker and back, with nothing in between that could fail. */
export const echoKind: KindDefinition = {
  kind: "echo",
  scope: "tasks:write",
  lane: "fast",
  title: "Connectivity check: answers its input",
  validate: (input) => ok(input),
};

export const echo: Executor = (run) => Promise.resolve({ status: "completed", data: run.input });
