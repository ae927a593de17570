import { DurableObject } from "cloudflare:workers";
import { readConfig } from "#platform/config";
import {
  acquire,
  holdsAnything,
  idleAtMs,
  release,
  renew,
  siteRules,
  takeTurn,
  UNKNOWN_SITE,
} from "#scrape/core/politeness";
import type { SiteRules, SiteState, SiteVerdict, SlotOutcome } from "#scrape/core/politeness";
import { loadSite, saveSite } from "#scrape/storage";

/** The longest that a request may be parked here: beyond it, the task goes back to its shard. */
const MAX_WAIT_MS = 1_000;

/**
 * Politeness of one site (one per registrable domain), shared by every client and isolate.
 *
 * Every grant and release is saved at once. A site sees at most its own limit of them, 60 a minute by default,
 * and in exchange an eviction neither frees a slot that is held nor forgets what the window has seen.
 */
export class SiteGate extends DurableObject<Env> {
  readonly #rules: SiteRules;
  #state: SiteState;
  /** What the last one who was refused was told; losing it costs a few of them a second refusal. */
  #lastTurnMs = 0;
  /** Whether an alarm is known to be set. */
  #hasAlarm = false;
  /** Wakes those who wait for a slot, oldest first. */
  readonly #waiting = new Set<() => void>();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#rules = siteRules(readConfig(env).rateLimits["site"]);
    this.#state = loadSite(ctx.storage);
  }

  /**
   * Asks for a slot. `crawlDelayMs` is what the site's robots.txt wants between two requests. Waits up to `waitMs`
   * (at most a second) for one to come free, which is what most waits need, before it says when to come back.
   */
  async acquire(request: {
    readonly slot: string;
    readonly crawlDelayMs: number;
    readonly waitMs: number;
  }): Promise<SiteVerdict> {
    const untilMs = Date.now() + Math.min(MAX_WAIT_MS, request.waitMs);
    for (;;) {
      const nowMs = Date.now();
      const decided = acquire(this.#state, this.#rules, request, nowMs);
      if (decided.verdict.granted) {
        await this.#become(decided.state);
        return decided.verdict;
      }
      const { notBeforeMs, reason } = decided.verdict;
      // Only a slot can come free early; the clocks can't, so a clock that ends too late is not waited for.
      const canHelp = reason === "concurrency" || notBeforeMs <= untilMs;
      if (nowMs >= untilMs || !canHelp) {
        this.#lastTurnMs = takeTurn(
          decided.verdict,
          this.#rules,
          request.crawlDelayMs,
          this.#lastTurnMs,
        );
        return { ...decided.verdict, notBeforeMs: this.#lastTurnMs };
      }
      await this.#nextChange(Math.min(untilMs, notBeforeMs) - nowMs);
    }
  }

  /** Holds a slot for longer; false where it is lost. */
  async renew(slot: string): Promise<boolean> {
    const { state, renewed } = renew(this.#state, slot, Date.now());
    if (renewed) await this.#become(state);
    return renewed;
  }

  /** Gives a slot back with what the site said. */
  async release(slot: string, outcome: SlotOutcome): Promise<void> {
    await this.#become(release(this.#state, slot, outcome, Date.now()));
    const [wake] = this.#waiting;
    wake?.();
  }

  /** Forgets a site that nobody has asked for and that has no clock running. */
  override async alarm(): Promise<void> {
    const idleMs = idleAtMs(this.#state, this.#rules);
    if (idleMs > Date.now()) {
      await this.ctx.storage.setAlarm(idleMs);
      return;
    }
    this.#state = UNKNOWN_SITE;
    this.#hasAlarm = false;
    await this.ctx.storage.deleteAll();
  }

  async #become(state: SiteState): Promise<void> {
    const isWorthSaving = holdsAnything(this.#state) || holdsAnything(state);
    this.#state = state;
    // With the site's policy off and no clock running there is nothing to keep.
    if (!isWorthSaving) return;
    saveSite(this.ctx.storage, state);
    // One alarm at a time, moved on when it fires: setting it on each call would be a second write.
    if (this.#hasAlarm) return;
    this.#hasAlarm = true;
    if ((await this.ctx.storage.getAlarm()) === null)
      await this.ctx.storage.setAlarm(idleAtMs(state, this.#rules));
  }

  async #nextChange(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    const timer = setTimeout(resolve, Math.max(0, ms));
    await promise;
    clearTimeout(timer);
    this.#waiting.delete(resolve);
  }
}
