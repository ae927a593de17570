import { createEgress, fetchOutside } from "#egress/service";
import type { Egress } from "#egress/service";
import { readConfig } from "#platform/config";
import type { Check } from "./core/health";
import { openSecrets } from "./secrets";
import type { StoredUpstream } from "./storage";

/** An answer is read no further than this: its status is what counts. */
const MAX_BYTES = 4_096;

/**
 * Asks targets by their health check, as calls through the gateway would: with the headers that are set on each. Redirects
 * are answers like others. Never throws.
 */
export function createTargetCheck(
  env: Env,
  ports: { readonly egress?: Egress } = {},
): (stored: StoredUpstream, url: string) => Promise<Check> {
  return async (stored, url) => {
    const config = readConfig(env);
    const egress = ports.egress ?? createEgress(config);
    const { healthCheck, addHeaders } = stored.upstream;
    const secrets = await openSecrets(config.encryptionKeys, stored);
    const bad = { isGood: false, status: null };
    if (healthCheck === null || secrets === null) return { ...bad, atMs: egress.clock() };
    const answer = await fetchOutside(egress, {
      url: `${url}${healthCheck.path}`,
      headers: Object.fromEntries(
        [...addHeaders, ...secrets].map(({ name, value }) => [name, value]),
      ),
      trust: "operator",
      maxBytes: MAX_BYTES,
      truncate: true,
      timeoutMs: healthCheck.timeoutMs,
      maxRedirects: 0,
    });
    const atMs = egress.clock();
    if (!answer.ok) return { ...bad, atMs };
    const { status } = answer.value;
    const { expectedStatus } = healthCheck;
    const isGood =
      expectedStatus === null ? status >= 200 && status < 300 : status === expectedStatus;
    return { atMs, isGood, status };
  };
}
