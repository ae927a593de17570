import { proxyDurable } from "itty-durable";
import * as z from "zod";
import { randomBase32 } from "#platform/ids";
import type { BreakerReport } from "./core/breaker";

/** A way past the breaker, or how long it stays shut. */
export type Passage =
  | {
      readonly allowed: true;
      /** To be called once, whatever became of the call. Costs no hop for a success on a host without failures on record. */
      readonly settle: (outcome: BreakerReport) => Promise<void>;
    }
  | { readonly allowed: false; readonly retryAfterMs: number };

export interface BreakerPort {
  /** Asks whether `host` (`host:port`) may be called. */
  readonly enter: (host: string) => Promise<Passage>;
}

const PermitSchema = z.union([
  z.object({ allowed: z.literal(true), isProbe: z.boolean(), mustReport: z.boolean() }),
  z.object({ allowed: z.literal(false), retryAfterMs: z.number() }),
]);

interface BreakerProxy {
  readonly permit: (token: string) => Promise<unknown>;
  readonly report: (token: string, outcome: BreakerReport) => Promise<unknown>;
}

/**
 * The breakers of one purpose (`scrape`, `model`): a host that fails callers' scrapes does not shut the model out.
 * A breaker that cannot be asked lets calls through, since it saves effort and guards nothing.
 */
export function createBreaker(namespace: DurableObjectNamespace, purpose: string): BreakerPort {
  const breakers = proxyDurable(namespace, { parse: true });
  // The proxy answers to `then` as to any other name, so awaiting or returning it from an async function would hang.
  // The name has a colon, so it is never taken for an object id in hexadecimal.
  const breakerOf = (host: string): BreakerProxy =>
    breakers.get(`${purpose}:${host}`) as BreakerProxy;

  return {
    enter: async (host) => {
      const token = randomBase32();
      const answer = await breakerOf(host)
        .permit(token)
        .catch(() => null);
      const permit = PermitSchema.safeParse(answer);
      if (permit.success && !permit.data.allowed) return permit.data;
      const mustReport = permit.success && permit.data.allowed && permit.data.mustReport;
      return {
        allowed: true,
        settle: async (outcome) => {
          if (outcome === "failure" || mustReport)
            await breakerOf(host)
              .report(token, outcome)
              .catch(() => null);
        },
      };
    },
  };
}
