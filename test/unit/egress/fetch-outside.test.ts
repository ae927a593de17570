import { describe, expect, test } from "vitest";
import { err, ok } from "#platform/result";
import { failed, fetched, PUBLIC, setUp, START, text } from "../../support/egress";
import { page, redirect } from "../../support/outside";

const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

describe("what comes back", () => {
  test("is the body with its final address", async () => {
    const { run } = setUp({ [START]: page("hello") });
    const response = await fetched(run());
    expect(response).toMatchObject({
      status: 200,
      finalUrl: START,
      redirects: [],
      isDowngraded: false,
    });
    expect(text(response)).toBe("hello");
  });

  test("an error status is an answer, and little of its body is read", async () => {
    const { run } = setUp({ [START]: () => new Response("x".repeat(5000), { status: 500 }) });
    const response = await fetched(run());
    expect(response.status).toBe(500);
    expect(response.bytes.length).toBe(1000);
  });

  test("an empty body is no failure", async () => {
    const { run } = setUp({ [START]: () => new Response(null, { status: 204 }) });
    expect((await fetched(run())).bytes.length).toBe(0);
  });
});

describe("what goes out", () => {
  test("names us, carries the trace, and never lets the runtime follow a redirect", async () => {
    const { run, network } = setUp({ [START]: page("") });
    await run({
      traceparent: TRACEPARENT,
      accept: ["text/html", "*+xml"],
      headers: { "X-Key": "k" },
    });
    expect(network.requests[0]?.init).toMatchObject({
      method: "GET",
      redirect: "manual",
      headers: { accept: "text/html", "x-key": "k" },
    });
    const headers = network.requests[0]?.init.headers as Record<string, string>;
    expect(headers["traceparent"]).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-00$/);
    expect(headers["user-agent"]).toMatch(/^Naru\/\d+\.\d+\.\d+ \(\+.+\)$/);
  });

  test("each hop is a span of its own in the caller's trace, and nothing else of it goes along", async () => {
    const elsewhere = "https://elsewhere.example/";
    const { run, network } = setUp({
      [START]: redirect("/same", 307),
      [`${START}same`]: redirect(elsewhere, 302),
      [elsewhere]: page("done"),
    });
    await run({ traceparent: TRACEPARENT });
    const sent = network.requests.map(({ init }) => init.headers as Record<string, string>);
    const spans = sent.map((headers) => headers["traceparent"]?.split("-"));
    expect(spans.map((parts) => [parts?.[1], parts?.[3]])).toEqual(
      Array.from({ length: 3 }, () => ["0af7651916cd43dd8448eb211c80319c", "00"]),
    );
    expect(new Set(spans.map((parts) => parts?.[2]).concat("b7ad6b7169203331")).size).toBe(4);
    for (const headers of sent) expect(Object.keys(headers)).not.toContain("tracestate");
  });

  test("a POST sends its body again within the origin, and asks by GET after a 303", async () => {
    const { run, network } = setUp({
      [START]: redirect("/same", 307),
      [`${START}same`]: redirect("/other", 303),
      [`${START}other`]: page("done"),
    });
    await run({ method: "post", body: "data" });
    expect(network.calls).toEqual([`POST ${START}`, `POST ${START}same`, `GET ${START}other`]);
    expect(network.requests.map(({ init }) => init.body)).toEqual(["data", "data", undefined]);
  });
});

