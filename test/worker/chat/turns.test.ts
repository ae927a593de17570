import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { EndedStream } from "#ai/service";
import { beginTurn, completeChat, failTurn } from "#chat/service";
import { ApiError } from "#platform/errors";
import { api, createTestKey } from "../../support/api";
import type { TestKey } from "../../support/api";
import { framesOf, textOf } from "../../support/ai-client";
import { ask, ASKED, detail, REFUSED, rowsOf } from "../../support/chat";

describe("a question", () => {
  test("is answered, and stands in its conversation with its answer", async () => {
    const owner = await createTestKey();
    const { status, body } = await ask(owner, { message: ASKED });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      reply: expect.stringContaining("def unique"),
      model: "embedded",
      finish_reason: "stop",
      cached: false,
    });
    const { usage, reply } = body;
    expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens);
    const seen = await detail(owner, body.conversation_id);
    expect(seen).toMatchObject({ title: ASKED, mode: "assistant" });
    expect(seen.messages).toMatchObject([
      { role: "user", content: ASKED, status: "complete", reply_to: null },
      {
        id: body.message_id,
        role: "assistant",
        content: reply,
        status: "complete",
        reply_to: seen.messages[0]?.id,
        prompt_tokens: usage.prompt_tokens,
        completion_tokens: usage.completion_tokens,
      },
    ]);
  });

  test("that no model answers is kept as one that failed, with the code, and the problem says where", async () => {
    const owner = await createTestKey();
    const { status, body, headers } = await ask(owner, { message: REFUSED });
    expect([status, body.code]).toEqual([503, "MODEL_REQUIRED"]);
    expect(headers.get("location")).toBe(`/api/v1/conversations/${body.conversation_id}`);
    const { messages } = await detail(owner, body.conversation_id);
    expect(messages).toMatchObject([
      { role: "user", content: REFUSED },
      { id: body.message_id, status: "failed", error_code: "MODEL_REQUIRED", content: "" },
    ]);
    expect(await rowsOf("history", owner)).toEqual([]);
  });

  test("with an Idempotency-Key is asked once: the same answer is told again", async () => {
    const owner = await createTestKey();
    const headers = { "Idempotency-Key": "once" };
    const first = await ask(owner, { message: ASKED }, { headers });
    const second = await ask(owner, { message: ASKED }, { headers });
    expect(second.body).toEqual(first.body);
    expect(second.headers.get("idempotency-replayed")).toBe("true");
    expect(await rowsOf("usage", owner)).toHaveLength(1);
    expect(await rowsOf("conversations", owner)).toHaveLength(1);
    const other = await ask(owner, { message: REFUSED }, { headers });
    expect([other.status, other.body.code]).toEqual([422, "IDEMPOTENCY_KEY_REUSED"]);
  });

  test("asked again without one is told from the cache, in a conversation of its own, and uses nothing", async () => {
    const owner = await createTestKey();
    const first = await ask(owner, { message: ASKED });
    const second = await ask(owner, { message: ASKED });
    expect(second.body).toMatchObject({ reply: first.body.reply, cached: true });
    expect(second.body.conversation_id).not.toBe(first.body.conversation_id);
    expect(await rowsOf("usage", owner)).toHaveLength(1);
    const { messages } = await detail(owner, second.body.conversation_id);
    expect(messages[1]).toMatchObject({ status: "complete", cached: true });
    expect(await rowsOf("history", owner)).toMatchObject([{ is_cached: 0 }, { is_cached: 1 }]);
  });

  test("down-voted is asked anew", async () => {
    const owner = await createTestKey();
    const { body } = await ask(owner, { message: ASKED });
    const vote = { type: "negative", comment: "no", message_id: body.message_id };
    expect((await api("/api/v1/feedback", { key: owner.key, json: vote })).status).toBe(201);
    expect((await ask(owner, { message: ASKED })).body.cached).toBe(false);
    expect(await rowsOf("usage", owner)).toHaveLength(2);
  });

  test.each([
    ["blank", { message: " \n" }, "/message"],
    ["in no mode that there is", { message: "a", mode: "pirate" }, "/mode"],
    ["too hot", { message: "a", temperature: 2.1 }, "/temperature"],
    ["for no token", { message: "a", max_tokens: 0 }, "/max_tokens"],
  ])("is refused where it is %s, and nothing is kept", async (_what, json, pointer) => {
    const owner = await createTestKey();
    const { status, body } = await ask(owner, json);
    expect([status, body.errors?.[0]?.pointer]).toEqual([422, pointer]);
    expect(await rowsOf("messages", owner)).toEqual([]);
  });

  test("in broken Unicode is kept as text", async () => {
    const owner = await createTestKey();
    const { body } = await ask(owner, { message: `${REFUSED} \ud800` });
    const { messages, title } = await detail(owner, body.conversation_id);
    expect(messages[0]?.["content"]).toBe(`${REFUSED} \ufffd`);
    expect(title.isWellFormed()).toBe(true);
  });

  test("the old paths still serve, and say that they go", async () => {
    const { key } = await createTestKey();
    for (const [path, json] of [
      ["/chat", { message: ASKED }],
      ["/feedback", { type: "positive", comment: "" }],
      ["/modes", undefined],
    ] as const) {
      const response = await api(path, { key, ...(json === undefined ? {} : { json }) });
      expect([path, response.ok]).toEqual([path, true]);
      expect(response.headers.get("deprecation")).toMatch(/^@\d+$/);
      expect(response.headers.get("sunset")).toMatch(/GMT$/);
      expect(response.headers.get("link")).toContain(`</api/v1${path}>; rel="successor-version"`);
      await response.text();
    }
  });
});

