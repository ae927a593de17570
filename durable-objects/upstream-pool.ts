import { DurableObject } from "cloudflare:workers";
import { systemClock } from "#platform/clock";
import type { Clock } from "#platform/clock";
import { readConfig } from "#platform/config";
import { createLogger, describeError } from "#platform/log";
import type { CallOutcome, Check, TargetHealth } from "#upstreams/core/health";
import * as pool from "#upstreams/core/pool";
import type { PoolState, PoolView, StoredUpstream } from "#upstreams/core/pool";
import { MAX_AGE_MS, REFRESH_MS } from "#upstreams/core/view";
import type { TargetStanding } from "#upstreams/core/view";
import { loadPool, loadUpstream, savePool } from "#upstreams/storage";

/** Asks a target whether it is well. Never throws. */
export type CheckTarget = (stored: StoredUpstream, url: string) => Promise<Check>;

/**
 * One upstream by its name: its definition as the database has it, and the health of its targets, for all isolates. It
 * reads the database for all of them, decides on failures and probes in one place, and checks targets while there is
 * traffic. A made-up name leaves nothing behind: only an upstream that exists is saved.
 */
export class UpstreamPoolObject extends DurableObject<Env> {
  /** Own fields are out of reach over RPC. Tests set the clock, and what asks targets. */
  clock: Clock = systemClock;
  check: CheckTarget;
  readonly #config = readConfig(this.env);
  readonly #log = createLogger(this.#config.logLevel);
  #state: PoolState;
  #readAtMs = Number.NEGATIVE_INFINITY;
  /** The reading that was begun last; they run one after the other, so that the last to begin is the last to be taken in. */
  #reading: Promise<void> = Promise.resolve();
  #readings = 0;

  constructor(ctx: DurableObjectState, env: Env, check: CheckTarget) {
    super(ctx, env);
    this.check = check;
    this.#state = loadPool(ctx.storage);
  }

  /** What `asker`, an isolate with traffic, has to know. Throws where nothing is known and the database cannot be asked. */
  async view(name: string, asker: string, wantsProbe: boolean): Promise<PoolView> {
    const ageMs = this.clock() - this.#readAtMs;
    if (ageMs >= MAX_AGE_MS)
      await this.refresh(name).catch((error: unknown) => {
        // Known from before: it goes on serving.
        if (this.#state.stored === null) throw error;
        this.#log.warn("upstream.not_read", { upstream: name, ...describeError(error) });
      });
    else if (ageMs >= REFRESH_MS && this.#readings === 0) this.refresh(name).catch(() => {});
    const { stored } = this.#state;
    if (stored === null) return { stored, standings: [], probe: null };
    // Not worth a write: after an eviction, the next request tells it again.
    this.#state = { ...this.#state, seenMs: this.clock() };
    if ((await this.ctx.storage.getAlarm()) === null)
      await this.ctx.storage.setAlarm(pool.firstAlarmMs(this.#state, this.clock()));
    const { state, probe } = wantsProbe
      ? pool.giveProbe(this.#state, asker, this.clock())
      : { state: this.#state, probe: null };
    this.#become(state);
    return { stored, standings: pool.standingsOf(this.#state), probe };
  }

  /** What calls of `asker` showed of a target. */
  report(
    asker: string,
    url: string,
    outcome: CallOutcome,
    count: number,
  ): readonly TargetStanding[] {
    this.#become(pool.takeCalls(this.#state, url, { asker, outcome, count }, this.clock()));
    return pool.standingsOf(this.#state);
  }

  /** Reads the database. Answers when what it has is what views show. */
  async refresh(name: string): Promise<void> {
    const before = this.#reading;
    this.#readings += 1;
    this.#reading = this.#read(name, before).finally(() => (this.#readings -= 1));
    await this.#reading;
  }

  /** For people and for metrics: it is no traffic, and asks nothing. */
  health(): { readonly targets: readonly TargetHealth[] } {
    return { targets: this.#state.targets };
  }

  override async alarm(): Promise<void> {
    const { stored, targets } = this.#state;
    const due = pool.onAlarm(this.#state, this.clock());
    if (stored === null || due === null) {
      await this.#forget();
      return;
    }
    // First, so that nothing that happens below ends the checks.
    await this.ctx.storage.setAlarm(due.nextMs);
    if (!due.checks) return;
    await Promise.all(
      targets.map(async ({ url }) => {
        const check = await this.check(stored, url);
        this.#become(pool.takeCheck(this.#state, url, check));
      }),
    );
  }

  async #read(name: string, before: Promise<void>): Promise<void> {
    await before.catch(() => {});
    const startedAtMs = this.clock();
    const box = { db: this.env.DB, keys: this.#config.encryptionKeys };
    const stored = await loadUpstream(box, name);
    const next = pool.takeDefinition(this.#state, stored, this.clock());
    this.#readAtMs = startedAtMs;
    if (next === this.#state) return;
    if (next.stored === null) {
      await this.#forget();
      return;
    }
    this.#become(next);
    // The alarm that is set is that of the definition before.
    if ((await this.ctx.storage.getAlarm()) !== null)
      await this.ctx.storage.setAlarm(pool.firstAlarmMs(next, this.clock()));
  }

  /** Saved only when something changed: an upstream whose targets are well writes nothing but its checks. */
  #become(next: PoolState): void {
    if (next === this.#state) return;
    for (const { url, isHealthy } of pool.turnedTargets(this.#state, next))
      this.#log.warn(isHealthy ? "upstream.target_back" : "upstream.target_out", {
        upstream: next.stored?.upstream.name ?? "",
        target: url,
      });
    this.#state = next;
    savePool(this.ctx.storage, next);
  }

  async #forget(): Promise<void> {
    this.#state = pool.NO_POOL;
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }
}
