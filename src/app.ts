import type { OpenAPIHono } from "@hono/zod-openapi";
import { version } from "../package.json";
import { adminRoutes } from "#admin/routes";
import { createStreamRoutes } from "#ai/routes";
import type { StreamKinds } from "#ai/routes";
import { auditRoutes } from "#audit/routes";
import { accountRoutes } from "#auth/account-routes";
import { developmentAdmin } from "#auth/guard";
import { authRoutes } from "#auth/routes";
import { sessionRoutes } from "#auth/session-routes";
import { cacheRoutes } from "#cache/routes";
import { conversationRoutes } from "#chat/conversation-routes";
import { feedbackRoutes } from "#chat/feedback-routes";
import { chatRoutes } from "#chat/routes";
import { chatFormat, isChatKept } from "#chat/service";
import { createCodeRoutes } from "#code/routes";
import { codeStreamFormat } from "#code/service";
import { accessLog } from "#http/access-log";
import { compression } from "#http/compression";
import type { AppEnv } from "#http/context";
import { cors } from "#http/cors";
import { historyRoutes } from "#history/routes";
import { describeApi } from "#http/openapi";
import { onError } from "#http/problem";
import { requestContext } from "#http/request-context";
import { requestMeter } from "#http/request-meter";
import { newRouter } from "#http/router";
import { securityHeaders } from "#http/security-headers";
import { settingsGuard } from "#http/settings-guard";
import { answerUnrouted } from "#http/unrouted";
import { urlGuard } from "#http/url-guard";
import { endUnreadBody, writableAnswer } from "#http/writable-answer";
import { keyRoutes } from "#keys/routes";
import { KINDS } from "#kinds";
import { createMetricsRoutes } from "#metrics/routes";
import { oauthRoutes } from "#oauth/routes";
import { speakOpenAi } from "#openai/guard";
import { openAiRoutes } from "#openai/routes";
import { openAiFormat } from "#openai/service";
import { dataRoutes } from "#data/routes";
import { profileRoutes } from "#profile/routes";
import { savedCodeProfile } from "#profile/service";
import { createReasoningRoutes } from "#reasoning/routes";
import { centrifugeRoutes } from "#realtime/centrifuge-routes";
import { channelRoutes } from "#realtime/channel-routes";
import { createRealtimeDocumentRoutes } from "#realtime/document-routes";
import { roomRoutes } from "#realtime/room-routes";
import { realtimeRoutes } from "#realtime/routes";
import { createScrapeRoutes } from "#scrape/routes";
import { scriptRoutes } from "#scrape/script-routes";
import { signinRoutes } from "#signin/routes";
import { createSystemRoutes } from "#system/routes";
import { deadLetterRoutes } from "#tasks/dead-letter-routes";
import { taskEventRoutes } from "#tasks/event-routes";
import { deliveryRoutes } from "#tasks/delivery-routes";
import { createBatchRoutes } from "#tasks/batch-routes";
import { createTaskRoutes } from "#tasks/routes";
import { taskStatsRoutes } from "#tasks/stats-routes";
import { gatewayRoutes } from "#upstreams/gateway-routes";
import { upstreamRoutes } from "#upstreams/routes";
import { webhookRoutes } from "#webhooks/routes";
import { workerRoutes } from "#workers/routes";
import { usageRoutes } from "#usage/routes";

