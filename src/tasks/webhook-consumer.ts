import { correlated } from "#platform/correlation";
import { describeError } from "#platform/log";
import type { Logger } from "#platform/log";
import { traceIdOf } from "#platform/trace-context";
import { inSpan } from "#platform/tracing";
import type { DeliveryOutcome } from "./core/delivery";
import type { DeliveryAssignment } from "./core/delivery-desk";
import { shardName, shardOfTask } from "./core/task-id";
import { callRetryMs, classifyCallFailure, MAX_CALL_TRIES } from "./core/wait";
import type { StartTimer } from "#platform/timer";
import { TaskMessageSchema } from "./message";

/** What the sender of webhooks needs. */
export interface WebhookDeps {
  readonly shard: (name: string) => {
    readonly claimDeliveries: (taskId: string) => Promise<DeliveryAssignment[]>;
    readonly settleDelivery: (
      id: string,
      attempt: number,
      outcome: DeliveryOutcome,
    ) => Promise<boolean>;
  };
  readonly shards: number;
  readonly send: (assignment: DeliveryAssignment) => Promise<DeliveryOutcome>;
  readonly log: Logger;
  readonly random: () => number;
  readonly startTimer: StartTimer;
}

/** An invocation has six outgoing connections at once (Workers, "Limits"): more attempts would wait inside with their time running. */
const MAX_SENDING = 6;
const RETRY_DELAY_S = 5;

/**
 * Takes a batch of wake-ups, asks their shards for what is due, and sends it. Each attempt begins right before it is sent, so a
 * receiver that hangs takes no time from those behind it. Never throws; what is lost here is found by the shard's alarm.
 */
export async function consumeWebhooks(batch: MessageBatch, deps: WebhookDeps): Promise<void> {
  const waiting = [...batch.messages];
  const sendAll = async (): Promise<void> => {
    for (let message = waiting.shift(); message !== undefined; message = waiting.shift())
      await consumeMessage(message, deps);
  };
  await Promise.all(Array.from({ length: MAX_SENDING }, sendAll));
}

async function consumeMessage(message: Message, deps: WebhookDeps): Promise<void> {
  const parsed = TaskMessageSchema.safeParse(message.body);
  const taskId = parsed.success ? parsed.data.task_id : "";
  const number = shardOfTask(taskId, deps.shards);
  if (number === null) {
    deps.log.error("webhooks.poison_message", { message_id: message.id });
    message.ack();
    return;
  }
  const name = shardName(number);
  try {
    for (const assignment of await deps.shard(name).claimDeliveries(taskId)) {
      const { traceparent } = assignment;
      await correlated({ traceparent, taskId }, () => deliver(name, assignment, deps));
    }
    message.ack();
  } catch (error) {
    deps.log.warn("webhooks.shard_unreachable", { task_id: taskId, ...describeError(error) });
    message.retry({ delaySeconds: RETRY_DELAY_S });
  }
}

/** One attempt, with its line in the log. The address is in none: it may be a secret by itself. */
async function deliver(
  name: string,
  assignment: DeliveryAssignment,
  deps: WebhookDeps,
): Promise<void> {
  const { id, attempt, traceparent } = assignment;
  const attributes = { "naru.trace_id": traceIdOf(traceparent) };
  const outcome = await inSpan("deliver webhook", attributes, async (span) => {
    const sent = await deps.send(assignment);
    const failure = sent.code ?? (isSuccess(sent.statusCode) ? null : String(sent.statusCode));
    if (failure !== null) span.fail(failure);
    return sent;
  });
  deps.log.info("webhook.delivery", {
    delivery_id: id,
    attempt,
    status: outcome.statusCode,
    error_code: outcome.code,
    duration_ms: outcome.durationMs,
  });
  const isBooked = await settle(name, assignment, outcome, deps);
  if (!isBooked) deps.log.warn("webhooks.superseded", { delivery_id: id });
}

const isSuccess = (status: number | null): boolean =>
  status !== null && status >= 200 && status < 300;

/** Tells the shard, again for some seconds where it can't be reached: what is not told is sent once more. */
async function settle(
  name: string,
  { id, attempt }: DeliveryAssignment,
  outcome: DeliveryOutcome,
  deps: WebhookDeps,
): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      return await deps.shard(name).settleDelivery(id, attempt, outcome);
    } catch (error) {
      if (tries >= MAX_CALL_TRIES || classifyCallFailure(error) === "fatal") throw error;
      await new Promise<void>((resolve) => {
        deps.startTimer(callRetryMs(tries, deps.random()), resolve);
      });
    }
  }
}
