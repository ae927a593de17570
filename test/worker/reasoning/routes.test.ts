import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { api, createTestKey } from "../../support/api";

interface TaskBody {
  readonly request_id: string;
  readonly status: string;
  readonly code?: string;
  readonly data: { readonly conclusion?: string; readonly result?: Record<string, unknown> } | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

let key = "";
beforeEach(async () => {
  ({ key } = await createTestKey());
});

async function post(path: string, json: unknown, headers: Record<string, string> = {}) {
  const response = await api(path, { key, json, headers });
  return { status: response.status, body: await response.json<TaskBody>() };
}
const reason = (type: string, input: string, context: unknown = null) =>
  post("/api/v1/reasoning/execute", { type, input, context });
const process = (type: string, input: string, context: unknown = null) =>
  post("/api/v1/cognitive/process", { type, input, context });

describe("over the queue, in the runtime that serves it", () => {
  test("a logic program is proven, and a runaway one is ended", async () => {
    const program = "부모(철수, 영희). 조상(X, Y) :- 부모(X, Y).";
    expect(await reason("logic_program", program, "조상(철수, X)")).toMatchObject({
      status: 200,
      body: {
        status: "completed",
        data: { conclusion: "X = 영희", confidence: 1, engine: "prolog" },
      },
    });
    expect(await reason("logic_program", "p :- p, p. ?- p.")).toMatchObject({
      status: 200,
      body: { status: "failed", error: { code: "COMPUTATION_TOO_LARGE" }, data: null },
    });
  });

  test("an expression is calculated exactly", async () => {
    expect(await reason("mathematical", "2^70 + 1/4")).toMatchObject({
      status: 200,
      body: {
        data: { conclusion: "1180591620717411303424.25", engine: "arithmetic", exact: true },
      },
    });
  });

  test("a text is summarised, searched and told the language of", async () => {
    const text =
      "The ferry crosses the river. Lunch is at noon. The river ferry carries people across.";
    const summary = await process("summarization", text);
    expect(text).toContain(summary.body.data?.result?.["summary"]);
    expect((await process("extraction", "Mail kim@example.com.")).body.data?.result).toMatchObject({
      entities: [{ kind: "email", text: "kim@example.com", position: 5 }],
    });
    expect(
      (await process("classification", "나루는 강을 건너는 곳입니다.", { by: "language" })).body
        .data?.result,
    ).toMatchObject({ label: "ko" });
  });

  test("the record is read again under its own path, by its owner alone", async () => {
    const { body } = await reason("mathematical", "1 + 1");
    const path = `/api/v1/cognitive/status/${body.request_id}`;
    const read = await (await api(path, { key })).json();
    expect(read).toEqual(await (await api(`/api/v1/tasks/${body.request_id}`, { key })).json());
    expect(read).toMatchObject({ status: "completed", data: { conclusion: "2" } });
    const stranger = await createTestKey();
    expect((await api(path, { key: stranger.key })).status).toBe(404);
  });
});

describe("where there is no model", () => {
  test.each([
    ["reasoning/execute", "deductive"],
    ["reasoning/execute", "mathematical"],
    ["cognitive/process", "planning"],
    ["cognitive/process", "classification"],
  ])("%s of type %s is refused at once, and nothing is queued", async (path, type) => {
    const { status, body } = await post(`/api/v1/${path}`, { type, input: "What follows?" });
    expect([status, body.code]).toEqual([503, "MODEL_REQUIRED"]);
    expect(await (await api("/api/v1/tasks", { key })).json()).toMatchObject({ items: [] });
  });
});

test("faults of the input are all told, in the caller's language", async () => {
  const { status, body } = await post(
    "/api/v1/reasoning/execute",
    { type: "guessing", more: 1, timeout: 0 },
    { "Accept-Language": "ko" },
  );
  expect(status).toBe(422);
  const { errors } = body as unknown as { errors: { pointer: string }[] };
  expect(errors.map(({ pointer }) => pointer).sort()).toEqual([
    "/input",
    "/more",
    "/timeout",
    "/type",
  ]);
});

test("both ask for the scope `chat`", async () => {
  const { key: other } = await createTestKey({ scopes: ["tasks:read", "tasks:write"] });
  const response = await api("/api/v1/reasoning/execute", {
    key: other,
    json: { type: "mathematical", input: "1" },
  });
  expect(response.status).toBe(403);
  // Nor by the way of any kind of task.
  const byKind = await api("/api/v1/tasks", {
    key: other,
    json: { kind: "reasoning", input: { type: "mathematical", input: "1" } },
  });
  expect(byKind.status).toBe(403);
});

test("the tools answer to plain data alone", async () => {
  const tools = env.TOOLS as unknown as { compute: (input: object) => Promise<unknown> };
  expect(
    await tools.compute({ engine: "arithmetic", input: "6 * 7", query: null, type: "" }),
  ).toMatchObject({
    ok: true,
    data: { conclusion: "42" },
  });
});
