import type { Context } from "hono";
import { requireScope } from "#auth/guard";
import { json } from "#http/json-content";
import type { AppEnv } from "#http/context";
import { decodeCursor, encodeCursor, linkNextPage } from "#http/pagination";
import { defineRoute, newRouter } from "#http/router";
import { idempotent } from "#limits/guard";
import {
  actOnOne,
  getDeadLetter,
  listDeadLetters,
  purgeDeadLetters,
  replayDeadLetters,
} from "./dead-letters";
import type { ActionOutcome, Actor, Selection } from "./dead-letters";
import {
  DeadLetterCursorSchema,
  DeadLetterPageSchema,
  DeadLetterSchema,
  ListDeadLettersQuerySchema,
  PurgedSchema,
  ReplayedSchema,
  SelectDeadLettersSchema,
  toFilter,
} from "./dead-letter-schemas";
import type { DeadLetterSelection } from "./dead-letter-schemas";
import { presentLetter, presentLetterSummary } from "./present-dead-letter";
import { TaskParamsSchema } from "./schemas";

const access = requireScope("admin");
const tags = ["admin"];
const path = "/api/v1/admin/dead-letters";
const selection = {
  required: true,
  content: { "application/json": { schema: SelectDeadLettersSchema } },
};

const listRoute = defineRoute({
  method: "get",
  path,
  operationId: "admin.deadLetters",
  tags,
  access,
  summary: "Find tasks that were given up",
  description:
    "Tasks whose attempts are spent, whose time ran out between two of them, or for which no worker was found; those that died last first. A task that failed for good at its first attempt, because another one could not end differently, is none. They are kept as long as their tasks.",
  errors: ["INVALID_CURSOR"],
  request: { query: ListDeadLettersQuerySchema },
  responses: { 200: json(DeadLetterPageSchema, "A page of dead letters.") },
});

const getRoute = defineRoute({
  method: "get",
  path: `${path}/{id}`,
  operationId: "admin.deadLetter",
  tags,
  access,
  summary: "Look into a dead letter",
  description: "Its attempts, those of earlier lives included, and the input that its worker got.",
  errors: ["TASK_NOT_FOUND"],
  request: { params: TaskParamsSchema },
  responses: { 200: json(DeadLetterSchema, "The dead letter.") },
});

const replayRoute = defineRoute({
  method: "post",
  path: `${path}/{id}/replay`,
  operationId: "admin.replayDeadLetter",
  tags,
  access,
  summary: "Try a dead letter anew",
  description:
    "The same task, under its id, with as many attempts and as much time as it had at first. Its followers and whoever asks for it see it go on; the counters take it back from the failed ones. Audited.",
  errors: ["TASK_NOT_FOUND", "QUEUE_FULL"],
  idempotency: idempotent(),
  request: { params: TaskParamsSchema },
  responses: { 202: json(ReplayedSchema, "It is queued.") },
});

const replayManyRoute = defineRoute({
  method: "post",
  path: `${path}/replay`,
  operationId: "admin.replayDeadLetters",
  tags,
  access,
  summary: "Try many dead letters anew",
  description:
    "Those named by `ids`, or those that `filter` finds, at most 100 a call; `has_more` tells whether to call again. What is no dead letter any more is skipped. Audited.",
  idempotency: idempotent(),
  request: { body: selection },
  responses: { 202: json(ReplayedSchema, "They are queued.") },
});

const deleteRoute = defineRoute({
  method: "delete",
  path: `${path}/{id}`,
  operationId: "admin.deleteDeadLetter",
  tags,
  access,
  summary: "Take a task off the dead letters",
  description: "It can't be tried anew after this. Its owner still sees that it failed. Audited.",
  errors: ["TASK_NOT_FOUND"],
  request: { params: TaskParamsSchema },
  responses: { 204: { description: "It is none any more." } },
});

const purgeRoute = defineRoute({
  method: "post",
  path: `${path}/purge`,
  operationId: "admin.purgeDeadLetters",
  tags,
  access,
  summary: "Take many tasks off the dead letters",
  description:
    "Those named by `ids`, or those that `filter` finds, at most 100 a call. Their owners still see that they failed. Audited.",
  idempotency: idempotent(),
  request: { body: selection },
  responses: { 200: json(PurgedSchema, "They are none any more.") },
});

/** The routes of administrators over tasks that were given up. */
export const deadLetterRoutes = newRouter()
  .openapi(listRoute, async (c) => {
    const { limit, cursor, ...filter } = c.req.valid("query");
    const before = decodeCursor(cursor, DeadLetterCursorSchema);
    const { letters, hasMore } = await listDeadLetters(c.env, {
      ...toFilter(filter),
      before: before && { atMs: before.at, id: before.id },
      limit,
    });
    const last = letters.at(-1);
    const nextCursor = hasMore && last ? encodeCursor({ at: last.failedAtMs, id: last.id }) : null;
    linkNextPage(c, nextCursor);
    const items = letters.map((letter) => presentLetterSummary(letter, c.get("locale")));
    return c.json({ items, next_cursor: nextCursor }, 200);
  })
  .openapi(getRoute, async (c) =>
    c.json(
      presentLetter(await getDeadLetter(c.env, c.req.valid("param").id), c.get("locale")),
      200,
    ),
  )
  .openapi(replayManyRoute, async (c) => {
    const outcome = await replayDeadLetters(c.env, actorOf(c), selectionOf(c.req.valid("json")));
    return c.json({ replayed: [...outcome.done], ...restOf(outcome) }, 202);
  })
  .openapi(purgeRoute, async (c) => {
    const outcome = await purgeDeadLetters(c.env, actorOf(c), selectionOf(c.req.valid("json")));
    return c.json({ purged: [...outcome.done], ...restOf(outcome) }, 200);
  })
  .openapi(replayRoute, async (c) => {
    const { id } = c.req.valid("param");
    await actOnOne(replayDeadLetters, c.env, actorOf(c), id);
    return c.json({ replayed: [id], skipped: [], has_more: false }, 202);
  })
  .openapi(deleteRoute, async (c) => {
    await actOnOne(purgeDeadLetters, c.env, actorOf(c), c.req.valid("param").id);
    return c.body(null, 204);
  });

const actorOf = (c: Context<AppEnv>): Actor => ({
  id: c.get("principal").ownerId,
  address: c.req.header("cf-connecting-ip") ?? null,
});

const selectionOf = ({ ids, filter = {}, limit }: DeadLetterSelection): Selection =>
  ids ? { ids } : { filter: toFilter(filter), limit };

const restOf = ({ skipped, hasMore }: ActionOutcome) => ({
  skipped: skipped.map((entry) => ({ ...entry })),
  has_more: hasMore,
});
