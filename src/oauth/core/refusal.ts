/** The error codes of RFC 6749 section 5.2 and RFC 7009 section 2.2.1, with the status that goes with each. */
export const OAUTH_ERRORS = {
  invalid_request: 400,
  invalid_client: 401,
  invalid_grant: 400,
  unauthorized_client: 400,
  unsupported_grant_type: 400,
  invalid_scope: 400,
  unsupported_token_type: 400,
  server_error: 500,
  temporarily_unavailable: 503,
} as const;
export type OAuthErrorCode = keyof typeof OAUTH_ERRORS;

/** A refusal of the token endpoint and its like. `description` is for developers: English, ASCII, without quotes (section 5.2). */
export class OAuthError extends Error {
  readonly code: OAuthErrorCode;
  readonly description: string;

  constructor(code: OAuthErrorCode, description: string) {
    super(`${code}: ${description}`);
    this.name = "OAuthError";
    this.code = code;
    this.description = description;
  }
}

/** What one of our own refusals, by its status, is called there. The status stays what it is, where the standard names none. */
export function oauthCodeOf(status: number): OAuthErrorCode {
  if (status === 429 || status === 503 || status === 504) return "temporarily_unavailable";
  return status >= 500 ? "server_error" : "invalid_request";
}
