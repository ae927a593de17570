export type { Executor, JsonObject, JsonValue, RunOutcome, TaskRun } from "./core/run";
