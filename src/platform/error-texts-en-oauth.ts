import type { ErrorText } from "#platform/errors";

/** What signing in with a provider, and clients of our token endpoint, can meet. */
export const OAUTH_TEXTS_EN = {
  MALFORMED_FORM: {
    title: "Malformed form",
    error: "The body is not a valid form.",
    detail: "Encode each field as application/x-www-form-urlencoded, at most 100 of them.",
  },
  OAUTH_PROVIDER_NOT_FOUND: {
    title: "Unknown sign-in provider",
    error: "Nobody can sign in here with this provider.",
    detail: "GET /api/v1/auth/oauth/providers lists those that are served.",
  },
  OAUTH_STATE_INVALID: {
    title: "Sign-in attempt not valid",
    error: "This sign-in attempt was already used, took too long, or began in another browser.",
    detail: "Start again, and finish within ten minutes in the same browser.",
  },
  OAUTH_DENIED: {
    title: "Sign-in refused by the provider",
    error: "The provider did not let you sign in[: {reason}].",
    detail: "Start again, and allow the sign-in there.",
  },
  OAUTH_RESPONSE_INVALID: {
    title: "Provider answer not valid",
    error: "The provider's answer did not pass a check, so nobody was signed in.",
    detail: "Start again. If it stays so, tell the operator of this server.",
  },
  OAUTH_PROVIDER_UNAVAILABLE: {
    title: "Provider unavailable",
    error: "The provider could not be reached.",
    detail: "Try again in a little while, or sign in another way.",
  },
  OAUTH_EMAIL_REQUIRED: {
    title: "Provider gives no email",
    error: "The provider told no email address, which a new account needs.",
    detail: "Allow it at the provider, or register with an email and link the provider.",
  },
  OAUTH_ACCOUNT_EXISTS: {
    title: "Account exists already",
    error: "An account with this email address exists already.",
    detail: "Sign in to it as you did before, then link the provider from there.",
  },
  OAUTH_IDENTITY_TAKEN: {
    title: "Identity linked elsewhere",
    error: "This account at the provider is linked to another account here.",
    detail: "Sign in with it, or unlink it there first.",
  },
  OAUTH_ALREADY_LINKED: {
    title: "Provider linked already",
    error: "Another account at this provider is linked to yours already.",
    detail: "Unlink that one first.",
  },
  OAUTH_LINK_NOT_FOUND: {
    title: "Provider not linked",
    error: "This provider is not linked to your account.",
    detail: "Link it with POST /api/v1/auth/oauth/:provider/link first.",
  },
  OAUTH_LAST_SIGN_IN: {
    title: "Last way to sign in",
    error: "Without this provider there would be no way left to sign in to your account.",
    detail: "Set a password or link another provider first.",
  },
  OAUTH_CLIENT_NOT_FOUND: {
    title: "OAuth client not found",
    error: "There is no such OAuth client.",
    detail: "GET /api/v1/oauth-clients lists yours.",
  },
  OAUTH_TOO_MANY_CLIENTS: {
    title: "Too many OAuth clients",
    error: "There are as many OAuth clients as one account may have[: {limit}].",
    detail: "Delete one that is not used any more.",
  },
} as const satisfies Record<string, ErrorText>;
