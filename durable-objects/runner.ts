import { DurableObject } from "cloudflare:workers";
import { systemClock } from "#platform/clock";
import { readConfig } from "#platform/config";
import { createLogger, describeError } from "#platform/log";
import { tellPulse } from "#platform/meter-flush";
import { inTask, runLogged } from "#tasks/core/logged-run";
import type { Assignment, Executors } from "#tasks/core/run-task";
import { createShardLink } from "#tasks/core/shard-link";
import type { ShardLink } from "#tasks/core/shard-link";
import { shardNameOfTask } from "#tasks/core/task-id";
import { startTimer } from "#platform/timer";
import type { StartTimer } from "#platform/timer";

/** An object has six outgoing connections at once (Workers, "Limits"): more tasks would only wait for each other inside. */
const MAX_RUNNING = 6;
/** An alarm handler has 15 minutes; it hands over to the next one before. */
const MAX_ALARM_MS = 13 * 60_000;

/**
 * Runs handed-over tasks, a few at once, so that no queue waits for them. It remembers nothing: should it vanish, the leases of its tasks run out in
 * their shards. An alarm whose handler waits for the running tasks keeps the object from being evicted under them.
 */
export class RunnerObject extends DurableObject<ConsumerEnv> {
  readonly #executors: Executors;
  readonly #log = createLogger(readConfig(this.env).logLevel);
  readonly #running = new Set<Promise<void>>();
  readonly #links = new Map<string, ShardLink>();
  #isKeptAlive = false;

  readonly #startTimer: StartTimer;

  /** `timer` is a parameter for tests. */
  constructor(ctx: DurableObjectState, env: ConsumerEnv, executors: Executors, timer = startTimer) {
    super(ctx, env);
    this.#executors = executors;
    this.#startTimer = timer;
  }

  /** Starts as many of these tasks as there is room for, from the first on, and says how many. */
  async start(assignments: readonly Assignment[]): Promise<number> {
    const accepted = assignments.slice(0, Math.max(0, MAX_RUNNING - this.#running.size));
    for (const assignment of accepted) {
      const run = inTask(assignment, () => this.#run(assignment)).finally(() => {
        this.#running.delete(run);
        tellPulse(this.ctx, this.env);
      });
      this.#running.add(run);
      this.ctx.waitUntil(run);
    }
    if (accepted.length > 0 && !this.#isKeptAlive) {
      this.#isKeptAlive = true;
      await this.ctx.storage.setAlarm(systemClock());
    }
    return accepted.length;
  }

  override async alarm(): Promise<void> {
    this.#isKeptAlive = true;
    let stop = (): void => undefined;
    const isLate = new Promise<"late">((resolve) => {
      stop = this.#startTimer(MAX_ALARM_MS, () => {
        resolve("late");
      });
    });
    while (this.#running.size > 0) {
      if ((await Promise.race([...this.#running, isLate])) === "late") break;
    }
    stop();
    this.#isKeptAlive = this.#running.size > 0;
    if (this.#isKeptAlive) await this.ctx.storage.setAlarm(systemClock());
  }

  async #run(assignment: Assignment): Promise<void> {
    const link = this.#linkTo(assignment.taskId);
    try {
      const { kind } = assignment;
      const ports = {
        now: systemClock,
        startTimer: this.#startTimer,
        heartbeat: link.heartbeat,
        onFault: (error: unknown) => {
          this.#log.error("tasks.executor_threw", { kind, ...describeError(error) });
        },
      };
      const report = await runLogged(assignment, this.#executors, ports, this.#log);
      if (report) await link.complete(report);
    } catch (error) {
      // The shard can't be told. Its lease runs out and it gives the task to another worker.
      this.#log.error("tasks.report_failed", describeError(error));
    }
  }

  #linkTo(taskId: string): ShardLink {
    const name = shardNameOfTask(taskId);
    const link =
      this.#links.get(name) ??
      createShardLink(() => this.env.TASK_SHARD.getByName(name), {
        startTimer: this.#startTimer,
        random: Math.random,
      });
    this.#links.set(name, link);
    return link;
  }
}
