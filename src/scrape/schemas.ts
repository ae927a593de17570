import { z } from "@hono/zod-openapi";
import { PAGE_QUERY, pageOf } from "#http/pagination";
import { RUN_OPTIONS, TimeoutSchema } from "#tasks/schemas";

export { SubmissionHeadersSchema, TaskSchema } from "#tasks/schemas";

const ScriptNameSchema = z
  .string()
  .regex(/^[a-zA-Z0-9_-]+$/)
  .max(64);

export const ScrapeSchema = z
  .strictObject({
    script_name: ScriptNameSchema.openapi({
      description: "What to take from the page; `GET /api/v1/scripts` lists them.",
      example: "page",
    }),
    script_version: z.string().max(64).optional().openapi({
      description: "Exactly this version of the script; the latest one unless told.",
      example: "1.0.0",
    }),
    parameters: z.record(z.string(), z.json()).openapi({
      type: "object",
      description: "What the script asks for; always the page's `url`.",
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
  })
  .openapi("Script");
export type ScriptBody = z.infer<typeof ScriptSchema>;

export const ScriptPageSchema = pageOf(ScriptSchema).openapi("ScriptPage");
export const ListScriptsQuerySchema = z.strictObject(PAGE_QUERY);
export const ScriptParamsSchema = z.object({
  name: ScriptNameSchema.openapi({ param: { name: "name", in: "path" }, example: "page" }),
});
