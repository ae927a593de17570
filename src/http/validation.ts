import type { RouteConfig } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler, ValidationTargets } from "hono";
import type * as z from "zod";
import { en, ko } from "zod/locales";
import type { FieldError } from "#platform/errors";
import { ApiError } from "#platform/errors";
import type { Locale } from "#platform/locale";
import type { AppEnv } from "#http/context";
import { toPointer } from "#http/json";

/** As many as a person reads. A body of a million wrong fields must not make an answer of a hundred megabytes. */
const MAX_FAULTS = 100;

type Issue = z.core.$ZodIssue;
type RawIssue = z.core.$ZodRawIssue;
type Texts = (issue: RawIssue) => string | { message: string } | null | undefined;

const ZOD_TEXTS: Readonly<Record<Locale, Texts>> = {
  en: en().localeError,
  ko: ko().localeError,
};
const REQUIRED: Readonly<Record<Locale, string>> = {
  en: "This field is required",
  ko: "필수 항목입니다",
};
const UNKNOWN: Readonly<Record<Locale, string>> = {
  en: "This field is not known here",
  ko: "알 수 없는 항목입니다",
};

/** One error map for each language, given to each parse: zod's own setting is global to the isolate. */
const ERROR_MAPS: Readonly<Record<Locale, Texts>> = {
  en: errorMap("en"),
  ko: errorMap("ko"),
};

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
    const error = ERROR_MAPS[c.get("locale")];
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
  const json = request?.body?.content["application/json"];
  if (json !== undefined && "schema" in json)
    add({ target: "json", root: [], read: (c) => c.get("body") }, json.schema);
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

function errorMap(locale: Locale): Texts {
  return (issue) => {
    if (issue.code === "invalid_type" && issue.input === undefined) return REQUIRED[locale];
    if (issue.code === "custom") {
      const text = issue.params?.[locale] as unknown;
      if (typeof text === "string") return text;
    }
    return ZOD_TEXTS[locale](issue);
  };
}

/** What of zod's issues a caller reads: a pointer, a stable code and a text; one for each unknown field. */
export function describeIssues(
  issues: readonly Issue[],
  root: readonly PropertyKey[],
  locale: Locale,
): FieldError[] {
  return issues.flatMap((issue) => {
    const path = [...root, ...issue.path];
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => ({
        pointer: toPointer([...path, key]),
        code: "unknown_field",
        message: UNKNOWN[locale],
      }));
    const branch = issue.code === "invalid_union" ? nearestBranch(issue.errors) : null;
    if (branch !== null) return describeIssues(branch, path, locale);
    return [{ pointer: toPointer(path), code: codeOf(issue, locale), message: issue.message }];
  });
}

function codeOf(issue: Issue, locale: Locale): string {
  if (issue.code === "invalid_type" && issue.message === REQUIRED[locale]) return "required";
  const own = issue.code === "custom" ? (issue.params?.["code"] as unknown) : undefined;
  return typeof own === "string" ? own : issue.code;
}

/**
 * Of a union's failed branches the one that the caller most likely meant: with faults inside it rather
 * than of its very type, and the fewest of them. Null where no branch fits better than the others.
 */
function nearestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | null {
  const entered = branches.filter((issues) => issues.some((issue) => issue.path.length > 0));
  const sizes = entered.map((issues) => issues.length);
  const smallest = Math.min(...sizes);
  const nearest = entered.filter((issues) => issues.length === smallest);
  return nearest.length === 1 ? (nearest[0] ?? null) : null;
}
