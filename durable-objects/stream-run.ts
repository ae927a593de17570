import { DurableObject } from "cloudflare:workers";
import type { AnswerBuilder } from "#ai/core/answer";
import { follow } from "#ai/core/follow";
import { toLines } from "#ai/core/lines";
import { LiveRun, within } from "#ai/core/live-run";
import type { ModelProvider } from "#ai/core/port";
import { pump } from "#ai/core/pump";
import type { LastEvent } from "#ai/core/pump";
import { replay } from "#ai/core/replay";
import type { Completions, OpenedStream, StartRun } from "#ai/core/run";
import { countRun } from "#ai/core/run-count";
import { endFields, toldEvent } from "#ai/core/run-log";
import { inModelSpan, inRun } from "#ai/core/run-span";
import { Settler } from "#ai/core/settle";
import { estimatePrompt } from "#ai/core/tokens";
import { usageRow } from "#ai/core/usage";
import type { UsageRow } from "#ai/core/usage";
import { RunBook, writeUsage } from "#ai/storage";
import type { KnownRun } from "#ai/storage";
import { systemClock } from "#platform/clock";
import { readConfig } from "#platform/config";
import { newId } from "#platform/ids";
import { inOwnTrace } from "#platform/correlation";
import { createLogger, describeError } from "#platform/log";
import { traceIdOf } from "#platform/trace-context";
import { tellPulse } from "#platform/meter-flush";

/** An object that nobody is connected to is evicted after some ten seconds; an alarm that waits for the run keeps it. */
const KEEP_ALIVE_MS = 5_000;
/** An alarm handler has 15 minutes; it hands over to the next one before. */
const MAX_ALARM_MS = 13 * 60_000;
const MIN_ALARM_MS = 50;

/**
 * The answers to one question, and the call of the model behind each: it goes on whoever leaves. Each event is stored before anybody
 * reads it and kept for five minutes after the last, and what was used is told to D1 once.
 */
