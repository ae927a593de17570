export type { Executor, JsonObject, JsonValue, RunOutcome, TaskRun } from "./core/run";
export type { Executors } from "./core/run-task";
export { echo, echoKind } from "./echo";
export { createKindRegistry } from "./kinds";
export type { KindDefinition, KindRegistry, ValidationContext } from "./kinds";
