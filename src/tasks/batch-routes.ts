import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { requireScope } from "#auth/guard";
import type { AppEnv } from "#http/context";
import { idempotencyKeyOf } from "#http/idempotency-key";
import { defineRoute, newRouter } from "#http/router";
import { systemClock } from "#platform/clock";
import { prepareBatch, submitBatch } from "./batch";
import { prepareCallbacks } from "./callback";
import { refusalOf } from "./admission";
import { SUBMISSION_ERRORS, submitterOf } from "./guard";
import { presentFault, presentTask } from "./present";
import { BatchAnswerSchema, BatchSchema, SubmissionHeadersSchema } from "./schemas";
import type { BatchItem } from "./schemas";
import type { KindRegistry } from "./service";
import type { SubmitVerdict } from "./core/desk";

const batchRoute = defineRoute({
  method: "post",
  path: "/api/v1/tasks/batch",
  operationId: "tasks.createBatch",
  tags: ["tasks"],
  summary: "Submit up to 100 tasks at once",
  description:
    "Either all tasks are valid or none is taken: a 422 names every fault of every task by its pointer. What is taken is answered at once with 202, in the order of the request, task by task: `accepted`, `joined` (this batch was sent before under the same `Idempotency-Key`), or `refused` with its `error` where there was no room for it any more. A batch of which nothing could be taken is refused as a whole. With an `Idempotency-Key` a batch may be sent again until every task is in.",
  access: requireScope("tasks:write"),
  errors: SUBMISSION_ERRORS.filter((code) => !code.endsWith("_TIMED_OUT")),
  request: {
    headers: SubmissionHeadersSchema.pick({ "idempotency-key": true }),
    body: { required: true, content: { "application/json": { schema: BatchSchema } } },
  },
  responses: {
    202: {
      description: "What became of each task.",
      content: { "application/json": { schema: BatchAnswerSchema } },
    },
  },
});

/** Many tasks in one request. */
export const createBatchRoutes = (kinds: KindRegistry): OpenAPIHono<AppEnv> =>
  newRouter().openapi(batchRoute, async (c) => {
    const submitter = submitterOf(c);
    const prepared = await prepareBatch(submitter, kinds, c.req.valid("json").tasks);
    const options = prepared.map((submission) => submission.options ?? {});
    await prepareCallbacks(c.env, submitter.principal.ownerId, options);
    const verdicts = await submitBatch(c.env, prepared, idempotencyKeyOf(c));
    const [first] = verdicts;
    if (first && !("task" in first) && verdicts.every((verdict) => !("task" in verdict)))
      throw refusalOf(first);
    if (verdicts.every(({ verdict }) => verdict === "joined"))
      c.header("Idempotency-Replayed", "true");
    const items = verdicts.map((verdict, index) => presentItem(c, verdict, index));
    return c.json({ items }, 202);
  });

function presentItem(c: Context<AppEnv>, verdict: SubmitVerdict, index: number): BatchItem {
  const locale = c.get("locale");
  if ("task" in verdict)
    return {
      index,
      verdict: verdict.verdict,
      task: presentTask(verdict.task, locale, systemClock()),
      error: null,
      retry_after: null,
    };
  const refusal = refusalOf(verdict);
  return {
    index,
    verdict: "refused",
    task: null,
    error: presentFault({ code: refusal.code, params: refusal.options.params ?? {} }, locale),
    retry_after: Number(refusal.options.headers?.["Retry-After"] ?? 1),
  };
}
