import { z } from "@hono/zod-openapi";
import type { ErrorCode } from "#platform/errors";
import { ERRORS, errorText } from "#platform/errors";
import { PROBLEM_TYPE } from "#http/problem";

const FieldErrorSchema = z
  .object({
    pointer: z.string().openapi({ description: "Where, as a JSON pointer (RFC 6901)." }),
    code: z.string().openapi({ description: "What kind of fault, the same in every language." }),
    message: z.string(),
  })
  .openapi("FieldError", {
    example: {
      pointer: "/timeout",
      code: "too_big",
      message: "Too big: expected number to be <=3600",
    },
  });

export const ProblemSchema = z
  .object({
    type: z.string().openapi({ description: "A relative reference to the page on this error." }),
    title: z.string(),
    status: z.int(),
    instance: z.string().openapi({ description: "The path that was asked for." }),
    error: z.string().openapi({ description: "What happened, for a person." }),
    detail: z.string().nullable().openapi({ description: "What to do about it." }),
    code: z.string().openapi({ description: "Stable, the same in every language." }),
    timestamp: z.iso.datetime({ precision: 3 }),
    request_id: z.string(),
    trace_id: z.string().openapi({
      description:
        "The trace of the request (W3C Trace Context): the caller's, where it sent a `traceparent`.",
    }),
    task_id: z.string().optional().openapi({ description: "Where a task is meant." }),
    claimed: z
      .boolean()
      .optional()
      .openapi({ description: "With a 408: whether a worker has taken the task." }),
    last_claim_at: z.iso
      .datetime({ precision: 3 })
      .nullable()
      .optional()
      .openapi({ description: "With a 408: when a worker last took any task; null for never." }),
    not_before: z.iso
      .datetime({ precision: 3 })
      .nullable()
      .optional()
      .openapi({ description: "With a 408: before when the task is not tried again." }),
    last_error: z
      .object({ code: z.string(), message: z.string(), detail: z.string().nullable() })
      .nullable()
      .optional()
      .openapi({
        description: "With a 408: why the last attempt failed, or what the task waits for.",
      }),
    errors: z
      .array(FieldErrorSchema)
      .optional()
      .openapi({ description: "All faults of a request that is well-formed but invalid." }),
  })
  .openapi("Problem", { description: "An error as RFC 9457 shapes it." });

/** What the parts that every request passes through can refuse, in the order in which they do. */
const ALWAYS: readonly ErrorCode[] = [
  "CREDENTIAL_IN_URL",
  "NOT_ACCEPTABLE",
  "URI_TOO_LONG",
  "INTERNAL",
  "MISCONFIGURED",
  "DEPENDENCY_UNAVAILABLE",
];
const WITH_CREDENTIAL: readonly ErrorCode[] = [
  "CONFLICTING_CREDENTIALS",
  "AUTHENTICATION_REQUIRED",
  "INVALID_API_KEY",
  "API_KEY_EXPIRED",
  "INVALID_TOKEN",
];
const WITH_LIMITS: readonly ErrorCode[] = ["RATE_LIMITED", "TOO_MANY_CONCURRENT"];
const WITH_BODY: readonly ErrorCode[] = [
  "BODY_REQUIRED",
  "MALFORMED_JSON",
  "INVALID_UTF8",
  "BODY_TOO_DEEP",
  "FORBIDDEN_KEY",
  "BODY_TOO_LARGE",
  "UNSUPPORTED_MEDIA_TYPE",
];

export interface Refusals {
  readonly isPublic: boolean;
  readonly scope: string | null;
  readonly policies: readonly string[];
  readonly hasInput: boolean;
  readonly hasBody: boolean;
  /** What this operation refuses beside what all do. */
  readonly own: readonly ErrorCode[];
}

/** The error answers of an operation for the OpenAPI document, by status, made from the one table of codes. */
export function problemResponses(refusals: Refusals): Record<string, object> {
  const codes = new Set<ErrorCode>([
    ...ALWAYS,
    ...(refusals.isPublic ? [] : WITH_CREDENTIAL),
    ...(refusals.scope === null ? [] : (["INSUFFICIENT_SCOPE"] as const)),
    ...(refusals.policies.length === 0 ? [] : WITH_LIMITS),
    ...(refusals.hasInput ? (["VALIDATION_FAILED"] as const) : []),
    ...(refusals.hasBody ? WITH_BODY : []),
    ...refusals.own,
  ]);
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes)
    byStatus.set(ERRORS[code], [...(byStatus.get(ERRORS[code]) ?? []), code]);
  return Object.fromEntries(
    [...byStatus].sort(([a], [b]) => a - b).map(([status, own]) => [status, describe(own)]),
  );
}

function describe(codes: readonly ErrorCode[]): object {
  const lines = codes.map((code) => `\`${code}\`: ${errorText(code, "en").error}`);
  const examples = codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]);
  return {
    description: lines.join("\n\n"),
    content: {
      [PROBLEM_TYPE]: { schema: ProblemSchema, examples: Object.fromEntries(examples) },
    },
  };
}

/** A problem of this code as a caller gets it, for the document's `components/examples`. */
export function exampleProblem(code: ErrorCode): object {
  const { title, error, detail } = errorText(code, "en");
  return {
    type: `/errors/${code}`,
    title,
    status: ERRORS[code],
    instance: "/api/v1/tasks",
    error,
    detail,
    code,
    timestamp: "2026-10-20T09:30:00.000Z",
    request_id: "req_1m7zq4h8v0k3d9w2x6c5b1n8rt",
    trace_id: "0af7651916cd43dd8448eb211c80319c",
    ...(code === "VALIDATION_FAILED"
      ? {
          errors: [
            {
              pointer: "/timeout",
              code: "too_big",
              message: "Too big: expected number to be <=3600",
            },
          ],
        }
      : {}),
  };
}
