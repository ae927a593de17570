import { expect, test } from "vitest";
import { createEgress } from "#egress/service";
import { ApiError } from "#platform/errors";
import { callTargets } from "#upstreams/call-targets";
import type { UpstreamCall } from "#upstreams/call-targets";
import { codeToPass } from "#upstreams/relay-socket";
import { UPSTREAM_DEFAULTS } from "#upstreams/core/upstream";
import type { UpstreamView } from "#upstreams/core/view";

const A = { url: "http://a:1", weight: 1 };
const B = { url: "http://b:1/base", weight: 1 };
let upstreams = 0;

function viewOf(more: Partial<UpstreamView> = {}, retries = 2): UpstreamView {
  upstreams++;
  return {
    upstream: {
      ...UPSTREAM_DEFAULTS,
      id: `ups_${upstreams}`,
      name: "svc",
      targets: [A, B],
      addHeaders: [],
      secretHeaders: [],
      healthCheck: null,
      scope: null,
      retries,
      version: 1,
      isEnabled: true,
      createdAtMs: 0,
      updatedAtMs: 0,
    },
    secretHeaders: [],
    targets: [A, B],
    probe: null,
    retryAfterSeconds: 7,
    ...more,
  };
}

/** What each host does: a status, or a fault, in the order of the calls to it; the last one stays. */
type Script = Readonly<Record<string, readonly (number | "lost" | "hang")[]>>;

async function run(script: Script, view: UpstreamView, more: Partial<UpstreamCall> = {}) {
  const called: string[] = [];
  const reported: string[] = [];
  const counts = new Map<string, number>();
  const egress = createEgress(
    { dohUrl: "", scrapeAllowHosts: [], scrapeAllowPrivate: false },
    {
      clock: () => 0,
      // Time passes at once where somebody waits for it.
      timer: (_ms, callback) => {
        const id = setImmediate(callback);
        return () => clearImmediate(id);
      },
      fetch: (url) => {
        const { host } = new URL(url);
        called.push(url);
        const count = counts.get(host) ?? 0;
        counts.set(host, count + 1);
        const steps = script[host] ?? [];
        const step = steps[Math.min(count, steps.length - 1)];
        if (step === "hang") return new Promise(() => {});
        if (typeof step !== "number") return Promise.reject(new Error("connection refused"));
        return Promise.resolve(new Response(step === 204 ? null : String(step), { status: step }));
      },
    },
  );
  const result = await callTargets(
    {
      egress,
      random: () => 0,
      report: (url, outcome) => reported.push(`${url} ${outcome}`),
    },
    {
      view,
      target: { name: "svc", path: "/x", query: "?y" },
      method: "GET",
      headers: [],
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      body: { content: null, isRepeatable: true, ended: null },
      signal: new AbortController().signal,
      ...more,
    },
  ).then(
    ({ response }) => response.status,
    (error: unknown) => (error instanceof ApiError ? error : Promise.reject(error as Error)),
  );
  const told = result instanceof ApiError ? result.code : result;
  return {
    told,
    called,
    reported,
    headers: result instanceof ApiError ? result.options.headers : null,
  };
}

const once = { content: null, isRepeatable: false, ended: null };

test("a target that fails is left for another, and both are told of", async () => {
  const { told, called, reported } = await run({ "a:1": ["lost"], "b:1": [200] }, viewOf());
  expect(told).toBe(200);
  expect(called).toEqual(["http://a:1/x?y", "http://b:1/base/x?y"]);
  expect(reported).toEqual(["http://a:1 failure", "http://b:1/base success"]);
});

test("what may not be repeated is sent once, whatever becomes of it", async () => {
  for (const [step, told] of [
    ["lost", "UPSTREAM_UNREACHABLE"],
    ["hang", "UPSTREAM_TIMED_OUT"],
    [503, 503],
  ] as const) {
    const done = await run({ "a:1": [step], "b:1": [200] }, viewOf(), { body: once });
    expect([done.told, done.called.length]).toEqual([told, 1]);
  }
});

