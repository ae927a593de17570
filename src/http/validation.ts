import type { RouteConfig } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler, ValidationTargets } from "hono";
import type * as z from "zod";
import type { FieldError } from "#platform/errors";
import { ApiError } from "#platform/errors";
import { describeIssues, FAULT_TEXTS } from "#platform/faults";
import type { AppEnv } from "#http/context";
import { FORM_TYPE } from "#http/form";

/** As many as a person reads. A body of a million wrong fields must not make an answer of a hundred megabytes. */
const MAX_FAULTS = 100;

interface Part {
  readonly target: keyof ValidationTargets;
  readonly schema: z.ZodType;
  /** What the pointers of its faults begin with; a body's begin at its root. */
  readonly root: readonly string[];
  readonly read: (c: Context<AppEnv>) => unknown;
}

/**
 * Validates everything that a route declares of its request in one step, so that a caller learns all faults
 * at once: path, query, headers and body. Throws VALIDATION_FAILED with a pointer for each; the parsed
 * values are what `c.req.valid(…)` answers. Null where the route declares nothing.
 *
 * A check of one's own says its texts as `params: { en, ko }` and, if wanted, `code`.
 */
export function validateRequest(request: RouteConfig["request"]): MiddlewareHandler<AppEnv> | null {
  const parts = partsOf(request);
  if (parts.length === 0) return null;
  return async function validate(c, next) {
    const error = FAULT_TEXTS[c.get("locale")];
    const faults: FieldError[] = [];
    let count = 0;
    for (const { target, schema, root, read } of parts) {
      const result = schema.safeParse(read(c), { error });
      if (result.success) c.req.addValidatedData(target, result.data as object);
      else
        for (const fault of describeIssues(result.error.issues, root, c.get("locale")))
          if (++count <= MAX_FAULTS) faults.push(fault);
    }
    if (count > 0) throw new ApiError("VALIDATION_FAILED", { params: { count }, errors: faults });
    await next();
  };
}

function partsOf(request: RouteConfig["request"]): Part[] {
  const parts: Part[] = [];
  const add = (part: Omit<Part, "schema">, schema: unknown): void => {
    if (isZod(schema)) parts.push({ ...part, schema });
  };
  add({ target: "param", root: ["path"], read: (c) => c.req.param() }, request?.params);
  add({ target: "query", root: ["query"], read: readQuery }, request?.query);
  const headers = request?.headers;
  if (isZod(headers)) {
    // Only what is declared is looked at: a request's other headers are nobody's fault.
    const names = "shape" in headers ? Object.keys(headers.shape) : [];
    const read = (c: Context<AppEnv>): Record<string, string | undefined> =>
      Object.fromEntries(names.map((name) => [name, c.req.header(name)]));
    add({ target: "header", root: ["header"], read }, headers);
  }
  for (const [type, target] of [
    ["application/json", "json"],
    [FORM_TYPE, "form"],
  ] as const) {
    const media = request?.body?.content[type];
    if (media !== undefined && "schema" in media)
      add({ target, root: [], read: (c) => c.get("body") }, media.schema);
  }
  return parts;
}

const isZod = (schema: unknown): schema is z.ZodType =>
  typeof schema === "object" && schema !== null && "safeParse" in schema;

/** A parameter given once is its text, one given more often a list, which a schema takes or refuses. */
function readQuery(c: Context<AppEnv>): Record<string, string | string[] | undefined> {
  const query: Record<string, string | string[] | undefined> = {};
  for (const [name, values] of Object.entries(c.req.queries()))
    Object.defineProperty(query, name, {
      value: values.length === 1 ? values[0] : values,
      enumerable: true,
    });
  return query;
}
