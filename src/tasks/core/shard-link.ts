import type { ClaimVerdict, SettleVerdict } from "./desk";
import { createGather } from "./gather";
import type { Claim, HeartbeatVerdict } from "./lifecycle";
import type { Renewal, RunReport } from "./run-task";
import { callRetryMs, classifyCallFailure, MAX_CALL_TRIES } from "./wait";
import type { StartTimer } from "#platform/timer";

/** What a worker asks of a shard. */
export interface ShardCalls {
  readonly claimMany: (claims: readonly Claim[], consumerId: string) => Promise<ClaimVerdict[]>;
  readonly heartbeat: (renewals: readonly Renewal[]) => Promise<HeartbeatVerdict[]>;
  readonly completeMany: (reports: readonly RunReport[]) => Promise<SettleVerdict[]>;
}

export interface LinkPorts {
  readonly startTimer: StartTimer;
  readonly random: () => number;
}

export interface ShardLink {
  /** Asks for tasks; throws where the shard can't be reached. */
  readonly claim: (claims: readonly Claim[], consumerId: string) => Promise<ClaimVerdict[]>;
  readonly heartbeat: (renewal: Renewal) => Promise<HeartbeatVerdict>;
  /** Reports an end, again and again for some seconds where the shard can't be reached: the work is done and worth it. */
  readonly complete: (report: RunReport) => Promise<SettleVerdict>;
}

/** An RPC carries at most 32 MiB: results that together come near it travel apart. */
const MAX_REPORT_CHARS = 8 * 1024 * 1024;

/** One worker's connection to one shard: what its tasks have to say at the same time goes in one call. `shard` gives a fresh stub. */
export function createShardLink(shard: () => ShardCalls, ports: LinkPorts): ShardLink {
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      ports.startTimer(ms, resolve);
    });

  async function report(reports: readonly RunReport[]): Promise<SettleVerdict[]> {
    for (let tries = 1; ; tries++) {
      try {
        return await shard().completeMany(reports);
      } catch (error) {
        if (tries >= MAX_CALL_TRIES || classifyCallFailure(error) === "fatal") throw error;
        await pause(callRetryMs(tries, ports.random()));
      }
    }
  }

  return {
    claim: (claims, consumerId) => shard().claimMany(claims, consumerId),
    heartbeat: createGather((renewals: readonly Renewal[]) => shard().heartbeat(renewals), {
      maxItems: 200,
    }),
    complete: createGather(report, {
      maxItems: 200,
      maxWeight: MAX_REPORT_CHARS,
      weigh: ({ outcome }) => (outcome.status === "completed" ? outcome.json.length : 0),
    }),
  };
}
