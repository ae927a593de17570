import { describe, expect, test } from "vitest";
import { rawRequest } from "../../support/raw-http";
import { onlyOne, OPERATORS_SECRET } from "./stage";
import type { Stage } from "./stage";

const GW = "/api/v1/gw/svc";

export function requestTests(stageOf: () => Stage): void {
  describe("a request", () => {
    test("reaches the upstream with its path and query as they were written", async () => {
      const { runtime, upstream, key } = stageOf();
      const before = upstream.received.length;
      const written = "/a%20b/%C3%A9;x=1,2/@:!$&'()*+=~-._/?q=%2F..%2f&token=its-own&e=";
      const { status } = await rawRequest(runtime.origin, {
        target: `${GW}${written}`,
        lines: [`X-API-Key: ${key}`],
      });
      expect(status).toBe(200);
      expect(onlyOne(upstream.received, before).target).toBe(written);
    });

    test("without a path is for the upstream's root, and without an upstream for nobody", async () => {
      const stage = stageOf();
      const before = stage.upstream.received.length;
      expect((await stage.gw("svc?a=1")).status).toBe(200);
      expect(onlyOne(stage.upstream.received, before).target).toBe("/?a=1");
      expect((await stage.gw("")).status).toBe(404);
    });

    test("tells the upstream who calls and from where, whatever the client says of that", async () => {
      const { runtime, upstream, key } = stageOf();
      const before = upstream.received.length;
      const forged = ["X-Forwarded-For", "X-Forwarded-User", "X_Forwarded_User", "X-Real-IP"];
      const others = ["Forwarded", "Via", "X-Naru-Scopes", "CF-Ray", "X-Original-URL"];
      await rawRequest(runtime.origin, {
        target: `${GW}/who`,
        lines: [
          `Authorization: Bearer ${key}`,
          "CF-Connecting-IP: 203.0.113.9",
          ...[...forged, ...others].map((name) => `${name}: forged`),
          "X-Operator: forged",
          "Connection: X-Mine, x-request-id",
          "X-Mine: for this hop",
          "TE: trailers",
          "Proxy-Authorization: Basic Zm9v",
          "Upgrade: h2c",
          "X-Request-Id: mine-1",
          "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
          "tracestate: vendor=1",
          "Cookie: theme=dark; __Host-refresh=ours; lang=ko",
          "Idempotency-Key: once",
        ],
      });
      const { headers, raw } = onlyOne(upstream.received, before);
      expect(headers).toMatchObject({
        "x-forwarded-for": "203.0.113.9",
        "x-real-ip": "203.0.113.9",
        "x-forwarded-proto": "https",
        "x-forwarded-prefix": GW,
        "x-forwarded-host": "api.naru.test",
        "x-forwarded-user": expect.stringMatching(/^usr_/),
        "x-forwarded-groups": "admin",
        "x-naru-scopes": "*",
        "x-operator": OPERATORS_SECRET,
        "x-request-id": "mine-1",
        traceparent: expect.stringMatching(/^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b)/),
        tracestate: "vendor=1",
        cookie: "theme=dark; lang=ko",
        "idempotency-key": "once",
        via: expect.stringMatching(/^1\.1 naru-ups_\w+$/),
      });
      expect(raw).not.toMatch(/forged|this hop|trailers|Zm9v|h2c|ours/);
    });

    test.each([
      ["/a/../b", "UNSAFE_PATH"],
      ["/../../admin/users", "UNSAFE_PATH"],
      ["/a/%2e%2e/b", "UNSAFE_PATH"],
      ["/a/.%2E/b", "UNSAFE_PATH"],
      ["/a/%252e%252e/b", "UNSAFE_PATH"],
      ["/a/..;x=1/b", "UNSAFE_PATH"],
      ["/a\\..\\b", "UNSAFE_PATH"],
      ["/a%2fb", "UNSAFE_PATH"],
      ["/a%5Cb", "UNSAFE_PATH"],
      ["/a%252fb", "UNSAFE_PATH"],
      ["/a%00b", "UNSAFE_PATH"],
      ["/a%0d%0aX-Evil:1", "UNSAFE_PATH"],
      ["/a//b", "UNSAFE_PATH"],
      ["//b", "UNSAFE_PATH"],
      ["/a/%zz", "UNSAFE_PATH"],
      ["/a/%c0%af", "UNSAFE_PATH"],
      ["/./a", "UNSAFE_PATH"],
    ])("for %j is refused, and nothing reaches the upstream", async (path, code) => {
      const { runtime, upstream, key } = stageOf();
      const before = upstream.received.length;
      const target = `${GW}${path}`;
      const answer = await rawRequest(runtime.origin, { target, lines: [`X-API-Key: ${key}`] });
      expect([answer.status, JSON.parse(answer.body)]).toMatchObject([400, { code }]);
      expect(upstream.received).toHaveLength(before);
    });

    test.each([
      ["a folded header", ["X-A: b", " c"], "", 400],
      ["a space in front of a colon", ["X-A : b"], "", 400],
      ["a space in a name", ["X A: b"], "", 400],
      ["a zero in a value", ["X-A: b\u0000c"], "", 400],
      ["a control character in a value", ["X-A: b\u0001c"], "", 400],
      ["a lone carriage return", ["X-A: b\rX-B: c"], "", 400],
      ["two lengths", ["Content-Length: 3", "Content-Length: 4"], "abc", 400],
      ["an unknown transfer coding", ["Transfer-Encoding: chunked, identity"], "0\r\n\r\n", 400],
      ["a body on GET", ["Content-Length: 3"], "abc", 400],
      ["40 KiB of headers", [`X-A: ${"a".repeat(40_960)}`], "", 431],
      ["a megabyte of headers", [`X-A: ${"a".repeat(1_048_576)}`], "", 431],
    ])("with %s ends in an error of the client's", async (_name, lines, body, status) => {
      const { runtime, upstream, key } = stageOf();
      const before = upstream.received.length;
      const answer = await rawRequest(runtime.origin, {
        target: `${GW}/smuggled`,
        lines: [`X-API-Key: ${key}`, ...lines],
        body,
      });
      expect(answer.status).toBe(status);
      expect(upstream.received).toHaveLength(before);
    });

    // RFC 9112 section 6.3: the coding wins. What matters is that both sides see one request of one length.
    test("with a length and a transfer coding is framed anew, and hides no second one", async () => {
      const { runtime, upstream, key } = stageOf();
      const before = upstream.received.length;
      const body = "5\r\nhello\r\n0\r\n\r\nGET /hidden HTTP/1.1\r\nHost: x\r\n\r\n";
      const answer = await rawRequest(runtime.origin, {
        method: "POST",
        target: `${GW}/both`,
        lines: [`X-API-Key: ${key}`, "Content-Length: 4", "Transfer-Encoding: chunked"],
        body,
      });
      expect(answer.status).toBe(200);
      const got = onlyOne(upstream.received, before);
      expect([got.body, got.headers["content-length"]]).toEqual(["hello", undefined]);
    });

    test("is refused where the upstream, its scope, its methods or its paths do not open to it", async () => {
      const stage = stageOf();
      await stage.define({ name: "narrow", methods: ["GET"], paths: ["/open/*"] });
      await stage.define({ name: "off", enabled: false });
      const poor = await stage.newKey(["chat"]);
      const rich = await stage.newKey(["gw:narrow"]);
      const refusal = async (path: string, init = {}, bearer = rich.key): Promise<unknown[]> => {
        const answer = await stage.gw(path, init, bearer);
        const { code } = (await answer.json()) as { code: string };
        return [answer.status, code, answer.headers.get("allow")];
      };
      const before = stage.upstream.received.length;
      expect(await refusal("nobody/x")).toEqual([404, "UPSTREAM_NOT_FOUND", null]);
      expect(await refusal("off/x")).toEqual([404, "UPSTREAM_NOT_FOUND", null]);
      expect(await refusal("svc/x")).toEqual([403, "INSUFFICIENT_SCOPE", null]);
      expect(await refusal("narrow/open/x", {}, poor.key)).toEqual([
        403,
        "INSUFFICIENT_SCOPE",
        null,
      ]);
      expect(await refusal("narrow/open/x", {}, "")).toEqual([
        401,
        "AUTHENTICATION_REQUIRED",
        null,
      ]);
      expect(await refusal("narrow/closed")).toEqual([404, "UPSTREAM_PATH_CLOSED", null]);
      expect(await refusal("narrow/open/x", { method: "POST", body: "{}" })).toEqual([
        405,
        "METHOD_NOT_ALLOWED",
        "GET, HEAD, OPTIONS",
      ]);
      expect(stage.upstream.received).toHaveLength(before);
      const open = await stage.gw("narrow/open/x", {}, rich.key);
      expect([open.status, open.headers.get("via")]).toEqual([200, "1.1 naru"]);
      expect(open.headers.get("ratelimit")).toBeTruthy();
    });
  });
}