describe("redirects", () => {
  test("are followed and listed", async () => {
    const { run } = setUp({
      [START]: redirect("/a", 301),
      [`${START}a`]: redirect("http://b.example.com/"),
      "http://b.example.com/": page("there"),
    });
    expect(await fetched(run())).toMatchObject({
      finalUrl: "http://b.example.com/",
      redirects: [
        { url: START, status: 301 },
        { url: `${START}a`, status: 302 },
      ],
      isDowngraded: true,
    });
  });

  test("a loop ends at the cap", async () => {
    const { run, network } = setUp({ [START]: redirect(START) });
    expect(await failed(run())).toMatchObject({ code: "TOO_MANY_REDIRECTS", isRetryable: false });
    expect(network.calls.length).toBe(6);
  });

  test("with a cap of 0 the redirect itself is the answer", async () => {
    const { run, network } = setUp({ [START]: redirect("http://127.0.0.1/") });
    expect((await fetched(run({ maxRedirects: 0 }))).status).toBe(302);
    expect(network.calls.length).toBe(1);
  });

  test.each([
    "http://127.0.0.1/",
    "http://2130706433/",
    "//0x7f.1/",
    "http://[::ffff:127.0.0.1]/",
    "http://localhost./",
    "http://169.254.169.254/latest/",
    "http://metadata.google.internal/",
    "http://user:pass@b.example.com/",
    "file:///etc/passwd",
    "data:text/html,hello",
    "http://[",
  ])("to %s is refused at its hop, without a request", async (location) => {
    const { run, network } = setUp({ [START]: redirect(location) });
    expect(await failed(run())).toMatchObject({ code: "URL_NOT_ALLOWED", isRetryable: false });
    expect(network.calls).toEqual([`GET ${START}`]);
  });

  test("from an allowed host to another private one is refused", async () => {
    const { run, network } = setUp(
      { "http://localhost:8787/": redirect("http://localhost:9999/") },
      PUBLIC,
      ["localhost:8787"],
    );
    expect((await failed(run({ url: "http://localhost:8787/" }))).code).toBe("URL_NOT_ALLOWED");
    expect(network.calls.length).toBe(1);
  });

  test("to a name that resolves to a private address is refused", async () => {
    const { run, network } = setUp(
      { [START]: redirect("https://evil.example.com/") },
      async (host) =>
        host === "evil.example.com" ? err("private_address") : ok(["93.184.216.34"]),
    );
    expect(await failed(run())).toMatchObject({
      code: "URL_NOT_ALLOWED",
      refusal: "private_address",
    });
    expect(network.calls.length).toBe(1);
  });

  test("take no credential to another origin", async () => {
    const { run, network } = setUp({
      [START]: redirect("https://b.example.com/"),
      "https://b.example.com/": page(""),
    });
    await run({ headers: { authorization: "Bearer secret", "x-api-key": "secret" } });
    expect(JSON.stringify(network.requests[0]?.init.headers)).toContain("secret");
    expect(JSON.stringify(network.requests[1]?.init.headers)).not.toContain("secret");
  });

  test("take no body to another origin", async () => {
    const { run, network } = setUp({ [START]: redirect("https://b.example.com/", 308) });
    expect(await failed(run({ method: "POST", body: "client_secret=x" }))).toMatchObject({
      code: "URL_NOT_ALLOWED",
      refusal: "redirect",
    });
    expect(network.calls.length).toBe(1);
  });
});

describe("names are resolved first", () => {
  test.each([
    ["private_address", "URL_NOT_ALLOWED", false],
    ["no_address", "DNS_FAILED", false],
    ["unavailable", "DNS_FAILED", true],
  ] as const)(
    "%s ends in %s (retryable: %s), without a request",
    async (refusal, code, isRetryable) => {
      const { run, network } = setUp({ [START]: page("") }, async () => err(refusal));
      expect(await failed(run())).toMatchObject({ code, isRetryable, isTransport: false });
      expect(network.calls).toEqual([]);
    },
  );

  test("but not addresses, allowed hosts and the operator's own", async () => {
    const asked: string[] = [];
    const { run } = setUp(
      { "http://8.8.8.8/": page(""), "http://intra/": page(""), "http://ollama:11434/": page("") },
      async (host) => {
        asked.push(host);
        return err("unavailable");
      },
      ["intra"],
    );
    await fetched(run({ url: "http://8.8.8.8/" }));
    await fetched(run({ url: "http://intra/" }));
    await fetched(run({ url: "http://ollama:11434/", trust: "operator" }));
    expect(asked).toEqual([]);
  });
});
