import { tracing } from "cloudflare:workers";
import { RunnerObject } from "../durable-objects/runner";
import { useTracer } from "#platform/tracing";
import { createConsume } from "#queues";
import { createCognitiveExecutor, createReasoningExecutor } from "#reasoning/service";
import { createScrapeExecutor } from "#scrape/service";
import { echo } from "#tasks/service";
import type { Executors } from "#tasks/service";

useTracer(tracing);

const made = new WeakMap<ConsumerEnv, Executors>();

/** What runs each kind of task, made once for each set of bindings. */
function executorsFor(env: ConsumerEnv): Executors {
  const executors = made.get(env) ?? {
    echo,
    scrape: createScrapeExecutor(env),
    cognitive: createCognitiveExecutor(env),
    reasoning: createReasoningExecutor(env),
  };
  made.set(env, executors);
  return executors;
}

export class Runner extends RunnerObject {
  constructor(ctx: DurableObjectState, env: ConsumerEnv) {
    super(ctx, env, executorsFor(env));
  }
}

export default { queue: createConsume(executorsFor) } satisfies ExportedHandler<ConsumerEnv>;
