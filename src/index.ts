import { createApp } from "#app";

export { Account } from "../durable-objects/account";
export { ClientGate } from "../durable-objects/client-gate";
export { TaskShard } from "../durable-objects/task-shard";
export { SiteGate } from "../durable-objects/site-gate";
export { Breaker } from "../durable-objects/breaker";
export { StreamRun } from "../durable-objects/stream-run";

const app = createApp();

export default { fetch: app.fetch } satisfies ExportedHandler<Env>;
