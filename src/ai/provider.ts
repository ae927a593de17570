import { createBreaker, createEgress, systemTimer } from "#egress/service";
import type { BreakerPort, Egress, TimerPort } from "#egress/service";
import { readConfig } from "#platform/config";
import { withKnownModels, withoutVectors } from "./core/models";
import type { ModelProvider } from "./core/port";
import { createEmbeddedProvider } from "./embedded/provider";
import { openAiSource } from "./openai-client";
import { createResilientProvider } from "./resilient";
import type { Source } from "./resilient";
import { workersAiSource } from "./workers-ai-client";
import type { AiBinding } from "./workers-ai-client";

/** What tests put in the place of the network, the clocks and chance. */
export interface ProviderPorts {
  readonly egress?: Egress;
  readonly breaker?: BreakerPort;
  readonly timer?: TimerPort;
  readonly random?: () => number;
}

/** The breakers of models: a host that fails callers' scrapes does not shut a model out. */
export const modelBreaker = (env: Pick<Env, "BREAKER">): BreakerPort =>
  createBreaker(env.BREAKER, "model");

/** The provider that the deployment's settings choose. */
export function createProvider(env: Env, ports: ProviderPorts = {}): ModelProvider {
  const config = readConfig(env);
  const { ai } = config;
  if (ai.provider === "embedded")
    return withKnownModels(withoutVectors(createEmbeddedProvider(env)), ai);
  const timer = ports.timer ?? systemTimer;
  const egress = ports.egress ?? createEgress(config);
  const binding = env.AI as AiBinding | undefined;
  const sources: Source[] =
    ai.provider === "openai"
      ? ai.endpoints.map((endpoint) => openAiSource(egress, endpoint, ai))
      : binding === undefined
        ? []
        : [workersAiSource(binding, timer, ai)];
  const provider = createResilientProvider(ai.provider, sources, ai, {
    breaker: ports.breaker ?? modelBreaker(env),
    timer,
    clock: egress.clock,
    random: ports.random ?? Math.random,
  });
  return withKnownModels(ai.provider === "openai" ? provider : withoutVectors(provider), ai);
}
