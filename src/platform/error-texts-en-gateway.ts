import type { ErrorText } from "#platform/errors";

/** What a call through the gateway to an upstream can meet. */
export const GATEWAY_TEXTS_EN = {
  UNSAFE_PATH: {
    title: "Unsafe path",
    error: "The path could be read as another one, so it is not passed on[: {reason}].",
    detail:
      "Send it without `.` and `..` segments, empty segments, encoded slashes, backslashes and control characters, also where they are encoded more than once.",
    phrases: {
      reason: {
        dot_segment: "it has a dot segment",
        hidden_slash: "it has a slash or a backslash that is encoded or hidden",
        empty_segment: "it has two slashes in a row",
        control_character: "it has a control character",
        malformed: "its percent-encoding is malformed",
      },
    },
  },
  BODY_NOT_ALLOWED: {
    title: "Body not allowed",
    error: "A GET or HEAD request has no body.",
    detail: "Send the body with POST, or leave it out.",
  },
  UPSTREAM_PATH_CLOSED: {
    title: "Path not open",
    error: "The upstream is not open under this path.",
    detail: "Ask who runs this server which paths of the upstream are open.",
  },
  HEADERS_TOO_LARGE: {
    title: "Headers too large",
    error: "The request's headers are larger than is passed on[: at most {limit} bytes].",
    detail: "Send fewer or shorter ones; large data belongs into the body.",
  },
  UPSTREAM_UNREACHABLE: {
    title: "Upstream unreachable",
    error: "The upstream could not be reached, or broke off before it answered[: {upstream}].",
    detail:
      "The request may have reached it all the same. Where it can be repeated safely, try again in a moment.",
  },
  UPSTREAM_UNAVAILABLE: {
    title: "Upstream unavailable",
    error: "None of the upstream's targets is healthy at the moment[: {upstream}].",
    detail: "Nothing was sent. Try again after the time in Retry-After.",
  },
  UPSTREAM_TIMED_OUT: {
    title: "Upstream too late",
    error: "The upstream did not begin to answer in time[: {upstream}, {seconds} s].",
    detail: "The request may have reached it all the same. Repeat it only where that is safe.",
  },
  UPSTREAM_LOOP: {
    title: "Loop",
    error: "The request has been through this upstream before.",
    detail: "A target of the upstream leads back to this server. Its definition has to be changed.",
  },
} satisfies Record<string, ErrorText>;
