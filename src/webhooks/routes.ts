import { requireScope } from "#auth/guard";
import { toTimestamp } from "#platform/clock";
import { defineRoute, newRouter } from "#http/router";
import { idempotent } from "#limits/guard";
import { RotateWebhookSecretSchema, WebhookSecretSchema } from "./schemas";
import { rotateSecret } from "./service";

const rotateRoute = defineRoute({
  method: "post",
  path: "/api/v1/webhook-secret",
  operationId: "webhookSecret.rotate",
  tags: ["tasks"],
  access: requireScope("keys:manage"),
  summary: "Make or rotate your webhook secret",
  description:
    "Deliveries to `callback_url` are signed as Standard Webhooks says (`webhook-id`, `webhook-timestamp`, `webhook-signature` with `v1,` and HMAC-SHA256 over `id.timestamp.body`). Your account has one secret; this puts a new one in force and shows it once. For `overlap_seconds` each delivery carries signatures of the new and of the older ones (the youngest four), so that a receiver can change over without losing any. An account that submits a task with a `callback_url` before it has a secret is given one that nobody has seen: call this to have one that you know.",
  errors: ["MISCONFIGURED"],
  idempotency: idempotent({ showsSecret: true }),
  request: {
    body: {
      required: false,
      content: { "application/json": { schema: RotateWebhookSecretSchema } },
    },
  },
  responses: {
    201: {
      description: "The secret, shown once.",
      content: { "application/json": { schema: WebhookSecretSchema } },
    },
  },
});

/** The route of the secret that webhooks are signed with. */
export const webhookRoutes = newRouter().openapi(rotateRoute, async (c) => {
  const { overlap_seconds } = c.req.valid("json");
  const address = c.req.header("cf-connecting-ip") ?? null;
  const made = await rotateSecret(c.env, c.get("principal"), address, overlap_seconds);
  c.header("Cache-Control", "no-store");
  return c.json(
    {
      id: made.id,
      secret: made.secret,
      created_at: toTimestamp(made.createdAtMs),
      overlap_until: toTimestamp(made.overlapUntilMs),
    },
    201,
  );
});
