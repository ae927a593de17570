import { describeError } from "#platform/log";
import type { Logger } from "#platform/log";
import type { Clock } from "#platform/clock";
import type { ClaimVerdict } from "./core/desk";
import type { Claim } from "./core/lifecycle";
import { inTask, runLogged } from "./core/logged-run";
import type { Assignment, Executors } from "./core/run-task";
import { createShardLink } from "./core/shard-link";
import type { ShardCalls, ShardLink } from "./core/shard-link";
import { shardName, shardOfTask } from "./core/task-id";
import type { StartTimer } from "#platform/timer";
import { TaskMessageSchema } from "./message";

/** What the consumers of the task queues need. */
export interface ConsumerDeps {
  readonly executors: Executors;
  readonly shard: (name: string) => ShardCalls & {
    readonly undeliverable: (ids: readonly string[]) => Promise<void>;
  };
  readonly shards: number;
  /** Hands slow tasks over to runners and gives back those that no runner has room for. */
  readonly handOver: (assignments: readonly Assignment[]) => Promise<readonly Assignment[]>;
  readonly consumerId: string;
  readonly log: Logger;
  readonly now: Clock;
  readonly random: () => number;
  readonly startTimer: StartTimer;
}

interface Delivery {
  readonly message: Message;
  readonly taskId: string;
}

/** Runners are full: the task comes back after so long, which is about what a scrape takes. */
const FULL_RUNNERS_DELAY_MS = 2_000;

/**
 * Takes a batch of wake-ups: one claim to each shard, fast tasks run here side by side, slow ones are handed over. Never throws: locally a handler that
 * throws has its acknowledged messages delivered again, and the shard is the one that decides on retries.
 */
export async function consumeTasks(batch: MessageBatch, deps: ConsumerDeps): Promise<void> {
  try {
    const groups = groupByShard(batch.messages, deps);
    await Promise.all([...groups].map(([name, group]) => consumeGroup(name, group, deps)));
  } catch (error) {
    deps.log.error("tasks.batch_failed", { queue: batch.queue, ...describeError(error) });
    batch.retryAll({ delaySeconds: retrySeconds(1, deps) });
  }
}

/** Takes wake-ups that the queue gave up on: their shards send them again or end the tasks. */
export async function consumeDeadLetters(batch: MessageBatch, deps: ConsumerDeps): Promise<void> {
  try {
    const groups = groupByShard(batch.messages, deps);
    await Promise.all(
      [...groups].map(async ([name, group]) => {
        try {
          await deps.shard(name).undeliverable(group.map((delivery) => delivery.taskId));
          for (const { message } of group) message.ack();
        } catch (error) {
          retryAll(group, error, deps);
        }
      }),
    );
  } catch (error) {
    deps.log.error("tasks.batch_failed", { queue: batch.queue, ...describeError(error) });
    batch.retryAll({ delaySeconds: retrySeconds(1, deps) });
  }
}

/** The messages by the shard that holds their tasks. What is no message of ours never will be: it is dropped with a line in the log. */
function groupByShard(messages: readonly Message[], deps: ConsumerDeps): Map<string, Delivery[]> {
  const groups = new Map<string, Delivery[]>();
  for (const message of messages) {
    const parsed = TaskMessageSchema.safeParse(message.body);
    const taskId = parsed.success ? parsed.data.task_id : "";
    const shard = shardOfTask(taskId, deps.shards);
    if (shard === null) {
      deps.log.error("tasks.poison_message", { message_id: message.id });
      message.ack();
      continue;
    }
    const name = shardName(shard);
    const group = groups.get(name) ?? [];
    group.push({ message, taskId });
    groups.set(name, group);
  }
  return groups;
}

