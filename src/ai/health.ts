import { createEgress, fetchOutside } from "#egress/service";
import type { BreakerPort, Egress } from "#egress/service";
import type { ModelEndpoint } from "#platform/ai-settings";
import { readConfig } from "#platform/config";
import { modelBreaker } from "./provider";

/** `healthy`: a request would be served. `degraded`: by a part of what should serve it. `unhealthy`: by nothing. */
export type ModelHealth = "healthy" | "degraded" | "unhealthy";

export interface HealthPorts {
  readonly egress?: Egress;
  readonly breaker?: BreakerPort;
}

const TIMEOUT_MS = 1_500;
/** The list of models of a large provider has some hundred kilobytes; its beginning is as good a sign of life. */
const MAX_BYTES = 4_096;

/**
 * How the model fares. Servers are asked for their list of models, which costs no tokens, through their breakers: one that is shut
 * counts as down without being asked, and an answer lets it open again. Nothing is asked of the embedded provider, which is part of
 * this Worker, nor of Workers AI, where each question would cost. Never throws.
 */
export async function probeModel(env: Env, ports: HealthPorts = {}): Promise<ModelHealth> {
  const config = readConfig(env);
  const { ai } = config;
  if (
    config.issues.some(
      ({ setting, severity }) => setting.startsWith("AI_") && severity !== "warning",
    )
  )
    return "unhealthy";
  if (ai.provider !== "openai") return "healthy";
  const egress = ports.egress ?? createEgress(config);
  const breaker = ports.breaker ?? modelBreaker(env);
  const answers = await Promise.all(
    ai.endpoints.map((endpoint) => isServing(egress, breaker, endpoint)),
  );
  if (answers.every(Boolean)) return "healthy";
  return answers.some(Boolean) ? "degraded" : "unhealthy";
}

async function isServing(
  egress: Egress,
  breaker: BreakerPort,
  { baseUrl, chatUrl, apiKey }: ModelEndpoint,
): Promise<boolean> {
  const passage = await breaker.enter(new URL(chatUrl).host);
  if (!passage.allowed) return false;
  const answer = await fetchOutside(egress, {
    url: `${baseUrl}/models`,
    headers: apiKey === "" ? {} : { authorization: `Bearer ${apiKey}` },
    trust: "operator",
    maxBytes: MAX_BYTES,
    truncate: true,
    timeoutMs: TIMEOUT_MS,
    maxRedirects: 0,
  });
  const isUp = answer.ok && answer.value.status < 500;
  await passage.settle(isUp ? "success" : "failure");
  // A key that is refused serves nobody; a server without such a list is still one.
  return isUp && answer.value.status !== 401 && answer.value.status !== 403;
}