export class StreamRunObject extends DurableObject<Env> {
  readonly #config = readConfig(this.env);
  readonly #log = createLogger(this.#config.logLevel);
  readonly #book = new RunBook(this.ctx.storage);
  readonly #live = new Map<string, LiveRun>();
  readonly #provider: ModelProvider;
  readonly #completions: Completions;
  readonly #settler = new Settler<KnownRun>(this.#book, {
    now: systemClock,
    writeUsage: (json) => writeUsage(this.env.DB, JSON.parse(json) as UsageRow),
    complete: async (ended) => this.#completions[ended.kind]?.(this.env, ended),
    onFault: (id, error) =>
      this.#log.error("ai.settle_failed", { run_id: id, ...describeError(error) }),
  });

  constructor(ctx: DurableObjectState, env: Env, provider: ModelProvider, known: Completions) {
    super(ctx, env);
    this.#provider = provider;
    this.#completions = known;
    // Whoever ran these is gone: a reset of this object, a deploy, a crash. Their readers come back and are told.
    for (const run of this.#book.unfinished()) {
      const last = { type: "error", code: "STREAM_INTERRUPTED", isRetryable: true } as const;
      inRun(run.traceparent, () => this.#finish(run, last, this.#book.build(run.id)));
    }
    if (!this.#book.isEmpty) void ctx.blockConcurrencyWhile(() => this.#arm());
  }

  /** Begins a run, or joins one, and opens a stream on it. */
  async start(start: StartRun): Promise<OpenedStream> {
    const nowMs = systemClock();
    const joined = start.isFlight
      ? this.#book.joinable(start.ownerId, nowMs - start.joinEndedMs)
      : null;
    const runId = joined ?? newId("run", nowMs);
    const id = newId("str", nowMs, start.routing);
    const isKept = this.#completions[start.kind] === undefined;
    // Told from what is there already, and says so, whether the caller knew of it or it was found here.
    const isThere = start.recorded !== null || (joined !== null && !this.#live.has(joined));
    const told = isThere ? { ...start, context: { ...start.context, cached: true } } : start;
    const view = this.ctx.storage.transactionSync(() => {
      if (joined === null)
        this.#book.createRun(runId, start, estimatePrompt(start.request.messages), nowMs);
      return this.#book.addStream({ id, runId, isKept }, told, nowMs);
    });
    if (joined === null) this.#launch(runId, start);
    await this.#arm();
    return { view, ...this.#open(runId), isJoined: joined !== null };
  }

  /** A stream from its first event; null for another owner's, an unknown and a forgotten one. */
  read(streamId: string, ownerId: string): OpenedStream | null {
    const found = this.#book.findStream(streamId, ownerId);
    return found && { view: found.view, ...this.#open(found.runId) };
  }

  /** Stays for as long as a run is under way; then tells what is owed and forgets what is old. Safe to run twice. */
  override alarm(): Promise<void> {
    return inOwnTrace(() => this.#wakeUp());
  }

  async #wakeUp(): Promise<void> {
    const untilMs = systemClock() + MAX_ALARM_MS;
    while (this.#live.size > 0 && systemClock() < untilMs)
      await within(untilMs - systemClock(), ...[...this.#live.values()].map((run) => run.ended));
    for (const { id, traceparent } of this.#book.owing())
      await inRun(traceparent, () => this.#settler.settle(id));
    for (const id of this.#book.expire(systemClock()))
      this.#log.error("ai.settle_given_up", { run_id: id });
    if (this.#book.isEmpty) await this.#book.drop();
    else await this.#arm();
  }

  #launch(runId: string, start: StartRun): void {
    const live = new LiveRun();
    this.#live.set(runId, live);
    const run = (): Promise<void> => this.#run(runId, live, start);
    live.ended = inRun(start.traceparent, run).catch((error: unknown) => {
      // The events could not be stored. A fresh instance finds the run unfinished and says so.
      this.#log.error("ai.run_failed", { run_id: runId, ...describeError(error) });
      this.ctx.abort("a run could not be stored");
    });
    this.ctx.waitUntil(live.ended);
  }

  async #run(runId: string, live: LiveRun, { recorded, request }: StartRun): Promise<void> {
    const { totalTimeoutMs, maxAnswerChars } = this.#config.ai;
    const over = new AbortController();
    const timer = setTimeout(() => over.abort(), totalTimeoutMs);
    const source = recorded ? replay(recorded) : this.#provider.stream(request, over.signal);
    const ask = (): ReturnType<typeof pump> =>
      pump(source, {
        signal: over.signal,
        maxChars: maxAnswerChars,
        store: (events) => this.#publish(live, () => this.#book.append(runId, events)),
        onFault: (error) =>
          this.#log.error("ai.provider_threw", { run_id: runId, ...describeError(error) }),
      });
    const { last, built } = recorded
      ? await ask()
      : await inModelSpan(this.#provider.name, request, this.#config.ai.models, ask);
    clearTimeout(timer);
    // Whatever the provider still does is for nobody.
    over.abort();
    const run = this.#book.find(runId);
    if (run) await this.#publish(live, () => this.#finish(run, last, built));
    this.#live.delete(runId);
    await this.#settler.settle(runId);
    await this.#arm();
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
    const events = this.#book.finish(run.id, toldEvent(last), used && JSON.stringify(used), nowMs);
    countRun(run, last, used, this.#config.ai);
    tellPulse(this.ctx, this.env);
    return events;
  }

  #open(runId: string): Omit<OpenedStream, "view"> {
    const events = follow({
      read: (from, below) => this.#book.read(runId, from, below),
      live: () => this.#live.get(runId),
      settle: () => this.#settler.settle(runId),
    });
    const traceparent = this.#book.find(runId)?.traceparent ?? null;
    const traceId = traceparent && traceIdOf(traceparent);
    const isEnded = !this.#live.has(runId);
    return { runId, isJoined: true, isEnded, traceId, events: toLines(events) };
  }

  async #arm(): Promise<void> {
    const nowMs = systemClock();
    const keepAliveMs = this.#live.size > 0 ? nowMs + KEEP_ALIVE_MS : Infinity;
    const atMs = Math.min(keepAliveMs, this.#book.nextDueAtMs() ?? Infinity);
    if (Number.isFinite(atMs))
      await this.ctx.storage.setAlarm(Math.max(atMs, nowMs + MIN_ALARM_MS));
  }
}
