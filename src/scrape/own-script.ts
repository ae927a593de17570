import type { JsonObject } from "#platform/json-value";
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";
import type { Egress, OutsideResponse } from "#egress/service";
import type { RunOutcome, TaskRun } from "#tasks/service";
import { fillTemplate } from "./core/address-template";
import { HTML_TYPES } from "./core/script";
import type { ScriptDefinition } from "./core/script-definition";
import { formatValues } from "./core/script-format";
import { planScript } from "./core/script-plan";
import { runRoute } from "./core/script-run";
import type { PageFailure, ScriptRun, SourcePage } from "./core/script-run";
import { factsOf, failedRead, failureIn } from "./page-answer";
import type { CacheNote } from "./page-cache";
import { PAGE_CAPS } from "./page-fetch";
import type { PageFetch } from "./page-fetch";
import type { ScriptTools } from "./scripts";

export interface OwnScriptJob {
  readonly definition: ScriptDefinition;
  readonly parameters: JsonObject;
  readonly maxAgeSeconds: number | null;
  readonly tools: Pick<ScriptTools, "extractPage">;
  readonly fetchPage: PageFetch["fetchPage"];
  readonly egress: Pick<Egress, "clock" | "timer">;
}

/** What is left of the run's time when the last page has to be in: to put the result together and hand it over. */
const FINISH_MS = 3_000;
/** A page after the first waits so long for its turn at a busy site, in place: what was read so far would be read again. */
const MAX_TURN_WAIT_MS = 60_000;

interface Fetched extends SourcePage {
  readonly response: OutsideResponse;
  readonly note: CacheNote;
}
/** Why a page is missing, and what becomes of the run where it was the first. */
interface Missing extends PageFailure {
  readonly outcome: RunOutcome;
}

/** Runs a script that a person wrote: its first page decides whether there is a result, later ones add to it. */
export async function runOwnScript(run: TaskRun, job: OwnScriptJob): Promise<RunOutcome> {
  const { definition, egress } = job;
  const { address, route } = planScript(definition);
  const url = fillTemplate(address, job.parameters);
  const lastPageMs = run.deadlineMs - FINISH_MS;
  let asked = 0;

  const fetchPage = async (page: string): Promise<Result<Fetched, Missing>> => {
    const isFirst = asked++ === 0;
    for (;;) {
      const leftMs = lastPageMs - egress.clock();
      const { answer, left } = await job.fetchPage(run, {
        url: page,
        accepts: HTML_TYPES,
        maxAgeSeconds: job.maxAgeSeconds,
        // The first page has the whole time: without it there is no result to hand over.
        timeoutMs: isFirst ? PAGE_CAPS.timeoutMs : Math.max(1, leftMs),
      });
      await left;
      const { fetched, note } = answer;
      const outcome = failureIn(fetched, egress.clock());
      if (outcome === null && fetched.ok) {
        const { bytes, finalUrl, headers, status } = fetched.value;
        const contentType = headers.get("content-type");
        const response = fetched.value;
        return ok({ body: bytes, contentType, url: finalUrl, status, response, note });
      }
      if (isFirst || !(await hasTurn(outcome))) return err(missing(outcome));
    }
  };

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

  const result = await runRoute<Fetched, Missing>(url, route, definition.limits.pages, {
    fetchPage,
    async readPage({ body, contentType, url: finalUrl }, plan) {
      const verdict = await job.tools
        .extractPage({ body, contentType, url: finalUrl, plan })
        .catch(() => null);
      return verdict?.ok === true ? ok(verdict) : err(missing(failedRead(verdict)));
    },
    isOver: () => run.signal.aborted || egress.clock() >= lastPageMs,
    onPage: (pages) => run.reportProgress?.({ pages }),
  });
  if (!result.ok) return result.error.outcome;
  const { response, note } = result.value.first;
  const facts = factsOf(url, response, note, egress.clock());
  return {
    status: "completed",
    data: { ...presentRun(definition, result.value), ...facts, charset: result.value.charset },
  };
}

const missing = (outcome: RunOutcome | null): Missing =>
  outcome === null || outcome.status === "completed"
    ? { code: "EXTRACTION_FAILED", outcome: failedRead(null) }
    : {
        code: outcome.code,
        ...(outcome.params === undefined ? {} : { params: outcome.params }),
        outcome,
      };

/** What a run found, in the format that its script asks for, and over which pages. */
export function presentRun(
  { output }: Pick<ScriptDefinition, "output">,
  { values, pages, stoppedBy }: Pick<ScriptRun<unknown>, "values" | "pages" | "stoppedBy">,
): JsonObject {
  const content = formatValues(values, output);
  return {
    ...(content === null ? { values } : { output: { format: output.format, ...content } }),
    pages: pages.map((page) => ({ ...page })),
    truncated:
      stoppedBy !== null || Object.hasOwn(values, "_truncated") || content?.truncated === true,
    stopped_by: stoppedBy,
  };
}
