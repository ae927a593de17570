import type { Problem } from "./operations.ts";

/**
 * What the server refused, or what did not come to pass. `code` is stable and the same in every language; codes in capitals are the server's,
 * the client's own are `NETWORK`, `TIMEOUT`, `DISCONNECTED`, `REMOVED` and `STREAM_CUT`.
 */
export class NaruError extends Error {
  override readonly name = "NaruError";
  readonly code: string;
  /** HTTP status; null where there was no answer, or none over HTTP. */
  readonly status: number | null;
  /** The whole problem (RFC 9457), where the server gave one. */
  readonly problem: Problem | null;
  /** To be given when asking for help. */
  readonly requestId: string | null;
  /** After so long it may work; null where nobody said. */
  readonly retryAfterMs: number | null;

  constructor(
    code: string,
    message: string,
    more: {
      readonly status?: number;
      readonly problem?: Problem;
      readonly requestId?: string | null;
      readonly retryAfterMs?: number | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, more.cause === undefined ? {} : { cause: more.cause });
    this.code = code;
    this.status = more.status ?? null;
    this.problem = more.problem ?? null;
    this.requestId = more.requestId ?? null;
    this.retryAfterMs = more.retryAfterMs ?? null;
  }
}

/** The error of an answer that is not a success, whoever wrote it: a proxy in between writes no problem. */
export async function errorOf(
  answer: Response,
  retryAfter: number | undefined,
): Promise<NaruError> {
  const text = await answer.text().catch(() => "");
  const requestId = answer.headers.get("x-request-id");
  const more = { status: answer.status, requestId, retryAfterMs: retryAfter };
  if (/[/+]json\b/.test(answer.headers.get("content-type") ?? ""))
    try {
      const problem = JSON.parse(text) as Problem & { readonly code?: unknown };
      if (typeof problem.code === "string")
        return new NaruError(problem.code, problem.error, {
          ...more,
          problem,
        });
    } catch {
      // No JSON after all.
    }
  return new NaruError(`HTTP_${answer.status}`, `The server answered ${answer.status}.`, more);
}
