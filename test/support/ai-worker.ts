/** The API with routes that ask a model without a domain around it, for tests of what comes of an answer. */
import { z } from "@hono/zod-openapi";
import { createApp } from "#app";
import { answerStream } from "#ai/guard";
import { createProvider, failureText, runToEnd } from "#ai/service";
import type { Answer, ModelRequest, StreamFormat } from "#ai/service";
import { objectName, routingOf } from "#ai/core/stream-id";
import { requireScope } from "#auth/guard";
import { withAnswerCache } from "#cache/service";
import { completeChat } from "#chat/service";
import { keepCode } from "#code/service";
import { defineRoute } from "#http/router";

import { StreamRunObject } from "../../durable-objects/stream-run";

export * from "../../src/index";

const COMPLETIONS = withAnswerCache({
  openai: null,
  chat: completeChat,
  code: keepCode,
  "code-stream": keepCode,
  probe: async (env, { streamId, ownerId, context, outcome, createdAtMs }) => {
    const answer = outcome.ok ? outcome.answer.text : `${outcome.failure.code}: ${outcome.text}`;
    await env.DB.prepare(
      "INSERT INTO history (id, owner_id, kind, question, answer, created_at) VALUES (?, ?, 'probe', ?, ?, ?)",
    )
      .bind(streamId, ownerId, JSON.stringify(context["question"]), answer, createdAtMs)
      .run();
  },
});

export class StreamRun extends StreamRunObject {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, createProvider(env), COMPLETIONS);
  }

  /** Ends this instance as a crash or a deploy does. */
  crash(): void {
    this.ctx.abort("a crash on purpose");
  }
}

const ProbeSchema = z
  .strictObject({
    message: z.string(),
    model: z.string().optional(),
    flight_key: z.string().optional(),
    join_ended_ms: z.int().optional(),
    is_whole: z.boolean().optional(),
    recorded: z.looseObject({}).optional(),
  })
  .openapi("AiProbe");
type Probe = z.infer<typeof ProbeSchema>;

/** One frame an event, with everything in it. */
export const probeFormat: StreamFormat = (view) => {
  let sequence = 0;
  return (event) => {
    const content = event.type === "error" ? failureText(event, "en") : event;
    return [
      {
        event: event.type,
        data: JSON.stringify({ stream_id: view.streamId, sequence: sequence++, ...content }),
      },
    ];
  };
};

const shared = {
  method: "post" as const,
  access: requireScope("chat"),
  tags: ["probe"],
  summary: "A probe",
  request: { body: { required: true, content: { "application/json": { schema: ProbeSchema } } } },
};
const stream = defineRoute({
  ...shared,
  path: "/probe/stream",
  operationId: "probe.stream",
  responses: {
    200: { description: "ok", content: { "text/event-stream": { schema: z.string() } } },
  },
});
const answer = defineRoute({
  ...shared,
  path: "/probe/answer",
  operationId: "probe.answer",
  responses: {
    200: { description: "ok", content: { "application/json": { schema: z.unknown() } } },
  },
});

const crash = defineRoute({
  ...shared,
  path: "/probe/crash/{id}",
  operationId: "probe.crash",
  request: { params: z.object({ id: z.string() }) },
  responses: { 204: { description: "ok" } },
});

const requestOf = (probe: Probe): ModelRequest => ({
  messages: [
    { role: "system", content: "You answer." },
    { role: "user", content: probe.message },
  ],
  model: probe.model ?? null,
  temperature: null,
  maxTokens: null,
  purpose: "chat",
  ...(probe.is_whole === undefined ? {} : { isWhole: probe.is_whole }),
});
const specOf = (probe: Probe) => ({
  kind: "probe",
  context: { question: probe.message },
  request: requestOf(probe),
  flightKey: probe.flight_key ?? null,
  joinEndedMs: probe.join_ended_ms ?? 0,
  ...(probe.recorded === undefined ? {} : { recorded: probe.recorded as unknown as Answer }),
});

const app = createApp({ probe: { scope: "chat", format: probeFormat } });
app.openapi(stream, (c) => answerStream(c, specOf(c.req.valid("json")), probeFormat) as never);
app.openapi(answer, async (c) => {
  const { ownerId, keyId } = c.get("principal");
  return c.json(await runToEnd(c.env, { ...specOf(c.req.valid("json")), ownerId, keyId }), 200);
});
app.openapi(crash, async (c) => {
  const routing = routingOf(c.req.valid("param").id) ?? "";
  const objects = c.env.STREAM_RUN as unknown as DurableObjectNamespace<StreamRun>;
  await objects
    .getByName(objectName(routing))
    .crash()
    .catch(() => {});
  return c.body(null, 204);
});

// oxlint-disable-next-line import/no-default-export -- the runtime finds a Worker's handlers in its default export
export default { fetch: app.fetch } satisfies ExportedHandler<Env>;
