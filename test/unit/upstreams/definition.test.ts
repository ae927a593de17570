import { expect, test } from "vitest";
import {
  headerFault,
  isCheckPath,
  isOwnAddress,
  isPathPattern,
  readTargetUrl,
} from "#upstreams/core/definition";
import { allowsMethod, allowsPath, mayCall } from "#upstreams/core/upstream";
import type { Principal } from "#platform/principal";

test.each([
  ["https://billing.example", "https://billing.example"],
  ["https://billing.example/", "https://billing.example"],
  ["HTTPS://Billing.Example:443/v2//", "https://billing.example/v2"],
  ["http://10.0.0.7:8080/base/path", "http://10.0.0.7:8080/base/path"],
  ["http://[fd00::1]:9000", "http://[fd00::1]:9000"],
  ["http://localhost:3000", "http://localhost:3000"],
  ["http://0x7f.1/", "http://127.0.0.1"],
  ["http://한글.example/", "http://xn--bj0bj06e.example"],
  ["https://a.example/%7Eme/../b", "https://a.example/b"],
])("%s is the target %s", (text, url) => {
  expect(readTargetUrl(text)).toEqual({ ok: true, value: url });
});

test.each([
  ["", "malformed"],
  ["billing", "malformed"],
  ["//billing.example", "malformed"],
  ["http:billing.example", "malformed"],
  ["http:///billing.example", "malformed"],
  ["http://", "malformed"],
  ["http://a b.example", "malformed"],
  ["http://a.example/\u0000", "malformed"],
  [" http://a.example", "malformed"],
  ["http://a.example\\b", "malformed"],
  ["http://a.example:99999", "malformed"],
  ["ftp://a.example", "scheme"],
  ["ws://a.example", "scheme"],
  ["javascript:alert(1)", "scheme"],
  ["http://169.254.169.254", "link_local"],
  ["http://0xa9fea9fe/latest", "link_local"],
  ["http://[::ffff:169.254.169.254]", "link_local"],
  ["http://[64:ff9b::169.254.169.254]", "link_local"],
  ["http://[fe80::1]:8080", "link_local"],
  ["http://[febf::1]", "link_local"],
  ["http://me@a.example", "credentials"],
  ["http://:secret@a.example", "credentials"],
  ["http://@a.example", "credentials"],
  ["http://a.example?x=1", "query"],
  ["http://a.example?", "query"],
  ["http://a.example/#", "query"],
  [`http://a.example/${"a".repeat(2048)}`, "too_long"],
])("%j is no target: %s", (text, error) => {
  expect(readTargetUrl(text)).toEqual({ ok: false, error });
});

test.each([
  ["https://api.example.com", "https://api.example.com", true],
  ["https://api.example.com/v1", "https://api.example.com", true],
  ["http://api.example.com", "https://api.example.com", true],
  ["https://api.example.com.", "https://api.example.com", true],
  ["https://api.example.com:8443", "https://api.example.com", false],
  ["https://other.example.com", "https://api.example.com", false],
  ["http://127.0.0.1:8787", "http://localhost:8787", true],
  ["http://127.9.9.9:8787", "http://localhost:8787", true],
  ["http://[::1]:8787/x", "http://localhost:8787", true],
  ["http://app.localhost:8787", "http://localhost:8787", true],
  ["http://0.0.0.0:8787", "http://localhost:8787", true],
  ["http://[::ffff:127.0.0.1]:8787", "http://localhost:8787", true],
  ["http://[::ffff:127.0.0.2]:8787", "http://localhost:8787", true],
  ["http://localhost:3000", "http://localhost:8787", false],
  ["http://10.0.0.1:8787", "http://localhost:8787", false],
  ["https://api.example.com", "", false],
])("%s being the deployment at %j is %j", (target, publicUrl, expected) => {
  expect(isOwnAddress(target, publicUrl)).toBe(expected);
});

test.each([
  ["/*", true],
  ["/", true],
  ["/v1/invoices/*", true],
  ["/v1/*/balance", true],
  ["/a%20b", true],
  ["/~me/x.y-z_", true],
  ["", false],
  ["v1", false],
  ["/v1/in*", false],
  ["//v1", false],
  ["/v1//*", false],
  ["/**", false],
  ["/v1/../admin", false],
  ["/v1/%2e%2e/admin", false],
  ["/a b", false],
  ["/a%2fb", false],
  ["/a%5Cb", false],
  ["/a%00", false],
  ["/a%zz", false],
  ["/a?b", false],
  ["/a#b", false],
  ["/a\\b", false],
  ["/ä", false],
  [`/${"a".repeat(512)}`, false],
])("%j being a path pattern is %j", (text, expected) => {
  expect(isPathPattern(text)).toBe(expected);
});

