import { fromTimestamp } from "#platform/clock";
import * as z from "zod";
import type { CloseCause } from "./codes";
import type { Codec, Reading } from "./codec";
import type { ClientFrame, EventData } from "./frames";
import { isTooDeep } from "./frames";

/**
 * Centrifugo's client protocol, version 2 over JSON (centrifugal.dev, "Client protocol" and "Client protocol codes"), over our channels: commands become
 * frames, and frames become replies and pushes. A request's id here is the command's id and its method, since a reply names its method.
 */

/** A client counts silence beyond this as a dead line. The server's pings ride on the sweep that looks after its sockets anyway, every 90 s. */
export const CENTRIFUGE_PING_S = 120;
/** Commands of one frame: a client that comes back asks for all of its channels at once. */
export const MAX_COMMANDS = 128;
/** The name under which a publication is kept whose client names none. */
const PUBLICATION = "publication";

const Channel = z.string().min(1).max(128);
const Uint = z.int().min(0).default(0);
const CommandSchema = z.object({
  id: z.int().min(0).max(4_294_967_295).default(0),
  connect: z
    .object({
      token: z.string().max(4096).optional(),
      name: z.string().max(64).optional(),
      version: z.string().max(32).optional(),
    })
    .optional(),
  subscribe: z
    .object({
      channel: Channel,
      recover: z.boolean().default(false),
      epoch: z.string().max(64).default(""),
      offset: Uint,
      join_leave: z.boolean().default(false),
      flag: Uint,
      // Kinds of subscriptions beyond a stream: maps and shared polls.
      type: Uint,
    })
    .optional(),
  unsubscribe: z.object({ channel: Channel }).optional(),
  publish: z.object({ channel: Channel, data: z.json() }).optional(),
  presence: z.object({ channel: Channel }).optional(),
  presence_stats: z.object({ channel: Channel }).optional(),
  history: z
    .object({
      channel: Channel,
      limit: z.int().min(-1).default(0),
      since: z.object({ offset: Uint, epoch: z.string().max(64).default("") }).optional(),
      reverse: z.boolean().default(false),
    })
    .optional(),
  refresh: z.object({ token: z.string().min(1).max(4096) }).optional(),
});
type Command = z.infer<typeof CommandSchema>;

const METHODS = [
  "connect",
  "subscribe",
  "unsubscribe",
  "publish",
  "presence",
  "presence_stats",
  "history",
  "refresh",
] as const;
type Method = (typeof METHODS)[number];

/** The bit of a subscription's flags by which an error is wanted where there is a gap. */
const REJECT_UNRECOVERED = 2;
/** An epoch that no log has: to recover from it is to have lost one's place. */
const NO_EPOCH = "-";
const MAX_HISTORY = 300;

function readCommands(text: string): readonly Reading[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  // The protocol has no reply to what is no command: it ends the line.
  if (lines.length === 0 || lines.length > MAX_COMMANDS) return [MALFORMED];
  return lines.map(readCommand);
}

const MALFORMED: Reading = { ok: false, fault: { kind: "malformed", requestId: null } };

function readCommand(line: string): Reading {
  if (isTooDeep(line)) return MALFORMED;
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return MALFORMED;
  }
  const parsed = CommandSchema.safeParse(json);
  if (!parsed.success) {
    const id = z.object({ id: z.int().min(1) }).safeParse(json);
    if (!id.success) return MALFORMED;
    const requestId = `${id.data.id} ?`;
    return { ok: false, fault: { kind: "invalid", requestId, issues: parsed.error.issues } };
  }
  const command = parsed.data;
  const method = METHODS.find((name) => command[name] !== undefined);
  if (method !== undefined)
    // An answer that nobody can be given is an answer that nobody waits for.
    return command.id === 0 ? MALFORMED : frameOf(command, method);
  // An empty command is the answer to the server's ping.
  if (Object.keys(json as object).length === 0)
    return { ok: true, frame: { type: "pong", request_id: null, data: {} } };
  return unknown(`${command.id} ?`);
}

