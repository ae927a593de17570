import type { Context, ErrorHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import { systemClock, toTimestamp } from "#platform/clock";
import type { ApiErrorOptions, ErrorCode } from "#platform/errors";
import { ApiError, ERRORS, errorText } from "#platform/errors";
import { describeError } from "#platform/log";
import { count } from "#platform/meter";
import { traceIdOf } from "#platform/trace-context";
import type { AppEnv } from "#http/context";
import { isDependencyFailure } from "#http/dependency-failure";

export const PROBLEM_TYPE = "application/problem+json";

/** What Hono and its middleware refuse on their own, which is little: most is refused before it reaches them. */
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: "AUTHENTICATION_REQUIRED",
  403: "INSUFFICIENT_SCOPE",
  404: "ROUTE_NOT_FOUND",
  405: "METHOD_NOT_ALLOWED",
  406: "NOT_ACCEPTABLE",
  409: "CONFLICT",
  412: "PRECONDITION_FAILED",
  413: "BODY_TOO_LARGE",
  414: "URI_TOO_LONG",
  415: "UNSUPPORTED_MEDIA_TYPE",
  422: "VALIDATION_FAILED",
  428: "PRECONDITION_REQUIRED",
  429: "RATE_LIMITED",
  503: "DEPENDENCY_UNAVAILABLE",
  504: "UPSTREAM_TIMEOUT",
};

/**
 * The one place where a failure becomes an answer. Three arms: a refusal of ours, one of Hono's, and
 * everything else, of which the log keeps a description and the caller learns nothing but the request id.
 */
export const onError: ErrorHandler<AppEnv> = (error, c) => {
  if (error instanceof ApiError) {
    const { internal, cause } = error.options;
    if (internal !== undefined) c.get("logFields")["error_internal"] = internal;
    if (cause !== undefined) Object.assign(c.get("logFields"), describeError(cause));
    const policy = error.status === 429 ? error.options.params?.["policy"] : undefined;
    if (policy !== undefined) count("naru_rate_limited_total", { policy: String(policy) });
    return answerProblem(c, error.code, error.options);
  }
  if (error instanceof HTTPException) {
    const fallback = error.status < 500 ? "BAD_REQUEST" : "INTERNAL";
    return answerProblem(c, CODE_OF_STATUS[error.status] ?? fallback);
  }
  Object.assign(c.get("logFields"), describeError(error));
  return answerProblem(c, isDependencyFailure(error) ? "DEPENDENCY_UNAVAILABLE" : "INTERNAL");
};

/** An `application/problem+json` answer (RFC 9457) in the request's language, or one in the shape that the path's API has. */
export function answerProblem(
  c: Context<AppEnv>,
  code: ErrorCode,
  options: ApiErrorOptions = {},
): Response {
  const status = ERRORS[code];
  c.get("logFields")["error_code"] = code;
  const problem = problemOf(c, code, options);
  const headers = { ...requiredHeaders(status), ...options.headers };
  const shape = c.get("errorShape");
  if (shape !== undefined) {
    const { body, headers: own, status: told } = shape.present(problem);
    return c.newResponse(JSON.stringify(body), told as typeof status, {
      ...headers,
      ...own,
      "Content-Type": shape.contentType,
    });
  }
  return c.newResponse(JSON.stringify(problem), status, {
    ...headers,
    "Content-Type": PROBLEM_TYPE,
  });
}

/** The members of a problem document (RFC 9457) in the request's language. */
export function problemOf(
  c: Context<AppEnv>,
  code: ErrorCode,
  options: ApiErrorOptions = {},
): Readonly<Record<string, unknown>> {
  const text = errorText(code, c.get("locale"), options.params);
  return {
    ...options.extension,
    // Relative, so that no Host header can make it lead elsewhere; this server answers it with a page.
    type: `/errors/${code}`,
    title: text.title,
    status: ERRORS[code],
    instance: instanceOf(c.req.url),
    error: text.error,
    detail: text.detail,
    code,
    // When it was refused, which may be minutes after the request came.
    timestamp: toTimestamp(systemClock()),
    request_id: c.get("requestId"),
    trace_id: traceIdOf(c.get("traceparent")),
    errors: options.errors,
  };
}

/** What a status may not go without (RFC 9110 sections 11.6.1 and 10.2.3), where the refusal does not say it better. */
function requiredHeaders(status: number): Record<string, string> {
  if (status === 401) return { "WWW-Authenticate": 'Bearer realm="naru"' };
  if (status === 429) return { "Retry-After": "1" };
  return status === 503 ? { "Retry-After": "5" } : {};
}

/** The path as it was asked for. Without the query, which may hold what nobody should keep. */
function instanceOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  const path = (start < 0 ? "/" : url.slice(start)).split(/[?#]/, 1)[0] ?? "/";
  return path.slice(0, 2048);
}
