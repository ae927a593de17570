import type { Context } from "hono";
import { ownerRoutingOf } from "#keys/service";
import { toBase64Url } from "#platform/bytes";
import { ApiError } from "#platform/errors";
import { hmacSha256, importHmacKey } from "#platform/hmac";
import { describeError } from "#platform/log";
import type { Principal } from "#platform/principal";
import type { AppEnv } from "#http/context";
import type { Idempotency } from "#http/idempotency";
import { idempotencyKeyOf } from "#http/idempotency-key";
import { PUBLIC } from "#http/router";
import type { Access } from "#http/router";
import { replaceAnswer } from "#http/writable-answer";
import {
  addressGateName,
  admitAddress,
  limitsOf,
  MAX_ANSWER_CHARS,
  openReplay,
  ownerGateName,
} from "./service";
import type { KeptAnswer } from "./service";

/** What of an answer's headers is told again; the others say something of the one request. */
const KEPT_HEADERS = ["content-type", "location", "etag", "content-language"];

/**
 * Open to anybody. Each call counts against `anonymous` and `address-day` of its address before anything else is done, so
 * that what stands behind may cost something and leave a trace.
 */
export const PUBLIC_COUNTED: Access = {
  ...PUBLIC,
  guard: async function countAddress(c, next) {
    const headers = await admitAddress(limitsOf(c.env), c.req.header("cf-connecting-ip"));
    for (const name in headers) c.header(name, headers[name as keyof typeof headers]);
    await next();
  },
};

export interface IdempotencyOptions {
  /** Whether the answer shows what is shown once: then it is never stored, and not told again. */
  readonly showsSecret?: boolean;
  /**
   * On a public route, which has to be `PUBLIC_COUNTED`: who the client is besides its address, from the body as it was
   * sent. Keys of others behind the same address are other keys then, and nobody meets the answer to somebody else.
   */
  readonly clientOf?: (body: unknown) => string;
}

/**
 * Lets an operation that creates or spends be repeated without doing it twice (IETF draft idempotency-key-header). Put it
 * on a route as `idempotency`; without the header it costs nothing. Only answers below 400 are kept: a refusal changed
 * nothing, and after a failure the caller has to be able to try again.
 */
export function idempotent(options: IdempotencyOptions = {}): Idempotency {
  const { showsSecret = false, clientOf } = options;
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
        ...(await clientOfRequest(c, idempotencyKey, clientOf)),
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
 * Whose key this is: the owner's where the call has one, else the address's and whoever the body names. The latter's stands
 * in its gate by a keyed hash alone, which tells nobody who it was.
 */
async function clientOfRequest(
  c: Context<AppEnv>,
  key: string,
  clientOf: IdempotencyOptions["clientOf"],
): Promise<{ readonly gateName: string; readonly idempotencyKey: string }> {
  // A public route has no principal, though the type, made for handlers behind a guard, says so.
  const principal = c.get("principal") as Principal | undefined;
  const routing = ownerRoutingOf(principal?.ownerId ?? "");
  if (routing !== null) return { gateName: ownerGateName(routing), idempotencyKey: key };
  if (clientOf === undefined)
    throw new Error("idempotency on a public route needs to be told who the client is");
  const hmacKey = await importHmacKey(c.get("config").secretKey);
  const text = JSON.stringify(["idempotency-client", key, clientOf(c.get("body"))]);
  return {
    gateName: addressGateName(c.req.header("cf-connecting-ip")),
    idempotencyKey: `public ${toBase64Url(await hmacSha256(hmacKey, text))}`,
  };
}
