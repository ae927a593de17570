import { z } from "@hono/zod-openapi";
import { PAGE_QUERY, pageOf } from "#http/pagination";
import { RUN_OPTIONS, TaskErrorSchema, TimeoutSchema } from "#tasks/schemas";
import { ScriptDefinitionSchema as DefinitionSchema } from "./core/script-definition";
import { isVersionRange, MAX_VERSION_LENGTH } from "./core/script-version";

export { SubmissionHeadersSchema, TaskSchema } from "#tasks/schemas";

const ScriptNameSchema = z
  .string()
  .regex(/^[a-zA-Z0-9_-]+$/)
  .max(64);

const RangeSchema = z
  .string()
  .max(MAX_VERSION_LENGTH)
  .refine(isVersionRange, {
    params: {
      code: "invalid_version",
      en: "It is no version, no range such as ^1.2 or 1.x, and not latest",
      ko: "버전도, ^1.2나 1.x 같은 범위도, latest도 아닙니다",
    },
  })
  .openapi({
    description:
      "A version, a range (`^1.2`, `1.x`, `>=1 <3`), or `latest`, which is the highest version that is released.",
    example: "^1.0",
  });

export const ScrapeSchema = z
  .strictObject({
    script_name: ScriptNameSchema.openapi({
      description: "What to take from the page; `GET /api/v1/scripts` lists them.",
      example: "page",
    }),
    script_version: RangeSchema.optional().openapi({
      description:
        "Which version of the script: exactly one, a range such as `^1.2`, or `latest`, as without it. Decided once, when the task is accepted.",
    }),
    parameters: z.record(z.string(), z.json()).openapi({
      type: "object",
      description: "What the script asks for; of built-in ones always the page's `url`.",
      example: { url: "https://example.com/" },
    }),
    max_age: z.int().min(0).max(604_800).optional().openapi({
      description:
        "Takes no copy older than so many seconds; 0 has the site asked in any case. Unless told, a page is read again for as long as the site's own headers allow (RFC 9111). `data.cache` says how the page came: `hit`, `revalidated` or `miss`, and its `age` in seconds.",
      example: 600,
    }),
    timeout: TimeoutSchema,
    ...RUN_OPTIONS,
  })
  .openapi("Scrape");

export const ScriptSchema = z
  .object({
    name: z.string().openapi({ example: "page" }),
    version: z.string().openapi({ description: "Semantic version.", example: "1.0.0" }),
    title: z.string(),
    description: z.string(),
    accepts: z
      .array(z.string())
      .openapi({ description: "Media types that it reads.", example: ["text/html"] }),
    parameters: z.record(z.string(), z.unknown()).openapi({
      type: "object",
      description: "JSON Schema (2020-12) of the parameters.",
      example: { type: "object", properties: { url: { type: "string" } }, required: ["url"] },
    }),
    built_in: z.boolean(),
    content_hash: z.string().nullable().openapi({
      description: "SHA-256 of the definition as it is kept; null for a built-in script.",
    }),
    created_at: z.iso.datetime({ precision: 3 }).nullable(),
  })
  .openapi("Script");
export type ScriptBody = z.infer<typeof ScriptSchema>;

/** What people write; the very schema that judges it stands in the document. */
export const ScriptDefinitionSchema = z
  .strictObject({
    ...DefinitionSchema.shape,
    // A schema of schemas, with any JSON inside: the document says it in words.
    parameters: DefinitionSchema.shape.parameters.openapi({
      type: "object",
      example: { type: "object", properties: { url: { type: "string" } }, required: ["url"] },
    }),
  })
  .openapi("ScriptDefinition", {
    example: {
      version: "1.0.0",
      title: "Ferry timetable",
      description: "The boats of a landing and its pages of news.",
      parameters: {
        type: "object",
        properties: { url: { type: "string", format: "uri" } },
        required: ["url"],
      },
      steps: [
        { fetch: "{url}" },
        {
          extract: {
            title: "h1",
            boats: {
              selector: "tbody tr",
              all: true,
              fields: { name: "td:nth-child(1)", leaves_at: "td:nth-child(2)" },
            },
          },
        },
      ],
      output: { format: "json" },
    },
  });

export const ScriptDetailSchema = ScriptSchema.extend({
  definition: z.record(z.string(), z.unknown()).nullable().openapi({
    type: "object",
    description: "What was kept, as it can be sent again; null for a built-in script.",
  }),
}).openapi("ScriptDetail");
export type ScriptDetail = z.infer<typeof ScriptDetailSchema>;

export const ScriptPageSchema = pageOf(ScriptSchema).openapi("ScriptPage");
export const ListScriptsQuerySchema = z.strictObject(PAGE_QUERY);
export const ScriptParamsSchema = z.object({
  name: ScriptNameSchema.openapi({ param: { name: "name", in: "path" }, example: "page" }),
});
export const ScriptQuerySchema = z.strictObject({ version: RangeSchema.optional() });
export const DeleteScriptQuerySchema = z.strictObject({
  version: z.string().max(MAX_VERSION_LENGTH).optional().openapi({
    description: "Only this version; all of them unless told.",
    example: "1.0.0",
  }),
});
export const IfMatchSchema = z.object({ "If-Match": z.string().optional() });

export const ScriptVersionPageSchema = pageOf(
  z
    .object({
      version: z.string(),
      content_hash: z.string().nullable(),
      created_at: z.iso.datetime({ precision: 3 }).nullable(),
      latest: z.boolean().openapi({ description: "Whether it runs where no version is named." }),
    })
    .openapi("ScriptVersion"),
).openapi("ScriptVersionPage");

const AddressSchema = z.url({ protocol: /^https?$/, hostname: /./ }).max(4096);
const ContentTypeSchema = z.string().min(1).max(200).default("text/html; charset=utf-8");
const ContentSchema = z.string().openapi({
  description: "The page's text, such as its HTML.",
  example: "<h1>Ferries</h1>",
});

export const PreviewSchema = z
  .strictObject({
    content: ContentSchema,
    content_type: ContentTypeSchema,
    url: AddressSchema.optional().openapi({
      description: "The address that the page is taken to have; the script's own unless told.",
      example: "https://example.com/",
    }),
    pages: z
      .array(
        z.strictObject({
          url: AddressSchema,
          content: ContentSchema,
          content_type: ContentTypeSchema,
        }),
      )
      .max(50)
      .default([])
      .openapi({ description: "Pages that the script may come to after the first." }),
    parameters: z
      .record(z.string(), z.json())
      .openapi({ type: "object", description: "What the script asks for.", example: {} })
      .default({}),
    version: RangeSchema.optional(),
    definition: ScriptDefinitionSchema.optional().openapi({
      description: "Tries this definition instead of the one that is kept; nothing is kept.",
    }),
  })
  .openapi("ScriptPreview");
export type PreviewBody = z.output<typeof PreviewSchema>;

export const PreviewResultSchema = z
  .object({
    name: z.string(),
    version: z.string(),
    status: z.enum(["completed", "failed"]),
    data: z.unknown().openapi({
      description:
        "What a scrape of these pages would have in its `data`, but for how they were had. An address that was not supplied stands in `pages` with the error `PAGE_NOT_SUPPLIED`.",
    }),
    error: TaskErrorSchema.nullable(),
  })
  .openapi("ScriptPreviewResult");