async function consumeGroup(name: string, group: Delivery[], deps: ConsumerDeps): Promise<void> {
  const link = createShardLink(() => deps.shard(name), deps);
  let waiting = group;
  while (waiting.length > 0) {
    let verdicts: ClaimVerdict[];
    try {
      verdicts = await link.claim(waiting.map(toClaim), deps.consumerId);
    } catch (error) {
      retryAll(waiting, error, deps);
      return;
    }
    const later: Delivery[] = [];
    const fast: Promise<void>[] = [];
    const slow: { delivery: Delivery; assignment: Assignment }[] = [];
    waiting.forEach((delivery, index) => {
      const verdict = verdicts[index];
      if (!verdict || verdict.verdict === "later") later.push(delivery);
      else if (verdict.verdict === "skip") {
        if (verdict.reason === "unknown")
          deps.log.warn("tasks.unknown_task", { task_id: delivery.taskId });
        // The shard wakes a consumer again when there is something to do.
        delivery.message.ack();
      } else if (verdict.assignment.lane === "slow")
        slow.push({ delivery, assignment: verdict.assignment });
      else fast.push(runHere(delivery, verdict.assignment, link, deps));
    });
    await Promise.all([...fast, passOn(slow, link, deps)]);
    // A claim answers at least its first question, so the rest shrinks.
    waiting = later.length < waiting.length ? later : [];
    if (later.length > 0 && waiting.length === 0) for (const { message } of later) message.retry();
  }
}

async function runHere(
  { message }: Delivery,
  assignment: Assignment,
  link: ShardLink,
  deps: ConsumerDeps,
): Promise<void> {
  try {
    await inTask(assignment, async () => {
      const ports = {
        ...deps,
        heartbeat: link.heartbeat,
        onFault: (error: unknown) => {
          const { kind } = assignment;
          deps.log.error("tasks.executor_threw", { kind, ...describeError(error) });
        },
      };
      const report = await runLogged(assignment, deps.executors, ports, deps.log);
      if (report) await link.complete(report);
    });
    message.ack();
  } catch (error) {
    // The result could not be told. The same message delivered again takes the task over.
    retryAll([{ message, taskId: assignment.taskId }], error, deps);
  }
}

/** Hands slow tasks over and acknowledges at once, so that nothing queues behind them. What finds no room goes back unspent. */
async function passOn(
  slow: readonly { readonly delivery: Delivery; readonly assignment: Assignment }[],
  link: ShardLink,
  deps: ConsumerDeps,
): Promise<void> {
  if (slow.length === 0) return;
  const refused = await deps.handOver(slow.map((entry) => entry.assignment));
  const notBeforeMs = deps.now() + Math.round(FULL_RUNNERS_DELAY_MS * (0.5 + deps.random()));
  const outcome = { status: "deferred", notBeforeMs, fault: null } as const;
  await Promise.all(
    refused.map((assignment) =>
      inTask(assignment, async () => {
        const { taskId, fence } = assignment;
        try {
          await link.complete({ taskId, fence, outcome });
        } catch (error) {
          // Its lease runs out instead.
          deps.log.error("tasks.report_failed", describeError(error));
        }
      }),
    ),
  );
  for (const { delivery } of slow) delivery.message.ack();
}

const toClaim = ({ message, taskId }: Delivery): Claim => ({
  taskId,
  messageId: message.id,
  delivery: message.attempts,
});

/** The shard can't be reached: the queue's own retries exist for this. */
function retryAll(group: readonly Delivery[], error: unknown, deps: ConsumerDeps): void {
  deps.log.warn("tasks.shard_unreachable", { count: group.length, ...describeError(error) });
  for (const { message } of group)
    message.retry({ delaySeconds: retrySeconds(message.attempts, deps) });
}

/** Doubles from one second to a minute, with jitter. Whole seconds: the queue takes no others. */
const retrySeconds = (attempts: number, deps: ConsumerDeps): number =>
  Math.max(1, Math.round(Math.min(60, 2 ** Math.min(attempts, 10)) * (0.5 + deps.random() / 2)));
