import { z } from "@hono/zod-openapi";
import { requireScope } from "#auth/guard";
import { toTimestamp } from "#platform/clock";
import { decodeCursor, encodeCursor, linkNextPage } from "#http/pagination";
import { defineRoute, newRouter } from "#http/router";
import { AuditPageSchema, ListAuditQuerySchema } from "./schemas";
import { listAudit } from "./service";
import type { AuditEntry } from "./service";

const listRoute = defineRoute({
  method: "get",
  path: "/api/v1/admin/audit",
  operationId: "admin.audit",
  tags: ["admin"],
  summary: "Read the audit log",
  description:
    "Who did what to whom, newest first: sign-ins, credentials made, changed and revoked, changes of accounts. The log is append only: no route and no statement changes or removes an entry.",
  access: requireScope("admin"),
  errors: ["INVALID_CURSOR"],
  request: { query: ListAuditQuerySchema },
  responses: {
    200: {
      description: "A page of the log.",
      content: { "application/json": { schema: AuditPageSchema } },
    },
  },
});

const CursorSchema = z.strictObject({ at: z.int(), id: z.string().max(64) });

export const auditRoutes = newRouter().openapi(listRoute, async (c) => {
  const query = c.req.valid("query");
  const before = decodeCursor(query.cursor, CursorSchema);
  const { entries, hasMore } = await listAudit(c.env, {
    actorId: query.actor_id ?? null,
    subjectId: query.subject_id ?? null,
    action: query.action ?? null,
    fromMs: query.from === undefined ? null : Date.parse(query.from),
    toMs: query.to === undefined ? null : Date.parse(query.to),
    before: before && { atMs: before.at, id: before.id },
    limit: query.limit,
  });
  const last = entries.at(-1);
  const nextCursor = hasMore && last ? encodeCursor({ at: last.atMs, id: last.id }) : null;
  linkNextPage(c, nextCursor);
  return c.json({ items: entries.map(present), next_cursor: nextCursor }, 200);
});

const present = (entry: AuditEntry): z.infer<typeof AuditPageSchema>["items"][number] => ({
  id: entry.id,
  at: toTimestamp(entry.atMs),
  actor_id: entry.actorId,
  action: entry.action,
  subject_id: entry.subjectId,
  address: entry.address,
  details: { ...entry.details },
});
