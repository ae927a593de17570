import { describe, expect, test } from "vitest";
import type { HeaderPair } from "#upstreams/core/hop-by-hop";
import { MAX_HEADER_BYTES, requestHeaders } from "#upstreams/core/request-headers";
import type { Passage } from "#upstreams/core/request-headers";

const PASSAGE: Passage = {
  principal: {
    ownerId: "usr_1",
    keyId: "key_1",
    sessionId: null,
    role: "user",
    scopes: ["gw:svc", "chat"],
  },
  address: "203.0.113.9",
  proto: "https",
  host: "api.example",
  requestId: "req_1",
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  tracestate: null,
  upstream: { id: "ups_1", name: "svc" },
  added: [],
  acceptEncoding: null,
  prefix: "/api/v1/gw/svc",
};

/** What reaches the upstream; a name that comes twice fails. */
function sent(headers: readonly HeaderPair[], more: Partial<Passage> = {}): Record<string, string> {
  const result = requestHeaders(headers, { ...PASSAGE, ...more });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  expect(new Set(result.value.map(([name]) => name)).size).toBe(result.value.length);
  return Object.fromEntries(result.value);
}

const OURS = Object.keys(sent([]));

test("the gateway says where a request came from and who sent it", () => {
  expect(sent([])).toEqual({
    "x-forwarded-for": "203.0.113.9",
    "x-real-ip": "203.0.113.9",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "api.example",
    "x-forwarded-prefix": "/api/v1/gw/svc",
    forwarded: "for=203.0.113.9;host=api.example;proto=https",
    via: "1.1 naru-ups_1",
    "x-request-id": "req_1",
    traceparent: PASSAGE.traceparent,
    "x-forwarded-user": "usr_1",
    "x-forwarded-groups": "user",
    "x-naru-scopes": "gw:svc chat",
  });
});

test("an IPv6 address is written as RFC 7239 has it, and an unknown one is not made up", () => {
  expect(sent([], { address: "2001:db8::1", host: "api.example:8443" })["forwarded"]).toBe(
    'for="[2001:db8::1]";host="api.example:8443";proto=https',
  );
  const unknown = sent([], { address: null });
  expect(unknown["forwarded"]).toBe("host=api.example;proto=https");
  expect(unknown).not.toHaveProperty("x-forwarded-for");
  expect(unknown).not.toHaveProperty("x-real-ip");
});

describe("is not passed on:", () => {
  test.each([
    "authorization",
    "x-api-key",
    "x-csrf-token",
    "proxy-authorization",
    "cf-connecting-ip",
    "cf-ray",
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-user",
    "x-forwarded-anything",
    "x_forwarded_for",
    "x-forwarded_for",
    "x_api_key",
    "x.forwarded.user",
    "x~forwarded!user",
    "proxy",
    "x-real-ip",
    "true-client-ip",
    "remote-user",
    "x-auth-request-email",
    "x-naru-scopes",
    "x-original-url",
    "x-rewrite-url",
    "x-http-method-override",
    "via",
    "tracestate",
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
    "expect",
    "host",
    "content-length",
    "sec-websocket-key",
  ])("%s of a client", (name) => {
    expect(Object.values(sent([[name, "forged"]]))).not.toContain("forged");
    expect(Object.keys(sent([[name, "forged"]])).sort()).toEqual([...OURS].sort());
  });

  test("what Connection names, in any case and spacing", () => {
    const headers: HeaderPair[] = [
      ["connection", "close, X-Mine ,x-other"],
      ["x-mine", "1"],
      ["x-other", "1"],
      ["x-kept", "1"],
    ];
    expect(Object.keys(sent(headers)).filter((name) => !OURS.includes(name))).toEqual(["x-kept"]);
  });

  test("what Connection names cannot be what the gateway says itself", () => {
    const headers: HeaderPair[] = [["connection", "x-forwarded-user, x-operator"]];
    const added = [{ name: "x-operator", value: "secret" }];
    expect(sent(headers, { added })).toMatchObject({
      "x-forwarded-user": "usr_1",
      "x-operator": "secret",
    });
  });
});

test("what is the client's own passes", () => {
  const own = {
    accept: "application/json",
    "accept-language": "ko",
    "content-type": "application/json",
    "idempotency-key": "once",
    "if-none-match": '"1"',
    range: "bytes=0-1",
    "user-agent": "agent/1",
    "x-custom": "Ã©",
    baggage: "a=1",
  };
  expect(sent(Object.entries(own))).toMatchObject(own);
});