describe("a stream", () => {
  test("tells start, pieces and the end with its ids, and can be read again from any event", async () => {
    const owner = await createTestKey();
    const response = await api("/api/v1/chat/stream", { key: owner.key, json: { message: ASKED } });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const location = response.headers.get("location") ?? "";
    const frames = framesOf(await response.text());
    expect(frames.map(({ id }) => id)).toEqual(frames.map((_frame, index) => index + 1));
    const [first, last] = [frames[0], frames.at(-1)];
    const { conversation_id, message_id } = first?.data ?? {};
    expect(first).toMatchObject({
      event: "start",
      data: { stream_id: location.split("/").at(-1), model: "embedded" },
    });
    expect(last).toMatchObject({
      event: "done",
      data: { conversation_id, message_id, finish_reason: "stop", cached: false },
    });
    expect(frames.slice(1, -1).every(({ event }) => event === "delta")).toBe(true);
    const { messages } = await detail(owner, String(conversation_id));
    const told = textOf(frames);
    expect(messages[1]).toMatchObject({ id: message_id, content: told, status: "complete" });

    const again = await api(location, { key: owner.key, headers: { "Last-Event-ID": "2" } });
    expect(framesOf(await again.text())).toEqual(frames.slice(2));
    const stranger = await createTestKey();
    expect((await api(location, { key: stranger.key })).status).toBe(404);
  });

  test("of a conversation that was deleted cannot be read again", async () => {
    const owner = await createTestKey();
    const response = await api("/api/v1/chat/stream", { key: owner.key, json: { message: ASKED } });
    const id = String(framesOf(await response.text())[0]?.data["conversation_id"]);
    await api(`/api/v1/conversations/${id}`, { key: owner.key, method: "DELETE" });
    const again = await api(response.headers.get("location") ?? "", { key: owner.key });
    expect([again.status, (await again.json<{ code: string }>()).code]).toEqual([
      404,
      "STREAM_NOT_FOUND",
    ]);
  });

  test("that no model answers is a problem with a status of its own", async () => {
    const owner = await createTestKey();
    const json = { message: REFUSED };
    const response = await api("/api/v1/chat/stream", { key: owner.key, json });
    expect(response.status).toBe(503);
    const { conversation_id: id } = await response.json<{ conversation_id: string }>();
    expect((await detail(owner, id)).messages[1]).toMatchObject({ status: "failed" });
  });
});

const CALLER = { locale: "en", contextTokens: 8000, nowMs: 1_800_000_000_000 } as const;
const QUESTION = {
  conversationId: null,
  mode: null,
  model: null,
  temperature: null,
  maxTokens: null,
};