test("a single target is asked again, no oftener than its definition says", async () => {
  const view = viewOf({ targets: [A] }, 2);
  const done = await run({ "a:1": [502] }, view);
  // The last answer is the caller's, as it is.
  expect([done.told, done.called.length]).toEqual([502, 3]);
});

test("what the last target answers does not take it out: one caller's 503 is not everybody's", async () => {
  for (const status of [502, 503, 504])
    expect((await run({ "b:1": [status] }, viewOf({ targets: [B] }, 0))).reported).toEqual([]);
  const two = await run({ "a:1": [503] }, viewOf({}, 0));
  expect(two.reported).toEqual(["http://a:1 failure"]);
  for (const step of ["lost", "hang"] as const)
    expect((await run({ "b:1": [step] }, viewOf({ targets: [B] }, 0))).reported).toEqual([
      "http://b:1/base failure",
    ]);
});

test("a probe that is answered with 503 leaves its target out", async () => {
  const alone = await run({ "a:1": [503] }, viewOf({ targets: [], probe: A }, 0));
  expect(alone.reported).toEqual(["http://a:1 failure"]);
});

test("an error that is the upstream's own answer says that the target is well", async () => {
  const done = await run({ "a:1": [500] }, viewOf());
  expect([done.told, done.called.length, done.reported]).toEqual([500, 1, ["http://a:1 success"]]);
});

test("a target that is out is tried first by a call that may fail there, and left alone by one that may not", async () => {
  const view = viewOf({ targets: [B], probe: A });
  const safe = await run({ "a:1": ["lost"], "b:1": [200] }, view);
  expect([safe.told, safe.called.length]).toEqual([200, 2]);
  expect(safe.reported[0]).toBe("http://a:1 failure");
  const unsafe = await run({ "a:1": ["lost"], "b:1": [200] }, view, { body: once });
  expect([unsafe.told, unsafe.called]).toEqual([200, ["http://b:1/base/x?y"]]);
});

test("where all are out, the one to be tried is tried, and without it nothing is sent", async () => {
  const last = await run({ "a:1": [200] }, viewOf({ targets: [], probe: A }), { body: once });
  expect(last.told).toBe(200);
  const none = await run({}, viewOf({ targets: [] }));
  expect([none.told, none.called, none.headers]).toEqual([
    "UPSTREAM_UNAVAILABLE",
    [],
    { "Retry-After": "7" },
  ]);
});

test("a client that leaves says nothing of a target, and is not tried for again", async () => {
  const left = new AbortController();
  left.abort();
  const done = await run({ "a:1": ["hang"] }, viewOf(), { signal: left.signal });
  expect([done.called.length, done.reported]).toEqual([1, []]);
});

test.each(["source_lost", "too_large", "idle"] as const)(
  "a body that ends with %s says nothing of a target",
  async (end) => {
    const body = { content: null, isRepeatable: false, ended: Promise.resolve(end) };
    const done = await run({ "a:1": ["lost"] }, viewOf(), { body });
    expect(done.reported).toEqual([]);
  },
);

test("a target that does not take a body is late", async () => {
  const body = { content: null, isRepeatable: false, ended: Promise.resolve("stalled" as const) };
  const done = await run({ "a:1": ["hang"] }, viewOf(), { body });
  expect([done.told, done.reported]).toEqual(["UPSTREAM_TIMED_OUT", ["http://a:1 failure"]]);
});

test.each([
  [1000, 1000],
  [4321, 4321],
  // No code was sent, so none is passed on.
  [1005, undefined],
  // These say what became of a connection and may not be sent.
  [1006, 1014],
  [1015, 1014],
])("a WebSocket that closes with %i closes the other with %s", (code, expected) => {
  expect(codeToPass(code, 1014)).toBe(expected);
});
