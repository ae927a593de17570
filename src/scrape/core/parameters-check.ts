/** Parameters against the schema that their script declares. Runs where the linear engine for patterns is. */
import type { JsonObject, JsonValue } from "#platform/json-value";
import * as z from "zod";
import type { FieldError } from "#platform/errors";
import { describeIssues, FAULT_TEXTS, toPointer } from "#platform/faults";
import type { Locale } from "#platform/locale";
import { err, ok, type Result } from "#platform/result";
import type { Refusal } from "./document";
import type { ParameterSchema } from "./parameters-schema";
import { compilePattern, matchesPattern } from "./transforms";

/** Said to people only; zod would keep them in a registry of its own. */
const ABOUT: ReadonlySet<string> = new Set(["title", "description", "examples", "$schema"]);

/**
 * The schema as the validator takes it: without patterns, which it would hand to the runtime's backtracking engine,
 * and closed, so that a misspelt parameter is told and not passed over.
 */
function prepare(schema: ParameterSchema): z.core.JSONSchema.JSONSchema {
  const entries = Object.entries(schema).filter(
    ([keyword]) => keyword !== "pattern" && !ABOUT.has(keyword),
  );
  const prepared: Record<string, unknown> = Object.fromEntries(entries);
  if (schema.items !== undefined) prepared["items"] = prepare(schema.items);
  if (schema.type === "object") {
    prepared["additionalProperties"] = false;
    prepared["properties"] = Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([name, member]) => [name, prepare(member)]),
    );
  }
  return prepared;
}

/** Every text that does not match the pattern declared for it. Schemas nest few levels, so this recursion does too. */
function* mismatches(
  schema: ParameterSchema,
  value: JsonValue | undefined,
  path: readonly (string | number)[],
): Generator<{ readonly path: readonly (string | number)[]; readonly pattern: string }> {
  if (typeof value === "string" && schema.pattern !== undefined) {
    if (!matchesPattern(schema.pattern, value)) yield { path, pattern: schema.pattern };
  } else if (Array.isArray(value) && schema.items !== undefined) {
    for (const [index, item] of value.entries())
      yield* mismatches(schema.items, item, [...path, index]);
  } else if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    for (const [name, member] of Object.entries(schema.properties ?? {}))
      if (Object.hasOwn(value, name)) yield* mismatches(member, value[name], [...path, name]);
  }
}

/** Every pattern of a schema with the place where it stands. */
export function* patternsOf(
  schema: ParameterSchema,
  path: readonly string[] = [],
): Generator<{ readonly path: readonly string[]; readonly pattern: string }> {
  if (schema.pattern !== undefined) yield { path: [...path, "pattern"], pattern: schema.pattern };
  if (schema.items !== undefined) yield* patternsOf(schema.items, [...path, "items"]);
  for (const [name, member] of Object.entries(schema.properties ?? {}))
    yield* patternsOf(member, [...path, "properties", name]);
}

const NO_MATCH: Readonly<Record<Locale, (pattern: string) => string>> = {
  en: (pattern) => `It has to match the pattern ${pattern}`,
  ko: (pattern) => `패턴 ${pattern}에 맞아야 합니다`,
};

/**
 * Parameters with their defaults, or VALIDATION_FAILED with every fault, in `locale`, by pointers under `pointer`.
 * The schema has to be one that `ParametersSchemaSchema` takes.
 */
export function checkParameters(
  schema: ParameterSchema,
  parameters: unknown,
  pointer: string,
  locale: Locale,
): Result<JsonObject, Refusal> {
  const validator = z.fromJSONSchema(prepare(schema));
  const parsed = validator.safeParse(parameters, { error: FAULT_TEXTS[locale] });
  const errors: FieldError[] = parsed.success
    ? []
    : describeIssues(parsed.error.issues, [], locale);
  // With the defaults: one that breaks its own pattern is told too.
  const value = (parsed.success ? parsed.data : parameters) as JsonValue;
  for (const { path, pattern } of mismatches(schema, value, []))
    errors.push({
      pointer: toPointer(path),
      code: "pattern_mismatch",
      message: NO_MATCH[locale](pattern),
    });
  if (parsed.success && errors.length === 0) return ok(parsed.data as JsonObject);
  const rooted = errors.map((fault) => ({ ...fault, pointer: `${pointer}${fault.pointer}` }));
  return err({ code: "VALIDATION_FAILED", params: { count: rooted.length }, errors: rooted });
}

/** The faults of a schema that only trying tells: patterns that cannot run, defaults that break their own schema. */
export function faultsOfSchema(
  schema: ParameterSchema,
  root: readonly string[],
  locale: Locale,
): FieldError[] {
  const faults: FieldError[] = [];
  for (const { path, pattern } of patternsOf(schema)) {
    const compiled = compilePattern(pattern);
    if (!compiled.ok)
      faults.push({
        pointer: toPointer([...root, ...path]),
        code: "invalid_pattern",
        message: compiled.error[locale],
      });
  }
  return faults.length > 0 ? faults : faultsOfDefaults(schema, root, locale);
}

function faultsOfDefaults(
  schema: ParameterSchema,
  root: readonly string[],
  locale: Locale,
): FieldError[] {
  const faults: FieldError[] = [];
  for (const [name, member] of Object.entries(schema.properties ?? {})) {
    const at = [...root, "properties", name];
    if (member.default !== undefined) {
      const { default: value, ...bare } = member;
      const wrapped: ParameterSchema = { type: "object", properties: { [name]: bare } };
      const checked = checkParameters(wrapped, { [name]: value }, "", locale);
      if (!checked.ok)
        faults.push({
          pointer: toPointer([...at, "default"]),
          code: "invalid_default",
          message: checked.error.errors?.[0]?.message ?? "",
        });
    }
    faults.push(...faultsOfDefaults(member, at, locale));
  }
  return faults;
}
