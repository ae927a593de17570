import { z } from "@hono/zod-openapi";
import { DEFAULT_OVERLAP_S, MAX_OVERLAP_S } from "./service";

export const RotateWebhookSecretSchema = z
  .strictObject({
    overlap_seconds: z.int().min(0).max(MAX_OVERLAP_S).default(DEFAULT_OVERLAP_S).openapi({
      description:
        "How long deliveries are signed with the older secrets as well. 0 ends them at once: the choice where one leaked.",
      example: DEFAULT_OVERLAP_S,
    }),
  })
  .openapi("RotateWebhookSecret");

export const WebhookSecretSchema = z
  .object({
    id: z.string().openapi({ example: "whs_01kcm4v7d0q6zr1w8n5tbe2y9f" }),
    secret: z.string().openapi({
      description:
        "Give it to the Standard Webhooks library of your receiver. Shown this once, and kept sealed.",
      example: "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
    }),
    created_at: z.iso.datetime({ precision: 3 }),
    overlap_until: z.iso.datetime({ precision: 3 }).openapi({
      description: "Until then a delivery carries signatures of the older secrets too.",
    }),
  })
  .openapi("WebhookSecret");