function frameOf(command: Command, method: Method): Reading {
  const id = `${command.id} ${method}`;
  const { connect, subscribe, history } = command;
  if (connect)
    return {
      ...framed({ type: "connect", request_id: id, data: { subs: [] } }),
      ...(connect.token !== undefined && connect.token !== "" && { token: connect.token }),
    };
  if (subscribe) {
    const { channel, recover, epoch, offset, join_leave: presence, type, flag } = subscribe;
    if (type !== 0) return unknown(id);
    const place = { recover: { epoch: epoch === "" ? NO_EPOCH : epoch, offset } };
    const must_recover = (flag & REJECT_UNRECOVERED) !== 0;
    const data = { channel, presence, must_recover, ...(recover && place) };
    return framed({ type: "subscribe", request_id: id, data });
  }
  if (history) {
    const { channel, since, reverse } = history;
    const limit = history.limit < 0 ? MAX_HISTORY : Math.min(history.limit, MAX_HISTORY);
    const place = since && { since: { ...since, epoch: since.epoch || NO_EPOCH } };
    const order = reverse ? ("newest_first" as const) : ("oldest_first" as const);
    const data = { channel, limit: Math.max(1, limit), order, ...place };
    return framed({ type: "history", request_id: limit === 0 ? `${id} none` : id, data });
  }
  if (command.unsubscribe)
    return framed({ type: "unsubscribe", request_id: id, data: command.unsubscribe });
  if (command.publish) {
    const { channel, data: payload } = command.publish;
    const data = { channel, event: PUBLICATION, payload };
    return framed({ type: "publish", request_id: id, data });
  }
  if (command.refresh) return framed({ type: "refresh", request_id: id, data: command.refresh });
  const { channel } = command.presence ?? command.presence_stats ?? { channel: "" };
  return framed({ type: "presence", request_id: id, data: { channel } });
}

const framed = (frame: ClientFrame): Extract<Reading, { ok: true }> => ({ ok: true, frame });
const unknown = (requestId: string): Reading => ({
  ok: false,
  fault: { kind: "unknown_type", requestId },
});

/** Codes of client errors, and whether the same may go through later. Whatever is not listed is an error of the server's own. */
const ERRORS: Readonly<Record<string, readonly [code: number, message: string, temporary?: true]>> =
  {
    CHANNEL_NOT_FOUND: [102, "unknown channel"],
    CHANNEL_FORBIDDEN: [103, "permission denied"],
    INSUFFICIENT_SCOPE: [103, "permission denied"],
    UNKNOWN_FRAME_TYPE: [104, "method not found"],
    TOO_MANY_CHANNELS: [106, "limit exceeded"],
    INVALID_FRAME: [107, "bad request"],
    MALFORMED_FRAME: [107, "bad request"],
    INVALID_TOKEN: [109, "token expired"],
    POSITION_NOT_KEPT: [112, "unrecoverable position"],
    RATE_LIMITED: [111, "too many requests", true],
  };
const INTERNAL = [100, "internal server error", true] as const;

/** Codes of disconnects: 3500–3999 tell a client to stay away. */
const CLOSE: Record<CloseCause, { readonly code: number; readonly reason: string }> = {
  restart: { code: 3001, reason: "shutdown" },
  expired: { code: 3005, reason: "connection expired" },
  slow: { code: 3008, reason: "slow" },
  changed: { code: 3011, reason: "force reconnect" },
  silent: { code: 3012, reason: "no pong" },
  flood: { code: 3013, reason: "too many requests" },
  unauthenticated: { code: 3500, reason: "invalid token" },
  malformed: { code: 3501, reason: "bad request" },
  stale: { code: 3502, reason: "stale" },
  binary: { code: 3506, reason: "inappropriate protocol" },
  tooLarge: { code: 1009, reason: "frame too large" },
};

