/**
 * The API as it is deployed, with queues that lose and double messages and refuse some, and with a door through which a shard is aborted in the
 * middle of its work. Not a line of the Worker itself is another.
 */
import naru, * as deployed from "./index.js";

export * from "./index.js";

const LOST = 0.08;
const DOUBLED = 0.12;
const REFUSED = 0.04;

const wildQueue = (queue) => ({
  send: (body, options) => wildQueue(queue).sendBatch([{ body, ...options }]),
  async sendBatch(messages) {
    if (Math.random() < REFUSED) throw new Error("Queue sendBatch failed: Too Many Requests");
    const sent = [...messages].flatMap((message) => {
      const dice = Math.random();
      if (dice < LOST) return [];
      return dice < LOST + DOUBLED ? [message, message] : [message];
    });
    if (sent.length > 0) await queue.sendBatch(sent);
  },
});

export class TaskShard extends deployed.TaskShard {
  constructor(ctx, env) {
    super(ctx, {
      ...env,
      TASKS_FAST: wildQueue(env.TASKS_FAST),
      TASKS_SLOW: wildQueue(env.TASKS_SLOW),
      WEBHOOKS: wildQueue(env.WEBHOOKS),
    });
  }

  chaosAbort() {
    this.ctx.abort("aborted by the chaos run");
  }
}

export default {
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== "/__chaos/abort") return naru.fetch(request, env, ctx);
    try {
      await env.TASK_SHARD.getByName(searchParams.get("shard")).chaosAbort();
    } catch {
      // The call dies with its object.
    }
    return new Response("ok");
  },
};
