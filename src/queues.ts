import { systemClock } from "#platform/clock";
import { readConfig } from "#platform/config";
import { inOwnTrace } from "#platform/correlation";
import { randomBase32 } from "#platform/ids";
import { createEgress } from "#egress/service";
import type { Egress } from "#egress/service";
import { createLogger } from "#platform/log";
import { inSpan } from "#platform/tracing";
import type { SpanAttributes } from "#platform/tracing";
import { tellPulseNow } from "#platform/meter-flush";
import { consumeDeadLetters, consumeTasks } from "#tasks/consumer";
import type { ConsumerDeps } from "#tasks/consumer";
import { queueRole } from "#tasks/core/queue-role";
import { handOver } from "#tasks/runner-client";
import { sendDelivery } from "#tasks/webhook-client";
import { consumeWebhooks } from "#tasks/webhook-consumer";
import { startTimer } from "#platform/timer";
import type { Executors } from "#tasks/core/run-task";

const CONSUMERS: Record<string, (batch: MessageBatch, deps: ConsumerDeps) => Promise<void>> = {
  "tasks-fast": consumeTasks,
  "tasks-slow": consumeTasks,
  "tasks-dead": consumeDeadLetters,
};

/** What sends webhooks, made once for each set of bindings: it remembers what names resolved to. */
const egresses = new WeakMap<ConsumerEnv, Egress>();

function egressOf(env: ConsumerEnv): Egress {
  const egress = egresses.get(env) ?? createEgress(readConfig(env));
  egresses.set(env, egress);
  return egress;
}

/** Names this isolate among the consumers. Made at the first batch: there is no randomness before. */
let consumerId: string | null = null;

/** Which consumer serves which queue. A queue without one is a fault of the configuration: its messages stay and the log says so. */
export const createConsume =
  (executorsFor: (env: ConsumerEnv) => Executors) =>
  async (batch: MessageBatch, env: ConsumerEnv): Promise<void> => {
    await inOwnTrace(() =>
      inSpan(`process ${batch.queue}`, attributesOf(batch), () =>
        consumeBatch(batch, env, executorsFor),
      ),
    );
    await tellPulseNow(env);
  };

/** OpenTelemetry semantic conventions, "Messaging". The runs of a batch are spans below, each with the trace of its own task. */
const attributesOf = (batch: MessageBatch): SpanAttributes => ({
  "messaging.system": "cloudflare_queues",
  "messaging.operation.name": "process",
  "messaging.operation.type": "process",
  "messaging.destination.name": batch.queue,
  "messaging.batch.message_count": batch.messages.length,
});

async function consumeBatch(
  batch: MessageBatch,
  env: ConsumerEnv,
  executorsFor: (env: ConsumerEnv) => Executors,
): Promise<void> {
  const config = readConfig(env);
  const log = createLogger(config.logLevel);
  const calls = {
    shards: config.taskShards,
    log,
    now: systemClock,
    random: Math.random,
    startTimer,
  };
  const role = queueRole(batch.queue);
  if (role === "webhooks") {
    await consumeWebhooks(batch, {
      ...calls,
      shard: (name) => env.TASK_SHARD.getByName(name),
      send: (assignment) => sendDelivery(egressOf(env), assignment),
    });
    return;
  }
  const consume = Object.hasOwn(CONSUMERS, role) ? CONSUMERS[role] : undefined;
  if (!consume) {
    log.error("queue.without_consumer", { queue: batch.queue });
    batch.retryAll({ delaySeconds: 60 });
    return;
  }
  consumerId ??= `consumer-${randomBase32()}`;
  await consume(batch, {
    ...calls,
    executors: executorsFor(env),
    shard: (name) => env.TASK_SHARD.getByName(name),
    handOver: (assignments) =>
      handOver(
        (slot, rest) => env.RUNNER.getByName(`runner-${slot}`).start(rest),
        config.runnerSlots,
        assignments,
        Math.random(),
        log,
      ),
    consumerId,
  });
}
