import type { ErrorText } from "#platform/errors";

/** What people meet who want all of theirs erased. */
export const DATA_TEXTS_EN = {
  CONFIRMATION_MISMATCH: {
    title: "Not confirmed",
    error: "The e-mail address in confirm is not that of this account.",
    detail: "Write the account's own address into confirm. Nothing was erased.",
  },
  FRESH_LOGIN_REQUIRED: {
    title: "Sign in again",
    error: "This account has no password, and the session is older than ten minutes.",
    detail: "Sign in again with the provider, then repeat the call with the new session.",
  },
} as const satisfies Record<string, ErrorText>;
