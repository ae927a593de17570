import type { JsonObject } from "#platform/json-value";
import type { OpenAPIHono, z } from "@hono/zod-openapi";
import { requireScope } from "#auth/guard";
import { json } from "#http/json-content";
import type { AppEnv } from "#http/context";
import { defineRoute, newRouter } from "#http/router";
import { answerSubmission, SUBMISSION_ERRORS } from "#tasks/guard";
import { splitOptions } from "#tasks/service";
import type { KindRegistry } from "#tasks/service";
import { ScrapeSchema, SubmissionHeadersSchema, TaskSchema } from "./schemas";

const access = requireScope("scrape");

const submission = {
  method: "post",
  tags: ["scrape"],
  summary: "Scrape a page and answer when it is done",
  description:
    "Fetches a page and takes from it what the script describes, on the same request. `data` has what the script took, and beside it `url`, `final_url`, `status_code`, `content_type`, `charset`, `bytes`, `redirects` and `fetched_at`; what `select` was asked for stands by its names in `data.values`, as does what a script of your own takes; that has `pages` beside it, every page that was asked for, and `truncated` with `stopped_by` where a bound ended it. Only public http and https addresses are fetched, at every hop of at most 5 redirects; robots.txt is obeyed as `Naru`; a site gets at most 60 requests a minute and 4 at once from all clients together, and a task for a busy site waits its turn: its record then has `not_before`, and `SITE_BUSY` or `HOST_DOWN` as its `error`. A site that asks for a longer wait than the request itself would bear by default (`timeout` and 30 s), or for more than 15 minutes, fails the task at once with that error. At most 5 MiB and 30 s a page. A page that could not be had is a task that failed: 200 with `status: failed` and its `error`.",
  access,
  errors: [...SUBMISSION_ERRORS, "SCRIPT_NOT_FOUND", "URL_NOT_ALLOWED", "INVALID_SELECTOR"],
  request: {
    headers: SubmissionHeadersSchema,
    body: { required: true, content: { "application/json": { schema: ScrapeSchema } } },
  },
  responses: {
    200: json(TaskSchema, "The task has ended."),
    202: json(TaskSchema, "The task is accepted; `Location` says where to follow it."),
  },
} as const;

const scrape = defineRoute({
  ...submission,
  errors: [...submission.errors],
  tags: [...submission.tags],
  path: "/api/v1/scrape",
  operationId: "scrape.create",
});
const scrapeAlias = defineRoute({
  ...submission,
  errors: [...submission.errors],
  tags: [...submission.tags],
  path: "/scrape",
  operationId: "scrape.createAlias",
});

/** Scrapes; what they run is in `script-routes`. */
export const createScrapeRoutes = (kinds: KindRegistry): OpenAPIHono<AppEnv> => {
  const submit = (
    c: Parameters<typeof answerSubmission>[0],
    body: z.infer<typeof ScrapeSchema>,
  ) => {
    const { options, rest } = splitOptions(body);
    const { timeout, ...input } = rest;
    return answerSubmission(c, {
      kinds,
      kind: "scrape",
      // An absent version is an absent field: the body was JSON.
      input: input as JsonObject,
      timeout,
      options,
    }) as never;
  };
  return newRouter()
    .openapi(scrape, (c) => submit(c, c.req.valid("json")))
    .openapi(scrapeAlias, (c) => submit(c, c.req.valid("json")));
};
