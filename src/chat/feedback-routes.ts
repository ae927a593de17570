import type { Context } from "hono";
import { requireCredential } from "#auth/guard";
import { evictAnswer } from "#cache/service";
import { systemClock, toTimestamp } from "#platform/clock";
import { ApiError } from "#platform/errors";
import { newId } from "#platform/ids";
import { describeError } from "#platform/log";
import type { AppEnv } from "#http/context";
import { defineRoute, newRouter } from "#http/router";
import { idempotent } from "#limits/guard";
import { cacheKeyOf, insertFeedback } from "./feedback-store";
import { FeedbackAnswerSchema, FeedbackSchema } from "./schemas";
import type { FeedbackAnswerBody, FeedbackBody } from "./schemas";
import { retiredFor } from "./routes";

const definition = {
  method: "post" as const,
  access: requireCredential(),
  tags: ["feedback"],
  summary: "Say what you think of an answer",
  description:
    "With a `message_id` it is about that message, which has to be yours: any other is a 404. A negative vote takes the answer out of the cache, so that the same question is asked anew.",
  errors: ["RESOURCE_NOT_FOUND" as const],
  idempotency: idempotent(),
  request: {
    body: { required: true, content: { "application/json": { schema: FeedbackSchema } } },
  },
  responses: {
    201: {
      description: "It is kept.",
      content: { "application/json": { schema: FeedbackAnswerSchema } },
    },
  },
};

const feedbackRoute = defineRoute({
  ...definition,
  path: "/api/v1/feedback",
  operationId: "feedback.create",
});
const submitRoute = defineRoute({
  ...definition,
  path: "/api/v1/submit-feedback",
  operationId: "feedback.submit",
});
const feedbackAlias = defineRoute({
  ...definition,
  path: "/feedback",
  operationId: "feedback.createAlias",
  retirement: retiredFor("/api/v1/feedback"),
});

/** What people think of answers. */
export const feedbackRoutes = newRouter()
  .openapi(feedbackRoute, async (c) => c.json(await take(c, c.req.valid("json")), 201))
  .openapi(submitRoute, async (c) => c.json(await take(c, c.req.valid("json")), 201))
  .openapi(feedbackAlias, async (c) => c.json(await take(c, c.req.valid("json")), 201));

async function take(c: Context<AppEnv>, asked: FeedbackBody): Promise<FeedbackAnswerBody> {
  const nowMs = systemClock();
  const id = newId("fb", nowMs);
  const { ownerId } = c.get("principal");
  const messageId = asked.message_id ?? null;
  const isKept = await insertFeedback(c.env.DB, {
    id,
    ownerId,
    type: asked.type,
    comment: asked.comment.toWellFormed(),
    messageId,
    codeSnippet: asked.code_snippet?.toWellFormed() ?? null,
    userQuestion: asked.user_question?.toWellFormed() ?? null,
    createdAtMs: nowMs,
  });
  if (!isKept) throw new ApiError("RESOURCE_NOT_FOUND");
  if (asked.type === "negative" && messageId !== null) await evict(c, ownerId, messageId);
  return { id, status: "success", created_at: toTimestamp(nowMs) };
}

/** The vote counts even where the cache cannot be told; the answer leaves it with its time. */
async function evict(c: Context<AppEnv>, ownerId: string, messageId: string): Promise<void> {
  try {
    const key = await cacheKeyOf(c.env.DB, ownerId, messageId);
    if (key !== null) await evictAnswer(c.env, ownerId, key);
  } catch (error) {
    c.get("log").warn("feedback.not_evicted", describeError(error));
  }
}
