import { requireScope } from "#auth/guard";
import { toTimestamp } from "#platform/clock";
import { decodeCursor, encodeCursor, linkNextPage } from "#http/pagination";
import { defineRoute, newRouter } from "#http/router";
import {
  CursorSchema,
  HistoryPageSchema,
  HistoryParamsSchema,
  HistoryQuerySchema,
} from "./schemas";
import type { HistoryItemBody } from "./schemas";
import { deleteHistory, queryHistory, removeHistoryItem } from "./service";
import type { HistoryItem } from "./service";

const path = "/api/v1/user/history";
const shared = { access: requireScope("chat"), tags: ["history"] };

const listRoute = defineRoute({
  ...shared,
  method: "get",
  path,
  operationId: "history.list",
  summary: "What you asked, and what was answered",
  description:
    "Whole answers of chats and of code, newest first, written when the answer ends, whether or not anybody still read it. An answer that failed is none. Nothing is kept while the setting `save_history` is off.",
  errors: ["INVALID_CURSOR"],
  request: { query: HistoryQuerySchema },
  responses: {
    200: {
      description: "A page of the history.",
      content: { "application/json": { schema: HistoryPageSchema } },
    },
  },
});

const clearRoute = defineRoute({
  ...shared,
  method: "delete",
  path,
  operationId: "history.clear",
  summary: "Delete the whole history",
  description: "Conversations stay.",
  responses: { 204: { description: "Nothing is left." } },
});

const deleteRoute = defineRoute({
  ...shared,
  method: "delete",
  path: `${path}/{id}`,
  operationId: "history.delete",
  summary: "Delete one item of the history",
  errors: ["RESOURCE_NOT_FOUND"],
  request: { params: HistoryParamsSchema },
  responses: { 204: { description: "It is gone." } },
});

/** What was asked and answered. */
export const historyRoutes = newRouter()
  .openapi(listRoute, async (c) => {
    const { limit, cursor, kind = null } = c.req.valid("query");
    const { ownerId } = c.get("principal");
    const beforeId = decodeCursor(cursor, CursorSchema)?.before ?? null;
    const { items, hasMore } = await queryHistory(c.env.DB, { ownerId, kind, beforeId, limit });
    const last = items.at(-1);
    const nextCursor = hasMore && last ? encodeCursor({ before: last.id }) : null;
    linkNextPage(c, nextCursor);
    return c.json({ items: items.map(present), next_cursor: nextCursor }, 200);
  })
  .openapi(clearRoute, async (c) => {
    await deleteHistory(c.env.DB, c.get("principal").ownerId);
    return c.body(null, 204);
  })
  .openapi(deleteRoute, async (c) => {
    await removeHistoryItem(c.env.DB, c.get("principal").ownerId, c.req.valid("param").id);
    return c.body(null, 204);
  });

const present = ({ isCached, createdAtMs, ...item }: HistoryItem): HistoryItemBody => ({
  id: item.id,
  kind: item.kind,
  question: item.question,
  answer: item.answer,
  language: item.language,
  model: item.model,
  cached: isCached,
  created_at: toTimestamp(createdAtMs),
});
