import type { ErrorText } from "#platform/errors";

/** English texts of what managing keys and accounts, and repeating requests, can run into. */
export const KEY_TEXTS_EN = {
  GRANT_TOO_WIDE: {
    title: "Grant too wide",
    error: "A credential cannot make or manage a key that may do more than itself[: {excess}].",
    detail:
      "Ask for less, or use a credential that may do what the key is to do. Only administrators make keys that never expire.",
  },
  IDEMPOTENCY_NOT_REPLAYABLE: {
    title: "Answer not told again",
    error:
      "The first request with this Idempotency-Key succeeded, and its answer is not told again.",
    detail:
      "Answers that show a secret, or that are very large, are not kept. Location names what was made; where the secret of an API key was lost, rotate the key.",
  },
  API_KEY_REVOKED: {
    title: "API key revoked",
    error: "The key was revoked and cannot be changed any more.",
    detail: "Create another key.",
  },
  TOO_MANY_API_KEYS: {
    title: "Too many API keys",
    error: "You have as many API keys as one owner may have[: {limit}].",
    detail: "Revoke keys that are not used any more.",
  },
  INVALID_RESET_LINK: {
    title: "Invalid reset link",
    error: "The link was used already, has expired, or is none of ours.",
    detail: "Ask an administrator for a new one. A link works once, for an hour.",
  },
  LAST_ADMIN: {
    title: "Last administrator",
    error: "The change would leave the server without an administrator.",
    detail: "Make somebody else an administrator first.",
  },
} as const satisfies Record<string, ErrorText>;
