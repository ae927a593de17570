import { afterAll, beforeAll, describe } from "vitest";
import { aiClient } from "../../support/ai-client";
import { startModelServer } from "../../support/model-server";
import { startRuntime } from "../../support/runtime";
import { describeChat } from "./chat";
import { describeFaults } from "./faults";
import { describeCache } from "./cache";
import { describeSdk } from "./sdk";
import type { AiStage } from "./stage";
import { describeStreams } from "./streams";

const stage = {} as { -readonly [K in keyof AiStage]: AiStage[K] };

beforeAll(async () => {
  stage.server = await startModelServer();
  stage.runtime = await startRuntime(
    {
      AI_PROVIDER: "openai",
      AI_MODEL_ENDPOINT: stage.server.endpoint,
      AI_MODEL_API_KEY: "sk-upstream",
      AI_MODEL: "asked-model,other-model",
      AI_FIRST_TOKEN_TIMEOUT: "1.6",
      AI_IDLE_TIMEOUT: "0.8",
      AI_TOTAL_TIMEOUT: "7",
      AI_MAX_ANSWER_CHARS: "20000",
      AI_PRICES: '{"served-model": {"prompt": 2, "completion": 10}}',
      CORS_ORIGINS: "https://app.test",
      RATE_LIMITS: '{"burst": null, "client": null, "chat": null, "code": null}',
    },
    { entry: "test/support/ai-worker.ts" },
  );
  stage.client = aiClient(stage.runtime);
});
afterAll(async () => {
  await stage.runtime.stop();
  await stage.server.stop();
});

describe("conversations", () => describeChat(stage));
describe("kept answers", () => describeCache(stage));
describe("OpenAI's SDK", () => describeSdk(stage));
describe("streams of answers", () => describeStreams(stage));
// They end with a server that nobody may ask any more.
describe("faults of a model's server", () => describeFaults(stage));
