import type { JsonObject } from "#platform/json-value";
import type { Config } from "#platform/config";
import type { ApiError } from "#platform/errors";
import type { Locale } from "#platform/locale";
import { ok } from "#platform/result";
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

/**
 * The definition of a kind as this deployment serves it. One that `WORKER_KINDS` names is served by outside workers: a kind of our own keeps its
 * rules, and its lane only where our consumers go on serving it too; any other takes whatever object it is given, since only its
 * worker knows what it means.
 */
export function findKind(
  registry: KindRegistry,
  { workerKinds }: Pick<Config, "workerKinds">,
  kind: string,
): KindDefinition | null {
  const own = registry.find(kind);
  const outside = Object.hasOwn(workerKinds, kind) ? workerKinds[kind] : undefined;
  if (outside === undefined) return own;
  if (own !== null) return outside.isAlone ? { ...own, lane: "pool" } : own;
  const { scope, title } = outside;
  return { kind, scope, lane: "pool", title, validate: (input) => ok(input) };
}

/** The names of all kinds that can be submitted. */
export const kindNames = (
  registry: KindRegistry,
  { workerKinds }: Pick<Config, "workerKinds">,
): string[] => [...new Set([...registry.names, ...Object.keys(workerKinds)])];

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
