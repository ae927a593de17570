import { z } from "@hono/zod-openapi";
import { EXPORT_FORMAT } from "./core/export-format";

const items = (description: string) => z.array(z.looseObject({})).openapi({ description });

export const ExportSchema = z
  .looseObject({
    format: z.literal(EXPORT_FORMAT),
    exported_at: z.iso.datetime({ precision: 3 }),
    account: z.looseObject({}).nullable(),
    profile: z.looseObject({}).nullable(),
    settings: z.looseObject({}).nullable(),
    rooms: items("Those that you are in, with your role."),
    owned_rooms: items("Those that you made, with their names."),
    scripts: items("Each version with its definition; deleted ones without."),
    request_counts: items("Calls by day and key."),
    usage: items("What each answer of a model used."),
    feedback: items("What you thought of answers."),
    history: items("What you asked and what was answered."),
    messages: items("All messages, each with its conversation's id."),
    conversations: items("Without their messages, which stand beside them."),
    webhook_secrets: items("When they were made and end; never the secrets."),
    oauth_clients: items("Clients of the token endpoint, without their secrets."),
    api_keys: items("Keys without secrets or hashes, revoked ones too."),
    identities: items("Accounts at providers that you sign in with."),
    sessions: items("Devices that are signed in."),
    tasks: items(
      "With input, result and events. A result over 64 KiB is named by `result_url`. Dead letters are marked.",
    ),
    webhook_deliveries: items("With what was sent and all attempts."),
    channel_events: items(
      "What you published in your own channel and in rooms that you are in, within the 24 hours that channels are kept.",
    ),
    audit: items("What you did, and what was done to you; who else it was is not told."),
    complete: z.literal(true).openapi({
      description: "The last member. A document without it was cut off.",
    }),
  })
  .openapi("DataExport");

export const EraseSchema = z
  .strictObject({
    confirm: z.string().min(1).max(320).openapi({
      description: "The account's e-mail address.",
      example: "haneul@example.com",
    }),
    password: z.string().min(1).max(512).optional().openapi({
      description:
        "The password, where the account has one. Without one, the session has to be younger than ten minutes.",
    }),
  })
  .openapi("EraseData");

export const ErasureSchema = z
  .object({
    status: z.literal("erasing"),
    erasing: z.array(z.string()).openapi({ description: "What is under way, in this order." }),
  })
  .openapi("Erasure");
