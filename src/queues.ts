import { systemClock } from "#platform/clock";
import { readConfig } from "#platform/config";
import { randomBase32 } from "#platform/ids";
import { createLogger } from "#platform/log";
import { consumeDeadLetters, consumeTasks } from "#tasks/consumer";
import type { ConsumerDeps } from "#tasks/consumer";
import { handOver } from "#tasks/runner-client";
import { startTimer } from "#tasks/core/waiters";
import type { Executors } from "#tasks/core/run-task";

const CONSUMERS: Record<string, (batch: MessageBatch, deps: ConsumerDeps) => Promise<void>> = {
  "tasks-fast": consumeTasks,
  "tasks-slow": consumeTasks,
  "tasks-dead": consumeDeadLetters,
};

/** Names this isolate among the consumers. Made at the first batch: there is no randomness before. */
let consumerId: string | null = null;

/** Which consumer serves which queue. A queue without one is a fault of the configuration: its messages stay and the log says so. */
export const createConsume =
  (executorsFor: (env: ConsumerEnv) => Executors) =>
  async (batch: MessageBatch, env: ConsumerEnv): Promise<void> => {
    const config = readConfig(env);
    const log = createLogger(config.logLevel);
    const consume = Object.hasOwn(CONSUMERS, batch.queue) ? CONSUMERS[batch.queue] : undefined;
    if (!consume) {
      log.error("queue.without_consumer", { queue: batch.queue });
      batch.retryAll({ delaySeconds: 60 });
      return;
    }
    consumerId ??= `consumer-${randomBase32()}`;
    await consume(batch, {
      executors: executorsFor(env),
      shard: (name) => env.TASK_SHARD.getByName(name),
      shards: config.taskShards,
      handOver: (assignments) =>
        handOver(
          (slot, rest) => env.RUNNER.getByName(`runner-${slot}`).start(rest),
          config.runnerSlots,
          assignments,
          Math.random(),
          log,
        ),
      consumerId,
      log,
      now: systemClock,
      random: Math.random,
      startTimer,
    });
  };