/** A saved question, and the end of its answer's run as its completion is told it. */
async function begun(owner: TestKey, message = "What is it?") {
  const caller = { ...CALLER, ownerId: owner.ownerId };
  const { turn, spec } = await beginTurn(env.DB, caller, { ...QUESTION, message });
  const usage = { promptTokens: 7, completionTokens: 3, isEstimated: false };
  const answer = { text: "It is so.", toolCalls: [], finishReason: "stop", usage, model: "m" };
  const ended: EndedStream = {
    streamId: "str_01kcm4v7d0g3q6zr1w8n5tbe2y",
    runId: "run_01kcm4v7d0g3q6zr1w8n5tbe2y",
    ownerId: owner.ownerId,
    keyId: null,
    kind: "chat",
    context: spec.context ?? {},
    outcome: { ok: true, answer },
    createdAtMs: CALLER.nowMs,
    endedAtMs: CALLER.nowMs + 5,
    isRecorded: false,
    isFirst: true,
  };
  const failed: EndedStream = {
    ...ended,
    outcome: { ok: false, failure: { code: "MODEL_TIMEOUT", isRetryable: true }, text: "It" },
  };
  return { turn, ended, failed, conversationId: turn.conversation.id };
}

describe("an answer", () => {
  test("has its row before the model is asked", async () => {
    const owner = await createTestKey();
    const { conversationId } = await begun(owner);
    expect((await detail(owner, conversationId)).messages).toMatchObject([
      { role: "user", content: "What is it?", status: "complete" },
      { role: "assistant", content: "", status: "pending" },
    ]);
  });

  test("that is told to be complete twice is kept once", async () => {
    const owner = await createTestKey();
    const { ended, conversationId } = await begun(owner);
    await completeChat(env, ended);
    const once = await rowsOf("conversations", owner);
    await completeChat(env, ended);
    expect(await rowsOf("conversations", owner)).toEqual(once);
    expect(await rowsOf("history", owner)).toHaveLength(1);
    const { messages } = await detail(owner, conversationId);
    expect(messages[1]).toMatchObject({ content: "It is so.", prompt_tokens: 7, model: "m" });
  });

  test("that broke off is kept as far as it came, with the reason", async () => {
    const owner = await createTestKey();
    const { failed, conversationId } = await begun(owner);
    await completeChat(env, failed);
    expect((await detail(owner, conversationId)).messages[1]).toMatchObject({
      status: "failed",
      error_code: "MODEL_TIMEOUT",
      content: "It",
    });
  });

  test("is not taken away by a failure that is told late, and comes in spite of one that was told early", async () => {
    const owner = await createTestKey();
    const { turn, ended, failed, conversationId } = await begun(owner);
    await failTurn(env.DB, turn, new ApiError("STREAM_INTERRUPTED"));
    await completeChat(env, ended);
    await completeChat(env, failed);
    expect((await detail(owner, conversationId)).messages[1]).toMatchObject({
      status: "complete",
      error_code: null,
      content: "It is so.",
    });
  });

  test("of a conversation that was deleted meanwhile leaves nothing anywhere", async () => {
    const owner = await createTestKey();
    const { ended, conversationId } = await begun(owner);
    const path = `/api/v1/conversations/${conversationId}`;
    expect((await api(path, { key: owner.key, method: "DELETE" })).status).toBe(204);
    await completeChat(env, ended);
    for (const table of ["conversations", "messages", "history"])
      expect(await rowsOf(table, owner)).toEqual([]);
  });

  test("that is larger than a row is kept as far as a row holds it", async () => {
    const owner = await createTestKey();
    const { ended, conversationId } = await begun(owner);
    if (!ended.outcome.ok) throw new Error("It is complete.");
    const answer = { ...ended.outcome.answer, text: "가".repeat(1_000_000) };
    await completeChat(env, { ...ended, outcome: { ok: true, answer } });
    const { messages } = await detail(owner, conversationId);
    expect(messages[1]).toMatchObject({ status: "complete", finish_reason: "stop" });
    expect(messages[1]?.["content"]).toMatch(/^가{499999}…$/);
    expect(await rowsOf("history", owner)).toHaveLength(1);
  });

  test("is kept out of the history of who wants none, and stays in the conversation", async () => {
    const owner = await createTestKey();
    const json = { save_history: false };
    await api("/api/v1/users/settings", { key: owner.key, method: "PUT", json });
    const { ended, conversationId } = await begun(owner);
    await completeChat(env, ended);
    expect(await rowsOf("history", owner)).toEqual([]);
    expect((await detail(owner, conversationId)).messages[1]).toMatchObject({ status: "complete" });
  });

  test.each(["TOO_MANY_CONCURRENT", "NOT_CACHED"] as const)(
    "for which nothing was asked (%s) takes its question back",
    async (code) => {
      const owner = await createTestKey();
      const { turn } = await begun(owner);
      await failTurn(env.DB, turn, new ApiError(code));
      for (const table of ["conversations", "messages"])
        expect(await rowsOf(table, owner)).toEqual([]);
    },
  );
});
