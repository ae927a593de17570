import * as z from "zod";
import { CLOSE, reconnectAfter } from "./codes";
import type { ClientType } from "./frames";
import { CLIENT_DATA } from "./frames";
import type { ServerMessage } from "./server-frames";
import { SERVER_FRAMES } from "./server-frames";

type Json = { [name: string]: unknown };

/** What a client may ask for, and which messages answer it; none where nothing does. */
const REPLIES: Record<ClientType, readonly ServerMessage[]> = {
  connect: ["connected", "subscribed", "error"],
  subscribe: ["subscribed", "error"],
  unsubscribe: ["unsubscribed", "error"],
  publish: ["published", "error"],
  presence: ["presence", "error"],
  history: ["history", "error"],
  refresh: ["refreshed", "error"],
  received: [],
  "task.submit": ["taskAccepted", "error"],
  "task.cancel": ["taskAccepted", "error"],
  ping: ["pong"],
  pong: [],
};

const SUMMARIES: Record<ClientType, string> = {
  connect: "Says who calls and takes part in many channels at once.",
  subscribe: "Takes part in a channel, from now on or from where the client stopped.",
  unsubscribe: "Leaves a channel.",
  publish: "Says something in a channel.",
  presence: "Asks who is there.",
  history: "Asks for a part of a channel's past.",
  refresh: "Shows a new access token, before the old one ends.",
  received: "Says how far a channel has been read.",
  "task.submit": "Submits a task and follows it.",
  "task.cancel": "Cancels a task.",
  ping: "Asks whether the line is alive.",
  pong: "Answers the server's ping.",
};

const CHANNEL = "#/channels/socket";
const messageRef = (name: string): Json => ({ $ref: `${CHANNEL}/messages/${name}` });

/**
 * The protocol of the WebSocket as an AsyncAPI 3.0 document, made of the schemas that read the client's frames and that the server's frames are held
 * against. The connection is the one channel of the document, as the WebSocket binding has it; the channels inside it are data.
 */
export function describeSocket(version: string): Json {
  const clientTypes = Object.keys(CLIENT_DATA) as ClientType[];
  const serverMessages = Object.keys(SERVER_FRAMES) as ServerMessage[];
  // A name belongs to one direction: `ping` goes both ways, and so has two messages.
  const clientName = (type: ClientType): string => `client.${type}`;
  const messages: Json = {};
  for (const type of clientTypes)
    messages[clientName(type)] = messageOf(type, SUMMARIES[type], CLIENT_DATA[type], "input");
  for (const name of serverMessages) {
    const { type, summary, data } = SERVER_FRAMES[name];
    messages[name] = messageOf(type, summary, data, "output");
  }
  const operations: Json = {};
  for (const type of clientTypes)
    operations[clientName(type)] = {
      action: "receive",
      channel: { $ref: CHANNEL },
      summary: SUMMARIES[type],
      messages: [messageRef(clientName(type))],
      ...(REPLIES[type].length > 0 && {
        reply: { channel: { $ref: CHANNEL }, messages: REPLIES[type].map(messageRef) },
      }),
    };
  for (const name of serverMessages)
    if (SERVER_FRAMES[name].kind === "push")
      operations[`server.${name}`] = {
        action: "send",
        channel: { $ref: CHANNEL },
        summary: SERVER_FRAMES[name].summary,
        messages: [messageRef(name)],
      };
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Naru, real time",
      version,
      description: DESCRIPTION,
      license: { name: "MIT", url: "https://opensource.org/license/mit" },
    },
    defaultContentType: "application/json",
    servers: {
      this: {
        host: "{host}",
        protocol: "wss",
        description: "The server that this document came from.",
        variables: { host: { default: "localhost:8787" } },
        security: ["bearer", "apiKey", "ticket"].map((name) => ({
          $ref: `#/components/securitySchemes/${name}`,
        })),
      },
    },
    channels: {
      socket: {
        address: "/ws/realtime",
        servers: [{ $ref: "#/servers/this" }],
        messages: Object.fromEntries(
          Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }]),
        ),
        bindings: {
          ws: {
            method: "GET",
            headers: {
              type: "object",
              required: ["Sec-WebSocket-Protocol"],
              properties: {
                "Sec-WebSocket-Protocol": {
                  type: "string",
                  description:
                    "`naru.v1`, and `naru.ticket.<ticket>` where no other header is set.",
                },
              },
            },
            bindingVersion: "0.1.0",
          },
        },
      },
    },
    operations,
    components: {
      messages,
      schemas: { Json: { description: "Any JSON value." } },
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "An access token or an API key." },
        apiKey: { type: "httpApiKey", name: "X-API-Key", in: "header" },
        ticket: {
          type: "httpApiKey",
          name: "Sec-WebSocket-Protocol",
          in: "header",
          description: "`naru.ticket.<ticket>` of `POST /api/v1/realtime/tickets`, good once.",
        },
      },
    },
  };
}

const DESCRIPTION = [
  "One socket, many channels. Every frame is a JSON text with exactly four members: `type`, `request_id`, `data`, `timestamp`. An answer carries the `request_id` of its request, a push null.",
  "Close codes; a range tells what to do about a code that is not known: 4000–4099 do not come back, 4100–4199 come back later, 4200–4299 come back at once.",
  Object.values(CLOSE)
    .map(({ code, reason }) => `- ${code} ${reason}: reconnect \`${reconnectAfter(code)}\``)
    .join("\n"),
].join("\n\n");

function messageOf(type: string, summary: string, data: z.ZodType, io: "input" | "output"): Json {
  return {
    name: type,
    summary,
    correlationId: { location: "$message.payload#/request_id" },
    payload: {
      type: "object",
      required: ["type", "request_id", "data", "timestamp"],
      additionalProperties: false,
      properties: {
        type: { const: type },
        request_id: { type: ["string", "null"], maxLength: 128 },
        data: schemaOf(data, io),
        timestamp: { type: "string", format: "date-time" },
      },
    },
  };
}

/** A schema of ours in JSON Schema draft 7, which is what AsyncAPI takes where nothing else is said. */
function schemaOf(schema: z.ZodType, io: "input" | "output"): Json {
  const {
    $schema: _draft,
    definitions: _shared,
    ...made
  } = z.toJSONSchema(schema, {
    target: "draft-7",
    io,
    override: ({ jsonSchema }) => {
      // The format says the same, and readers of documents are people too.
      if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  return withJson(made) as Json;
}

/** The one definition that schemas share, any JSON value, stands among the document's components. */
function withJson(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withJson);
  if (typeof node !== "object" || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).map(([name, value]) =>
      name === "$ref" ? [name, "#/components/schemas/Json"] : [name, withJson(value)],
    ),
  );
}
