/** Objects that need what a Worker can do: each gets it here, since nothing below a root may know of its neighbours. */
import { StreamRunObject } from "../durable-objects/stream-run";
import { createProvider } from "#ai/service";
import { AccountObject } from "../durable-objects/account-erasure";
import { ChannelObject } from "../durable-objects/channel";
import { GatewayObject } from "../durable-objects/gateway";
import { UpstreamPoolObject } from "../durable-objects/upstream-pool";
import { withAnswerCache } from "#cache/service";
import { completeChat } from "#chat/service";
import { keepCode } from "#code/service";
import { createErasurePorts } from "#data/service";
import { uptimeSeconds } from "#http/uptime";
import { KINDS } from "#kinds";
import { systemClock } from "#platform/clock";
import { createGatewayPorts } from "#realtime/gateway-ports";
import { readStatus } from "#system/service";
import { createTargetCheck } from "#upstreams/service";

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
