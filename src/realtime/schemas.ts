import { z } from "@hono/zod-openapi";

export const TicketSchema = z
  .object({
    ticket: z.string().openapi({
      description:
        "Offer it as the subprotocol `naru.ticket.<ticket>` beside `naru.v1`; good once.",
      example: "7.3f9k2m8q1w5x7z0c4v6b9n2m1a8s4d6f.k3j9x2m1q8w4",
    }),
    expires_in: z.int().openapi({ description: "Seconds.", example: 30 }),
  })
  .openapi("RealtimeTicket");