test("the operator's headers win over a client's and over those before them, in whatever spelling", () => {
  const added = [
    { name: "authorization", value: "plain" },
    { name: "x-tenant", value: "acme" },
    { name: "authorization", value: "Bearer operator" },
  ];
  const headers: HeaderPair[] = [
    ["authorization", "Bearer client"],
    ["x-tenant", "forged"],
    ["x_tenant", "forged"],
  ];
  expect(sent(headers, { added })).toMatchObject({
    authorization: "Bearer operator",
    "x-tenant": "acme",
  });
  expect(Object.values(sent(headers, { added }))).not.toContain("forged");
});

test("an operator's header with an underscore cannot be said by a client, nor beside it in another spelling", () => {
  const added = [{ name: "x_secret", value: "s3cret" }];
  for (const name of ["x_secret", "x-secret", "x.secret"])
    expect(sent([[name, "forged"]], { added })).toEqual({ ...sent([]), x_secret: "s3cret" });
});

test.each([
  ["a=1; b=2", "a=1; b=2"],
  ["a=1; __Host-refresh=x; b=2", "a=1; b=2"],
  ["__host-CSRF=x", undefined],
  ["a=1, __Host-refresh=x", "a=1"],
  ["a=1,2; b=3, 4", "a=1,2; b=3, 4"],
  [" __Host-naru-signin-1=x ;a=1", "a=1"],
  ["__Secure-theirs=1", "__Secure-theirs=1"],
])("of the cookies %j, %j passes", (cookie, expected) => {
  expect(sent([["cookie", cookie]])["cookie"]).toBe(expected);
});

test.each([
  ["chat, naru.ticket.abc, v2", "chat, v2"],
  ["naru.ticket.abc", undefined],
])("of the subprotocols %j, %j pass", (offered, expected) => {
  expect(sent([["sec-websocket-protocol", offered]])["sec-websocket-protocol"]).toBe(expected);
});

test("the codings are those that the client accepts, not those that the platform does", () => {
  const headers: HeaderPair[] = [["accept-encoding", "gzip, br"]];
  expect(sent(headers, { acceptEncoding: "zstd" })["accept-encoding"]).toBe("zstd");
  expect(sent(headers)["accept-encoding"]).toBe("gzip, br");
  expect(sent(headers, { acceptEncoding: "" })).not.toHaveProperty("accept-encoding");
});

test("a trace's notes go with the trace", () => {
  expect(sent([["tracestate", "forged=1"]], { tracestate: "vendor=1" })["tracestate"]).toBe(
    "vendor=1",
  );
});

test.each(["a\u0001b", "a\u0000", "a\u007f", "a\rb", "a\nb", "a\u0100"])(
  "a value with %j is refused",
  (value) => {
    expect(requestHeaders([["x-a", value]], PASSAGE)).toEqual({
      ok: false,
      error: { kind: "malformed", name: "x-a" },
    });
  },
);

test("headers are refused beyond their limit, to the byte", () => {
  const value = (length: number): HeaderPair[] => [["x-a", "a".repeat(length)]];
  // The name, a colon, a space and the line's end.
  const room = MAX_HEADER_BYTES - 7;
  expect(requestHeaders(value(room), PASSAGE).ok).toBe(true);
  expect(requestHeaders(value(room + 1), PASSAGE)).toEqual({
    ok: false,
    error: { kind: "too_large", limit: MAX_HEADER_BYTES },
  });
});

test.each([
  ["1.1 naru-ups_1", false],
  ["1.0 edge, 1.1 naru-ups_1 (comment)", false],
  ["1.1 naru-ups_10", true],
  ["1.1 naru-ups_2", true],
  ["naru-ups_1", true],
])("after %j the same upstream may be asked: %s", (via, isOpen) => {
  expect(requestHeaders([["via", via]], PASSAGE).ok).toBe(isOpen);
});

test("a passage through another upstream of ours is told on, so that a ring of them comes to an end", () => {
  const first = sent([["via", "1.0 theirs, 1.1 naru-ups_2"]])["via"];
  expect(first).toBe("1.1 naru-ups_2, 1.1 naru-ups_1");
  const other = { ...PASSAGE, upstream: { id: "ups_2", name: "other" } };
  expect(requestHeaders([["via", first ?? ""]], other)).toEqual({
    ok: false,
    error: { kind: "loop" },
  });
});

test.each([
  [8, true],
  [9, false],
])("a request that came through %d other upstreams of ours passes: %j", (hops, passes) => {
  const via = Array.from({ length: hops }, (_, at) => `1.1 naru-ups_x${at}`).join(", ");
  expect(requestHeaders([["via", via]], PASSAGE).ok).toBe(passes);
});
