import { z } from "@hono/zod-openapi";
import { PAGE_QUERY, pageOf } from "#http/pagination";
import { TaskErrorSchema } from "./schemas";
import type { DeadLetterFilter } from "./service";

const EXAMPLE_ID = "task_01kcm4v7d0003q6zr1w8n5tbe2y9f";
/** How many one call replays or purges. */
const MAX_SELECTED = 100;

const time = z.iso.datetime({ precision: 3 });

const COMMON = {
  id: z.string().openapi({ description: "The task's id.", example: EXAMPLE_ID }),
  owner_id: z.string().openapi({ example: "usr_01kcm4v7d0g3q6zr1w8n5tbe2y" }),
  kind: z.string().openapi({ example: "scrape" }),
  error: TaskErrorSchema.nullable().openapi({ description: "What the last attempt failed of." }),
  attempts: z.int().openapi({ description: "Attempts of its last life.", example: 4 }),
  created_at: time,
  failed_at: time.openapi({ description: "When it was given up." }),
};

export const DeadLetterSummarySchema = z.object(COMMON).openapi("DeadLetterSummary");
export type DeadLetterSummaryBody = z.infer<typeof DeadLetterSummarySchema>;
export const DeadLetterPageSchema = pageOf(DeadLetterSummarySchema).openapi("DeadLetterPage");

export const DeadLetterSchema = z
  .object({
    ...COMMON,
    history: z
      .array(
        z.object({
          attempt: z.int().openapi({ description: "Counts from 1 in each life." }),
          consumer_id: z.string(),
          started_at: time,
          ended_at: time,
          outcome: z.enum(["completed", "failed", "cancelled", "timed_out", "lost"]).openapi({
            description: "`lost`: its worker stopped giving signs of life.",
          }),
          code: z.string().nullable(),
        }),
      )
      .openapi({ description: "Its attempts, oldest first; the newest 100 and those since." }),
    input: z.unknown().openapi({
      description: "What its worker got; null where it is over 64 KiB.",
    }),
    input_bytes: z.int(),
  })
  .openapi("DeadLetter");
export type DeadLetterBody = z.infer<typeof DeadLetterSchema>;

const FILTER = {
  kind: z.string().min(1).max(64).optional().openapi({ description: "Only this kind." }),
  owner_id: z.string().min(1).max(64).optional().openapi({ description: "Only this owner's." }),
  code: z
    .string()
    .regex(/^[A-Z_]+$/)
    .max(64)
    .optional()
    .openapi({ description: "Only those that failed of this.", example: "FETCH_FAILED" }),
  from: z.iso.datetime().optional().openapi({ description: "Given up from this time on." }),
  to: z.iso.datetime().optional().openapi({ description: "Given up before this time." }),
};
const FilterSchema = z.strictObject(FILTER);

export const ListDeadLettersQuerySchema = z.strictObject({ ...PAGE_QUERY, ...FILTER });

/** Where a page goes on. */
export const DeadLetterCursorSchema = z.strictObject({ at: z.int(), id: z.string().max(64) });

export const SelectDeadLettersSchema = z
  .strictObject({
    ids: z.array(z.string().min(1).max(64)).min(1).max(MAX_SELECTED).optional(),
    filter: FilterSchema.optional().openapi({
      type: "object",
      description: "Which ones; an empty one means all.",
    }),
    limit: z.int().min(1).max(MAX_SELECTED).default(MAX_SELECTED).openapi({
      description: "How many of those that `filter` finds, the last given up first.",
    }),
  })
  .refine(({ ids, filter }) => (ids === undefined) !== (filter === undefined), {
    params: {
      code: "one_selection",
      en: "Give either ids or filter",
      ko: "ids와 filter 중 하나만 보내 주십시오",
    },
  })
  .openapi("SelectDeadLetters", { example: { ids: [EXAMPLE_ID] } });
export type DeadLetterSelection = z.infer<typeof SelectDeadLettersSchema>;

const REST = {
  skipped: z
    .array(z.object({ id: z.string(), code: z.string().openapi({ example: "TASK_NOT_FOUND" }) }))
    .openapi({ description: "Those that nothing was done to, and why." }),
  has_more: z.boolean().openapi({ description: "The filter finds more: call again." }),
};
const ids = z.array(z.string()).openapi({ example: [EXAMPLE_ID] });
export const ReplayedSchema = z.object({ replayed: ids, ...REST }).openapi("ReplayedDeadLetters");
export const PurgedSchema = z.object({ purged: ids, ...REST }).openapi("PurgedDeadLetters");

/** The filter as the index is asked. */
export const toFilter = (filter: z.infer<typeof FilterSchema>): DeadLetterFilter => ({
  kind: filter.kind ?? null,
  ownerId: filter.owner_id ?? null,
  code: filter.code ?? null,
  fromMs: filter.from === undefined ? null : Date.parse(filter.from),
  toMs: filter.to === undefined ? null : Date.parse(filter.to),
});
