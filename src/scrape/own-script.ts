import type { JsonObject } from "#platform/json-value";
import { err, ok } from "#platform/result";
import type { RunOutcome, TaskRun } from "#tasks/service";
import { fillTemplate } from "./core/address-template";
import { HTML_TYPES } from "./core/script-types";
import type { ScriptDefinition } from "./core/script-definition";
import { formatValues } from "./core/script-format";
import { planScript } from "./core/script-plan";
import { runRoute } from "./core/script-run";
import type { PageFailure, ScriptRun, SourcePage } from "./core/script-run";
import { factsOf, failedRead } from "./page-answer";
import { createPatientFetch } from "./patient-fetch";
import type { FetchedPage, PatientFetchPorts } from "./patient-fetch";
import type { ScriptTools } from "./tools-client";

export interface OwnScriptJob extends Omit<PatientFetchPorts, "accepts"> {
  readonly definition: ScriptDefinition;
  readonly parameters: JsonObject;
  readonly tools: Pick<ScriptTools, "extractPage">;
}

interface Fetched extends SourcePage, FetchedPage {}
/** Why a page is missing, and what becomes of the run where it was the first. */
interface Missing extends PageFailure {
  readonly outcome: RunOutcome;
}

/** Runs a script that a person wrote: its first page decides whether there is a result, later ones add to it. */
export async function runOwnScript(run: TaskRun, job: OwnScriptJob): Promise<RunOutcome> {
  const { definition, egress } = job;
  const { address, route } = planScript(definition);
  const url = fillTemplate(address, job.parameters);
  const { fetchPage, isOver } = createPatientFetch(run, { ...job, accepts: HTML_TYPES });

  const result = await runRoute<Fetched, Missing>(url, route, definition.limits.pages, {
    async fetchPage(page) {
      const fetched = await fetchPage(page);
      if (!fetched.ok) return err(missing(fetched.error));
      const { bytes, finalUrl, headers, status } = fetched.value.response;
      const contentType = headers.get("content-type");
      return ok({ body: bytes, contentType, url: finalUrl, status, ...fetched.value });
    },
    async readPage({ body, contentType, url: finalUrl }, plan) {
      const verdict = await job.tools
        .extractPage({ body, contentType, url: finalUrl, plan })
        .catch(() => null);
      return verdict?.ok === true ? ok(verdict) : err(missing(failedRead(verdict)));
    },
    isOver,
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

const missing = (outcome: RunOutcome): Missing =>
  outcome.status === "completed"
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
