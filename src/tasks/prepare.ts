import type { JsonObject } from "#platform/json-value";
import { systemClock } from "#platform/clock";
import { readConfig } from "#platform/config";
import type { Config } from "#platform/config";
import { ApiError } from "#platform/errors";
import type { FieldError } from "#platform/errors";
import { toPointer } from "#platform/faults";
import type { Locale } from "#platform/locale";
import { hasScope } from "#platform/principal";
import type { Principal } from "#platform/principal";
import { checkCallback } from "./callback";
import { checkOptions } from "./core/run-options";
import type { RunOptions } from "./core/run-options";
import { MAX_INPUT_CHARS, MAX_SERVED_TIMEOUT_S } from "./core/timing";
import { findKind, kindNames } from "./kinds";
import type { KindDefinition, KindRegistry } from "./kinds";
import type { Submission } from "./submit";

export interface SubmissionRequest {
  readonly kinds: KindRegistry;
  readonly kind: string;
  readonly input: JsonObject;
  /** Seconds. */
  readonly timeout: number;
  /** How it is run; the defaults unless told. */
  readonly options?: RunOptions;
}

/** Who submits, from where. */
export interface Submitter {
  readonly env: Env;
  readonly principal: Principal;
  readonly locale: Locale;
  readonly traceparent: string;
}

/** Where a submission's parts stand in the body, for the pointers of faults. */
export interface Places {
  readonly input: readonly string[];
  readonly options: readonly string[];
}

/** A request for a task as it may be put on record. Throws why not, with all faults of its input and its options at once. */
export async function prepareSubmission(
  submitter: Submitter,
  request: SubmissionRequest,
  places: Places,
): Promise<Omit<Submission, "idempotencyKey">> {
  const { env, principal, locale, traceparent } = submitter;
  const { options = {}, timeout } = request;
  const { ownerId } = principal;
  const definition = admitKind(principal, readConfig(env), request);
  const faults = [
    ...describeOptions(options, locale, places.options),
    ...checkCallback(options, readConfig(env), locale, places.options),
  ];
  const context = { env, ownerId, locale, root: places.input };
  const input = await definition.validate(request.input, context);
  if (!input.ok) {
    const { code, options: refusal } = input.error;
    if (faults.length === 0) throw input.error;
    const errors = [...(refusal.errors ?? []), ...faults];
    throw new ApiError(code, {
      ...refusal,
      errors,
      params: { ...refusal.params, count: errors.length },
    });
  }
  if (faults.length > 0)
    throw new ApiError("VALIDATION_FAILED", { params: { count: faults.length }, errors: faults });
  if (JSON.stringify(input.value).length > MAX_INPUT_CHARS)
    throw new ApiError("BODY_TOO_LARGE", { params: { limit: MAX_INPUT_CHARS } });
  return { ownerId, definition, input: input.value, timeout, options, traceparent };
}

/** The definition of the kind, if it exists, the caller may use it and it is served for so long. */
function admitKind(
  principal: Principal,
  config: Config,
  { kinds, kind, timeout }: SubmissionRequest,
): KindDefinition {
  const definition = findKind(kinds, config, kind);
  if (!definition)
    throw new ApiError("UNKNOWN_TASK_KIND", {
      params: { kind, kinds: kindNames(kinds, config).join(", ") },
    });
  if (!hasScope(principal, definition.scope))
    throw new ApiError("INSUFFICIENT_SCOPE", { params: { scope: definition.scope } });
  if (timeout > MAX_SERVED_TIMEOUT_S && definition.lane !== "pool")
    throw new ApiError("TIMEOUT_NOT_SERVED", { params: { max: MAX_SERVED_TIMEOUT_S } });
  return definition;
}

const OPTION_TEXTS: Readonly<Record<Locale, Readonly<Record<"conflict" | "too_far", string>>>> = {
  en: {
    conflict: "Only one of run_at and delay_seconds can be given",
    too_far: "Must be at most 30 days ahead",
  },
  ko: {
    conflict: "run_at과 delay_seconds 중 하나만 쓸 수 있습니다",
    too_far: "30일 이내여야 합니다",
  },
};

/** What is wrong with the options, in the caller's words. */
const describeOptions = (
  options: RunOptions,
  locale: Locale,
  root: readonly string[],
): FieldError[] =>
  checkOptions(options, systemClock()).map(({ field, code }) => ({
    pointer: toPointer([...root, field]),
    code,
    message: OPTION_TEXTS[locale][code],
  }));
