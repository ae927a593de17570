import type { ErrorText } from "#platform/errors";

/** What defining upstreams of the gateway can meet. */
export const UPSTREAM_TEXTS_EN = {
  UPSTREAM_NOT_FOUND: {
    title: "No such upstream",
    error: "There is no upstream of this name[: {upstream}].",
    detail: "Check the name. Administrators list upstreams at GET /api/v1/admin/upstreams.",
  },
  UPSTREAM_EXISTS: {
    title: "Upstream exists",
    error: "There is an upstream of this name already[: {upstream}].",
    detail: "Change it with PUT or PATCH, or choose another name.",
  },
  TOO_MANY_UPSTREAMS: {
    title: "Too many upstreams",
    error: "The deployment has as many upstreams as it may[: {limit}].",
    detail: "Delete one first.",
  },
} satisfies Record<string, ErrorText>;
