import { z } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { requireCredential } from "#auth/guard";
import type { AppEnv } from "#http/context";
import { defineRoute, newRouter } from "#http/router";
import { lastEventNumber } from "#http/sse-answer";
import { ApiError } from "#platform/errors";
import { hasScope } from "#platform/principal";
import type { StreamFormat, StreamView } from "./core/format";
import { continueStream } from "./guard";
import { resumeStream } from "./stream-client";

/** How streams of a kind are read again. */
export interface StreamKind {
  /** The scope that starting such a stream asks for; reading it asks for the same. */
  readonly scope: string;
  readonly format: StreamFormat;
  /** Whether what the stream was started for is still there; one of which that was deleted is gone with it. */
  readonly isKept?: (env: Env, view: StreamView, ownerId: string) => Promise<boolean>;
}

/** By the kind of stream. */
export type StreamKinds = Readonly<Record<string, StreamKind>>;

const EXAMPLE = `id: 3
event: delta
data: {"text":"Seoul"}

id: 4
event: done
data: {"finish_reason":"stop"}

`;

const resumeRoute = defineRoute({
  method: "get",
  path: "/api/v1/streams/{id}",
  operationId: "streams.resume",
  tags: ["streams"],
  summary: "Go on with a stream",
  description:
    "Continues the stream that a POST started (its `Location`, and its first event, name it) behind the event in `Last-Event-ID`, or from the first one where there is none: the same events with the same ids, none lost and none repeated, while the answer is written and for five minutes after its end. The model is not asked again. Only who started a stream can read it, with a credential that carries the scope of what started it. A reader that has seen the last event is answered 204. Each stream takes one of the owner's places of the policy `streams` (10 at once).",
  access: requireCredential(),
  errors: ["STREAM_NOT_FOUND", "INSUFFICIENT_SCOPE", "INVALID_HEADER", "TOO_MANY_CONCURRENT"],
  request: {
    params: z.object({
      id: z.string().max(100).openapi({ description: "The id in the stream's `Location`." }),
    }),
    headers: z.object({
      "last-event-id": z.string().optional().openapi({
        description: "The id of the last event that was seen.",
        example: "2",
      }),
    }),
  },
  responses: {
    200: {
      description: "The rest of the stream.",
      content: { "text/event-stream": { schema: z.string(), example: EXAMPLE } },
    },
    204: { description: "The stream has ended and all of its events were seen." },
  },
});

/** Streams read again, in the shape that their kind has. */
export const createStreamRoutes = (kinds: StreamKinds): OpenAPIHono<AppEnv> =>
  newRouter().openapi(resumeRoute, async (c) => {
    const after = lastEventNumber(c);
    const principal = c.get("principal");
    const run = await resumeStream(c.env, c.req.valid("param").id, principal.ownerId);
    const kind = kinds[run.view.kind];
    // An answer that was given whole has no shape as a stream.
    if (kind === undefined) throw new ApiError("STREAM_NOT_FOUND");
    if ((await kind.isKept?.(c.env, run.view, principal.ownerId)) === false)
      throw new ApiError("STREAM_NOT_FOUND");
    if (!hasScope(principal, kind.scope))
      throw new ApiError("INSUFFICIENT_SCOPE", { params: { scope: kind.scope } });
    return continueStream(c, run, kind.format, after);
  });
