import type { Context } from "hono";
import { ownerRoutingOf } from "#keys/service";
import { ApiError } from "#platform/errors";
import { describeError } from "#platform/log";
import type { Principal } from "#platform/principal";
import type { AppEnv } from "#http/context";
import type { Idempotency } from "#http/idempotency";
import { idempotencyKeyOf } from "#http/idempotency-key";
import { replaceAnswer } from "#http/writable-answer";
import { limitsOf, MAX_ANSWER_CHARS, openReplay, ownerGateName } from "./service";
import type { KeptAnswer } from "./service";

/** What of an answer's headers is told again; the others say something of the one request. */
const KEPT_HEADERS = ["content-type", "location", "etag", "content-language"];

export interface IdempotencyOptions {
  /** Whether the answer shows what is shown once: then it is never stored, and not told again. */
  readonly showsSecret?: boolean;
}

/**
 * Lets an operation that creates or spends be repeated without doing it twice (IETF draft idempotency-key-header). Put it
 * on a route as `idempotency`; without the header it costs nothing. Only answers below 400 are kept: a refusal changed
 * nothing, and after a failure the caller has to be able to try again.
 */
export function idempotent(options: IdempotencyOptions = {}): Idempotency {
  const { showsSecret = false } = options;
  return {
    errors: [
      "INVALID_HEADER",
      "IDEMPOTENCY_IN_PROGRESS",
      "IDEMPOTENCY_KEY_REUSED",
      "IDEMPOTENCY_NOT_REPLAYABLE",
    ],
    guard: async function runOnce(c, next) {
      const idempotencyKey = idempotencyKeyOf(c);
      if (idempotencyKey === null) return next();
      const { verdict, settle } = await openReplay(limitsOf(c.env), {
        gateName: clientGateName(c),
        idempotencyKey,
        method: c.req.method,
        path: c.req.path,
        body: c.get("body"),
        secretKey: c.get("config").secretKey,
      });
      if (verdict.verdict === "reused") throw new ApiError("IDEMPOTENCY_KEY_REUSED");
      if (verdict.verdict === "in_progress")
        throw new ApiError("IDEMPOTENCY_IN_PROGRESS", { headers: { "Retry-After": "1" } });
      if (verdict.verdict === "replay") return replay(c, verdict.answer);

      await next();
      const answer = c.res.status < 400 ? await keep(c, showsSecret) : null;
      try {
        await settle(answer);
      } catch (error) {
        // The work is done and its answer is worth more; the key stays taken until its lease ends.
        c.get("log").warn("idempotency.settle_failed", describeError(error));
      }
      return undefined;
    },
  };
}

/** The answer of the first request, or a 409 that says where its result is. */
function replay(c: Context<AppEnv>, answer: KeptAnswer): Response {
  if (answer.body === null) {
    const location = answer.headers["location"];
    const options = location === undefined ? {} : { headers: { Location: location } };
    throw new ApiError("IDEMPOTENCY_NOT_REPLAYABLE", options);
  }
  return c.newResponse(answer.body === "" ? null : answer.body, answer.status as 200, {
    ...answer.headers,
    "Idempotency-Replayed": "true",
  });
}

/** Reads the answer to keep it, and puts it back for the caller. */
async function keep(c: Context<AppEnv>, showsSecret: boolean): Promise<KeptAnswer> {
  const { status } = c.res;
  const headers: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = c.res.headers.get(name);
    if (value !== null) headers[name] = value;
  }
  const isText = c.res.body === null || headers["content-type"]?.includes("json") === true;
  if (showsSecret || !isText) return { status, headers, body: null };
  const body = await c.res.text();
  replaceAnswer(c, new Response(c.res.body === null ? null : body, c.res));
  return { status, headers, body: body.length > MAX_ANSWER_CHARS ? null : body };
}

/**
 * Whose keys these are. A public route has none: nothing has counted the call yet where this stands, and whoever sends
 * keys without end would fill an address's gate.
 */
function clientGateName(c: Context<AppEnv>): string {
  // A public route has no principal, though the type, made for handlers behind a guard, says so.
  const principal = c.get("principal") as Principal | undefined;
  const routing = ownerRoutingOf(principal?.ownerId ?? "");
  if (routing === null) throw new Error("idempotency stands on routes that ask for a credential");
  return ownerGateName(routing);
}
