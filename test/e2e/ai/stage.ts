import type { AiClient } from "../../support/ai-client";
import type { ModelServer } from "../../support/model-server";
import type { Runtime } from "../../support/runtime";

/** Everything that stands while the tests of models run. Filled before the first of them. */
export interface AiStage {
  readonly runtime: Runtime;
  readonly server: ModelServer;
  readonly client: AiClient;
}
