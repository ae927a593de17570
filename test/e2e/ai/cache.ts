/** What is kept of answers, seen from outside: what the model's server was asked, and what callers were told. */
import { expect, test } from "vitest";
import { TEXT } from "../../support/model-server";
import { until } from "../../support/server";
import type { AiStage } from "./stage";
import { secondOwner } from "./streams";

interface Asked {
  readonly headers?: Readonly<Record<string, string>>;
  readonly more?: object;
  readonly key?: string;
}

interface Seen {
  readonly status: number;
  readonly cache: string | null;
  readonly text: string;
}

const CHAT = "/v1/chat/completions";

async function ask(
  stage: AiStage,
  content: string,
  { headers = {}, more = {}, key = stage.runtime.demoKey }: Asked = {},
): Promise<Seen> {
  const response = await fetch(`${stage.runtime.origin}${CHAT}`, {
    method: "POST",
    headers: { ...headers, authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ messages: [{ role: "user", content }], ...more }),
  });
  return {
    status: response.status,
    cache: response.headers.get("x-cache"),
    text: await response.text(),
  };
}

const manage = (stage: AiStage, method: string, path: string, key = stage.runtime.demoKey) =>
  fetch(`${stage.runtime.origin}${path}`, { method, headers: { authorization: `Bearer ${key}` } });

export function describeCache(stage: AiStage): void {
  test("a hundred equal requests at once ask the model once, and all get its answer", async () => {
    const asked = Array.from({ length: 100 }, (_, at) =>
      ask(stage, "script:gated#hundred", { more: { stream: at % 20 === 0 } }),
    );
    for (let i = 0; i < 10; i++) stage.server.release("hundred");
    for (const { status, text } of await Promise.all(asked)) {
      expect(status).toBe(200);
      const pieces = text.match(/"content":"(?:[^"\\]|\\.)*"/g) ?? [];
      const contents = pieces.map((piece) => JSON.parse(`{${piece}}`) as { content: string });
      expect(contents.map(({ content }) => content).join("")).toBe(TEXT);
    }
    expect(stage.server.calls("hundred")).toHaveLength(1);
    expect(await stage.client.usage("hundred")).toHaveLength(1);
  });

  test("an answer is told again, whole or as a stream, and two owners never share one", async () => {
    const first = await ask(stage, "script:fine#kept", { more: { stream: true } });
    const again = await ask(stage, "script:fine#kept");
    const streamed = await ask(stage, "script:fine#kept", { more: { stream: true } });
    expect([first.cache, again.cache, streamed.cache]).toEqual(["miss", "hit", "hit"]);
    expect(JSON.parse(again.text)).toMatchObject({
      choices: [{ message: { content: TEXT }, finish_reason: "stop" }],
    });
    expect(streamed.text).toContain("data: [DONE]");
    expect(stage.server.calls("kept")).toHaveLength(1);
    const key = await secondOwner(stage);
    expect((await ask(stage, "script:fine#kept", { key })).cache).toBe("miss");
    expect(stage.server.calls("kept")).toHaveLength(2);
    expect(await stage.client.usage("kept")).toHaveLength(2);
  });

  test.each(["400", "cut", "cut-cleanly"])("a failure (%s) is never told again", async (script) => {
    for (const stream of [false, true])
      for (let round = 0; round < 2; round++) {
        const before = stage.server.calls(`never-${script}`).length;
        const seen = await ask(stage, `script:${script}#never-${script}`, { more: { stream } });
        expect(seen.cache).toBe("miss");
        expect(seen.text).toContain('"error"');
        expect(stage.server.calls(`never-${script}`).length).toBeGreaterThan(before);
      }
  });

  test.each([
    ["code", "success", 1],
    ["broken-code", "invalid_code", 2],
    ["fine", "no_code", 2],
  ])("of code what succeeded alone is told again (%s)", async (script, status, calls) => {
    for (let round = 0; round < 2; round++) {
      const response = await fetch(`${stage.runtime.origin}/api/v1/generate-code`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${stage.runtime.demoKey}`,
          "content-type": "application/json",
        },
        body: JSON.stringify({ user_question: `script:${script}#kept-${script}` }),
      });
      expect(await response.json()).toMatchObject({ status });
    }
    expect(stage.server.calls(`kept-${script}`)).toHaveLength(calls);
  });

  test("Cache-Control asks for a fresh answer, for none to be kept, or for no call at all", async () => {
    const content = "script:fine#control";
    const control = (value: string) => ask(stage, content, { headers: { "cache-control": value } });
    const calls = (): number => stage.server.calls("control").length;
    const absent = await control("only-if-cached");
    expect([absent.status, absent.cache, calls()]).toEqual([504, "miss", 0]);
    expect((await control("no-store")).cache).toBe("bypass");
    expect((await ask(stage, content)).cache).toBe("miss");
    expect((await control("only-if-cached")).cache).toBe("hit");
    expect((await control("max-age=600")).cache).toBe("hit");
    expect((await control("max-age=0")).cache).toBe("miss");
    expect((await control("min-fresh=99999")).cache).toBe("miss");
    expect((await control("no-cache")).cache).toBe("bypass");
    expect(calls()).toBe(5);
    expect((await ask(stage, content)).cache).toBe("hit");
  });

  test("chance and tools are asked for anew, unless max-age asks for what is kept", async () => {
    for (const [nonce, more] of [
      ["chance", { temperature: 1.5 }],
      ["tooled", { tools: [{ type: "function", function: { name: "a" } }] }],
    ] as const) {
      const content = `script:fine#${nonce}`;
      const headers = { "cache-control": "max-age=600" };
      expect((await ask(stage, content, { more })).cache).toBe("bypass");
      expect((await ask(stage, content, { more, headers })).cache).toBe("miss");
      expect((await ask(stage, content, { more, headers })).cache).toBe("hit");
      expect((await ask(stage, content, { more })).cache).toBe("bypass");
      expect(stage.server.calls(nonce)).toHaveLength(3);
    }
  });

  test("what is cleared is not told again, and counts are exact", async () => {
    const key = await secondOwner(stage);
    const stats = async () => {
      const response = await manage(stage, "GET", "/api/v1/cache/stats", key);
      return (await response.json()) as Record<string, number>;
    };
    const cleared = await manage(stage, "DELETE", "/api/v1/cache/clear", key);
    expect(await cleared.json()).toMatchObject({ status: "success" });
    const before = await stats();
    for (const prompt of ["a", "b", "a", "a"])
      await ask(stage, `script:fine#counted-${prompt}`, { key });
    await ask(stage, "script:fine#counted-c", { key, headers: { "cache-control": "no-store" } });
    const counted = await until(async () => {
      const now = await stats();
      const of = (name: string): number => (now[name] ?? 0) - (before[name] ?? 0);
      return of("bypassed") === 1 && { hits: of("hits"), misses: of("misses"), size: now["size"] };
    });
    expect(counted).toEqual({ hits: 2, misses: 2, size: 2 });
    const again = await manage(stage, "DELETE", "/api/v1/cache/clear", key);
    expect(await again.json()).toEqual({ status: "success", cleared: 2 });
    expect((await ask(stage, "script:fine#counted-a", { key })).cache).toBe("miss");
    expect(stage.server.calls("counted-a")).toHaveLength(2);
  });
}
