/** What the objects keep: tables of their SQLite, values by the prefix of their key, and what sockets carry. */
import type { ErasureStep } from "./erasure";
import { notOfPeople } from "./store-entry";
import type { Store } from "./store-entry";

const SECRET = { not: "recognises a credential, and tells nothing else" } as const;
const BOOKKEEPING = {
  not: "what the server needs to do its work, of no meaning elsewhere",
} as const;

const own = (
  store: string,
  holds: string,
  until: string,
  exported: string | { readonly not: string },
  erased: ErasureStep | { readonly not: string },
): Store => ({
  store,
  holds,
  whose: "person",
  kept: { until },
  exported: typeof exported === "string" ? { section: exported } : exported,
  erased,
});

const GATE: readonly Store[] = [
  own("ClientGate/owner", "whose gate it is, role and quotas", "it is erased", "account", "forget"),
  own(
    "ClientGate/key:",
    "keys with the hashes of their secrets",
    "it is forgotten when revoked",
    "api_keys",
    "gate",
  ),
  own("ClientGate/session:", "which sessions are open", "the session ends", "sessions", "gate"),
  own(
    "ClientGate/revoked:",
    "tokens and clients that are refused",
    "the last of them has expired",
    SECRET,
    "gate",
  ),
  own(
    "ClientGate/ending:",
    "sessions of whose end the Account has not heard",
    "it has heard",
    BOOKKEEPING,
    "gate",
  ),
  own(
    "ClientGate/expected-change:",
    "changes of the record that are under way",
    "a minute",
    BOOKKEEPING,
    "gate",
  ),
  own(
    "ClientGate/outbox:key:",
    "keys of which the index has not heard",
    "it has heard",
    BOOKKEEPING,
    "gate",
  ),
  own(
    "ClientGate/outbox:audit:",
    "entries that the audit log lacks",
    "it has them",
    "audit",
    "gate",
  ),
  own(
    "ClientGate/requests:",
    "calls of a day by key",
    "the day is over and told",
    "request_counts",
    "gate",
  ),
  own(
    "ClientGate/ledger",
    "what is left of quotas, places for streams",
    "its windows have passed",
    BOOKKEEPING,
    "gate",
  ),
  own(
    "ClientGate/sockets-not-told",
    "that a gateway is to look at its sockets",
    "it has",
    BOOKKEEPING,
    "gate",
  ),
  own(
    "ClientGate/sockets-elsewhere",
    "which gateways hold sockets",
    "they hold none",
    BOOKKEEPING,
    "gate",
  ),
  own(
    "ClientGate:replays",
    "answers to requests with an Idempotency-Key",
    "24 hours",
    { not: "copies of answers that were given" },
    "gate",
  ),
  own("ClientGate:cache_state", "counts of kept answers", "it is erased", BOOKKEEPING, "gate"),
  own("ClientGate:cache_names", "names of kept answers", "CACHE_TTL", BOOKKEEPING, "gate"),
  own(
    "ClientGate:cache_evictions",
    "answers that are not told again",
    "CACHE_TTL and 15 minutes",
    BOOKKEEPING,
    "gate",
  ),
  // The gate of a name or an address is another one than that of a person: its name is a keyed hash.
  notOfPeople(
    "ClientGate/login-failures",
    "failed sign-ins of a name or an address",
    "a day without one",
    "address",
  ),
];

const SHARD: readonly Store[] = [
  own(
    "TaskShard:tasks",
    "tasks with their inputs, results and newest events",
    "result_ttl",
    "tasks",
    "tasks",
  ),
  own("TaskShard:chunks", "large inputs and results", "result_ttl", "tasks", "tasks"),
  own("TaskShard:events", "events of tasks with many", "result_ttl", "tasks", "tasks"),
  own(
    "TaskShard:deliveries",
    "webhooks with what was sent",
    "seven days after their end",
    "webhook_deliveries",
    "tasks",
  ),
  own("TaskShard:idempotency", "which key led to which task", "24 hours", BOOKKEEPING, "tasks"),
  own(
    "TaskShard:watches",
    "which channels are told of a task",
    "the task is forgotten",
    BOOKKEEPING,
    "tasks",
  ),
  own(
    "TaskShard:watched_owners",
    "whose tasks are told in their channel",
    "nobody listens",
    BOOKKEEPING,
    "tasks",
  ),
  own(
    "TaskShard:outbox",
    "tasks of which the index has not heard",
    "it has heard",
    BOOKKEEPING,
    "tasks",
  ),
  notOfPeople("TaskShard:counters", "how many tasks of a kind ended how", "always"),
  notOfPeople("TaskShard:consumers", "which consumers were heard of", "30 seconds"),
  notOfPeople("TaskShard:marks", "when a task was last claimed", "always"),
];

