import type { Context } from "hono";
import { requireScope } from "#auth/guard";
import { systemClock, toTimestamp } from "#platform/clock";
import { ApiError } from "#platform/errors";
import { body, json } from "#http/json-content";
import type { AppEnv } from "#http/context";
import { etagOf, requireMatch } from "#http/etag";
import { decodeCursor, encodeCursor, linkNextPage } from "#http/pagination";
import { defineRoute, newRouter } from "#http/router";
import { idempotent } from "#limits/guard";
import { stateOf } from "./core/settling";
import {
  ConversationCursorSchema,
  ConversationDetailSchema,
  ConversationPageSchema,
  ConversationParamsSchema,
  ConversationQuerySchema,
  ConversationSchema,
  ConversationsQuerySchema,
  CreateConversationSchema,
  MessageCursorSchema,
  UpdateConversationSchema,
} from "./schemas";
import type { ConversationBody, MessageBody } from "./schemas";
import {
  createConversation,
  getConversation,
  removeConversation,
  updateConversation,
} from "./conversations";
import { queryConversations, queryMessages } from "./store";
import type { Conversation, Message } from "./store";

const path = "/api/v1/conversations";
/** A page of long messages is shorter, so that it fits into the memory of whoever makes it. */
const MAX_PAGE_CHARS = 4_000_000;
const shared = { access: requireScope("chat"), tags: ["chat"] };

const listRoute = defineRoute({
  ...shared,
  method: "get",
  path,
  operationId: "conversations.list",
  summary: "List your conversations",
  description: "The one that changed last comes first.",
  errors: ["INVALID_CURSOR"],
  request: { query: ConversationsQuerySchema },
  responses: { 200: json(ConversationPageSchema, "A page of conversations.") },
});

const createRoute = defineRoute({
  ...shared,
  method: "post",
  path,
  operationId: "conversations.create",
  summary: "Begin a conversation before anything is said",
  description: "`POST /api/v1/chat` without a `conversation_id` begins one by itself.",
  idempotency: idempotent(),
  request: { body: body(CreateConversationSchema, false) },
  responses: { 201: json(ConversationSchema, "The conversation; `Location` names it.") },
});

const getRoute = defineRoute({
  ...shared,
  method: "get",
  path: `${path}/{id}`,
  operationId: "conversations.get",
  summary: "Read a conversation with its messages",
  description:
    "An answer has its row from the moment it was asked for: `pending`, then `complete`, or `failed` with the `error_code`. Each message and each change moves the `ETag`.",
  errors: ["RESOURCE_NOT_FOUND", "INVALID_CURSOR"],
  request: { params: ConversationParamsSchema, query: ConversationQuerySchema },
  responses: { 200: json(ConversationDetailSchema, "The conversation, and a page of messages.") },
});

const updateRoute = defineRoute({
  ...shared,
  method: "patch",
  path: `${path}/{id}`,
  operationId: "conversations.update",
  summary: "Change a conversation's title or mode",
  description: "What is left out stays. With `If-Match`, only the version that was seen.",
  errors: ["RESOURCE_NOT_FOUND", "PRECONDITION_FAILED"],
  request: { params: ConversationParamsSchema, body: body(UpdateConversationSchema) },
  responses: { 200: json(ConversationSchema, "The conversation as it is after the change.") },
});

const deleteRoute = defineRoute({
  ...shared,
  method: "delete",
  path: `${path}/{id}`,
  operationId: "conversations.delete",
  summary: "Delete a conversation",
  description:
    "With all messages, what the history has of them, and what feedback quotes of them. An answer that is still being written is not kept.",
  errors: ["RESOURCE_NOT_FOUND", "PRECONDITION_FAILED"],
  request: { params: ConversationParamsSchema },
  responses: { 204: { description: "It is gone." } },
});

type C = Context<AppEnv>;
const ownerOf = (c: C): string => c.get("principal").ownerId;

