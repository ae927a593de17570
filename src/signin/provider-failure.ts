import * as oauth from "oauth4webapi";
import { ApiError } from "#platform/errors";

/** The provider gave no answer, or one that says that it is in trouble. */
export class ProviderDown extends Error {}

/** The provider answered, and the answer did not pass a check of ours. */
export class AnswerFault extends Error {}

/** RFC 6749 section 4.1.2.1: what a provider says at the redirect, and it is only repeated where it is one word. */
const ERROR_WORD = /^[a-z][a-z_]{0,59}$/;
/** A code that was used, has expired or was not issued to us; GitHub has a word of its own, in an answer of status 200. */
const CODE_REFUSED = new Set(["invalid_grant", "bad_verification_code"]);

/** Any failure of a sign-in as one of our refusals. A provider's own texts stay out of it, and out of the log. */
export function refusalOf(error: unknown): ApiError {
  if (error instanceof ProviderDown)
    return new ApiError("OAUTH_PROVIDER_UNAVAILABLE", {
      internal: error.message,
      headers: { "Retry-After": "5" },
    });
  if (error instanceof oauth.AuthorizationResponseError) return refusalAtRedirect(error.error);
  const word = error instanceof oauth.ResponseBodyError ? error.error : wordOf(error);
  if (CODE_REFUSED.has(word)) return new ApiError("OAUTH_STATE_INVALID", { internal: word });
  return new ApiError("OAUTH_RESPONSE_INVALID", { internal: describe(error) });
}

function refusalAtRedirect(told: string): ApiError {
  const reason = ERROR_WORD.test(told) ? told : "";
  if (reason === "server_error" || reason === "temporarily_unavailable")
    return refusalOf(new ProviderDown(reason));
  return new ApiError("OAUTH_DENIED", { params: reason === "" ? {} : { reason } });
}

/** The `error` member of an answer that should have been tokens. */
function wordOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause as { body?: unknown } | undefined) : null;
  const body = cause?.body as { error?: unknown } | undefined;
  return typeof body?.error === "string" ? body.error : "";
}

/** The library's own words for the check that failed. Never a value: those lie in `cause`, which is left behind. */
function describe(error: unknown): string {
  if (error instanceof AnswerFault) return error.message;
  if (
    error instanceof oauth.OperationProcessingError ||
    error instanceof oauth.UnsupportedOperationError
  )
    return `${error.code ?? ""} ${error.message}`.trim().slice(0, 200);
  return error instanceof Error ? error.name : "unknown";
}
