import { z } from "@hono/zod-openapi";
import { PAGE_QUERY, pageOf } from "#http/pagination";
import { MODES } from "./core/modes";

const CONVERSATION_ID = "conv_01kcm4v7d0g3q6zr1w8n5tbe2y";
const MESSAGE_ID = "msg_01kcm4v7d1k2m9x5v8c1b3n7q4";
const MAX_MESSAGE_CHARS = 100_000;

const time = z.iso.datetime({ precision: 3 });
const mode = z.enum(MODES.map(({ id }) => id)).openapi({ example: "assistant" });
const title = z.string().trim().min(1).max(200).openapi({ example: "The capital of Korea" });
const conversationId = z.string().max(100).openapi({ example: CONVERSATION_ID });
const messageId = z.string().max(100).openapi({ example: MESSAGE_ID });

const texts = z.object({ ko: z.string(), en: z.string() });

export const ModeSchema = z
  .object({
    id: z.string().openapi({ example: "tutor" }),
    title: z.string().openapi({ example: "Tutor" }),
    description: z.string(),
    prompts: texts.openapi({ description: "What the model is told, by the caller's language." }),
    is_default: z.boolean(),
  })
  .openapi("ChatMode");
export const ModePageSchema = pageOf(ModeSchema).openapi("ChatModePage");

export const ChatSchema = z
  .strictObject({
    message: z
      .string()
      .max(MAX_MESSAGE_CHARS)
      .refine((text) => text.trim() !== "", {
        params: { code: "blank", en: "The message is blank", ko: "메시지가 비어 있습니다" },
      })
      .openapi({ example: "파이썬으로 리스트의 중복을 없애는 방법은?" }),
    conversation_id: conversationId
      .optional()
      .openapi({ description: "Goes on with this conversation; a new one begins without it." }),
    mode: mode.optional().openapi({
      description:
        "The mode of the conversation from here on. Without it: the one it has, or that of the settings.",
    }),
    model: z.string().min(1).max(200).optional().openapi({
      description: "One of the models of `GET /v1/models`; the deployment's own choice without it.",
      example: "embedded",
    }),
    temperature: z.number().min(0).max(2).optional().openapi({ example: 0.7 }),
    max_tokens: z.int().min(1).max(1_000_000).optional().openapi({
      description: "Of the answer.",
      example: 1000,
    }),
  })
  .openapi("ChatRequest");
export type ChatBody = z.infer<typeof ChatSchema>;

export const UsageSchema = z
  .object({
    prompt_tokens: z.int().openapi({ example: 42 }),
    completion_tokens: z.int().openapi({ example: 17 }),
    total_tokens: z.int().openapi({ example: 59 }),
    is_estimated: z
      .boolean()
      .openapi({ description: "Counted from the texts, since the provider did not tell." }),
  })
  .openapi("ChatUsage");

export const ChatAnswerSchema = z
  .object({
    conversation_id: conversationId,
    message_id: messageId.openapi({ description: "Of the answer." }),
    reply: z.string(),
    usage: UsageSchema,
    model: z.string().openapi({ example: "embedded" }),
    finish_reason: z.string().openapi({
      description: "`length` where `max_tokens` cut the answer.",
      example: "stop",
    }),
    cached: z.boolean(),
  })
  .openapi("ChatAnswer");
export type ChatAnswerBody = z.infer<typeof ChatAnswerSchema>;

export const ChatStreamSchema = z.string().openapi({ description: "Server-sent events." });

export const ConversationSchema = z
  .object({
    id: conversationId,
    title: z.string().openapi({
      description: "Made of the first message unless given; empty before there is one.",
      example: "The capital of Korea",
    }),
    mode: z.string().openapi({ example: "assistant" }),
    created_at: time,
    updated_at: time.openapi({ description: "Of the last change or message." }),
  })
  .openapi("Conversation");
export type ConversationBody = z.infer<typeof ConversationSchema>;

export const MessageSchema = z
  .object({
    id: messageId,
    role: z.enum(["system", "user", "assistant", "tool"]),
    content: z.string().openapi({
      description: "Of an answer that failed: what had come before. Empty while it is pending.",
    }),
    status: z.enum(["pending", "complete", "failed"]),
    error_code: z.string().nullable().openapi({ description: "Why it failed.", example: null }),
    reply_to: messageId.nullable().openapi({
      description: "Of an answer: the message that it answers.",
    }),
    model: z.string().nullable().openapi({ example: "embedded" }),
    finish_reason: z.string().nullable().openapi({ example: "stop" }),
    prompt_tokens: z.int().nullable(),
    completion_tokens: z.int().nullable(),
    cached: z.boolean(),
    created_at: time,
  })
  .openapi("Message");
export type MessageBody = z.infer<typeof MessageSchema>;

export const ConversationDetailSchema = ConversationSchema.extend({
  messages: z.array(MessageSchema),
  next_cursor: z
    .string()
    .nullable()
    .openapi({ description: "Send it as `cursor` for further messages; null at the end." }),
}).openapi("ConversationDetail");

export const ConversationPageSchema = pageOf(ConversationSchema).openapi("ConversationPage");
export const ConversationsQuerySchema = z.strictObject(PAGE_QUERY);
export const ConversationQuerySchema = z.strictObject({
  ...PAGE_QUERY,
  order: z.enum(["asc", "desc"]).default("asc").openapi({
    description: "Of the messages: the oldest first, or the newest.",
  }),
});
export const ConversationParamsSchema = z.object({
  id: z
    .string()
    .max(100)
    .openapi({ description: "The conversation's id.", example: CONVERSATION_ID }),
});

export const CreateConversationSchema = z
  .strictObject({ title: title.optional(), mode: mode.optional() })
  .openapi("CreateConversation");

export const UpdateConversationSchema = z
  .strictObject({ title: title.optional(), mode: mode.optional() })
  .refine((change) => change.title !== undefined || change.mode !== undefined, {
    params: { code: "nothing_to_change", en: "Nothing is changed", ko: "바꿀 것이 없습니다" },
  })
  .openapi("UpdateConversation");

export const ConversationCursorSchema = z.strictObject({
  before: z.tuple([z.int().min(0), z.string().max(100)]),
});
export const MessageCursorSchema = z.strictObject({
  after: z.string().max(100),
  order: z.enum(["asc", "desc"]),
});

export const FeedbackSchema = z
  .strictObject({
    type: z.enum(["positive", "negative"]).openapi({ example: "positive" }),
    comment: z.string().max(5_000).openapi({ example: "The example ran at once." }),
    message_id: messageId.optional().openapi({
      description: "An answer, or any other message, in a conversation of yours.",
    }),
    code_snippet: z.string().max(100_000).optional(),
    user_question: z.string().max(8_000).optional(),
  })
  .openapi("Feedback");
export type FeedbackBody = z.infer<typeof FeedbackSchema>;

export const FeedbackAnswerSchema = z
  .object({
    id: z.string().openapi({ example: "fb_01kcm4v7d2r8n5tbe2y4j7k2m9" }),
    status: z.literal("success"),
    created_at: time,
  })
  .openapi("FeedbackAnswer");
export type FeedbackAnswerBody = z.infer<typeof FeedbackAnswerSchema>;
