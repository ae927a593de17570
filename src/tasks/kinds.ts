import type { JsonObject } from "#platform/json-value";
import type { ApiError } from "#platform/errors";
import type { Locale } from "#platform/locale";
import type { Result } from "#platform/result";
import type { Scope } from "#platform/scopes";
import type { Lane } from "./core/state";

/** One kind of task: who may submit it, how it travels, and what its input may be. */
export interface KindDefinition {
  readonly kind: string;
  /** The scope that a credential needs besides the route's own. */
  readonly scope: Scope;
  readonly lane: Lane;
  readonly title: string;
  /** The input in the form that executors get, or the refusal that the caller is shown. */
  readonly validate: (
    input: JsonObject,
    context: ValidationContext,
  ) => Result<JsonObject, ApiError> | Promise<Result<JsonObject, ApiError>>;
}

export interface ValidationContext {
  readonly env: Env;
  readonly ownerId: string;
  /** The language of the texts of faults. */
  readonly locale: Locale;
  /** Where the input stands in the body, for the pointers of faults. */
  readonly root: readonly string[];
}

export interface KindRegistry {
  readonly find: (kind: string) => KindDefinition | null;
  readonly names: readonly string[];
}

/** The kinds that this deployment serves. Two definitions of one name are a fault of the program. */
export function createKindRegistry(definitions: readonly KindDefinition[]): KindRegistry {
  const byName = new Map<string, KindDefinition>();
  for (const definition of definitions) {
    if (byName.has(definition.kind))
      throw new Error(`The task kind ${definition.kind} is defined twice.`);
    byName.set(definition.kind, definition);
  }
  return { find: (kind) => byName.get(kind) ?? null, names: [...byName.keys()] };
}
