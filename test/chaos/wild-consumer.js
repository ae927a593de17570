/**
 * The consumer as it is deployed, some of whose invocations die. One that dies hears nothing more from any shard, and neither does a shard from it,
 * but for what it was about to report: that arrives much later, as from a worker that was cut off and came back. Of one half of the dead the queue
 * hears that they failed and delivers again; the others took their messages with them. Runners are aborted with the tasks that they have in hand.
 */
import consumer, * as deployed from "./consumer.js";

export * from "./consumer.js";

const DEATHS = 0.15;
/** Longer than a lease. */
const LATE_MS = 18_000;
const NEVER = new Promise(() => undefined);
const RUNNER_DEATHS = 0.15;
const RUNNER_DIES_WITHIN_MS = 2_000;

export class Runner extends deployed.Runner {
  async start(assignments) {
    const accepted = await super.start(assignments);
    if (Math.random() < RUNNER_DEATHS)
      setTimeout(
        () => this.ctx.abort("aborted by the chaos run"),
        Math.random() * RUNNER_DIES_WITHIN_MS,
      );
    return accepted;
  }
}

/** Tells the run's own server what became of a late report. */
const tell = (env, entries) =>
  fetch(env.CHAOS_URL, { method: "POST", body: JSON.stringify(entries) }).catch(() => undefined);

function mortalShards(env, die) {
  let callsLeft = 1 + Math.floor(Math.random() * 3);
  let isDead = false;
  const call = (stub, name, given) => {
    callsLeft -= 1;
    if (callsLeft < 0) {
      if (!isDead) die();
      isDead = true;
    }
    if (!isDead) return stub[name](...given);
    if (name === "completeMany") setTimeout(() => void reportLate(stub, given[0]), LATE_MS);
    return NEVER;
  };
  async function reportLate(stub, reports) {
    const late = reports.map(({ taskId, fence }) => ({
      taskId,
      fence,
      outcome: { status: "completed", json: JSON.stringify({ late: fence }) },
    }));
    try {
      const verdicts = await stub.completeMany(late);
      await tell(
        env,
        late.map(({ taskId, fence }, index) => ({ taskId, fence, verdict: verdicts[index] })),
      );
    } catch {
      // A shard that is away does not take it either.
    }
  }
  const mortal = (stub) =>
    new Proxy(
      {},
      {
        get:
          (_, name) =>
          (...given) =>
            call(stub, name, given),
      },
    );
  return { getByName: (name) => mortal(env.TASK_SHARD.getByName(name)) };
}

export default {
  async queue(batch, env, ctx) {
    if (Math.random() >= DEATHS) return consumer.queue(batch, env, ctx);
    const isHeard = Math.random() < 0.5;
    let die = () => undefined;
    const death = new Promise((resolve) => {
      die = () => resolve("dead");
    });
    const life = consumer.queue(batch, { ...env, TASK_SHARD: mortalShards(env, die) }, ctx);
    ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, LATE_MS + 5_000)));
    if ((await Promise.race([life, death])) !== "dead") return undefined;
    if (isHeard) throw new Error("killed by the chaos run");
    batch.ackAll();
    return undefined;
  },
};
