import { expect, test } from "vitest";
import { createEgress } from "#egress/service";
import { readConfig } from "#platform/config";
import { createTargetCheck } from "#upstreams/check-client";
import { UPSTREAM_DEFAULTS } from "#upstreams/core/upstream";
import type { HealthCheck } from "#upstreams/core/upstream";
import { sealSecret } from "#upstreams/secrets";
import type { StoredUpstream } from "#upstreams/storage";
import { SETTINGS } from "../../support/egress";
import { fakeNetwork, manualTimer, redirect, silence } from "../../support/outside";
import type { FakeAnswer } from "../../support/outside";

const env = {
  ENCRYPTION_KEYS: "v1.b1Ez5AwvrhzDq2ipaZiKcCe0-0cdsx0MtZH47sSIqeQ",
} as unknown as Env;
const { encryptionKeys } = readConfig(env);

async function stored(check: Partial<HealthCheck>, id = "ups_1"): Promise<StoredUpstream> {
  const header = { name: "authorization", value: "Bearer abc" };
  return {
    upstream: {
      ...UPSTREAM_DEFAULTS,
      id: "ups_1",
      name: "billing",
      targets: [],
      addHeaders: [{ name: "x-tenant", value: "acme" }],
      secretHeaders: [{ name: "authorization", updatedAtMs: 0 }],
      healthCheck: {
        path: "/up?deep=1",
        intervalSeconds: 10,
        timeoutMs: 2000,
        healthyAfter: 1,
        unhealthyAfter: 1,
        expectedStatus: null,
        ...check,
      },
      scope: null,
      version: 1,
      isEnabled: true,
      createdAtMs: 0,
      updatedAtMs: 0,
    },
    sealed: { authorization: await sealSecret(encryptionKeys, id, header) },
  };
}

const URL = "http://10.0.0.7:81/base/up?deep=1";

async function check(answer: FakeAnswer, more: Partial<HealthCheck> = {}, id?: string) {
  const asked = Promise.withResolvers<void>();
  const network = fakeNetwork({
    [URL]: (url, init) => {
      asked.resolve();
      return answer(url, init);
    },
  });
  const time = manualTimer(1_000);
  const ports = { fetch: network.fetch, timer: time.timer, clock: time.now };
  const run = createTargetCheck(env, { egress: createEgress(SETTINGS, ports) });
  const result = run(await stored(more, id), "http://10.0.0.7:81/base");
  await Promise.race([asked.promise, result]);
  await time.advance(2_000);
  return { result: await result, network };
}

const status =
  (code: number): FakeAnswer =>
  () =>
    new Response(null, { status: code });

test.each([
  [200, null, true],
  [204, null, true],
  [299, null, true],
  [404, null, false],
  [500, null, false],
  [200, 204, false],
  [401, 401, true],
  [503, 503, true],
])("a check that is answered %d where %j is wanted is good: %j", async (code, wanted, isGood) => {
  const { result } = await check(status(code), { expectedStatus: wanted });
  expect(result).toMatchObject({ isGood, status: code });
});

test("a private target is asked with the headers that calls have", async () => {
  const { network } = await check(status(200));
  expect(network.calls).toEqual([`GET ${URL}`]);
  const headers = new Headers(network.requests[0]?.init.headers);
  expect([headers.get("authorization"), headers.get("x-tenant")]).toEqual(["Bearer abc", "acme"]);
});

test("a redirect is an answer and not followed", async () => {
  const { network, result } = await check(redirect("http://other.example/"));
  expect([result.isGood, result.status, network.calls.length]).toEqual([false, 302, 1]);
});

test("no answer in time, and no connection, are bad checks", async () => {
  expect((await check(silence)).result).toEqual({ isGood: false, status: null, atMs: 3_000 });
  const refused: FakeAnswer = () => Promise.reject(new TypeError("connection refused"));
  expect((await check(refused)).result).toMatchObject({ isGood: false, status: null });
});

test("where a secret does not open, nothing is sent", async () => {
  const { network, result } = await check(status(200), {}, "ups_2");
  expect([result.isGood, network.calls]).toEqual([false, []]);
});
