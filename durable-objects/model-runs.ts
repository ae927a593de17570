import { DurableObject } from "cloudflare:workers";
import type { AnswerBuilder } from "#ai/core/answer";
import { LiveRun, within } from "#ai/core/live-run";
import type { ModelProvider } from "#ai/core/port";
import { pump } from "#ai/core/pump";
import type { LastEvent } from "#ai/core/pump";
import { replay } from "#ai/core/replay";
import type { Completions, StartRun } from "#ai/core/run";
import { countRun } from "#ai/core/run-count";
import { endFields, toldEvent } from "#ai/core/run-log";
import { inModelSpan, inRun } from "#ai/core/run-span";
import { Settler } from "#ai/core/settle";
import { usageRow } from "#ai/core/usage";
import type { UsageRow } from "#ai/core/usage";
import { MAX_ALARM_MS, nextWakeMs } from "#ai/core/wake";
import { RunBook, writeUsage } from "#ai/storage";
import type { KnownRun } from "#ai/storage";
import { systemClock } from "#platform/clock";
import { readConfig } from "#platform/config";
import { inOwnTrace } from "#platform/correlation";
import { createLogger, describeError } from "#platform/log";
import { tellPulse } from "#platform/meter-flush";

/**
 * Calls of the model, each from its beginning until what it used and what came of it are told, whoever reads along. What subclasses use are own fields,
 * which are out of reach over RPC.
 */
export abstract class ModelRuns extends DurableObject<Env> {
  protected readonly book = new RunBook(this.ctx.storage);
  protected readonly live = new Map<string, LiveRun>();
  protected readonly completions: Completions;
  readonly #config = readConfig(this.env);
  readonly #log = createLogger(this.#config.logLevel);
  readonly #provider: ModelProvider;
  protected readonly settler = new Settler<KnownRun>(this.book, {
    now: systemClock,
    writeUsage: (json) => writeUsage(this.env.DB, JSON.parse(json) as UsageRow),
    complete: async (ended) => this.completions[ended.kind]?.(this.env, ended),
    onFault: (id, error) =>
      this.#log.error("ai.settle_failed", { run_id: id, ...describeError(error) }),
  });

  constructor(ctx: DurableObjectState, env: Env, provider: ModelProvider, known: Completions) {
    super(ctx, env);
    this.#provider = provider;
    this.completions = known;
    // Whoever ran these is gone: a reset of this object, a deploy, a crash. Their readers come back and are told.
    for (const run of this.book.unfinished()) {
      const last = { type: "error", code: "STREAM_INTERRUPTED", isRetryable: true } as const;
      inRun(run.traceparent, () => this.#finish(run, last, this.book.build(run.id)));
    }
    if (!this.book.isEmpty) void ctx.blockConcurrencyWhile(() => this.arm());
  }

  /** Stays for as long as a run is under way; then tells what is owed and forgets what is old. Safe to run twice. */
  override alarm(): Promise<void> {
    return inOwnTrace(() => this.#wakeUp());
  }

  async #wakeUp(): Promise<void> {
    const untilMs = systemClock() + MAX_ALARM_MS;
    while (this.live.size > 0 && systemClock() < untilMs)
      await within(untilMs - systemClock(), ...[...this.live.values()].map((run) => run.ended));
    for (const { id, traceparent } of this.book.owing())
      await inRun(traceparent, () => this.settler.settle(id));
    for (const id of this.book.expire(systemClock()))
      this.#log.error("ai.settle_given_up", { run_id: id });
    if (this.book.isEmpty) await this.book.drop();
    else await this.arm();
  }

  /** Lets a run that is on record begin, in the trace of who asked for it. */
  protected readonly launch = (runId: string, start: StartRun): void => {
    const live = new LiveRun();
    this.live.set(runId, live);
    const run = (): Promise<void> => this.#run(runId, live, start);
    live.ended = inRun(start.traceparent, run).catch((error: unknown) => {
      // The events could not be stored. A fresh instance finds the run unfinished and says so.
      this.#log.error("ai.run_failed", { run_id: runId, ...describeError(error) });
      this.ctx.abort("a run could not be stored");
    });
    this.ctx.waitUntil(live.ended);
  };

  async #run(runId: string, live: LiveRun, { recorded, request }: StartRun): Promise<void> {
    const { totalTimeoutMs, maxAnswerChars } = this.#config.ai;
    const over = new AbortController();
    const timer = setTimeout(() => over.abort(), totalTimeoutMs);
    const source = recorded ? replay(recorded) : this.#provider.stream(request, over.signal);
    const ask = (): ReturnType<typeof pump> =>
      pump(source, {
        signal: over.signal,
        maxChars: maxAnswerChars,
        store: (events) => this.#publish(live, () => this.book.append(runId, events)),
        onFault: (error) =>
          this.#log.error("ai.provider_threw", { run_id: runId, ...describeError(error) }),
      });
    const { last, built } = recorded
      ? await ask()
      : await inModelSpan(this.#provider.name, request, this.#config.ai.models, ask);
    clearTimeout(timer);
    // Whatever the provider still does is for nobody.
    over.abort();
    const run = this.book.find(runId);
    if (run) await this.#publish(live, () => this.#finish(run, last, built));
    this.live.delete(runId);
    await this.settler.settle(runId);
    await this.arm();
  }

  /** Stores, and lets readers have it once it is safe: nobody reads what a crash could take back. */
  async #publish(live: LiveRun, write: () => number): Promise<void> {
    const count = write();
    await this.ctx.storage.sync();
    live.safe = count;
    live.bell.ring();
  }

  #finish(run: KnownRun, last: LastEvent, built: AnswerBuilder): number {
    const nowMs = systemClock();
    const used = usageRow(run, last, built, this.#config.ai.prices);
    this.#log.info("ai.run", endFields(run, last, used, nowMs));
    const events = this.book.finish(run.id, toldEvent(last), used && JSON.stringify(used), nowMs);
    countRun(run, last, used, this.#config.ai);
    tellPulse(this.ctx, this.env);
    return events;
  }

  /** Sets the alarm for the next thing to do. */
  protected readonly arm = async (): Promise<void> => {
    const atMs = nextWakeMs(systemClock(), this.live.size > 0, this.book.nextDueAtMs());
    if (atMs !== null) await this.ctx.storage.setAlarm(atMs);
  };
}
