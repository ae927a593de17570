import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { api, createTestKey } from "../../support/api";
import type { TestKey } from "../../support/api";
import { ask, ASKED, detail, REFUSED, rowsOf } from "../../support/chat";
import type { SeenConversation } from "../../support/chat";

const path = "/api/v1/conversations";

interface Listed {
  readonly items: readonly { readonly id: string; readonly title: string }[];
  readonly next_cursor: string | null;
}

async function create({ key }: TestKey, json: object): Promise<{ id: string; etag: string }> {
  const response = await api(path, { key, json });
  const { id } = await response.json<{ id: string }>();
  return { id, etag: response.headers.get("etag") ?? "" };
}

test("a conversation is made, read, changed and deleted", async () => {
  const owner = await createTestKey();
  const response = await api(path, { key: owner.key, json: { mode: "tutor" } });
  expect(response.status).toBe(201);
  const made = await response.json<{ id: string }>();
  const at = `${path}/${made.id}`;
  expect(response.headers.get("location")).toBe(at);
  expect(made).toMatchObject({ title: "", mode: "tutor" });
  const changed = await api(at, { key: owner.key, method: "PATCH", json: { title: "Lists" } });
  expect(await changed.json()).toMatchObject({ id: made.id, title: "Lists", mode: "tutor" });
  expect(await detail(owner, made.id)).toMatchObject({ title: "Lists", messages: [] });
  expect((await api(at, { key: owner.key, method: "DELETE" })).status).toBe(204);
  expect((await api(at, { key: owner.key })).status).toBe(404);
  expect((await api(at, { key: owner.key, method: "DELETE" })).status).toBe(404);
});

test("goes on: the mode that is named stays, and the title is that of the first message or the one given", async () => {
  const owner = await createTestKey();
  const { id } = await create(owner, {});
  await ask(owner, { message: ASKED, conversation_id: id, mode: "coder" });
  await ask(owner, { message: REFUSED, conversation_id: id });
  const seen = await detail(owner, id);
  expect(seen).toMatchObject({ title: ASKED, mode: "coder" });
  expect(seen.messages.map(({ role }) => role)).toEqual(["user", "assistant", "user", "assistant"]);
  const { id: named } = await create(owner, { title: "Mine" });
  await ask(owner, { message: ASKED, conversation_id: named });
  expect((await detail(owner, named)).title).toBe("Mine");
});

test("begins in the mode of the settings, where nobody names one", async () => {
  const owner = await createTestKey();
  const json = { default_mode: "tutor" };
  await api("/api/v1/users/settings", { key: owner.key, method: "PUT", json });
  const { body } = await ask(owner, { message: ASKED });
  expect((await detail(owner, body.conversation_id)).mode).toBe("tutor");
});

test("the list has the one that changed last first, and its pages neither miss nor repeat one", async () => {
  const owner = await createTestKey();
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) ids.push((await create(owner, { title: `c${i}` })).id);
  // One time for all: then the ids alone tell the pages apart.
  await env.DB.prepare("UPDATE conversations SET updated_at = 5 WHERE owner_id = ?")
    .bind(owner.ownerId)
    .run();
  const json = { title: "changed" };
  await api(`${path}/${ids[2] ?? ""}`, { key: owner.key, method: "PATCH", json });
  const seen: string[] = [];
  let next = "?limit=2";
  for (let page = 0; page < 3; page++) {
    const response = await api(`${path}${next}`, { key: owner.key });
    const link = response.headers.get("link");
    const { items, next_cursor } = await response.json<Listed>();
    seen.push(...items.map(({ id }) => id));
    expect(link === null).toBe(next_cursor === null);
    next = `?limit=2&cursor=${next_cursor ?? ""}`;
  }
  expect(seen[0]).toBe(ids[2]);
  expect([...seen].sort()).toEqual([...ids].sort());
});

test("messages are paged in both orders, and a cursor of one order is refused in the other", async () => {
  const owner = await createTestKey();
  const { id } = await create(owner, {});
  for (const message of [ASKED, REFUSED]) await ask(owner, { message, conversation_id: id });
  const all = (await detail(owner, id)).messages.map((message) => message.id);
  const pages = async (order: string): Promise<string[]> => {
    const seen: string[] = [];
    let query = `?limit=3&order=${order}`;
    for (;;) {
      const { messages, next_cursor }: SeenConversation = await detail(owner, id, query);
      seen.push(...messages.map((message) => message.id));
      if (next_cursor === null) return seen;
      query = `?limit=3&order=${order}&cursor=${next_cursor}`;
    }
  };
  expect(all).toHaveLength(4);
  expect(await pages("asc")).toEqual(all);
  expect(await pages("desc")).toEqual(all.toReversed());
  const { next_cursor: cursor } = await detail(owner, id, "?limit=3");
  const mixed = await api(`${path}/${id}?order=desc&cursor=${cursor ?? ""}`, { key: owner.key });
  expect([mixed.status, (await mixed.json<{ code: string }>()).code]).toEqual([
    400,
    "INVALID_CURSOR",
  ]);
});

