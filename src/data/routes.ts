import type { Context } from "hono";
import { requireScope } from "#auth/guard";
import { confirmPerson, identityDepsOf } from "#auth/service";
import { toTimestamp } from "#platform/clock";
import { ApiError } from "#platform/errors";
import { body, json } from "#http/json-content";
import type { AppEnv } from "#http/context";
import { defineRoute, newRouter } from "#http/router";
import { EraseSchema, ErasureSchema, ExportSchema } from "./schemas";
import { eraseOwner, exportOwner, UNDER_WAY } from "./service";

const shared = {
  path: "/api/v1/users/me/data" as const,
  access: requireScope("account"),
  tags: ["account"],
};

const exportRoute = defineRoute({
  ...shared,
  method: "get",
  operationId: "data.export",
  summary: "Get all that is kept of you",
  description:
    "One JSON document (`format` names its form), streamed, as a file to keep. It never holds a secret, a hash or anything of somebody else. Its last member is `complete: true`: a document that was cut off lacks it and is no JSON. For a signed-in session only: an API key, which may lie in a script or with somebody else, is refused. Not told are counters of limits, kept answers to repeated requests (24 hours), kept answers and pages (which can be asked for again), and what you said in public channels or in rooms that you have left, of which nobody keeps by whom it was found.",
  errors: ["SESSION_REQUIRED"],
  tagged: [],
  responses: { 200: json(ExportSchema, "The document. `Cache-Control: no-store`.") },
});

const eraseRoute = defineRoute({
  ...shared,
  method: "delete",
  operationId: "data.erase",
  summary: "Erase your account and all that is kept of you",
  description:
    "There is no way back. Takes the account's e-mail address in `confirm` and the password; an account without a password needs a session that was opened within the last ten minutes. When it is answered, every session, key and token is refused everywhere; tasks that run are cancelled, streams and sockets end within seconds, rooms of yours end, and everything else is erased in the background, through restarts, mostly within a minute. The last of it follows 20 minutes later, when whatever was still under way has ended. The e-mail address can then be registered anew. The audit log keeps its entries, without saying whose they were. What you said in public channels goes with the channel's log, within 24 hours. Refused to the last administrator, and to API keys.",
  errors: [
    "SESSION_REQUIRED",
    "CONFIRMATION_MISMATCH",
    "WRONG_PASSWORD",
    "FRESH_LOGIN_REQUIRED",
    "LAST_ADMIN",
    "RATE_LIMITED",
    "RESOURCE_NOT_FOUND",
  ],
  request: { body: body(EraseSchema) },
  responses: {
    202: json(ErasureSchema, "Nobody comes in as you any more; the rest is under way."),
  },
});

/** All of one's own data: to have, and to have gone. */
export const dataRoutes = newRouter()
  .openapi(exportRoute, async (c) => {
    const { ownerId } = sessionOf(c);
    const document = await exportOwner(c.env, ownerId, c.get("log"));
    const day = toTimestamp(c.get("startedAtMs")).slice(0, 10);
    return c.body(document, 200, {
      "Content-Type": "application/json",
      "Content-Disposition": `attachment; filename="naru-export-${day}.json"`,
      "Cache-Control": "no-store",
    }) as never;
  })
  .openapi(eraseRoute, async (c) => {
    const { ownerId, sessionId } = sessionOf(c);
    const { confirm: email, password } = c.req.valid("json");
    await confirmPerson(identityDepsOf(c.env, c.get("config")), {
      userId: ownerId,
      sessionId,
      email,
      password,
      address: c.req.header("cf-connecting-ip"),
      userAgent: c.req.header("user-agent"),
    });
    await eraseOwner(c.env, ownerId);
    return c.json({ status: "erasing", erasing: [...UNDER_WAY] } as const, 202);
  });

/** A person who is signed in, not a key or a client that acts for one. */
function sessionOf(c: Context<AppEnv>): { readonly ownerId: string; readonly sessionId: string } {
  const { ownerId, sessionId } = c.get("principal");
  if (sessionId === null) throw new ApiError("SESSION_REQUIRED");
  return { ownerId, sessionId };
}