interface Publication {
  readonly data: unknown;
  readonly offset: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** A publication carries the payload alone; what else is known of the event stands in its tags. */
function publicationOf({ payload, offset, event, id, cause }: EventData): Publication {
  return { data: payload, offset, tags: { event, id, ...(cause !== undefined && { cause }) } };
}

const push = (channel: string, what: object): string =>
  JSON.stringify({ push: { channel, ...what } });

function event(dataJson: string): string {
  const data = JSON.parse(dataJson) as EventData;
  return push(data.channel, { pub: publicationOf(data) });
}

function write(type: string, requestId: string | null, data: object, nowMs: number): string | null {
  const fields = data as Readonly<Record<string, never>>;
  if (requestId === null) return writePush(type, fields);
  const [id = "", method = "", how = ""] = requestId.split(" ");
  const reply = (result: object): string => JSON.stringify({ id: Number(id), [method]: result });
  const failed = ([code, message, temporary]: readonly [number, string, true?]): string =>
    JSON.stringify({ id: Number(id), error: { code, message, ...(temporary && { temporary }) } });
  switch (type) {
    case "error":
      return failed(ERRORS[String(fields["code"])] ?? INTERNAL);
    case "connected":
      return reply({
        client: fields["connection_id"],
        version: "naru",
        ping: CENTRIFUGE_PING_S,
        pong: true,
        ...expiryOf(fields["expires_at"] ?? null, nowMs),
      });
    case "refreshed":
      return reply({ version: "naru", ...expiryOf(fields["expires_at"] ?? null, nowMs) });
    case "presence":
      return reply(presenceOf(method, fields as never));
    case "history": {
      if (fields["recovered"] === false) return failed(ERRORS["POSITION_NOT_KEPT"] ?? INTERNAL);
      const kept: readonly EventData[] = how === "none" ? [] : (fields["events"] ?? []);
      const publications = kept.map(publicationOf);
      return reply({ publications, epoch: fields["epoch"], offset: fields["offset"] });
    }
    default:
      return reply({});
  }
}

/** What comes by itself; what the protocol has no word for is not said. */
function writePush(type: string, fields: Readonly<Record<string, never>>): string | null {
  if (type === "ping") return "{}";
  const channel = String(fields["channel"]);
  if (type === "unsubscribed")
    return push(channel, { unsubscribe: { code: 2000, reason: "removed" } });
  if (type !== "presence") return null;
  type Comers = readonly { user_id: string; connection_id: string }[] | undefined;
  const tell = (word: string, comers: Comers): string[] =>
    (comers ?? []).map(({ user_id: user, connection_id: client }) =>
      push(channel, { [word]: { info: { user, client } } }),
    );
  const lines = [...tell("join", fields["joined"]), ...tell("leave", fields["left"])];
  return lines.length === 0 ? null : lines.join("\n");
}

function presenceOf(
  method: string,
  {
    members,
    count,
  }: {
    readonly members: readonly { readonly user_id: string; readonly connection_id: string }[];
    readonly count: number;
  },
): object {
  const users = new Set(members.map((member) => member.user_id));
  // Of more connections than are listed, those beyond are taken for as many people as there may be.
  if (method === "presence_stats")
    return { num_clients: count, num_users: users.size + Math.max(0, count - members.length) };
  const clients = members.map(({ user_id: user, connection_id: client }) => [
    client,
    { client, user },
  ]);
  return { presence: Object.fromEntries(clients) as object };
}

/** Seconds until a token ends, at least one: zero would say that it never does. */
function expiryOf(expiresAt: string | null, nowMs: number): object {
  if (expiresAt === null) return {};
  return { expires: true, ttl: Math.max(1, Math.floor((fromTimestamp(expiresAt) - nowMs) / 1000)) };
}

export const CENTRIFUGE: Codec = {
  read: readCommands,
  write,
  event,
  // Replies of one frame are lines.
  batch: (_channel, items) => items.map(event).join("\n"),
  subscribed: (requestId, { epoch, offset, was_recovering, recovered }, events, since) => {
    const [id = ""] = (requestId ?? "").split(" ");
    const publications = events.map((text) => publicationOf(JSON.parse(text) as EventData));
    const subscribe = {
      recoverable: true,
      positioned: true,
      epoch,
      // After a recovery a client counts on from where it was, publication by publication.
      offset: recovered && since !== null ? since : offset,
      was_recovering,
      recovered,
      publications,
    };
    return JSON.stringify({ id: Number(id), subscribe });
  },
  close: CLOSE,
};
