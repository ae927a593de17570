import { StreamRunObject } from "../durable-objects/stream-run";
import { createProvider } from "#ai/service";
import type { Completions } from "#ai/service";
import { GatewayObject } from "../durable-objects/gateway";
import { createApp } from "#app";
import { KINDS } from "#kinds";
import { createGatewayPorts } from "#realtime/gateway-ports";
import { withAnswerCache } from "#cache/service";
import { completeChat } from "#chat/service";
import { keepCode } from "#code/service";

export { Account } from "../durable-objects/account";
export { ClientGate } from "../durable-objects/client-gate";
export { TaskShard } from "../durable-objects/task-shard";
export { Channel } from "../durable-objects/channel";
export { SiteGate } from "../durable-objects/site-gate";
export { Breaker } from "../durable-objects/breaker";
export { WorkerPool } from "../durable-objects/worker-pool";

/** What keeps the answers of each kind of stream. */
const COMPLETIONS = withAnswerCache({
  chat: completeChat,
  code: keepCode,
  "code-stream": keepCode,
  "code-repair": null,
  "code-complete": null,
  openai: null,
});

export class StreamRun extends StreamRunObject {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, createProvider(env), COMPLETIONS);
  }
}

/** A gateway with what the Worker around it can do. */
export class Gateway extends GatewayObject {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, createGatewayPorts(env, KINDS));
  }
}

const app = createApp();

export default { fetch: app.fetch } satisfies ExportedHandler<Env>;
