/**
 * What the sweep over two people needs to know of each resource that a route takes the id of. A new route under an id that
 * stands here is swept by itself; one under a new kind of id fails the sweep until a line is added:
 *
 *     "/api/v1/things/{id}": made("/api/v1/things", (text) => ({ name: text })),
 *
 * for what a POST makes and its answer names by `id`, or a function of the owner for anything else.
 */
import { newId } from "#platform/ids";
import { poolRouting } from "#workers/core/worker-id";
import { api, createTestKey } from "./api";
import { openDirectly } from "./people";

/** One of the two people: what calls are made with, and what must never be read by the other. */
export interface Tenant {
  readonly id: string;
  readonly email: string;
  /** The access token of a signed-in session. */
  readonly token: string;
  readonly sessionId: string;
  /** An API key that may do all that the role allows. */
  readonly key: string;
}

/** Something that somebody made. */
export interface Made {
  /** What stands in the path, by the name of the parameter. */
  readonly params: Readonly<Record<string, string>>;
  /** Where its owner reads it: what is answered there must be the same after the sweep. Null where nobody can read it. */
  readonly read: string | null;
}

export type Factory = (owner: Tenant, secret: string) => Promise<Made>;

/** By the part of the path up to the first id; longer templates have the same resource. */
export const RESOURCES: Readonly<Record<string, Factory>> = {
  "/api/v1/api-keys/{id}": made("/api/v1/api-keys", (text) => ({
    name: text,
    scopes: ["tasks:read"],
  })),
  "/api/v1/oauth-clients/{id}": made("/api/v1/oauth-clients", (text) => ({
    name: text,
    scopes: ["tasks:read"],
  })),
  "/api/v1/tasks/{id}": made(
    "/api/v1/tasks",
    (text) => ({ kind: "echo", input: { say: text } }),
    "request_id",
  ),
  "/api/v1/conversations/{id}": made("/api/v1/conversations", (text) => ({ title: text })),
  "/api/v1/cognitive/status/{id}": async (owner, secret) => {
    const task = await made(
      "/api/v1/tasks",
      (text) => ({ kind: "echo", input: { say: text } }),
      "request_id",
    )(owner, secret);
    return { ...task, read: `/api/v1/cognitive/status/${task.params["id"]}` };
  },
  "/api/v1/user/history/{id}": async (owner, secret) => {
    const answered = await chat(owner, secret);
    const response = await api("/api/v1/user/history", { key: owner.token });
    const { items } = await response.json<{ items: { id: string }[] }>();
    return { ...answered, params: { id: items[0]?.id ?? "" }, read: "/api/v1/user/history" };
  },
  "/api/v1/streams/{id}": async (owner, secret) => {
    const json = { message: questionAbout(secret) };
    const response = await api("/api/v1/chat/stream", { key: owner.token, json });
    const text = await response.text();
    if (!response.ok) throw new Error(`the stream was answered ${text}`);
    const id = response.headers.get("location")?.split("/").at(-1) ?? "";
    return { params: { id }, read: null };
  },
  "/api/v1/rooms/{id}": async (owner, secret) => {
    const room = await made("/api/v1/rooms", () => ({ name: secret }))(owner, secret);
    return { ...room, params: { ...room.params, user_id: "usr_01kcm4v7d03q6zr1w8n5tbe2y9" } };
  },
  "/api/v1/realtime/channels/{channel}": async (owner, secret) => {
    const room = await made("/api/v1/rooms", () => ({ name: secret }))(owner, secret);
    const channel = `room:${room.params["id"]}`;
    const path = `/api/v1/realtime/channels/${channel}`;
    await api(`${path}/publish`, { key: owner.token, json: { event: "note", payload: secret } });
    return { params: { channel }, read: `${path}/history` };
  },
  "/api/v1/auth/sessions/{id}": ({ sessionId }) =>
    Promise.resolve({ params: { id: sessionId }, read: "/api/v1/auth/sessions" }),
};

/** Ids of what belongs to nobody, with the reason. */
export const NOT_OWNED: Readonly<Record<string, string>> = {
  "/v1/models/{id}": "names of models, the same for everybody",
  "/errors/{code}": "pages that anybody may read",
  "/api/v1/scripts/{name}": "built in, the same for everybody",
  "/api/v1/gw/{name}": "the operator's own services; who may call one is said by a scope",
  "/api/v1/auth/oauth/{provider}":
    "names a provider of the settings; what is linked is the caller's own",
};

/** What a call needs to reach the question of whose the resource is, where its id is not enough: a body that is valid. */
export const BODIES: Readonly<Record<string, unknown>> = {
  "PATCH /api/v1/api-keys/{id}": { name: "taken over" },
  "PATCH /api/v1/conversations/{id}": { title: "taken over" },
  "PATCH /api/v1/rooms/{id}": { name: "taken over" },
  "POST /api/v1/rooms/{id}/members": { user_id: "usr_01kcm4v7d03q6zr1w8n5tbe2y9" },
  "POST /api/v1/realtime/channels/{channel}/publish": { event: "note", payload: "taken over" },
};

/** Operations by which a caller makes something of its own under a name of its choice, so that they are no 404. */
export const MAKES_OWN: readonly string[] = [];

