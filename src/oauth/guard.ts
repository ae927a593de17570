import type { Context, MiddlewareHandler } from "hono";
import { ApiError, errorText } from "#platform/errors";
import type { AppEnv } from "#http/context";
import { PUBLIC } from "#http/router";
import type { Access } from "#http/router";
import { replaceAnswer } from "#http/writable-answer";
import { OAUTH_ERRORS, OAuthError, oauthCodeOf } from "./service";
import type { OAuthErrorCode } from "./service";

/**
 * Turns whatever went wrong behind it into the shape of RFC 6749 section 5.2. What is refused before a route is asked
 * (a credential in the URL, an answer in no acceptable form, an unknown method) stays a problem document.
 */
const speakOAuth: MiddlewareHandler<AppEnv> = async function speakOAuth(c, next) {
  // RFC 6749 section 5.1; what does not depend on the route is set for all answers.
  c.header("Pragma", "no-cache");
  await next();
  const { error } = c;
  if (error === undefined) return;
  if (!(error instanceof ApiError))
    return answer(c, "server_error", c.res.status, "internal error");
  if (error.code === "NOT_ACCEPTABLE") return;
  // A form of the right kind with a wrong field is a bad request there, and nothing finer.
  const status = error.status === 422 ? 400 : error.status;
  const text = errorText(error.code, "en", error.options.params).error;
  answer(c, oauthCodeOf(status), status, text, error.options.headers);
};

/** Anybody may ask; who may have what is decided by the endpoint itself, from the form. */
export const OAUTH_ENDPOINT: Access = {
  ...PUBLIC,
  // Or the same in the form, for which OpenAPI has no word; and a session's refresh token needs no client.
  security: [{ clientAuth: [] }, {}],
  guard: speakOAuth,
};

/** The answer of `work`, or its refusal in OAuth's shape. */
export async function answering<T extends Response>(
  c: Context<AppEnv>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    const { code, description } = error;
    c.get("logFields")["error_code"] = `oauth:${code}`;
    return refusal(code, OAUTH_ERRORS[code], description) as T;
  }
}

function answer(
  c: Context<AppEnv>,
  code: OAuthErrorCode,
  status: number,
  description: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  replaceAnswer(c, refusal(code, status, description, headers));
}

function refusal(
  code: OAuthErrorCode,
  status: number,
  description: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  // Section 5.2 allows neither quotes nor anything beyond ASCII.
  const plain = description.replaceAll(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, "'");
  return new Response(JSON.stringify({ error: code, error_description: plain }), {
    status,
    headers: {
      ...headers,
      "Content-Type": "application/json",
      Pragma: "no-cache",
      ...(status === 401 ? { "WWW-Authenticate": 'Basic realm="naru", charset="UTF-8"' } : {}),
      ...(status === 503 && headers["Retry-After"] === undefined ? { "Retry-After": "5" } : {}),
    },
  });
}