test.each([
  ["/healthz", true],
  ["/", true],
  ["/health?deep=1", true],
  ["healthz", false],
  ["//other.example/health", false],
  ["/../health", false],
  ["/health#x", false],
  ["/a b", false],
])("%j being the path of a check is %j", (text, expected) => {
  expect(isCheckPath(text)).toBe(expected);
});

test.each([
  ["x-tenant", "acme", "plain", null],
  ["X-Tenant", "a b\tc", "plain", null],
  ["accept-language", "ko", "plain", null],
  ["authorization", "Bearer abc", "secret", null],
  ["X-API-Key", "abc", "secret", null],
  ["cookie", "sid=1", "secret", null],
  ["authorization", null, "secret", null],
  ["authorization", "Bearer abc", "plain", "belongs_sealed"],
  ["X-Api-Key", "abc", "plain", "belongs_sealed"],
  ["x-auth-token", "abc", "plain", "belongs_sealed"],
  ["x-client-secret", "abc", "plain", "belongs_sealed"],
  ["", "a", "plain", "name"],
  ["x tenant", "a", "plain", "name"],
  ["x:tenant", "a", "plain", "name"],
  ["x-tenant\r\nhost", "a", "plain", "name"],
  ["헤더", "a", "plain", "name"],
  ["x".repeat(65), "a", "plain", "name"],
  ["Host", "a", "secret", "reserved"],
  ["content-length", "1", "plain", "reserved"],
  ["Connection", "x", "plain", "reserved"],
  ["transfer-encoding", "chunked", "plain", "reserved"],
  ["te", "trailers", "plain", "reserved"],
  ["upgrade", "h2c", "plain", "reserved"],
  ["x-forwarded-for", "1.1.1.1", "plain", "reserved"],
  ["X-Forwarded-Anything", "1", "secret", "reserved"],
  ["forwarded", "for=1", "plain", "reserved"],
  ["traceparent", "00-0-0-0", "plain", "reserved"],
  ["cf-connecting-ip", "1.1.1.1", "plain", "reserved"],
  ["sec-websocket-key", "a", "plain", "reserved"],
  ["if-none-match", "*", "plain", "reserved"],
  ["proxy-authorization", "Basic a", "secret", "reserved"],
  ["x-request-id", "a", "plain", "reserved"],
  ["x-naru-hop", "a", "plain", "reserved"],
  ["x-tenant", "", "plain", "value"],
  ["x-tenant", " a", "plain", "value"],
  ["x-tenant", "a ", "plain", "value"],
  ["x-tenant", "a\r\nhost: b", "plain", "value"],
  ["x-tenant", "a\nb", "secret", "value"],
  ["x-tenant", "a\u0000b", "plain", "value"],
  ["x-tenant", "값", "plain", "value"],
  ["x-tenant", "a".repeat(8193), "plain", "value"],
] as const)("the header %j: %j (%s) has the fault %j", (name, value, kind, fault) => {
  expect(headerFault(name, value, kind)).toBe(fault);
});

test.each([
  [["/*"], "/", true],
  [["/*"], "/a/b", true],
  [["/v1/*"], "/v1/", true],
  [["/v1/*"], "/v1/a/b", true],
  [["/v1/*"], "/v1", false],
  [["/v1/*"], "/v10/a", false],
  [["/v1/*"], "/V1/a", false],
  [["/v1/*"], "/%761/a", false],
  [["/v1"], "/v1", true],
  [["/v1"], "/v1/", false],
  [["/v1/*/balance"], "/v1/7/balance", true],
  [["/v1/*/balance"], "/v1//balance", false],
  [["/v1/*/balance"], "/v1/7/8/balance", false],
  [["/a", "/b/*"], "/b/c", true],
  [["/a.b"], "/axb", false],
])("of %j the path %s is allowed: %j", (paths, path, expected) => {
  expect(allowsPath({ paths }, path)).toBe(expected);
});

test("a method is allowed where it is listed, in capitals", () => {
  const upstream = { methods: ["GET", "POST"] as const };
  expect(["GET", "POST", "get", "PUT", "CONNECT"].map((m) => allowsMethod(upstream, m))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

test.each([
  [null, "user", [], true],
  ["gw:a", "user", ["*"], true],
  ["gw:a", "service", ["gw"], true],
  ["gw:a", "service", ["gw:a"], true],
  ["gw:a", "service", ["gw:b"], false],
  ["gw:a", "service", ["chat"], false],
  ["gw", "service", ["gw:a"], false],
  ["chat", "user", ["chat"], true],
  ["admin", "user", ["*"], false],
  ["admin", "user", ["admin"], false],
  ["admin", "admin", ["*"], true],
] as const)("scope %j lets in a %s with %j: %j", (scope, role, scopes, expected) => {
  const principal: Principal = { ownerId: "usr_a", keyId: null, sessionId: null, role, scopes };
  expect(mayCall(principal, { scope })).toBe(expected);
});
