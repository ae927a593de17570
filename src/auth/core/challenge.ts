/** The error codes of RFC 6750 section 3.1 that a challenge names. */
export type ChallengeError = "invalid_request" | "invalid_token" | "insufficient_scope";

/**
 * The value of `WWW-Authenticate` (RFC 6750 section 3). Where nothing was shown it names no error: the client is not at
 * fault, it was only not asked before. `scope` is one of ours and needs no escaping.
 */
export function challenge(error?: ChallengeError, scope?: string): string {
  const errorPart = error === undefined ? "" : `, error="${error}"`;
  const scopePart = scope === undefined ? "" : `, scope="${scope}"`;
  return `Bearer realm="naru"${errorPart}${scopePart}`;
}
