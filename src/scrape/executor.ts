import type { JsonObject } from "#platform/json-value";
import * as z from "zod";
import type { Executor, RunOutcome } from "#tasks/service";
import { typesOf } from "./core/script-types";
import { runOwnScript } from "./own-script";
import { factsOf, failedRead, failureIn } from "./page-answer";
import type { PageAnswer } from "./page-cache";
import { createPatientFetch } from "./patient-fetch";
import { followSitemaps } from "./sitemaps";
import { createPageFetch } from "./page-fetch";
import type { PageFetchPorts } from "./page-fetch";
import { toolsOf } from "./tools-client";
import type { ScriptTools } from "./tools-client";

/** The network, the clocks and the other Workers, for tests. */
export interface ScrapePorts extends PageFetchPorts {
  readonly extract?: ScriptTools["extract"];
}

const JobSchema = z.object({
  script_name: z.string(),
  max_age: z.number().optional(),
  parameters: z.record(z.string(), z.unknown()),
  /** Of a script that a person wrote: what it was at the submit, checked there. */
  script: z.object({ definition: z.record(z.string(), z.unknown()) }).optional(),
});

/** Runs scrapes: a page is had by `page-fetch` and taken apart in `naru-tools`. */
export function createScrapeExecutor(env: ConsumerEnv, ports: ScrapePorts = {}): Executor {
  const { egress, fetchPage } = createPageFetch(env, ports);
  const tools = toolsOf(env);
  const extract =
    ports.extract ?? ((page: Parameters<ScriptTools["extract"]>[0]) => tools.extract(page));

  return async function scrape(run) {
    const job = JobSchema.safeParse(run.input);
    if (!job.success) return failedRead({ code: "SCRIPT_NOT_FOUND" });
    const { max_age: maxAgeSeconds = null } = job.data;
    const parameters = job.data.parameters as JsonObject;
    if (job.data.script !== undefined)
      return runOwnScript(run, {
        definition: job.data.script.definition as unknown as Parameters<
          typeof runOwnScript
        >[1]["definition"],
        parameters,
        maxAgeSeconds,
        tools,
        fetchPage,
        egress,
      });
    const script = job.data.script_name;
    const accepts = typesOf(script);
    const url = parameters["url"];
    if (accepts === null || typeof url !== "string")
      return failedRead({ code: "SCRIPT_NOT_FOUND" });
    const { answer, left } = await fetchPage(run, { url, accepts, maxAgeSeconds });
    // The site's slot is for asking the site: it is given back while the page is taken apart.
    const [, outcome] = await Promise.all([left, conclude(answer, { script, parameters, url })]);
    if (script !== "sitemap" || outcome.status !== "completed") return outcome;
    const further = createPatientFetch(run, {
      fetchPage,
      egress,
      accepts,
      maxAgeSeconds,
      hasFirst: true,
    });
    const data = await followSitemaps(outcome.data as JsonObject, parameters, further, extract);
    return { status: "completed", data };
  };

  /** What becomes of the run, by what was fetched. */
  async function conclude(
    answer: PageAnswer,
    job: { readonly script: string; readonly parameters: JsonObject; readonly url: string },
  ): Promise<RunOutcome> {
    const nowMs = egress.clock();
    const { fetched } = answer;
    const failure = failureIn(fetched, nowMs);
    if (failure !== null || !fetched.ok) return failure ?? failedRead(null);
    const { bytes, finalUrl, headers } = fetched.value;
    const verdict = await extract({
      script: job.script,
      parameters: job.parameters,
      body: bytes,
      contentType: headers.get("content-type"),
      url: finalUrl,
    }).catch(() => null);
    if (verdict === null || !verdict.ok) return failedRead(verdict);
    const facts = factsOf(job.url, fetched.value, answer.note, nowMs);
    return { status: "completed", data: { ...verdict.data, ...facts, charset: verdict.charset } };
  }
}