test("a page of long messages is cut short, and the next one goes on behind it", async () => {
  const owner = await createTestKey();
  const { id } = await create(owner, {});
  for (let i = 0; i < 5; i++)
    await env.DB.prepare(
      `INSERT INTO messages (id, conversation_id, owner_id, role, content, status, created_at)
       VALUES (?, ?, ?, 'user', hex(zeroblob(750000)), 'complete', 0)`,
    )
      .bind(`msg_${i}`, id, owner.ownerId)
      .run();
  const first = await detail(owner, id);
  expect(first.messages.map((message) => message.id)).toEqual(["msg_0", "msg_1", "msg_2"]);
  const rest = await detail(owner, id, `?cursor=${first.next_cursor ?? ""}`);
  expect(rest.messages.map((message) => message.id)).toEqual(["msg_3", "msg_4"]);
  expect(rest.next_cursor).toBeNull();
});

describe("If-Match", () => {
  test("lets one of two changes through, and a message counts as a change", async () => {
    const owner = await createTestKey();
    const { id, etag } = await create(owner, {});
    const rename = (title: string, tag: string): Promise<Response> =>
      api(`${path}/${id}`, {
        key: owner.key,
        method: "PATCH",
        json: { title },
        headers: { "If-Match": tag },
      });
    const statuses = await Promise.all([rename("a", etag), rename("b", etag)]);
    expect(statuses.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412]);
    const read = await api(`${path}/${id}`, { key: owner.key });
    const seen = read.headers.get("etag") ?? "";
    await ask(owner, { message: ASKED, conversation_id: id });
    expect((await rename("c", seen)).status).toBe(412);
    const gone = { key: owner.key, method: "DELETE", headers: { "If-Match": seen } };
    expect((await api(`${path}/${id}`, gone)).status).toBe(412);
    expect((await detail(owner, id)).messages).toHaveLength(2);
    const again = (await api(`${path}/${id}`, { key: owner.key })).headers.get("etag") ?? "";
    expect((await rename("c", again)).status).toBe(200);
  });

  test("If-None-Match is 304 until something is said", async () => {
    const owner = await createTestKey();
    const { id, etag } = await create(owner, {});
    const read = (): Promise<Response> =>
      api(`${path}/${id}`, { key: owner.key, headers: { "If-None-Match": etag } });
    expect((await read()).status).toBe(304);
    await ask(owner, { message: REFUSED, conversation_id: id });
    expect((await read()).status).toBe(200);
  });
});

test("deleting is complete: no table, no cache and no feedback has a word of it, and other conversations have all of theirs", async () => {
  const owner = await createTestKey();
  const other = await ask(owner, { message: `${ASKED} Please.` });
  const { body } = await ask(owner, { message: ASKED });
  const feedback = {
    type: "positive",
    comment: "Good.",
    message_id: body.message_id,
    user_question: ASKED,
    code_snippet: body.reply,
  };
  await api("/api/v1/feedback", { key: owner.key, json: feedback });
  const at = `${path}/${body.conversation_id}`;
  expect((await api(at, { key: owner.key, method: "DELETE" })).status).toBe(204);
  expect(await rowsOf("feedback", owner)).toMatchObject([
    { comment: "Good.", message_id: null, user_question: null, code_snippet: null },
  ]);
  expect(await rowsOf("conversations", owner)).toHaveLength(1);
  expect(await rowsOf("messages", owner)).toHaveLength(2);
  expect(await rowsOf("history", owner)).toMatchObject([{ question: `${ASKED} Please.` }]);
  expect((await detail(owner, other.body.conversation_id)).messages).toHaveLength(2);
  expect((await ask(owner, { message: ASKED })).body.cached).toBe(false);
});

test("of somebody else is nowhere: every way to it is the 404 of one that there never was", async () => {
  const [owner, stranger] = [await createTestKey(), await createTestKey()];
  const { body } = await ask(owner, { message: ASKED });
  const before = await detail(owner, body.conversation_id);
  const none = { conversation: "conv_01kcm4v7d0g3q6zr1w8n5tbe2y", message: "msg_nowhere" };
  const ways = (conversation: string, message: string): [string, string, object?][] => [
    ["GET", `${path}/${conversation}`],
    ["PATCH", `${path}/${conversation}`, { title: "taken" }],
    ["DELETE", `${path}/${conversation}`],
    ["POST", "/api/v1/chat", { message: ASKED, conversation_id: conversation }],
    ["POST", "/api/v1/chat/stream", { message: ASKED, conversation_id: conversation }],
    ["POST", "/api/v1/feedback", { type: "negative", comment: "", message_id: message }],
  ];
  const told = async (ids: { conversation: string; message: string }): Promise<unknown[]> =>
    Promise.all(
      ways(ids.conversation, ids.message).map(async ([method, at, json]) => {
        const options = { key: stranger.key, method, ...(json === undefined ? {} : { json }) };
        const response = await api(at, options);
        const { code, error, detail: more } = await response.json<Record<string, unknown>>();
        return [method, response.status, code, error, more];
      }),
    );
  const real = await told({ conversation: body.conversation_id, message: body.message_id });
  expect(real).toEqual(await told(none));
  expect(real.every((way) => (way as unknown[])[1] === 404)).toBe(true);
  expect(await detail(owner, body.conversation_id)).toEqual(before);
  for (const table of ["conversations", "messages", "feedback"])
    expect(await rowsOf(table, stranger)).toEqual([]);
});
