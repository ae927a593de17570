import { expect, test } from "vitest";
import { eventsOnly, framesOf, textOf } from "../../support/ai-client";
import { MODEL, TEXT, WORDS } from "../../support/model-server";
import { until } from "../../support/server";
import type { AiStage } from "./stage";

interface WholeSeen {
  readonly text: string;
  readonly runId: string;
  readonly streamId: string;
}

/** Reads until an event with at least this id is whole, then leaves. */
async function readUntil(response: Response, id: number): Promise<string> {
  let text = "";
  const reader = (response.body ?? new Blob([]).stream()).getReader();
  const decoder = new TextDecoder();
  while (!framesOf(text.slice(0, text.lastIndexOf("\n\n") + 2)).some((frame) => frame.id >= id)) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return eventsOnly(text.slice(0, text.lastIndexOf("\n\n") + 2));
}

const release = (stage: AiStage, nonce: string, count: number): void => {
  for (let i = 0; i < count; i++) stage.server.release(nonce);
};

/** The access token of a person who is not the demo key's owner. */
export async function secondOwner(stage: AiStage): Promise<string> {
  const person = { email: "second@example.com", password: "a quiet ferry 77" };
  const post = (path: string, body: object): Promise<Response> =>
    fetch(`${stage.runtime.origin}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  await post("/api/v1/auth/register", { ...person, name: "Second" });
  const login = await post("/api/v1/auth/login", person);
  expect(login.status).toBe(200);
  const { access_token: token } = (await login.json()) as { access_token: string };
  return token;
}

export function describeStreams(stage: AiStage): void {
  test("the upstream is asked with the deployment's key and model, of which the client sees nothing", async () => {
    const seen = await stage.client.stream("script:fine#key");
    const [call] = stage.server.calls("key");
    expect(call?.authorization).toBe("Bearer sk-upstream");
    expect(call?.body).toMatchObject({ model: "asked-model", stream: true });
    expect(seen.raw).not.toContain("sk-upstream");
    const health = await fetch(`${stage.runtime.origin}/health`);
    expect(await health.json()).toMatchObject({ components: { ai_model: { status: "healthy" } } });
  });

  test("a model that the settings do not name is refused before anybody is asked", async () => {
    const response = await stage.client.post("/probe/answer", {
      message: "script:fine#unknown",
      model: "gpt-expensive",
    });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ code: "MODEL_NOT_FOUND" });
    expect(stage.server.calls("unknown")).toHaveLength(0);
    await stage.client.post("/probe/answer", { message: "script:fine#o", model: "other-model" });
    expect(stage.server.calls("o")[0]?.body).toMatchObject({ model: "other-model" });
  });

  test("a stream cut ten times and resumed is byte for byte the uncut one, with one call and one row of usage", async () => {
    const posted = stage.client.post("/probe/stream", { message: "script:gated#cuts" });
    release(stage, "cuts", 1);
    const opening = await posted;
    const location = opening.headers.get("location") ?? "";
    let seen = await readUntil(opening, 1);
    for (let cut = 2; cut <= 10; cut++) {
      release(stage, "cuts", 1);
      const last = framesOf(seen).at(-1)?.id;
      seen += await readUntil(await stage.client.get(location, last), cut);
    }
    release(stage, "cuts", WORDS.length);
    const rest = await stage.client.get(location, framesOf(seen).at(-1)?.id);
    seen += eventsOnly(await rest.text());

    const uncut = eventsOnly(await (await stage.client.get(location)).text());
    expect(seen).toBe(uncut);
    expect(framesOf(uncut).map(({ id }) => id)).toEqual(
      framesOf(uncut).map((_f, index) => index + 1),
    );
    expect(textOf(framesOf(uncut))).toBe(TEXT);
    expect(stage.server.calls("cuts")).toHaveLength(1);
    expect(await stage.client.usage("cuts")).toMatchObject([
      { is_estimated: 0, completion_tokens: 13 },
    ]);

    const afterAll = await stage.client.get(location, framesOf(uncut).at(-1)?.id);
    expect(afterAll.status).toBe(204);
    await expect(stage.client.get(location, -1)).resolves.toMatchObject({ status: 400 });
  });

  test("an answer whose reader left at the first word is written to its end, and charged", async () => {
    const posted = stage.client.post("/probe/stream", { message: "script:gated#left" });
    release(stage, "left", 1);
    const response = await posted;
    await readUntil(response, 2);
    release(stage, "left", WORDS.length);
    const rows = await until(async () => {
      const found = await stage.client.usage("left");
      return found.length > 0 && found;
    });
    expect(rows).toMatchObject([{ is_estimated: 0, completion_tokens: 13 }]);
    const again = await stage.client.get(response.headers.get("location") ?? "");
    expect(textOf(framesOf(await again.text()))).toBe(TEXT);
  });

  test("nobody but its owner learns of a stream, and an id that never was looks the same", async () => {
    const { location } = await stage.client.stream("script:fine#mine");
    const other = await secondOwner(stage);
    const ids = [location, location.replace(/.$/, "0"), "/api/v1/streams/str_1", `${location}0`];
    for (const id of ids) {
      const response = await stage.client.get(id, undefined, other);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ code: "STREAM_NOT_FOUND" });
    }
  });

  test("a key of the owner without the scope of what started a stream does not read it", async () => {
    const { location } = await stage.client.stream("script:fine#scope");
    const made = await stage.client.post("/api/v1/api-keys", { name: "other", scopes: ["scrape"] });
    const { key } = (await made.json()) as { key: string };
    const response = await stage.client.get(location, undefined, key);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: "INSUFFICIENT_SCOPE" });
  });

  test("a hundred equal requests at once are one call and one row; another owner's is a call of its own", async () => {
    const other = await secondOwner(stage);
    const body = { message: "script:fine#flight", flight_key: "f", join_ended_ms: 60_000 };
    const posted = Array.from({ length: 100 }, () => stage.client.post("/probe/answer", body));
    const own = stage.client.post("/probe/answer", body, other);
    const read = async (response: Promise<Response>): Promise<WholeSeen> => (await response).json();
    const answers = await Promise.all(posted.map(read));
    expect(new Set(answers.map(({ text }) => text))).toEqual(new Set([TEXT]));
    expect(new Set(answers.map(({ runId }) => runId)).size).toBe(1);
    expect(new Set(answers.map(({ streamId }) => streamId)).size).toBe(100);
    expect((await own).status).toBe(200);
    expect(stage.server.calls("flight")).toHaveLength(2);
    expect(await stage.client.usage("flight")).toHaveLength(2);
  });

  test("a failed answer is joined by nobody afterwards", async () => {
    const body = { message: "script:400#failed", flight_key: "failed", join_ended_ms: 60_000 };
    expect((await stage.client.post("/probe/answer", body)).status).toBe(422);
    expect((await stage.client.post("/probe/answer", body)).status).toBe(422);
    expect(stage.server.calls("failed")).toHaveLength(2);
  });

  test("an answer in one piece is asked for as one, and tool calls come whole", async () => {
    const whole = await stage.client.post("/probe/answer", {
      message: "script:whole#one",
      is_whole: true,
    });
    expect(await whole.json()).toMatchObject({
      text: TEXT,
      model: `${MODEL}-one`,
      finishReason: "stop",
    });
    expect(stage.server.calls("one")[0]?.body).not.toHaveProperty("stream");
    const tools = await stage.client.post("/probe/answer", { message: "script:tools#t" });
    expect(await tools.json()).toMatchObject({
      text: "",
      finishReason: "tool_calls",
      toolCalls: [{ id: "call_a", function: { name: "weather", arguments: '{"city":"Seoul"}' } }],
    });
  });

  test("a recorded answer is told as a stream, without a call and without a charge", async () => {
    const recorded = {
      text: "again",
      toolCalls: [],
      finishReason: "stop",
      usage: { promptTokens: 1, completionTokens: 1, isEstimated: false },
      model: MODEL,
    };
    const seen = await stage.client.stream("script:fine#recorded", { recorded });
    expect(seen.frames.map(({ event }) => event)).toEqual(["start", "delta", "done"]);
    expect(textOf(seen.frames)).toBe("again");
    expect(stage.server.calls("recorded")).toHaveLength(0);
    expect(await stage.client.usage("recorded")).toEqual([]);
  });

  test("ten streams may be open at once, and the place of one that left is free again", async () => {
    const opened: Response[] = [];
    for (let i = 0; i < 10; i++) {
      release(stage, `slot-${i}`, 1);
      opened.push(await stage.client.post("/probe/stream", { message: `script:gated#slot-${i}` }));
    }
    expect(opened.map(({ status }) => status)).toEqual(opened.map(() => 200));
    const eleventh = await stage.client.post("/probe/stream", { message: "script:fine#slot-x" });
    expect(eleventh.status).toBe(429);
    expect(await eleventh.json()).toMatchObject({ code: "TOO_MANY_CONCURRENT" });
    expect(stage.server.calls("slot-x")).toHaveLength(0);
    await opened[0]?.body?.cancel();
    await until(async () => {
      const next = await stage.client.post("/probe/stream", { message: "script:fine#slot-y" });
      await next.text();
      return next.status === 200;
    });
    for (const [i, response] of opened.entries()) {
      release(stage, `slot-${i}`, WORDS.length);
      if (i > 0) await response.text();
    }
  });

  test("a database that is away holds up no answer, and hears of the usage once it is back", async () => {
    const database = await stage.runtime.miniflare.getD1Database("DB", "naru");
    await database.prepare("ALTER TABLE usage RENAME TO usage_away").run();
    const { frames, location } = await stage.client.stream("script:fine#outbox");
    expect(frames.at(-1)?.event).toBe("done");
    await database.prepare("ALTER TABLE usage_away RENAME TO usage").run();
    await until(async () => (await stage.client.kept(location)).length > 0);
    expect(await stage.client.usage("outbox")).toHaveLength(1);
    expect(await stage.client.kept(location)).toHaveLength(1);
  });

  test("what came of an answer is kept before its reader is told the end, once for each stream", async () => {
    const { location } = await stage.client.stream("script:fine#kept");
    expect(await stage.client.kept(location)).toMatchObject([
      { question: '"script:fine#kept"', answer: TEXT },
    ]);
    const failed = await stage.client.stream("script:cut#lost");
    expect(await stage.client.kept(failed.location)).toMatchObject([
      { answer: `MODEL_ERROR: ${WORDS.slice(0, 5).join("")}` },
    ]);
  });

  test("a crash under an answer is told as an interruption, what had come is charged, and nothing is asked again", async () => {
    const posted = stage.client.post("/probe/stream", { message: "script:gated#crash" });
    release(stage, "crash", 3);
    const response = await posted;
    const location = response.headers.get("location") ?? "";
    await until(async () =>
      (await readUntil(await stage.client.get(location), 4)).includes("id: 4"),
    );
    await stage.client.post(`/probe/crash/${location.split("/").at(-1)}`, {});
    const frames = framesOf(await response.text());
    expect(frames.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5]);
    expect(frames.at(-1)).toMatchObject({ event: "error", data: { code: "STREAM_INTERRUPTED" } });
    expect(eventsOnly(await (await stage.client.get(location)).text())).toContain("id: 5");
    expect(stage.server.calls("crash")).toHaveLength(1);
    expect(await stage.client.usage("crash")).toMatchObject([{ is_estimated: 1 }]);
    expect(await stage.client.kept(location)).toHaveLength(1);
  });
}
