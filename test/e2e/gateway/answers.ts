import { describe, expect, test } from "vitest";
import { PAGE_ORIGIN } from "./stage";
import type { Stage } from "./stage";

export function answerTests(stageOf: () => Stage): void {
  describe("an answer", () => {
    test("keeps what is the upstream's to say, and has what is ours", async () => {
      const stage = stageOf();
      const { origin } = stage.upstream;
      stage.upstream.on.set("/mixed", (_request, response) => {
        response.writeHead(418, "Short And Stout", {
          "content-type": "application/problem+json",
          "content-language": "de",
          "cache-control": "private, max-age=5",
          "content-security-policy": "default-src 'self'",
          "x-frame-options": "SAMEORIGIN",
          "www-authenticate": 'Basic realm="theirs"',
          "strict-transport-security": "max-age=0",
          "clear-site-data": '"*"',
          "access-control-allow-origin": "*",
          "x-ratelimit-remaining": "7777",
          "x-request-id": "theirs",
          connection: "close, X-Hop",
          "x-hop": "1",
          location: `${origin}/elsewhere?a=1#b`,
          via: "1.1 theirs",
          "set-cookie": [
            "sid=1; Path=/; Domain=naru.test; HttpOnly",
            "__Host-refresh=forged; Path=/; Secure",
            "deep=2; Path=/shop",
          ],
        });
        response.end('{"code":"THEIRS"}');
      });
      const answer = await stage.gw("svc/mixed", {
        headers: { "X-Request-Id": "ours-1", Origin: PAGE_ORIGIN },
      });
      const { headers } = answer;
      expect([answer.status, answer.statusText, await answer.text()]).toEqual([
        418,
        "Short And Stout",
        '{"code":"THEIRS"}',
      ]);
      expect(Object.fromEntries(headers)).toMatchObject({
        "content-type": "application/problem+json",
        "content-language": "de",
        "cache-control": "private, max-age=5",
        "content-security-policy": "default-src 'self'",
        "x-frame-options": "SAMEORIGIN",
        "www-authenticate": 'Basic realm="theirs"',
        "strict-transport-security": expect.stringMatching(/^max-age=[1-9]/),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "access-control-allow-origin": PAGE_ORIGIN,
        "x-request-id": "ours-1",
        "x-ratelimit-remaining": expect.not.stringMatching("7777"),
        location: "/api/v1/gw/svc/elsewhere?a=1#b",
        via: "1.1 theirs, 1.1 naru",
        "server-timing": expect.any(String),
      });
      expect(headers.get("vary")).not.toContain("Accept-Language");
      for (const name of ["clear-site-data", "x-hop"]) expect(headers.has(name), name).toBe(false);
      expect(headers.getSetCookie()).toEqual([
        "sid=1; HttpOnly; Path=/api/v1/gw/svc/",
        "deep=2; Path=/api/v1/gw/svc/shop",
      ]);
    });

    test("may be read by pages that may come at all, with all that it says", async () => {
      const stage = stageOf();
      stage.upstream.on.set("/page", (_request, response) =>
        response.writeHead(200, { "x-theirs": "1" }).end("{}"),
      );
      const preflight = await stage.gw("svc/page", {
        method: "OPTIONS",
        headers: {
          Origin: PAGE_ORIGIN,
          "Access-Control-Request-Method": "PUT",
          "Access-Control-Request-Headers": "x-mine, content-type",
        },
      });
      expect(preflight.status).toBe(204);
      expect(preflight.headers.get("access-control-allow-methods")).toContain("PUT");
      expect(preflight.headers.get("access-control-allow-headers")).toContain("x-mine");
      const before = stage.upstream.received.length;
      const page = await stage.gw("svc/page", { headers: { Origin: PAGE_ORIGIN } });
      expect(page.headers.get("access-control-expose-headers")).toContain("x-theirs");
      const foreign = await stage.gw("svc/page", { headers: { Origin: "https://evil.example" } });
      expect(foreign.headers.get("access-control-allow-origin")).toBeNull();
      // No preflight ever reaches it.
      expect(stage.upstream.received.slice(before).map(({ method }) => method)).toEqual([
        "GET",
        "GET",
      ]);
    });

    test.each([204, 304])("with the status %i passes without a body", async (status) => {
      const stage = stageOf();
      stage.upstream.on.set("/bare", (_request, response) => response.writeHead(status).end());
      const answer = await stage.gw("svc/bare");
      expect([answer.status, await answer.text()]).toEqual([status, ""]);
    });

    test("that leads elsewhere is the client's to follow", async () => {
      const stage = stageOf();
      stage.upstream.on.set("/moved", (_request, response) =>
        response.writeHead(307, { location: "https://elsewhere.example/x" }).end(),
      );
      const answer = await stage.gw("svc/moved");
      expect([answer.status, answer.headers.get("location")]).toEqual([
        307,
        "https://elsewhere.example/x",
      ]);
    });
  });

  describe("a kept answer", () => {
    /** What the upstream was asked and what callers got, for a path that answers with these headers. */
    async function stageOfCache(name: string, headers: Record<string, string>) {
      const stage = stageOf();
      await stage.define({ name, cache_seconds: 60 });
      let asked = 0;
      stage.upstream.on.set(`/${name}`, (request, response) => {
        asked++;
        const etag = headers["etag"];
        if (etag !== undefined && request.headers["if-none-match"] === etag) {
          response.writeHead(304, headers).end();
          return;
        }
        response.writeHead(200, headers);
        response.end(`${name} ${asked} ${request.headers["accept-language"] ?? ""}`);
      });
      const get = async (
        init: { method?: string; headers?: Record<string, string> } = {},
        bearer = stage.key,
      ) => {
        const answer = await stage.gw(`${name}/${name}`, init, bearer);
        return {
          status: answer.status,
          note: answer.headers.get("x-cache"),
          age: answer.headers.get("age"),
          text: await answer.text(),
        };
      };
      return { stage, get, asked: () => asked };
    }

    test("is told to every caller where its headers call it public, and to nobody else", async () => {
      const { stage, get, asked } = await stageOfCache("shared", {
        "cache-control": "public, max-age=60",
        vary: "Accept-Language",
      });
      const stranger = await stage.newKey();
      const first = await get({ headers: { "Accept-Language": "en" } });
      expect(first).toMatchObject({ note: "miss", text: "shared 1 en" });
      const again = await get({ headers: { "Accept-Language": "en" } }, stranger.key);
      expect(again).toMatchObject({
        note: "hit",
        age: expect.stringMatching(/^\d$/),
        text: "shared 1 en",
      });
      expect(await get({ method: "HEAD", headers: { "Accept-Language": "en" } })).toMatchObject({
        note: "hit",
        text: "",
      });
      // By what it varies by, and as the caller asks.
      expect(await get({ headers: { "Accept-Language": "ko" } })).toMatchObject({
        note: "miss",
        text: "shared 2 ko",
      });
      expect(await get({ headers: { "Accept-Language": "ko" } })).toMatchObject({
        note: "hit",
        text: "shared 2 ko",
      });
      expect(
        await get({ headers: { "Accept-Language": "en", "Cache-Control": "no-store" } }),
      ).toMatchObject({ note: "bypass" });
      expect(asked()).toBe(3);
      // What is changed is forgotten.
      await (await stage.gw("shared/shared", { method: "PUT", body: "{}" })).text();
      expect(await get({ headers: { "Accept-Language": "en" } })).toMatchObject({ note: "miss" });
      // So is all of it with a new definition.
      const changed = await stage.send("/api/v1/admin/upstreams/shared", {
        method: "PATCH",
        body: '{"cache_seconds":50}',
      });
      expect(changed.status).toBe(200);
      expect(await get({ headers: { "Accept-Language": "en" } })).toMatchObject({ note: "miss" });
    });

    test("is asked for again by its tag, and told where that still holds", async () => {
      const { get, asked } = await stageOfCache("tagged", {
        "cache-control": "s-maxage=60",
        etag: '"t1"',
      });
      expect(await get()).toMatchObject({ note: "miss", text: "tagged 1 *" });
      expect(await get({ headers: { "Cache-Control": "no-cache" } })).toMatchObject({
        status: 200,
        note: "hit",
        text: "tagged 1 *",
      });
      expect(asked()).toBe(2);
      // Node's own fetch adds `no-cache` to conditions, where nothing else is said.
      const ownConditions = {
        "If-None-Match": '"t1"',
        "Cache-Control": "max-age=60",
        Pragma: "-",
      };
      expect(await get({ headers: ownConditions })).toMatchObject({
        status: 304,
        text: "",
      });
      expect(asked()).toBe(2);
    });

    test.each([
      ["private", { "cache-control": "private, max-age=60" }],
      ["unsaid", {}],
      ["fresh-only", { "cache-control": "max-age=60" }],
      ["cookie", { "cache-control": "public, max-age=60", "set-cookie": "a=1" }],
      ["by-user", { "cache-control": "public, max-age=60", vary: "X-Forwarded-User" }],
    ])("is none of what is somebody's own (%s)", async (name, headers) => {
      const { get, asked } = await stageOfCache(name, headers);
      await get();
      expect(await get()).toMatchObject({ note: "miss" });
      expect(asked()).toBe(2);
    });
  });
}
