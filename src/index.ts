import { tracing } from "cloudflare:workers";
import { StreamRunObject } from "../durable-objects/stream-run";
import { createProvider } from "#ai/service";
import { AccountObject } from "../durable-objects/account-erasure";
import { ChannelObject } from "../durable-objects/channel";
import { GatewayObject } from "../durable-objects/gateway";
import { UpstreamPoolObject } from "../durable-objects/upstream-pool";
import { createApp } from "#app";
import { uptimeSeconds } from "#http/uptime";
import { KINDS } from "#kinds";
import { systemClock } from "#platform/clock";
import { inOwnTrace } from "#platform/correlation";
import { inSpan, useTracer } from "#platform/tracing";
import { createGatewayPorts } from "#realtime/gateway-ports";
import { withAnswerCache } from "#cache/service";
import { completeChat } from "#chat/service";
import { keepCode } from "#code/service";
import { createErasurePorts, runRetention } from "#data/service";
import { readStatus } from "#system/service";
import { createTargetCheck } from "#upstreams/service";

export { ClientGate } from "../durable-objects/client-gate";
export { TaskShard } from "../durable-objects/task-shard";
export { SiteGate } from "../durable-objects/site-gate";
export { Breaker } from "../durable-objects/breaker";
export { WorkerPool } from "../durable-objects/worker-pool";
export { Pulse } from "../durable-objects/pulse";

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

/** An account, with what erasing all of a person takes. */
export class Account extends AccountObject {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, createErasurePorts(env));
  }
}

const STATUS_EVERY_MS = 5_000;

/** A channel, with what the server says there of itself. */
export class Channel extends ChannelObject {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, {
      "system:status": {
        event: "system.status",
        everyMs: STATUS_EVERY_MS,
        read: () => readStatus(env, uptimeSeconds(systemClock())),
      },
    });
  }
}

/** A gateway with what the Worker around it can do. */
export class Gateway extends GatewayObject {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, createGatewayPorts(env, KINDS));
  }
}

/** The health and the definition of an upstream, with what asks its targets. */
export class UpstreamPool extends UpstreamPoolObject {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, createTargetCheck(env));
  }
}

useTracer(tracing);

const app = createApp();

export default {
  fetch: app.fetch,
  scheduled: async (_event, env) => {
    await inOwnTrace(() => inSpan("delete what is old", {}, () => runRetention(env)));
  },
} satisfies ExportedHandler<Env>;
