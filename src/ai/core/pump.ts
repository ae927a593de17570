/**
 * Brings a provider's events into storage, whatever the provider does: groups what comes while a write is under way into the next
 * one, bounds the answer's length, and makes of every way to end exactly one last event.
 */
import { AnswerBuilder } from "./answer";
import { garbled, late } from "./failure";
import type { TryFailure } from "./failure";
import type { ModelEvent } from "./port";

export interface PumpDeps {
  /** Aborts when the run has taken as long as it may. */
  readonly signal: AbortSignal;
  readonly maxChars: number;
  /** Resolves when these events are safe. */
  readonly store: (events: readonly ModelEvent[]) => Promise<void>;
  /** Takes what a provider threw, which it never should. */
  readonly onFault: (error: unknown) => void;
}

export type LastEvent = Extract<ModelEvent, { type: "done" | "error" }>;

/** Stores all events but the last, which it answers together with what was put together before it. */
export async function pump(
  source: AsyncIterable<ModelEvent>,
  deps: PumpDeps,
): Promise<{ readonly last: LastEvent; readonly built: AnswerBuilder }> {
  const built = new AnswerBuilder();
  let waiting: ModelEvent[] = [];
  let writing: Promise<void> | null = null;
  const write = async (): Promise<void> => {
    while (waiting.length > 0) {
      const events = waiting;
      waiting = [];
      await deps.store(events);
    }
    writing = null;
  };
  const end = async (last: LastEvent): ReturnType<typeof pump> => {
    await writing;
    built.add(last);
    return { last, built };
  };

  const iterator = source[Symbol.asyncIterator]();
  const isOver = new Promise<"over">((resolve) => {
    if (deps.signal.aborted) resolve("over");
    else deps.signal.addEventListener("abort", () => resolve("over"), { once: true });
  });
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), isOver]);
      if (next === "over") return await end(toEvent(late("total")));
      if (next.done === true) return await end(toEvent(garbled("cut", "no last event")));
      const event = next.value;
      if (event.type === "done" || event.type === "error") return await end(event);
      built.add(event);
      if (built.weight > deps.maxChars) return await end(toEvent(garbled("too_large")));
      waiting.push(event);
      // A write that fails is noticed by the next one who waits for it.
      writing ??= write();
      writing.catch(() => {});
    }
  } catch (error) {
    deps.onFault(error);
    return end(toEvent(garbled("upstream_error", "the provider threw")));
  }
}

function toEvent(failure: TryFailure): LastEvent {
  const { isHostFault: _host, isSourceFault: _source, ...told } = failure;
  return { type: "error", ...told };
}
