import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { insufficientScope } from "#auth/service";
import { createEgress } from "#egress/service";
import type { Egress } from "#egress/service";
import type { AppEnv } from "#http/context";
import { defineRoute, newRouter } from "#http/router";
import { systemClock } from "#platform/clock";
import type { Config } from "#platform/config";
import { answerRequest } from "./answer";
import { answerUpgrade } from "./answer-socket";
import { createJudge } from "./core/cacheable";
import { admitForward, isUpgrade } from "./forward";
import type { Arrival, ForwardPorts } from "./forward";
import { gatewayAccess, holdPlace } from "./guard";
import { reportOutcome, upstreamView } from "./service";

const METHODS = ["get", "post", "put", "patch", "delete"] as const;

const PARAMETERS = [
  {
    name: "name",
    in: "path" as const,
    required: true,
    description: "The upstream's name.",
    schema: { type: "string" as const, pattern: "^[a-z0-9][a-z0-9-]{0,62}$" },
    example: "orders",
  },
  {
    name: "path",
    in: "path" as const,
    required: true,
    description:
      "The path below the upstream, all that follows, slashes too; a query is passed on behind it.",
    schema: { type: "string" as const },
    example: "orders",
  },
];

const DESCRIPTION = `Passes the request on to one of the upstream's healthy targets, and its answer back as it comes: status, headers, body. Administrators define upstreams at \`/api/v1/admin/upstreams\`.

Bodies stream both ways. The upstream gets no credential of this server (\`Authorization\`, \`X-API-Key\`, \`X-CSRF-Token\`, cookies named \`__Host-…\`); it learns who calls from \`X-Forwarded-User\` (the owner's id), \`X-Forwarded-Groups\` (the role) and \`X-Naru-Scopes\`, and where the call came from from \`X-Forwarded-For|Proto|Host|Prefix\`, \`Forwarded\` and \`Via\`. What clients send under these names is dropped. \`traceparent\` and \`X-Request-Id\` go on.

The path is passed on byte for byte. One that could be read as another (dot segments, empty segments, encoded slashes, also where they are encoded twice) is refused with \`UNSAFE_PATH\`. Query parameters may have any name.

GET, HEAD, PUT and DELETE without a body or with one of up to 64 KiB may be tried again at another target where one can't be reached, is late, or answers 502, 503 or 504. POST and PATCH never are. An answer of the upstream carries \`Via\`; a refusal of the gateway itself is a problem document without it.

A stream of events and a WebSocket take one of the caller's \`streams\` and end within five seconds of what takes the right to them. A WebSocket (GET with \`Upgrade: websocket\`) shows its credential in a header, or a ticket of \`POST /api/v1/realtime/tickets\` as the subprotocol \`naru.ticket.<ticket>\`. HEAD works as GET does; OPTIONS is answered here.`;

const routeOf = (method: (typeof METHODS)[number]) =>
  defineRoute({
    method,
    path: "/api/v1/gw/{name}/{path}",
    operationId: `gateway.${method}`,
    tags: ["gateway"],
    summary: `Call an upstream with ${method.toUpperCase()}`,
    description: DESCRIPTION,
    access: gatewayAccess(),
    parameters: PARAMETERS,
    takesRest: true,
    tagged: [],
    errors: [
      "UNSAFE_PATH",
      "BODY_NOT_ALLOWED",
      "INVALID_HEADER",
      "UPSTREAM_NOT_FOUND",
      "UPSTREAM_PATH_CLOSED",
      "METHOD_NOT_ALLOWED",
      "BODY_TOO_LARGE",
      "TOO_MANY_CONCURRENT",
      "HEADERS_TOO_LARGE",
      "UPSTREAM_UNREACHABLE",
      "UPSTREAM_UNAVAILABLE",
      "UPSTREAM_TIMED_OUT",
      "UPSTREAM_LOOP",
      "INSUFFICIENT_SCOPE",
      "ORIGIN_NOT_ALLOWED",
    ],
    responses: {
      200: { description: "What the upstream answers, with whatever status it has." },
      ...(method === "get" ? { 101: { description: "The WebSocket is open." } } : {}),
    },
  });

/** Calls to upstreams, by every method that this server serves. */
export const gatewayRoutes: OpenAPIHono<AppEnv> = newRouter();
for (const method of METHODS)
  gatewayRoutes.openapi(routeOf(method), async (c) => passOn(c) as never);

async function passOn(c: Context<AppEnv>): Promise<Response> {
  const ports = portsOf(c);
  const arrival = arrivalOf(c);
  const forwarding = await admitForward(ports, arrival, insufficientScope);
  const answer = isUpgrade(c.req.raw)
    ? await answerUpgrade(ports, forwarding)
    : await answerRequest(ports, forwarding);
  c.set("isForwarded", true);
  if (answer.status === 101) return answer;
  // What the guard says of the limits: an answer that is made by hand does not have it.
  for (const [name, value] of c.newResponse(null).headers) answer.headers.set(name, value);
  return answer;
}

function arrivalOf(c: Context<AppEnv>): Arrival {
  const { raw } = c.req;
  // Not by the Host header, where that can be helped: upstreams make links of it, in mails too.
  const { host, protocol } = new URL(c.get("config").publicUrl || raw.url);
  const accepted = raw.cf?.["clientAcceptEncoding"];
  return {
    request: raw,
    passage: {
      principal: c.get("principal"),
      address: c.req.header("cf-connecting-ip") ?? null,
      proto: protocol.slice(0, -1),
      host,
      requestId: c.get("requestId"),
      traceparent: c.get("traceparent"),
      tracestate: c.get("tracestate"),
      acceptEncoding: typeof accepted === "string" ? accepted : null,
    },
  };
}

const judge = createJudge(systemClock);
const egresses = new WeakMap<Config, Egress>();

/** One for all requests of an isolate: it holds nothing of any. */
function egressOf(config: Config): Egress {
  const known = egresses.get(config);
  if (known !== undefined) return known;
  const made = createEgress(config);
  egresses.set(config, made);
  return made;
}

function portsOf(c: Context<AppEnv>): ForwardPorts {
  const { env, executionCtx } = c;
  return {
    egress: egressOf(c.get("config")),
    random: Math.random,
    view: (name) => upstreamView(env, executionCtx, name),
    report: (name, url, outcome) => reportOutcome(env, executionCtx, name, url, outcome),
    cache: caches.default,
    judge,
    hold: () => holdPlace(c),
    waitUntil: (work) => executionCtx.waitUntil(work),
    note: (fields) => Object.assign(c.get("logFields"), fields),
  };
}