/** Conversations and what was said in them. */
export const conversationRoutes = newRouter()
  .openapi(listRoute, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const position = decodeCursor(cursor, ConversationCursorSchema)?.before;
    const before = position ? { updatedAtMs: position[0], id: position[1] } : null;
    const found = await queryConversations(c.env.DB, ownerOf(c), before, limit + 1);
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const nextCursor =
      found.length > limit && last ? encodeCursor({ before: [last.updatedAtMs, last.id] }) : null;
    linkNextPage(c, nextCursor);
    return c.json({ items: page.map(present), next_cursor: nextCursor }, 200);
  })
  .openapi(createRoute, async (c) => {
    // An absent body is an empty one.
    const { title = null, mode = null } = c.req.valid("json") ?? {};
    const wanted = { title, mode };
    const made = await createConversation(c.env.DB, ownerOf(c), wanted, systemClock());
    c.header("Location", `${path}/${made.id}`);
    return c.json(await tagged(c, made), 201);
  })
  .openapi(getRoute, async (c) => {
    const { id } = c.req.valid("param");
    const { limit, cursor, order } = c.req.valid("query");
    const position = decodeCursor(cursor, MessageCursorSchema);
    if (position !== null && position.order !== order) throw new ApiError("INVALID_CURSOR");
    // First the version, then the messages: a tag that is older than what it stands for costs a refusal, never a lost change.
    const conversation = await getConversation(c.env.DB, ownerOf(c), id);
    const { messages: page, hasMore } = await queryMessages(c.env.DB, {
      ownerId: ownerOf(c),
      conversationId: id,
      after: position?.after ?? null,
      isNewestFirst: order === "desc",
      isComplete: false,
      limit,
      maxChars: MAX_PAGE_CHARS,
    });
    const last = page.at(-1);
    const nextCursor = hasMore && last ? encodeCursor({ after: last.id, order }) : null;
    linkNextPage(c, nextCursor);
    const nowMs = systemClock();
    const messages = page.map((message) => presentMessage(message, nowMs));
    return c.json({ ...(await tagged(c, conversation)), messages, next_cursor: nextCursor }, 200);
  })
  .openapi(updateRoute, async (c) => {
    const { id } = c.req.valid("param");
    const { title = null, mode = null } = c.req.valid("json");
    const change = { title, mode, ifVersion: await versionSeen(c, id) };
    const changed = await updateConversation(c.env.DB, ownerOf(c), id, change, systemClock());
    return c.json(await tagged(c, changed), 200);
  })
  .openapi(deleteRoute, async (c) => {
    const { id } = c.req.valid("param");
    await removeConversation(c.env, ownerOf(c), id, await versionSeen(c, id));
    return c.body(null, 204);
  });

/** What the tag of a conversation stands for, whichever of its messages are shown beside it. */
const versionOf = ({ id, version }: Conversation) => ({ id, version });

/** The version that `If-Match` means, null without one. The change itself compares it again. */
async function versionSeen(c: C, id: string): Promise<number | null> {
  if (c.req.header("if-match") === undefined) return null;
  const conversation = await getConversation(c.env.DB, ownerOf(c), id);
  await requireMatch(c, versionOf(conversation));
  return conversation.version;
}

async function tagged(c: C, conversation: Conversation): Promise<ConversationBody> {
  // Weak: an answer that nobody writes any more becomes one that failed under the same tag.
  c.header("ETag", `W/${await etagOf(versionOf(conversation))}`);
  return present(conversation);
}

const present = (conversation: Conversation): ConversationBody => ({
  id: conversation.id,
  title: conversation.title,
  mode: conversation.mode,
  created_at: toTimestamp(conversation.createdAtMs),
  updated_at: toTimestamp(conversation.updatedAtMs),
});

function presentMessage(message: Message, nowMs: number): MessageBody {
  const { status, errorCode } = stateOf(message, message.createdAtMs, nowMs);
  return {
    id: message.id,
    role: message.role,
    content: message.content,
    status,
    error_code: errorCode,
    reply_to: message.replyTo,
    model: message.model,
    finish_reason: message.finishReason,
    prompt_tokens: message.promptTokens,
    completion_tokens: message.completionTokens,
    cached: message.isCached,
    created_at: toTimestamp(message.createdAtMs),
  };
}
