/**
 * Several tries at several sources as one provider. Up to the first token a failure is answered by another try, at another
 * source where there is one; after it the client has read something, and the failure is told.
 */
import type { BreakerPort, TimerPort } from "#egress/service";
import type { AiSettings } from "#platform/ai-settings";
import type { Clock } from "#platform/clock";
import type { AnswerEvent, Try } from "./answer-reader";
import { unreachable } from "./core/failure";
import type { TryFailure } from "./core/failure";
import { afterFailure, afterRefusal, BACKOFF, nextTry, noTries } from "./core/tries";
import type { TryRules } from "./core/tries";
import type { ModelEvent, ModelFailure, ModelProvider, ModelRequest } from "./core/port";

/** Something that can be asked once. */
export interface Source {
  /** `host:port`, by which its breaker is known; null where none guards it. */
  readonly host: string | null;
  readonly ask: (request: ModelRequest, model: string, signal: AbortSignal) => Try;
}

export interface ResilienceDeps {
  readonly breaker: BreakerPort;
  readonly timer: TimerPort;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
}

/** All tries up to the first token together take no longer than this many times what one may take. */
const BUDGET_TRIES = 2;

/** A provider over `sources`, asked in their order. */
export function createResilientProvider(
  name: ModelProvider["name"],
  sources: readonly Source[],
  settings: AiSettings,
  deps: ResilienceDeps,
): ModelProvider {
  const rules: TryRules = {
    maxTries: 1 + settings.retries,
    budgetMs: settings.firstTokenTimeoutMs * BUDGET_TRIES,
    backoff: BACKOFF,
  };
  return {
    name,
    stream: (request, signal) => tryAll(sources, rules, settings, deps, request, signal),
  };
}

async function* tryAll(
  sources: readonly Source[],
  rules: TryRules,
  settings: AiSettings,
  deps: ResilienceDeps,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  const model = request.model ?? settings.models[0] ?? "";
  let tries = noTries(sources.length, deps.clock());
  let failure: TryFailure = unreachable("no source may be asked");
  for (;;) {
    const next = nextTry(tries, rules, deps.clock());
    if (next.kind === "give_up" || signal.aborted) {
      const waitMs = next.kind === "give_up" ? next.readyInMs : null;
      yield toError(failure, failure.retryAfterMs ?? waitMs);
      return;
    }
    if (next.waitMs > 0 && !(await pause(deps.timer, next.waitMs, signal))) continue;
    const source = sources[next.source];
    if (source === undefined) return;
    const passage = await enter(deps.breaker, source.host);
    if (!passage.allowed) {
      tries = afterRefusal(tries, next.source);
      failure = {
        ...failure,
        retryAfterMs: Math.min(failure.retryAfterMs ?? Infinity, passage.retryAfterMs),
      };
      continue;
    }
    const attempt = source.ask(request, model, signal);
    const first = await attempt.next();
    if (first.done !== true) {
      await passage.settle("success");
      yield* tellRest(attempt, first.value);
      return;
    }
    const end = first.value;
    if ("type" in end) {
      // An end without a beginning: there is nothing to tell but that.
      await passage.settle("success");
      yield { type: "start", model: end.model };
      yield end;
      return;
    }
    await passage.settle(signal.aborted ? "abandoned" : end.isHostFault ? "failure" : "success");
    failure = end;
    tries = afterFailure(tries, next.source, end, rules, deps.clock(), deps.random());
    if (!end.isSourceFault) {
      yield toError(end, null);
      return;
    }
  }
}

/** The rest of an answer that has begun: its failure is told, since no other try could continue it. */
async function* tellRest(attempt: Try, first: AnswerEvent): AsyncGenerator<ModelEvent> {
  yield first;
  for (;;) {
    const { done, value } = await attempt.next();
    if (done !== true) {
      yield value;
      continue;
    }
    yield "type" in value ? value : toError(value, null);
    return;
  }
}

function toError(failure: TryFailure, waitMs: number | null): ModelEvent {
  const { isHostFault: _host, isSourceFault: _source, retryAfterMs: _wait, ...told } = failure;
  const error: ModelFailure =
    waitMs === null || !Number.isFinite(waitMs) ? told : { ...told, retryAfterMs: waitMs };
  return { type: "error", ...error };
}

const enter = (breaker: BreakerPort, host: string | null): ReturnType<BreakerPort["enter"]> =>
  host === null
    ? Promise.resolve({ allowed: true, settle: () => Promise.resolve() })
    : breaker.enter(host);

/** False where the signal ended the wait. */
function pause(timer: TimerPort, ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const onAbort = (): void => {
      cancel();
      resolve(false);
    };
    const cancel = timer(ms, () => {
      signal.removeEventListener("abort", onAbort);
      resolve(true);
    });
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
