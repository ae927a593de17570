import type { ErrorText } from "#platform/errors";

/** What signing in, refreshing and sessions can meet. */
export const SESSION_TEXTS_EN = {
  INVALID_CREDENTIALS: {
    title: "Wrong e-mail or password",
    error: "The e-mail address or the password is not right.",
    detail: "Check both. After several failures there is a delay that grows.",
  },
  INVALID_REFRESH_TOKEN: {
    title: "Invalid refresh token",
    error: "The refresh token is not valid, has expired, or was used before.",
    detail: "Sign in again. Keep only the youngest refresh token: each is good once.",
  },
  ACCOUNT_DISABLED: {
    title: "Account disabled",
    error: "This account is disabled.",
    detail: "Ask an administrator to enable it.",
  },
  REGISTRATION_CLOSED: {
    title: "Registration closed",
    error: "Nobody can register here by themselves.",
    detail: "Ask an administrator for an account.",
  },
  EMAIL_TAKEN: {
    title: "E-mail address taken",
    error: "There is an account with this e-mail address already.",
    detail: "Sign in with it, or register another address.",
  },
  WRONG_PASSWORD: {
    title: "Wrong password",
    error: "The current password is not right.",
    detail: "Check it. After several failures there is a delay that grows.",
  },
  SESSION_REQUIRED: {
    title: "Session required",
    error: "Only a person who signed in can do this, and the credential is no session's.",
    detail: "Sign in with POST /api/v1/auth/login and send its access token.",
  },
  SESSION_NOT_FOUND: {
    title: "Unknown session",
    error: "There is no open session of yours with this id.",
    detail: "GET /api/v1/auth/sessions lists them.",
  },
  MAIL_REQUIRED: {
    title: "Mail required",
    error: "This deployment sends no mail.",
    detail:
      "Ask an administrator for a link that sets a new password. The operator can bind send_email as EMAIL and set EMAIL_FROM and RESET_PAGE_URL.",
  },
  CSRF_REJECTED: {
    title: "Cross-site request refused",
    error: "A cookie alone does not speak for you here.",
    detail:
      "Call from a page of this server or of an allowed origin, with the value of the cookie __Host-csrf in X-CSRF-Token.",
  },
} as const satisfies Record<string, ErrorText>;