const API_INFO = {
  version,
  description:
    "An API server at the edge. The WebSocket's frames are described by `/asyncapi.json`. Send a credential as `Authorization: Bearer …` or `X-API-Key`. Errors are `application/problem+json` (RFC 9457) in Korean or English, as `Accept-Language` asks; their `code` is the same in both. Every answer carries `X-Request-Id`; `traceparent` is continued, and a problem names its trace as `trace_id` (where refusals have another API's shape: `X-Trace-Id`). HEAD and OPTIONS work wherever GET does (a static file, such as a sample page, takes GET and HEAD alone and answers other methods with a bare 405), and `If-None-Match` is answered with 304 where there is an `ETag`.",
  tags: [
    { name: "system", description: "What the server says of itself." },
    { name: "auth", description: "Who is calling, and what they may do." },
    { name: "api-keys", description: "Keys for services, and what each may do." },
    { name: "admin", description: "What only administrators see and do." },
    { name: "oauth", description: "Tokens for clients that act by themselves." },
    { name: "tasks", description: "Work that is queued, followed and read again." },
    { name: "realtime", description: "One socket, many channels; nothing missed after a drop." },
    { name: "workers", description: "Programs outside the deployment that run tasks." },
    { name: "chat", description: "Conversations with a model." },
    { name: "history", description: "What was asked and answered." },
    { name: "feedback", description: "What people think of answers." },
    { name: "account", description: "What people tell of themselves, and how they want things." },
    { name: "code", description: "Code that is checked, measured, completed and written." },
    { name: "streams", description: "Answers of a model, read again while they are kept." },
    { name: "openai", description: "The part of OpenAI's API that its SDKs need to chat." },
    { name: "cache", description: "Answers that are told again instead of asking the model." },
    { name: "scrape", description: "Pages fetched and taken apart." },
    { name: "reasoning", description: "Conclusions with their steps, and work on texts." },
    { name: "gateway", description: "Services of one's own, behind this server's front door." },
  ],
} as const;

/** The streams that can be read again, by their kind. */
const STREAMS: StreamKinds = {
  chat: { scope: "chat", format: chatFormat, isKept: isChatKept },
  "code-stream": { scope: "code", format: codeStreamFormat },
  openai: { scope: "chat", format: openAiFormat },
};

/** The API, from the first middleware to the last answer: it reads as a request's journey. */
export function createApp(streams: StreamKinds = STREAMS): OpenAPIHono<AppEnv> {
  const app = newRouter();

  app.onError(onError);
  app.notFound(answerUnrouted(app));

  // Who it is to the log, in which language; then, on its way out, what every answer carries.
  app.use(requestContext);
  app.use(requestMeter);
  app.use("/v1/*", speakOpenAi);
  app.use(accessLog);
  app.use(securityHeaders);
  app.use(cors);
  app.use(endUnreadBody);
  app.use(compression);
  // What is refused before any route is asked.
  app.use(settingsGuard);
  app.use(urlGuard);
  app.use(writableAnswer);
  app.use(developmentAdmin);

  // Domains, each under its own paths.
  app.route("/", authRoutes);
  app.route("/", accountRoutes);
  app.route("/", sessionRoutes);
  app.route("/", keyRoutes);
  app.route("/", adminRoutes);
  app.route("/", auditRoutes);
  app.route("/", upstreamRoutes);
  app.route("/", gatewayRoutes);
  app.route("/", signinRoutes);
  app.route("/", oauthRoutes);
  app.route("/", createBatchRoutes(KINDS));
  app.route("/", taskStatsRoutes);
  app.route("/", chatRoutes);
  app.route("/", conversationRoutes);
  app.route("/", feedbackRoutes);
  app.route("/", historyRoutes);
  app.route("/", profileRoutes);
  app.route("/", dataRoutes);
  app.route("/", usageRoutes);
  app.route("/", createCodeRoutes({ savedProfile: savedCodeProfile }));
  app.route("/", openAiRoutes);
  app.route("/", cacheRoutes);
  app.route("/", createStreamRoutes(streams));
  app.route("/", createTaskRoutes(KINDS));
  app.route("/", taskEventRoutes);
  app.route("/", deadLetterRoutes);
  app.route("/", createScrapeRoutes(KINDS));
  app.route("/", scriptRoutes);
  app.route("/", deliveryRoutes);
  app.route("/", webhookRoutes);
  app.route("/", realtimeRoutes);
  app.route("/", centrifugeRoutes);
  app.route("/", createRealtimeDocumentRoutes(version));
  app.route("/", channelRoutes);
  app.route("/", roomRoutes);
  app.route("/", workerRoutes);
  app.route("/", createReasoningRoutes(KINDS));
  app.route("/", createMetricsRoutes(version));
  app.route("/", createSystemRoutes({ version, document: describeApi(app, API_INFO) }));

  return app;
}
