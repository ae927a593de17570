/**
 * Why a socket is closed. The range tells a client that does not know the code what to do: 4000–4099 come back never, 4100–4199 later,
 * 4200–4299 at once.
 */
export const CLOSE = {
  malformed: { code: 4000, reason: "malformed frames" },
  unauthenticated: { code: 4001, reason: "credential is no longer good" },
  stale: { code: 4002, reason: "no credential in time" },
  binary: { code: 1003, reason: "text frames only" },
  tooLarge: { code: 1009, reason: "frame too large" },
  slow: { code: 4101, reason: "reads too slowly" },
  flood: { code: 4102, reason: "too many frames" },
  restart: { code: 4200, reason: "restart" },
  silent: { code: 4201, reason: "no sign of life" },
  changed: { code: 4203, reason: "role or scopes have changed" },
  expired: { code: 4202, reason: "credential has expired" },
} as const;
export type CloseCause = keyof typeof CLOSE;

export type Reconnect = "no" | "backoff" | "now";

/** What a client is to do after this code. Standard codes of faults of its own are no reason to try again. */
export function reconnectAfter(code: number): Reconnect {
  if (code === CLOSE.binary.code || code === CLOSE.tooLarge.code) return "no";
  if (code >= 4000 && code <= 4099) return "no";
  if (code >= 4200 && code <= 4299) return "now";
  return "backoff";
}
