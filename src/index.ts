import { StreamRunObject } from "../durable-objects/stream-run";
import { createProvider } from "#ai/service";
import { createApp } from "#app";
import { withAnswerCache } from "#cache/service";
import { completeChat } from "#chat/service";
import { keepCode } from "#code/service";

export { Account } from "../durable-objects/account";
export { ClientGate } from "../durable-objects/client-gate";
export { TaskShard } from "../durable-objects/task-shard";
export { SiteGate } from "../durable-objects/site-gate";
export { Breaker } from "../durable-objects/breaker";

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

const app = createApp();

export default { fetch: app.fetch } satisfies ExportedHandler<Env>;
