/** What of `naru-tools` scrapes need. Declared here, for the generated type of its recursive JSON is beyond the compiler. */
import type { JsonObject } from "#platform/json-value";
import { currentTraceparent } from "#platform/correlation";
import { ApiError } from "#platform/errors";
import type { ErrorCode, ErrorParams, FieldError } from "#platform/errors";
import type { Locale } from "#platform/locale";
import type { ParameterSchema } from "./core/parameters-schema";
import type { ScriptDefinition } from "./core/script-definition";
import type { PagePlan } from "./core/script-plan";

interface Refused {
  readonly ok: false;
  readonly code: ErrorCode;
  readonly params?: ErrorParams;
  readonly errors?: readonly FieldError[];
}
export interface ScriptTools {
  readonly checkScript: (
    definition: ScriptDefinition,
    root: readonly string[],
    locale: Locale,
  ) => Promise<readonly FieldError[]>;
  readonly checkParameters: (
    schema: ParameterSchema,
    parameters: JsonObject,
    pointer: string,
    locale: Locale,
  ) => Promise<{ readonly ok: true; readonly parameters: JsonObject } | Refused>;
  readonly extract: (page: {
    readonly body: Uint8Array;
    readonly contentType: string | null;
    readonly url: string;
    readonly script: string;
    readonly parameters: JsonObject;
    readonly traceparent?: string | undefined;
  }) => Promise<
    { readonly ok: true; readonly data: JsonObject; readonly charset: string } | Refused
  >;
  readonly extractPage: (page: {
    readonly body: Uint8Array;
    readonly contentType: string | null;
    readonly url: string;
    readonly plan: PagePlan;
    readonly traceparent?: string | undefined;
  }) => Promise<
    | {
        readonly ok: true;
        readonly values: JsonObject;
        readonly links: Readonly<Record<string, readonly string[]>>;
        readonly next: string | null;
        readonly charset: string;
      }
    | Refused
  >;
}
/** With the trace of what is running, for their log. */
export function toolsOf(env: { readonly TOOLS: unknown }): ScriptTools {
  const tools = env.TOOLS as ScriptTools;
  return {
    checkScript: (...input) => tools.checkScript(...input),
    checkParameters: (...input) => tools.checkParameters(...input),
    extract: (page) => tools.extract({ traceparent: currentTraceparent(), ...page }),
    extractPage: (page) => tools.extractPage({ traceparent: currentTraceparent(), ...page }),
  };
}

/** A fault of a tool's verdict as the error that the caller is shown. */
export const refusedByTool = ({ code, params, errors }: Refused): ApiError =>
  new ApiError(code, { ...(params && { params }), ...(errors && { errors }) });

/** A tool's answer; where the tool cannot be reached, DEPENDENCY_UNAVAILABLE: the tools answer every input, and never throw. */
export async function answerOf<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (cause) {
    throw new ApiError("DEPENDENCY_UNAVAILABLE", {
      cause,
      internal: "naru-tools did not answer",
      headers: { "Retry-After": "1" },
    });
  }
}
