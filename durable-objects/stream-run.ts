import { follow } from "#ai/core/follow";
import { toLines } from "#ai/core/lines";
import type { OpenedStream, StartRun } from "#ai/core/run";
import { estimatePrompt } from "#ai/core/tokens";
import { systemClock } from "#platform/clock";
import { newId } from "#platform/ids";
import { traceIdOf } from "#platform/trace-context";
import { ModelRuns } from "./model-runs";

/**
 * The answers to one question, and the call of the model behind each: it goes on whoever leaves. Each event is stored before anybody
 * reads it and kept for five minutes after the last, and what was used is told to D1 once.
 */
export class StreamRunObject extends ModelRuns {
  /** Begins a run, or joins one, and opens a stream on it. */
  async start(start: StartRun): Promise<OpenedStream> {
    const nowMs = systemClock();
    const joined = start.isFlight
      ? this.book.joinable(start.ownerId, nowMs - start.joinEndedMs)
      : null;
    const runId = joined ?? newId("run", nowMs);
    const id = newId("str", nowMs, start.routing);
    const isKept = this.completions[start.kind] === undefined;
    // Told from what is there already, and says so, whether the caller knew of it or it was found here.
    const isThere = start.recorded !== null || (joined !== null && !this.live.has(joined));
    const told = isThere ? { ...start, context: { ...start.context, cached: true } } : start;
    const view = this.ctx.storage.transactionSync(() => {
      if (joined === null)
        this.book.createRun(runId, start, estimatePrompt(start.request.messages), nowMs);
      return this.book.addStream({ id, runId, isKept }, told, nowMs);
    });
    if (joined === null) this.launch(runId, start);
    await this.arm();
    return { view, ...this.#open(runId), isJoined: joined !== null };
  }

  /** A stream from its first event; null for another owner's, an unknown and a forgotten one. */
  read(streamId: string, ownerId: string): OpenedStream | null {
    const found = this.book.findStream(streamId, ownerId);
    return found && { view: found.view, ...this.#open(found.runId) };
  }

  #open(runId: string): Omit<OpenedStream, "view"> {
    const events = follow({
      read: (from, below) => this.book.read(runId, from, below),
      live: () => this.live.get(runId),
      settle: () => this.settler.settle(runId),
    });
    const traceparent = this.book.find(runId)?.traceparent ?? null;
    const traceId = traceparent && traceIdOf(traceparent);
    const isEnded = !this.live.has(runId);
    return { runId, isJoined: true, isEnded, traceId, events: toLines(events) };
  }
}
