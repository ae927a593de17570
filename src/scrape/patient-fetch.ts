import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";
import type { Egress, OutsideResponse } from "#egress/service";
import type { RunOutcome, TaskRun } from "#tasks/service";
import { failedRead, failureIn } from "./page-answer";
import type { CacheNote } from "./page-cache";
import { PAGE_CAPS } from "./page-fetch";
import type { PageFetch } from "./page-fetch";

export interface FetchedPage {
  readonly response: OutsideResponse;
  readonly note: CacheNote;
}

/** How a run that reads more than one page has them. */
export interface PatientFetch {
  /** A page, or what becomes of the run where it is the first, which is never waited for here. */
  readonly fetchPage: (url: string) => Promise<Result<FetchedPage, RunOutcome>>;
  /** Whether no further page is to be begun. */
  readonly isOver: () => boolean;
}

export interface PatientFetchPorts {
  readonly fetchPage: PageFetch["fetchPage"];
  readonly egress: Pick<Egress, "clock" | "timer">;
  readonly accepts: readonly string[];
  readonly maxAgeSeconds: number | null;
  /** The first page was had elsewhere: every one of these is a further page. */
  readonly hasFirst?: boolean;
}

/** What is left of the run's time when the last page has to be in: to put the result together and hand it over. */
const FINISH_MS = 3_000;
/** A page after the first waits so long for its turn at a busy site, in place: what was read so far would be read again. */
const MAX_TURN_WAIT_MS = 60_000;

export function createPatientFetch(run: TaskRun, ports: PatientFetchPorts): PatientFetch {
  const { egress, accepts, maxAgeSeconds } = ports;
  const lastPageMs = run.deadlineMs - FINISH_MS;
  let asked = ports.hasFirst === true ? 1 : 0;

  /** Waits for the turn that a busy site gave; false where there is none, or not in time. */
  const hasTurn = async (outcome: RunOutcome | null): Promise<boolean> => {
    if (outcome?.status !== "deferred") return false;
    const waitMs = outcome.notBeforeMs - egress.clock();
    if (waitMs > MAX_TURN_WAIT_MS || outcome.notBeforeMs >= lastPageMs) return false;
    await new Promise<void>((resolve) => {
      const cancel = egress.timer(Math.max(0, waitMs), resolve);
      const leave = (): void => {
        cancel();
        resolve();
      };
      if (run.signal.aborted) leave();
      else run.signal.addEventListener("abort", leave, { once: true });
    });
    return !run.signal.aborted;
  };

  return {
    isOver: () => run.signal.aborted || egress.clock() >= lastPageMs,
    async fetchPage(url) {
      const isFirst = asked++ === 0;
      for (;;) {
        const leftMs = lastPageMs - egress.clock();
        const { answer, left } = await ports.fetchPage(run, {
          url,
          accepts,
          maxAgeSeconds,
          // The first page has the whole time: without it there is no result to hand over.
          timeoutMs: isFirst ? PAGE_CAPS.timeoutMs : Math.max(1, leftMs),
        });
        await left;
        const { fetched, note } = answer;
        const outcome = failureIn(fetched, egress.clock());
        if (outcome === null && fetched.ok) return ok({ response: fetched.value, note });
        if (isFirst || !(await hasTurn(outcome))) return err(outcome ?? failedRead(null));
      }
    },
  };
}
