/** One trace from the client to the target, and no secret in any line, over the three Workers as they are deployed. */
import type { IncomingHttpHeaders } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { startModelServer } from "../support/model-server";
import type { ModelServer } from "../support/model-server";
import { startRuntime } from "../support/runtime";
import type { Runtime } from "../support/runtime";
import { html, startSite } from "../support/site";
import type { Handler, Site } from "../support/site";

type Line = Readonly<Record<string, unknown>>;
interface SpanLine {
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

const raw: string[] = [];
const asked: { readonly path: string; readonly headers: IncomingHttpHeaders }[] = [];
/** Named by frames of a socket, and by no request. */
const framedTraces: string[] = [];
let runtime: Runtime;
let site: Site;
let model: ModelServer;

const keeping =
  (answer: Handler): Handler =>
  (request, response) => {
    asked.push({ path: request.url ?? "", headers: request.headers });
    answer(request, response);
  };

beforeAll(async () => {
  site = await startSite({
    "/robots.txt": keeping(html("", "text/plain")),
    "/page": keeping(html("<title>Ferries</title><p>Every twenty minutes.</p>")),
    "/hook": keeping(html("")),
    "/refused": keeping((_request, response) => response.writeHead(403).end()),
  });
  model = await startModelServer();
  runtime = await startRuntime(
    {
      LOG_LEVEL: "debug",
      SCRAPE_ALLOW_PRIVATE: "1",
      AI_PROVIDER: "openai",
      AI_MODEL_ENDPOINT: model.endpoint,
      AI_MODEL_API_KEY: "canary-model-key-of-settings",
      AI_MODEL: "asked-model",
    },
    { onLine: (line) => raw.push(line) },
  );
});
afterAll(async () => {
  await runtime.stop();
  await site.stop();
  await model.stop();
});

const parsed = (): Line[] =>
  raw.flatMap((line) => {
    try {
      return [JSON.parse(line) as Line];
    } catch {
      return [];
    }
  });
const linesOf = (traceId: string): Line[] =>
  parsed().filter((line) => line["trace_id"] === traceId);
const spans = (): SpanLine[] =>
  parsed().filter((line) => line["event"] === "span") as unknown as SpanLine[];
/** A line comes when its Worker's output has been read, which may be after the answer. */
const seen = (holds: () => boolean): Promise<void> =>
  expect.poll(holds, { timeout: 20_000 }).toBe(true);

const newTraceId = (): string => crypto.randomUUID().replaceAll("-", "");
const parentOf = (traceId: string, flags = "01"): string =>
  `00-${traceId}-b7ad6b7169203331-${flags}`;
const call = (
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> =>
  fetch(runtime.origin + path, {
    method: body === undefined ? "GET" : "POST",
    headers: { "x-api-key": runtime.demoKey, "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
const headersAt = (path: string, traceId: string): IncomingHttpHeaders | undefined =>
  asked.find((one) => one.path === path && String(one.headers["traceparent"]).includes(traceId))
    ?.headers;

describe("one trace id", () => {
  test("joins client, Worker, gate, shard, queue, consumer and target of a scrape, and its webhook", async () => {
    const trace = newTraceId();
    const answer = await call(
      "/scrape",
      {
        script_name: "page",
        parameters: { url: `${site.origin}/page` },
        callback_url: `${site.origin}/hook`,
      },
      { traceparent: parentOf(trace, "00"), tracestate: "vendor=mine", baggage: "user=me" },
    );
    expect(await answer.json()).toMatchObject({ status: "completed" });
    await seen(() => linesOf(trace).some(({ event }) => event === "webhook.delivery"));
    const lines = linesOf(trace);
    const told = (event: string): Line[] => lines.filter((line) => line["event"] === event);
    expect(told("gate.admit")).toMatchObject([{ admitted: true }]);
    expect(told("tasks.saved").map(({ status }) => status)).toEqual([
      "queued",
      "running",
      "completed",
    ]);
    expect(told("task.run")).toMatchObject([{ kind: "scrape", attempt: 1, outcome: "completed" }]);
    expect(told("request")).toMatchObject([{ method: "POST", route: "/scrape", status: 200 }]);
    expect(told("webhook.delivery")).toMatchObject([{ attempt: 1, status: 200 }]);
    expect(
      new Set(lines.flatMap(({ task_id }) => (task_id === undefined ? [] : [task_id]))).size,
    ).toBe(1);

    const hops = ["/robots.txt", "/page", "/hook"].map((path) => headersAt(path, trace));
    // The flag that the caller set stays, and each hop is a span of its own.
    for (const headers of hops)
      expect(headers?.["traceparent"]).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-00$`));
    const parents = hops.map((headers) => String(headers?.["traceparent"]).slice(36, 52));
    expect(new Set([...parents, "b7ad6b7169203331"]).size).toBe(4);
    // What else a client says of its trace is not for third parties.
    for (const headers of hops) expect(headers).not.toHaveProperty("tracestate");
    for (const headers of hops) expect(headers).not.toHaveProperty("baggage");

    const own = (): SpanLine[] =>
      spans().filter(({ attributes }) => attributes["naru.trace_id"] === trace);
    await seen(() =>
      ["POST /scrape", "deliver webhook"].every((name) => own().some((span) => span.name === name)),
    );
    expect(own()).toContainEqual({
      event: "span",
      name: "POST /scrape",
      attributes: expect.objectContaining({
        "http.request.method": "POST",
        "http.route": "/scrape",
        "http.response.status_code": 200,
        "url.scheme": "http",
      }) as object,
    });
    expect(spans()).toContainEqual({
      event: "span",
      name: "POST",
      attributes: expect.objectContaining({
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "server.address": "127.0.0.1",
        "server.port": site.port,
      }) as object,
    });
  });

  test("joins a socket's task with the request that opened the socket, unless its frame names a trace", async () => {
    const [opened, framed] = [newTraceId(), newTraceId()];
    framedTraces.push(framed);
    const socket = new WebSocket(
      runtime.origin.replace("http", "ws") + "/ws/realtime",
      ["naru.v1"],
      {
        headers: { authorization: `Bearer ${runtime.demoKey}`, traceparent: parentOf(opened) },
      },
    );
    await new Promise((resolve) => socket.once("open", resolve));
    const submit = (data: object): void =>
      socket.send(
        JSON.stringify({
          type: "task.submit",
          request_id: "1",
          data: { kind: "echo", input: {}, ...data },
          timestamp: "2026-01-01T00:00:00.000Z",
        }),
      );
    submit({});
    submit({ traceparent: parentOf(framed) });
    const ran = (trace: string): boolean =>
      linesOf(trace).some(({ event }) => event === "task.run");
    await seen(() => ran(opened) && ran(framed));
    socket.close();
    await seen(() => spans().filter(({ name }) => name === "run echo").length === 2);
    expect(spans().find(({ name }) => name === "run echo")?.attributes).toMatchObject({
      "naru.trace_id": opened,
      "naru.task.attempt": 1,
      "naru.task.outcome": "completed",
    });
    await seen(() => spans().some(({ name }) => name === "process tasks-fast"));
    expect(spans().find(({ name }) => name === "process tasks-fast")?.attributes).toMatchObject({
      "messaging.system": "cloudflare_queues",
      "messaging.operation.type": "process",
      "messaging.destination.name": "tasks-fast",
    });
    expect(linesOf(opened).filter(({ event }) => event === "task.run")).toHaveLength(1);
    expect(linesOf(framed).filter(({ event }) => event === "task.run")).toHaveLength(1);
  });

  test("joins a stream with its model call; whoever resumes it keeps a trace of their own, and their line names both", async () => {
    const [began, resumed] = [newTraceId(), newTraceId()];
    const stream = await call(
      "/api/v1/chat/stream",
      { message: "script:fine#trace" },
      { traceparent: parentOf(began) },
    );
    await stream.text();
    const location = stream.headers.get("location") ?? "";
    const again = await call(location, undefined, {
      traceparent: parentOf(resumed),
      "last-event-id": "1",
    });
    expect(again.status).toBe(200);
    await again.text();
    expect(model.calls("trace")[0]?.traceparent).toMatch(
      new RegExp(`^00-${began}-[0-9a-f]{16}-01$`),
    );
    await seen(() => linesOf(resumed).some(({ event }) => event === "request"));
    expect(linesOf(began).filter(({ event }) => event === "ai.run")).toHaveLength(1);
    expect(linesOf(resumed).find(({ event }) => event === "request")).toMatchObject({
      route: "/api/v1/streams/:id",
      linked_trace_id: began,
    });
    expect(linesOf(began).find(({ event }) => event === "request")).not.toHaveProperty(
      "linked_trace_id",
    );
    await seen(() => spans().some(({ name }) => name === "chat asked-model"));
    expect(spans().find(({ name }) => name === "chat asked-model")?.attributes).toMatchObject({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": "asked-model",
      "gen_ai.response.model": expect.any(String) as string,
      "gen_ai.usage.input_tokens": expect.any(Number) as number,
      "gen_ai.usage.output_tokens": expect.any(Number) as number,
      "naru.trace_id": began,
    });
  });
});

test("no secret of a person, a deployment or a target is in any line or span, whatever was asked and whatever failed", async () => {
  const canary = (name: string): string => `canary-${name}-${newTraceId().slice(0, 12)}`;
  const email = `${canary("mail")}@naru.example`;
  const password = canary("password");
  const said = canary("words");
  const inUrl = canary("url");
  const secrets = [email, password, said, inUrl, runtime.demoKey, "canary-model-key-of-settings"];
  const person = { email, password, name: canary("name") };

  await (await call("/api/v1/auth/register", person, { "x-api-key": "" })).text();
  const login = await call("/api/v1/auth/login", { email, password }, { "x-api-key": "" });
  const tokens = (await login.json()) as { access_token: string; refresh_token: string };
  secrets.push(tokens.access_token, tokens.refresh_token);
  const bearer = { "x-api-key": "", authorization: `Bearer ${tokens.access_token}` };
  const made = (await (
    await call("/api/v1/api-keys", { name: said, scopes: ["tasks:write"] }, bearer)
  ).json()) as { key?: string };
  expect(made.key).toMatch(/^nr_/);
  secrets.push(String(made.key));

  const scraped = (path: string, userinfo = ""): Promise<Response> =>
    call("/scrape", {
      script_name: "page",
      parameters: { url: site.origin.replace("://", `://${userinfo}`) + path },
      callback_url: `${site.origin}/hook?token=${inUrl}`,
    });
  const outcomes = await Promise.all([
    scraped(`/page?token=${inUrl}`),
    scraped(`/refused?${inUrl}=1`),
    scraped(`/missing/${inUrl}`),
    scraped("/page", `user:${inUrl}@`),
    call("/api/v1/chat", { message: `script:fine#secrets ${said}` }),
    call("/api/v1/chat", { message: `script:${said}` }),
    call(`/api/v1/auth/login?password=${password}`, person, { "x-api-key": "" }),
    call("/api/v1/auth/login", { email, password: `${password}x` }, { "x-api-key": "" }),
    call("/api/v1/auth/refresh", { refresh_token: tokens.refresh_token }, { "x-api-key": "" }),
    call("/api/v1/tasks", `{"kind": "echo", "input": {"a": "${said}"`, {}),
    call("/api/v1/tasks", { kind: said, input: { secret: said } }),
    call("/api/v1/tasks", undefined, { "x-api-key": `${runtime.demoKey.slice(0, -3)}zzz` }),
    call("/api/v1/tasks", undefined, { "x-request-id": String(made.key) }),
    call(`/api/v1/tasks/${inUrl}`, undefined),
    call(
      "/oauth/token",
      { grant_type: "client_credentials", client_secret: password },
      { "x-api-key": "" },
    ),
    call("/v1/chat/completions", { model: said, messages: [{ role: "user", content: said }] }),
  ]);
  for (const outcome of outcomes) await outcome.text();
  const requests = (): number => parsed().filter(({ event }) => event === "request").length;
  const atLeast = outcomes.length + 6;
  await seen(
    () =>
      requests() >= atLeast &&
      parsed().filter(({ event }) => event === "webhook.delivery").length >= 4,
  );

  // The platform's own span of a fetch has its whole address, of which `redact_query_string` lets no query out.
  const all = raw.filter((line) => !line.startsWith('{"event":"span","name":"fetch"')).join("\n");
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(12);
    // Whole, and by its secret part: of a key and a refresh token the fourth, whose second is an id; of a JWT each.
    const parts = /^nrr?_/.test(secret)
      ? [secret.split("_")[3] ?? ""]
      : secret.split(".").filter(({ length }) => length >= 32);
    for (const part of [secret, ...parts])
      expect(all.includes(part), `${part.slice(0, 14)}…`).toBe(false);
  }
});

test("every line says to which trace it belongs: a request's, a frame's, or that of a job which nobody asked for", () => {
  const own = parsed().filter(({ event }) => event !== "span");
  const begun = own.filter(({ event }) => event === "request").map((line) => line["trace_id"]);
  const known = new Set([...begun, ...framedTraces]);
  expect(known.size).toBeGreaterThan(20);
  const unasked = new Set(["tasks.sweep"]);
  const lost = own.filter(
    ({ event, trace_id: traceId }) => !known.has(traceId) && !unasked.has(String(event)),
  );
  expect(lost).toEqual([]);
  for (const { trace_id: traceId } of own) expect(traceId).toMatch(/^[0-9a-f]{32}$/);
});
