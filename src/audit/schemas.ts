import { z } from "@hono/zod-openapi";
import { PAGE_QUERY, pageOf } from "#http/pagination";

const EXAMPLE_USER = "usr_01kcm4v7d0g3q6zr1w8n5tbe2y";

export const AuditEntrySchema = z
  .object({
    id: z.string().openapi({ example: "aud_01kcm4v7d0g3q6zr1w8n5tbe2y" }),
    at: z.iso.datetime({ precision: 3 }),
    actor_id: z.string().nullable().openapi({
      description: "Who did it; null for the server itself and for strangers.",
      example: EXAMPLE_USER,
    }),
    action: z.string().openapi({ description: "What was done.", example: "api_key.revoke" }),
    subject_id: z.string().nullable().openapi({ description: "To whom or what." }),
    address: z.string().nullable().openapi({ description: "From which address." }),
    details: z
      .record(z.string(), z.unknown())
      .openapi({ description: "What else is worth knowing. Never a secret." }),
  })
  .openapi("AuditEntry");

export const AuditPageSchema = pageOf(AuditEntrySchema).openapi("AuditPage");

const id = z.string().min(1).max(64);

export const ListAuditQuerySchema = z.strictObject({
  ...PAGE_QUERY,
  actor_id: id.optional().openapi({ description: "Only what this one did." }),
  subject_id: id.optional().openapi({ description: "Only what was done to this one." }),
  action: z
    .string()
    .regex(/^[a-z_]+\.[a-z_]+$/)
    .max(64)
    .optional()
    .openapi({ description: "Only this action.", example: "user.disable" }),
  from: z.iso.datetime().optional().openapi({ description: "From this time on." }),
  to: z.iso.datetime().optional().openapi({ description: "Before this time." }),
});
