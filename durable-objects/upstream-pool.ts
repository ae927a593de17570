import { DurableObject } from "cloudflare:workers";
import { systemClock } from "#platform/clock";
import type { Clock } from "#platform/clock";
import { readConfig } from "#platform/config";
import { createLogger, describeError } from "#platform/log";
import { afterCalls, afterCheck, claimProbe, keepKnown } from "#upstreams/core/health";
import type { CallOutcome, Check, TargetHealth } from "#upstreams/core/health";
import { healthRules, MAX_AGE_MS, REFRESH_MS, standingOf } from "#upstreams/core/view";
import type { TargetStanding } from "#upstreams/core/view";
import { loadPool, loadUpstream, NO_POOL, savePool } from "#upstreams/storage";
import type { PoolState, StoredUpstream } from "#upstreams/storage";

/** Asks a target whether it is well. Never throws. */
export type CheckTarget = (stored: StoredUpstream, url: string) => Promise<Check>;

/** What an isolate is told. */
export interface PoolView {
  readonly stored: StoredUpstream | null;
  readonly standings: readonly TargetStanding[];
  /** A target that the asker may try, though it is out; null mostly. */
  readonly probe: string | null;
}

/** An upstream that no isolate asks for is checked no longer, and its pool forgets itself. */
const IDLE_MS = 600_000;

/**
 * One upstream by its name: its definition as the database has it, and the health of its targets, for all isolates. It
 * reads the database for all of them, decides on failures and probes in one place, and checks targets while there is
 * traffic. A made-up name leaves nothing behind: only an upstream that exists is saved.
 */
export class UpstreamPoolObject extends DurableObject<Env> {
  /** Own fields are out of reach over RPC. Tests set the clock, and what asks targets. */
  clock: Clock = systemClock;
  check: CheckTarget;
  readonly #log = createLogger(readConfig(this.env).logLevel);
  #state: PoolState;
  #readAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> = Promise.resolve();
  #isReading = false;

  constructor(ctx: DurableObjectState, env: Env, check: CheckTarget) {
    super(ctx, env);
    this.check = check;
    this.#state = loadPool(ctx.storage);
  }

  /** What `asker`, an isolate with traffic, has to know. Throws where nothing is known and the database cannot be asked. */
  async view(name: string, asker: string, wantsProbe: boolean): Promise<PoolView> {
    const ageMs = this.clock() - this.#readAtMs;
    if (ageMs >= MAX_AGE_MS)
      await this.#read(name).catch((error: unknown) => {
        // Known from before: it goes on serving.
        if (this.#state.stored === null) throw error;
        this.#log.warn("upstream.not_read", { upstream: name, ...describeError(error) });
      });
    else if (ageMs >= REFRESH_MS && !this.#isReading) this.#read(name).catch(() => {});
    if (this.#state.stored === null) return { stored: null, standings: [], probe: null };
    this.#state = { ...this.#state, seenMs: this.clock() };
    await this.#arm();
    const probe = wantsProbe ? this.#claim(asker) : null;
    return { stored: this.#state.stored, standings: this.#standings(), probe };
  }

  /** What calls of `asker` showed of a target. */
  report(
    asker: string,
    url: string,
    outcome: CallOutcome,
    count: number,
  ): readonly TargetStanding[] {
    const calls = { asker, outcome, count };
    this.#update(url, (target) => afterCalls(target, calls, this.#rules(), this.clock()));
    return this.#standings();
  }

  /** The database has something new. Answers when it is what views show. */
  async refresh(name: string): Promise<void> {
    await this.#read(name);
  }

  /** For people and for metrics: it is no traffic, and asks nothing. */
  health(): { readonly targets: readonly TargetHealth[] } {
    return { targets: this.#state.targets };
  }

  override async alarm(): Promise<void> {
    const { stored, seenMs } = this.#state;
    const nowMs = this.clock();
    if (stored === null || nowMs - seenMs >= IDLE_MS) {
      await this.#forget();
      return;
    }
    const { healthCheck, isEnabled } = stored.upstream;
    const isChecked = healthCheck !== null && isEnabled;
    // First, so that nothing that happens below ends the checks.
    const nextMs = isChecked ? nowMs + healthCheck.intervalSeconds * 1000 : seenMs + IDLE_MS;
    await this.ctx.storage.setAlarm(nextMs);
    if (!isChecked) return;
    await Promise.all(
      this.#state.targets.map(async ({ url }) => {
        const check = await this.check(stored, url);
        this.#update(url, (target) => afterCheck(target, check, this.#rules()));
      }),
    );
  }

  /** One after the other, so that the last to begin is the last to be taken in. */
  async #read(name: string): Promise<void> {
    const before = this.#reading;
    const reading = (async () => {
      await before.catch(() => {});
      this.#isReading = true;
      const startedAtMs = this.clock();
      const keys = readConfig(this.env).encryptionKeys;
      const stored = await loadUpstream({ db: this.env.DB, keys }, name);
      this.#readAtMs = startedAtMs;
      await this.#take(stored);
    })().finally(() => {
      this.#isReading = false;
    });
    this.#reading = reading;
    await reading;
  }

  async #take(stored: StoredUpstream | null): Promise<void> {
    const before = this.#state.stored;
    if (JSON.stringify(stored) === JSON.stringify(before)) return;
    if (stored === null) {
      await this.#forget();
      return;
    }
    const isSame = before?.upstream.id === stored.upstream.id;
    const urls = stored.upstream.targets.map(({ url }) => url);
    const targets = keepKnown(isSame ? this.#state.targets : [], urls, this.clock());
    this.#save({ ...this.#state, stored, targets });
    // The next alarm is that of the definition before: the new one begins at once.
    if ((await this.ctx.storage.getAlarm()) !== null) await this.ctx.storage.setAlarm(this.clock());
  }

  async #arm(): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) !== null) return;
    const isChecked = this.#state.stored?.upstream.healthCheck !== null;
    await this.ctx.storage.setAlarm(this.clock() + (isChecked ? 0 : IDLE_MS));
  }

  #claim(asker: string): string | null {
    for (const target of this.#state.targets) {
      const claimed = claimProbe(target, asker, this.#rules(), this.clock());
      if (claimed === null) continue;
      this.#update(target.url, () => claimed);
      return target.url;
    }
    return null;
  }

  #update(url: string, change: (target: TargetHealth) => TargetHealth): void {
    const targets = this.#state.targets.map((target) => {
      const next = target.url === url ? change(target) : target;
      if (next.isHealthy !== target.isHealthy)
        this.#log.warn(next.isHealthy ? "upstream.target_back" : "upstream.target_out", {
          upstream: this.#state.stored?.upstream.name ?? "",
          target: url,
        });
      return next;
    });
    if (targets.some((target, at) => target !== this.#state.targets[at]))
      this.#save({ ...this.#state, targets });
  }

  #rules() {
    return healthRules(this.#state.stored?.upstream ?? { healthCheck: null });
  }

  #standings(): TargetStanding[] {
    return this.#state.targets.map((target) => standingOf(target, this.#rules()));
  }

  #save(state: PoolState): void {
    this.#state = state;
    savePool(this.ctx.storage, state);
  }

  async #forget(): Promise<void> {
    this.#state = NO_POOL;
    this.#readAtMs = Number.NEGATIVE_INFINITY;
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }
}