const CHANNEL: readonly Store[] = [
  // The step goes through the rooms and the channel of the person. Nothing tells in which public channels somebody spoke: there the hours are all there is.
  own(
    "Channel:log",
    "what was said in a channel, and by whom",
    "24 hours",
    "channel_events",
    "channels",
  ),
  own(
    "Channel:messages",
    "ids of messages, so that a repeated one counts once",
    "five minutes, and in a quiet channel as long as its log",
    BOOKKEEPING,
    "channels",
  ),
  own("Channel:present", "who is there", "they leave", BOOKKEEPING, "channels"),
  own("Channel:room_members", "who is in a room", "the member leaves", "rooms", "channels"),
  own("Channel:room", "a room's name", "the room is deleted", "owned_rooms", "channels"),
  own("Channel:put_out", "whose sockets are to leave", "they have", BOOKKEEPING, "channels"),
  own(
    "Channel:facts",
    "the channel's name, which may be a person's id",
    "nothing is in it",
    BOOKKEEPING,
    "channels",
  ),
  notOfPeople("Channel:gateways", "which gateways carry it", "they do not"),
];

/** Tables by which each object knows the version of its tables. */
const VERSIONS = [
  "Account",
  "ClientGate",
  "TaskShard",
  "Channel",
  "Gateway",
  "WorkerPool",
  "StreamRun",
  "Pulse",
];

export const OBJECT_STORES: readonly Store[] = [
  ...GATE,
  own("Account:sessions", "devices that are signed in", "the session ends", "sessions", "finish"),
  own(
    "Account:closing",
    "sessions of whose end the gate has not heard",
    "it has heard",
    BOOKKEEPING,
    "finish",
  ),
  own(
    "Account:erasure",
    "how far the person's erasure has come",
    "it is done",
    BOOKKEEPING,
    "finish",
  ),
  ...SHARD,
  ...CHANNEL,
  own("Gateway@sockets", "who is behind an open socket", "the socket ends", BOOKKEEPING, "close"),
  own("Gateway:tickets", "who may open a socket", "30 seconds", SECRET, {
    not: "none is older than 30 seconds, and the gate refuses whoever comes with one",
  }),
  own(
    "WorkerPool:offers",
    "tasks that wait for a worker",
    "they are taken",
    BOOKKEEPING,
    "workers",
  ),
  own(
    "WorkerPool:workers",
    "workers that have registered",
    "they are not heard of",
    BOOKKEEPING,
    "workers",
  ),
  // Under a name that nobody can find again. What it still writes is refused by the database, and deleted elsewhere once it must have ended.
  ...(["runs", "events", "streams"] as const).map((name) =>
    own(
      `StreamRun:${name}`,
      "an answer while it is written, to be read again",
      "five minutes after its end",
      { not: "a copy of what history and messages tell" },
      { not: "ends by itself within minutes; nobody is let in to read it" },
    ),
  ),
  ...VERSIONS.map((name) =>
    notOfPeople(`${name}:schema_version`, "the version of the tables", "always"),
  ),
  notOfPeople("SiteGate/site", "when a site may be asked next", "nobody asks for it", "site"),
  notOfPeople("Breaker/data", "whether a host answers", "always", "site"),
  notOfPeople(
    "UpstreamPool/pool:1",
    "an upstream and the health of its targets",
    "nobody asks for it",
  ),
  ...["series", "sources", "marks"].map((name) =>
    notOfPeople(`Pulse:${name}`, "what all isolates counted", "always"),
  ),
  notOfPeople("Runner", "nothing: it runs tasks, and remembers none", "never"),
];
