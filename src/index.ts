import { tracing } from "cloudflare:workers";
import { createApp } from "#app";
import { runRetention } from "#data/service";
import { inOwnTrace } from "#platform/correlation";
import { inSpan, useTracer } from "#platform/tracing";

export { ClientGate } from "../durable-objects/client-gate";
export { TaskShard } from "../durable-objects/task-shard";
export { SiteGate } from "../durable-objects/site-gate";
export { Breaker } from "../durable-objects/breaker";
export { WorkerPool } from "../durable-objects/worker-pool";
export { Pulse } from "../durable-objects/pulse";
export { Account, Channel, Gateway, StreamRun, UpstreamPool } from "#objects";

useTracer(tracing);

const app = createApp();

export default {
  fetch: app.fetch,
  scheduled: async (_event, env) => {
    await inOwnTrace(() => inSpan("delete what is old", {}, () => runRetention(env)));
  },
} satisfies ExportedHandler<Env>;
