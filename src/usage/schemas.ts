import { z } from "@hono/zod-openapi";

export const MAX_DAYS = 366;
export const DEFAULT_DAYS = 30;
const DAY_MS = 24 * 3_600_000;

const day = z.iso.date().openapi({ description: "UTC.", example: "2026-11-21" });

export const UsageQuerySchema = z
  .strictObject({
    from: day
      .optional()
      .openapi({ description: `The first day; ${DEFAULT_DAYS} days in all without it.` }),
    to: day.optional().openapi({ description: "The last day; today without it." }),
  })
  .superRefine(({ from, to }, check) => {
    if (from === undefined || to === undefined) return;
    const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
    if (days >= 1 && days <= MAX_DAYS) return;
    check.addIssue({
      code: "custom",
      path: ["to"],
      params: {
        code: days < 1 ? "before_from" : "too_big",
        en: days < 1 ? "It is before `from`" : `More than ${MAX_DAYS} days`,
        ko: days < 1 ? "`from`보다 앞섭니다" : `${MAX_DAYS}일이 넘습니다`,
      },
    });
  });

const FIGURES = {
  requests: z.int().openapi({
    description:
      "Calls that were let in. Refused ones (401, 403 for a credential, 429) are none; a crash of the counter can lose a second of them.",
    example: 120,
  }),
  answers: z.int().openapi({ description: "Answers of a model, exactly.", example: 34 }),
  prompt_tokens: z.int().openapi({ example: 5100 }),
  completion_tokens: z.int().openapi({ example: 2300 }),
  total_tokens: z.int().openapi({ example: 7400 }),
  cost_usd: z.number().openapi({
    description: "By the deployment's price table (`AI_PRICES`), in dollars.",
    example: 0.0042,
  }),
  unpriced_answers: z.int().openapi({
    description: "Answers of models that have no price there; `cost_usd` is without them.",
    example: 0,
  }),
};
const tasks = z.int().openapi({
  description: "Tasks that were submitted, of those that are still kept.",
  example: 7,
});

export const UsageReportSchema = z
  .object({
    from: day,
    to: day,
    total: z.object({ ...FIGURES, tasks }),
    by_day: z
      .array(z.object({ day, ...FIGURES, tasks }))
      .openapi({ description: "Days on which something was used, oldest first." }),
    by_key: z
      .array(
        z.object({
          key_id: z
            .string()
            .nullable()
            .openapi({ description: "Null for what a signed-in person did." }),
          name: z.string().nullable(),
          ...FIGURES,
        }),
      )
      .openapi({ description: "The busiest first." }),
  })
  .openapi("UsageReport");
export type UsageReportBody = z.infer<typeof UsageReportSchema>;
