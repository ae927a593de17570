import { AI_TEXTS_EN } from "#platform/error-texts-en-ai";
import { GATEWAY_TEXTS_EN } from "#platform/error-texts-en-gateway";
import { OAUTH_TEXTS_EN } from "#platform/error-texts-en-oauth";
import { KEY_TEXTS_EN } from "#platform/error-texts-en-keys";
import { REASONING_TEXTS_EN } from "#platform/error-texts-en-reasoning";
import { RUN_TEXTS_EN } from "#platform/error-texts-en-runs";
import { REALTIME_TEXTS_EN } from "#platform/error-texts-en-realtime";
import { DATA_TEXTS_EN } from "#platform/error-texts-en-data";
import { SESSION_TEXTS_EN } from "#platform/error-texts-en-sessions";
import { UPSTREAM_TEXTS_EN } from "#platform/error-texts-en-upstreams";
import { WORKER_TEXTS_EN } from "#platform/error-texts-en-workers";
import type { ErrorCode, ErrorText } from "#platform/errors";

/** English. `[…{name}…]` is left out where the parameter is not given, as on the pages under `/errors/:code`. */
export const EN: Record<ErrorCode, ErrorText> = {
  BAD_REQUEST: {
    title: "Bad request",
    error: "The request could not be understood.",
    detail: "Compare it with the example of this operation under /docs.",
  },
  BODY_REQUIRED: {
    title: "Body required",
    error: "This operation needs a body and the request has none.",
    detail:
      "Send it in the content type that /docs names for the operation, mostly application/json.",
  },
  MALFORMED_JSON: {
    title: "Malformed JSON",
    error: "The body is not valid JSON.",
    detail: "Check quotes, commas and brackets: JSON allows neither comments nor trailing commas.",
  },
  INVALID_UTF8: {
    title: "Invalid UTF-8",
    error: "The body is not valid UTF-8.",
    detail: "Encode the body as UTF-8 before it is sent.",
  },
  BODY_TOO_DEEP: {
    title: "Body too deep",
    error: "The body nests objects and arrays too deeply.",
    detail: "Flatten it[ to at most {limit} levels].",
  },
  FORBIDDEN_KEY: {
    title: "Forbidden key",
    error: "The body uses a key that is never accepted[: {key}].",
    detail: "Rename it: __proto__, constructor and prototype are refused at every level.",
  },
  INVALID_HEADER: {
    title: "Invalid header",
    error: "A request header has a value that is not allowed[: {header}].",
    detail: "See the operation under /docs for the form of the header.",
  },
  INVALID_CURSOR: {
    title: "Invalid cursor",
    error: "The cursor is not one that this list gave out.",
    detail:
      "Pass next_cursor on exactly as it was given, or leave cursor out to begin at the start.",
  },
  CONFLICTING_CREDENTIALS: {
    title: "Conflicting credentials",
    error: "The request carries two different credentials.",
    detail: "Send either Authorization or X-API-Key, not both.",
  },
  CREDENTIAL_IN_URL: {
    title: "Credential in the URL",
    error: "A credential stands in the URL, where logs and histories keep it.",
    detail: "Send it in the Authorization or X-API-Key header, and replace it: it may have leaked.",
  },
  AUTHENTICATION_REQUIRED: {
    title: "Authentication required",
    error: "This operation needs a credential.",
    detail: "Send Authorization: Bearer <access token or API key>, or X-API-Key: <API key>.",
  },
  INVALID_API_KEY: {
    title: "Invalid API key",
    error: "The API key is not valid.",
    detail: "Check that it was copied whole, or make a new one: a revoked key stays refused.",
  },
  API_KEY_EXPIRED: {
    title: "API key expired",
    error: "The API key has expired.",
    detail: "Make a new key, or rotate it before its end next time.",
  },
  INVALID_TOKEN: {
    title: "Invalid token",
    error: "The access token is not valid or has ended.",
    detail: "Refresh it, or sign in again.",
  },
  INSUFFICIENT_SCOPE: {
    title: "Insufficient scope",
    error: "The credential does not allow this operation.",
    detail: "Use a credential[ with the scope {scope}] that its owner grants for this.",
  },
  ORIGIN_NOT_ALLOWED: {
    title: "Origin not allowed",
    error: "Requests from this web origin are not allowed.",
    detail: "The operator can add the origin to CORS_ORIGINS.",
  },
  ROUTE_NOT_FOUND: {
    title: "Route not found",
    error: "There is nothing at this path.",
    detail: "Paths are case-sensitive and have no slash at the end. All of them: /openapi.json.",
  },
  RESOURCE_NOT_FOUND: {
    title: "Not found",
    error: "There is no such resource, or it is not yours.",
    detail: "Check the id and the credential that you use.",
  },
  TASK_NOT_FOUND: {
    title: "Task not found",
    error: "There is no such task, or it is not yours.",
    detail: "Check the task id and the credential that you use.",
  },
  SCRIPT_NOT_FOUND: {
    title: "Script not found",
    error: "There is no such script, or no version of it that fits[: {script_name}].",
    detail: "GET /api/v1/scripts lists those that exist.",
  },
  METHOD_NOT_ALLOWED: {
    title: "Method not allowed",
    error: "This path does not serve the method[ {method}].",
    detail: "Use one of those in the Allow header[: {allow}].",
  },
  NOT_ACCEPTABLE: {
    title: "Not acceptable",
    error: "The answer cannot be given in a form that the Accept header allows.",
    detail: "Leave Accept out or allow[ {produces}] what the operation produces.",
  },
  CONFLICT: {
    title: "Conflict",
    error: "The request conflicts with the present state of the resource.",
    detail: "Read the resource again and decide anew.",
  },
  IDEMPOTENCY_IN_PROGRESS: {
    title: "Still in progress",
    error: "The first request with this Idempotency-Key is still running.",
    detail: "Wait and send the same request again to receive its answer.",
  },
  PRECONDITION_FAILED: {
    title: "Precondition failed",
    error: "The resource is not in the version that If-Match names.",
    detail: "Read it again and repeat the change with its new ETag.",
  },
  BODY_TOO_LARGE: {
    title: "Body too large",
    error: "The body is larger than is accepted.",
    detail: "Send less[: at most {limit} bytes], or split the request.",
  },
  URI_TOO_LONG: {
    title: "URI too long",
    error: "The address of the request is longer than is accepted.",
    detail: "Keep path and query under 8 KiB; put what is long into the body.",
  },
  UNSUPPORTED_MEDIA_TYPE: {
    title: "Unsupported media type",
    error: "The body has a content type, charset or encoding that is not accepted.",
    detail: "Send[ {expected} as] uncompressed UTF-8 and say so in Content-Type.",
  },
  VALIDATION_FAILED: {
    title: "Validation failed",
    error: "The request is well-formed, but not valid[ (faults: {count})].",
    detail: "errors names each fault with a JSON pointer.",
  },
  IDEMPOTENCY_KEY_REUSED: {
    title: "Idempotency-Key reused",
    error: "This Idempotency-Key was used with another request.",
    detail: "Use a new key for a new request; repeat a request unchanged with its own key.",
  },
  UNKNOWN_TASK_KIND: {
    title: "Unknown task kind",
    error: "No worker of this server runs tasks of this kind[: {kind}].",
    detail: "Choose one of the kinds that the operation documents[: {kinds}].",
  },
  TIMEOUT_NOT_SERVED: {
    title: "Timeout not served",
    error: "No worker serves a run as long as this timeout allows.",
    detail: "Ask for[ at most {max} s,] a shorter timeout, or connect a worker of your own.",
  },
  PRECONDITION_REQUIRED: {
    title: "Precondition required",
    error: "This change needs a condition, so that it cannot overwrite another one unseen.",
    detail: "Send If-Match with the ETag of the version that you have read.",
  },
  RATE_LIMITED: {
    title: "Too many requests",
    error: "The limit of requests is reached[: {policy}].",
    detail: "Wait[ {retry_after} s] as Retry-After says; the RateLimit headers tell what is left.",
  },
  TOO_MANY_CONCURRENT: {
    title: "Too many at once",
    error: "Too many are open at the same time[: {policy}].",
    detail: "Let one end[, {limit} may be open,] and try again.",
  },
  READER_TOO_SLOW: {
    title: "Reader too slow",
    error: "The stream was ended because its reader took nothing for a while.",
    detail: "Connect again with Last-Event-ID: it goes on where it was.",
  },
  INTERNAL: {
    title: "Internal error",
    error: "The server failed in a way that it did not expect.",
    detail: "Try again. If it stays, report the request_id to the operator.",
  },
  MISCONFIGURED: {
    title: "Server misconfigured",
    error: "The server does not serve requests, because its settings are not safe.",
    detail: "The operator has to mend the settings that the log names[: {settings}].",
  },
  DEPENDENCY_UNAVAILABLE: {
    title: "Temporarily unavailable",
    error: "A part of the server is not available at the moment.",
    detail:
      "Try again after the time in Retry-After. A POST with an Idempotency-Key is safe to repeat.",
  },
  MODEL_REQUIRED: {
    title: "Model required",
    error: "This needs a language model and none is configured.",
    detail: "The operator can set AI_PROVIDER, AI_MODEL_ENDPOINT, AI_MODEL and AI_MODEL_API_KEY.",
  },
  UPSTREAM_TIMEOUT: {
    title: "Upstream timed out",
    error: "A service behind this server did not answer in time.",
    detail: "Try again after a moment.",
  },
  ...RUN_TEXTS_EN,
  ...WORKER_TEXTS_EN,
  ...KEY_TEXTS_EN,
  ...OAUTH_TEXTS_EN,
  ...SESSION_TEXTS_EN,
  ...DATA_TEXTS_EN,
  ...AI_TEXTS_EN,
  ...REASONING_TEXTS_EN,
  ...REALTIME_TEXTS_EN,
  ...UPSTREAM_TEXTS_EN,
  ...GATEWAY_TEXTS_EN,
};