export interface BodyId {
  /** What it names: a line of `RESOURCES`, or a factory of its own. */
  readonly of: string | Factory;
  /** A valid body around the id. */
  readonly body: (id: string) => unknown;
  /** What a stranger is answered, for the real id as for none: 404 where it is not said. */
  readonly status?: number;
}

const worker = made(
  "/api/v1/workers/register",
  () => ({ kinds: ["ocr"] }),
  "worker_id",
  (id) => ({ params: { id }, read: null }),
);
const NO_LEASE = { lease_token: `1.${"A".repeat(22)}` };
/** Well formed, so that the question of whose the task is comes up at all. */
const SOME_WORKER = newId("wrk", 0, poolRouting("vision"));
const SOME_TASK = "task_01kcm4v7d0003q6zr1w8n5tbe2y9f";
/** A report of a run counts by its lease alone: without one nobody learns whether worker or task exist. */
const report = (more: object): Readonly<Record<"byWorker" | "byTask", BodyId>> => ({
  byWorker: {
    of: worker,
    body: (id) => ({ worker_id: id, task_id: SOME_TASK, ...NO_LEASE, ...more }),
    status: 409,
  },
  byTask: {
    of: "/api/v1/tasks/{id}",
    body: (id) => ({ worker_id: SOME_WORKER, task_id: id, ...NO_LEASE, ...more }),
    status: 409,
  },
});
const [completion, failure, release] = [report({ data: 1 }), report({ message: "x" }), report({})];

/**
 * Fields of JSON bodies that name a resource, such as `"POST /api/v1/things conversation_id"`. Every field that ends in `_id`
 * has to stand here, or in `FREE_IDS`.
 */
export const BODY_IDS: Readonly<Record<string, BodyId>> = {
  "POST /api/v1/workers/lease worker_id": {
    of: worker,
    body: (id) => ({ worker_id: id, wait_seconds: 0 }),
  },
  "POST /api/v1/workers/heartbeat worker_id": { of: worker, body: (id) => ({ worker_id: id }) },
  "POST /api/v1/workers/complete worker_id": completion.byWorker,
  "POST /api/v1/workers/complete task_id": completion.byTask,
  "POST /api/v1/workers/fail worker_id": failure.byWorker,
  "POST /api/v1/workers/fail task_id": failure.byTask,
  "POST /api/v1/workers/release worker_id": release.byWorker,
  "POST /api/v1/workers/release task_id": release.byTask,
  ...Object.fromEntries(
    ["/api/v1/chat", "/api/v1/chat/stream", "/chat"].map((path): [string, BodyId] => [
      `POST ${path} conversation_id`,
      {
        of: "/api/v1/conversations/{id}",
        body: (id) => ({ message: questionAbout("it"), conversation_id: id }),
      },
    ]),
  ),
  ...Object.fromEntries(
    ["/api/v1/feedback", "/api/v1/submit-feedback", "/feedback"].map((path): [string, BodyId] => [
      `POST ${path} message_id`,
      { of: chat, body: (id) => ({ type: "negative", comment: "", message_id: id }) },
    ]),
  ),
};

/** Fields that end in `_id` and name nothing that is kept here, with the reason. */
export const FREE_IDS: Readonly<Record<string, string>> = {
  "POST /api/v1/realtime/channels/{channel}/publish message_id":
    "a name of the client's own for its message, kept under its publisher",
  "POST /api/v1/rooms/{id}/members user_id":
    "whom to bring in: any id is taken, so that it tells nobody who exists",
};

/** A person with a session and a key. `worker` for routes that only such may call. */
export async function createTenant(role: "user" | "worker" = "user"): Promise<Tenant> {
  const { person, tokens } = await openDirectly(role);
  const { key } = await createTestKey({ ownerId: person.id, role });
  return {
    id: person.id,
    email: person.email,
    token: tokens.access_token,
    sessionId: tokens.session_id,
    key,
  };
}

/** What a POST to `path` makes. `secret` is text that nobody else knows: it has to stand in the body. */
export function made(
  path: string,
  bodyOf: (secret: string) => unknown,
  idField = "id",
  madeOf: (id: string) => Made = (id) => ({ params: { id }, read: `${path}/${id}` }),
): Factory {
  return async (owner, secret) => {
    const response = await api(path, { key: owner.token, json: bodyOf(secret) });
    const text = await response.text();
    if (!response.ok) throw new Error(`POST ${path} answered ${response.status} ${text}`);
    const id = String((JSON.parse(text) as Record<string, unknown>)[idField]);
    return madeOf(id);
  };
}

/** What the embedded provider can answer, whatever it is about. */
function questionAbout(text: string): string {
  return `Summarize this text:\nThe ferry ${text} leaves at nine. It carries forty people over the river. The river is wide in autumn. Most people of the ferry ${text} come back by night.`;
}

/** A question and its answer; what is made is the answer. */
async function chat(owner: Tenant, secret: string): Promise<Made> {
  const json = { message: questionAbout(secret) };
  const response = await api("/api/v1/chat", { key: owner.token, json });
  if (!response.ok) throw new Error(`the chat was answered ${response.status}`);
  const { message_id: id, conversation_id: conversation } = await response.json<{
    message_id: string;
    conversation_id: string;
  }>();
  return { params: { id }, read: `/api/v1/conversations/${conversation}` };
}
