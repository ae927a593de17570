import type { Clock } from "#platform/clock";
import { systemClock } from "#platform/clock";
import { readConfig } from "#platform/config";
import { createLogger, describeError } from "#platform/log";
import type { Meter, MeterDelta } from "#platform/meter";
import { meter } from "#platform/meter";

/** Takes what isolates counted. Safe to repeat: of one source it takes each number once. */
export interface Pulse {
  readonly add: (source: string, deltas: readonly NumberedDelta[]) => Promise<unknown>;
}

/** What was counted between two flushes of one source; the numbers of a source rise and are never used twice. */
export interface NumberedDelta extends MeterDelta {
  readonly seq: number;
}

export interface FlusherPorts {
  readonly now: Clock;
  readonly newSource: () => string;
  readonly wait: (ms: number) => Promise<void>;
}

/** At most one flush in so long. */
const FLUSH_EVERY_MS = 1_000;
/** Whoever flushes does it for everybody, for so long; within the 30 s that `waitUntil` has (Workers, "Limits"). */
const MAX_TURN_MS = 10_000;
/** A turn that was not given up by then was cut off with its request. */
const LOST_TURN_MS = 3 * MAX_TURN_MS;
const RETRY_MS = 2_000;
/** Deltas that are on their way. Beyond, what is counted waits in the meter, which is bounded by itself. */
const MAX_UNSENT = 8;

/**
 * Brings what an isolate counts to the Pulse: at most once a second, and within about a second after the last count. What did not
 * arrive, or may not have, is sent again as it was, under its number. Nobody but `waitUntil` waits.
 */
export class Flusher {
  readonly #meter: Meter;
  readonly #ports: FlusherPorts;
  /** Made at the first flush: there is no randomness before the first request. */
  #source: string | null = null;
  #seq = 0;
  #unsent: NumberedDelta[] = [];
  #lastAtMs = -Infinity;
  #turnSinceMs: number | null = null;

  constructor(meter: Meter, ports: FlusherPorts) {
    this.#meter = meter;
    this.#ports = ports;
  }

  /**
   * To be called when something was counted. Null where another request's turn sees to it; else the turn, for `waitUntil`. It
   * never rejects.
   */
  flushSoon(pulse: Pulse, onFault: (error: unknown) => void): Promise<void> | null {
    const nowMs = this.#ports.now();
    const sinceMs = nowMs - (this.#turnSinceMs ?? -Infinity);
    if (sinceMs >= 0 && sinceMs < LOST_TURN_MS) return null;
    this.#turnSinceMs = nowMs;
    return this.#turn(nowMs, pulse, onFault);
  }

  /** Sends what there is at once, for who reads the Pulse next. Rejects where it does not arrive. */
  async flushNow(pulse: Pulse): Promise<void> {
    this.#lastAtMs = this.#ports.now();
    if (!this.#meter.isEmpty && this.#unsent.length < MAX_UNSENT) {
      this.#seq += 1;
      this.#unsent.push({ seq: this.#seq, ...this.#meter.drain() });
    }
    if (this.#unsent.length === 0) return;
    this.#source ??= this.#ports.newSource();
    // All that is unsent, in its order: the Pulse knows of a source only how far it has come.
    const sent = [...this.#unsent];
    await pulse.add(this.#source, sent);
    this.#unsent = this.#unsent.filter((delta) => !sent.includes(delta));
  }

  async #turn(startedAtMs: number, pulse: Pulse, onFault: (error: unknown) => void): Promise<void> {
    const { now, wait } = this.#ports;
    for (;;) {
      const pauseMs = Math.min(FLUSH_EVERY_MS, this.#lastAtMs + FLUSH_EVERY_MS - now());
      if (pauseMs > 0) await wait(pauseMs);
      // Given up before the last flush and not after it: what is counted meanwhile finds a turn of its own.
      const isLast = now() - startedAtMs >= MAX_TURN_MS;
      if (isLast) this.#turnSinceMs = null;
      try {
        await this.flushNow(pulse);
      } catch (error) {
        onFault(error);
        if (!isLast) await wait(RETRY_MS);
      }
      if (isLast) return;
      if (!this.#meter.isEmpty || this.#unsent.length > 0) continue;
      this.#turnSinceMs = null;
      return;
    }
  }
}

/** One an isolate. It holds numbers, and no promise of one request is awaited by another. */
export const flusher = new Flusher(meter, {
  now: systemClock,
  newSource: () => crypto.randomUUID(),
  wait: (ms) =>
    new Promise((resolve) => {
      setTimeout(resolve, ms);
    }),
});

/** There is one: an isolate tells it something once a second. */
const PULSE_NAME = "pulse";

/** The binding, as Workers and objects have it. */
export interface Pulses {
  readonly getByName: (name: string) => Pulse;
}

export const pulseOf = <T>(pulses: { readonly getByName: (name: string) => T }): T =>
  pulses.getByName(PULSE_NAME);

/** What work beside a request needs. */
interface Beside {
  readonly waitUntil: (promise: Promise<unknown>) => void;
}

/**
 * Sees to it that what this isolate counted gets told, unless the settings say that nothing is. Costs a look at the clock
 * where somebody is about it already.
 */
export function tellPulse(ctx: Beside | (() => Beside), env: { readonly PULSE: Pulses }): void {
  const { metricsEnabled, logLevel } = readConfig(env);
  if (!metricsEnabled) return;
  const pulse: Pulse = { add: (...told) => pulseOf(env.PULSE).add(...told) };
  const turn = flusher.flushSoon(pulse, (error) => {
    createLogger(logLevel).warn("metrics.not_told", describeError(error));
  });
  if (turn) (typeof ctx === "function" ? ctx() : ctx).waitUntil(turn);
}

/**
 * Tells at once what this isolate counted, if anything. For consumers of queues: a batch is not over before `waitUntil` is, and
 * the next one waits for it, so that no pause may stand there. Never throws.
 */
export async function tellPulseNow(env: { readonly PULSE: Pulses }): Promise<void> {
  const { metricsEnabled, logLevel } = readConfig(env);
  if (!metricsEnabled) return;
  try {
    await flusher.flushNow(pulseOf(env.PULSE));
  } catch (error) {
    createLogger(logLevel).warn("metrics.not_told", describeError(error));
  }
}
