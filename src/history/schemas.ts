import { z } from "@hono/zod-openapi";
import { PAGE_QUERY, pageOf } from "#http/pagination";

const EXAMPLE_ID = "hist_01kcm4v7d0g3q6zr1w8n5tbe2y4j7k2m9x5v8c1b3n";

export const HistoryItemSchema = z
  .object({
    id: z.string().openapi({ example: EXAMPLE_ID }),
    kind: z.string().openapi({ description: "`chat`, or `code`.", example: "chat" }),
    question: z.string().openapi({ example: "What is the capital of Korea?" }),
    answer: z.string().openapi({ example: "Seoul." }),
    language: z
      .string()
      .nullable()
      .openapi({ description: "That of the code; null where none is meant.", example: null }),
    model: z.string().nullable().openapi({ example: "embedded" }),
    cached: z.boolean().openapi({ description: "Told from the cache of answers." }),
    created_at: z.iso.datetime({ precision: 3 }),
  })
  .openapi("HistoryItem");
export type HistoryItemBody = z.infer<typeof HistoryItemSchema>;

export const HistoryPageSchema = pageOf(HistoryItemSchema).openapi("HistoryPage");

export const HistoryQuerySchema = z.strictObject({
  ...PAGE_QUERY,
  kind: z
    .string()
    .regex(/^[a-z-]{1,32}$/)
    .optional()
    .openapi({ description: "Only items of this kind.", example: "chat" }),
});

export const HistoryParamsSchema = z.object({
  id: z.string().max(100).openapi({ description: "The item's id.", example: EXAMPLE_ID }),
});

export const CursorSchema = z.strictObject({ before: z.string().max(100) });
