import { DurableObject } from "cloudflare:workers";

/** Runs handed-over tasks, a few at once. The Worker that exports it says how a task is run. */
export abstract class RunnerObject extends DurableObject<ConsumerEnv> {}
