import { expect, test } from "vitest";
import { createEgress } from "#egress/service";
import { DELIVERY_TIMEOUT_MS } from "#tasks/core/delivery";
import type { DeliveryAssignment } from "#tasks/core/delivery-desk";
import { sendDelivery } from "#tasks/webhook-client";
import { chunks, PUBLIC, SETTINGS } from "../../support/egress";
import { fakeNetwork, manualTimer, silence } from "../../support/outside";
import type { FakeAnswer } from "../../support/outside";

const URL = "https://receiver.example/hook";
const ASSIGNMENT: DeliveryAssignment = {
  id: "dlv_1",
  attempt: 1,
  url: URL,
  headers: { "webhook-id": "dlv_1", "webhook-timestamp": "1", "webhook-signature": "v1,x" },
  body: '{"type":"task.completed"}',
  traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
};

function setUp(answer: FakeAnswer) {
  const network = fakeNetwork({ [URL]: answer });
  const time = manualTimer();
  const ports = { fetch: network.fetch, timer: time.timer, clock: time.now, resolve: PUBLIC };
  const egress = createEgress(SETTINGS, ports);
  return { network, time, send: (url = URL) => sendDelivery(egress, { ...ASSIGNMENT, url }) };
}

test("a receiver that does not answer is given up after fifteen seconds, and nothing is left running", async () => {
  const { send, time } = setUp(silence);
  const outcome = send();
  await time.advance(DELIVERY_TIMEOUT_MS);
  expect(await outcome).toEqual({
    durationMs: 15_000,
    statusCode: null,
    code: "FETCH_TIMED_OUT",
    retryAfterMs: 0,
  });
  expect(time.pending()).toBe(0);
});

test("the status alone counts: a body that never ends holds nobody up, and its transfer is ended", async () => {
  const endless = chunks([new Uint8Array(10)], "hang");
  const { send, time } = setUp(() => new Response(endless.body));
  expect(await send()).toMatchObject({ statusCode: 200, durationMs: 0 });
  expect(endless.isCancelled()).toBe(true);
  expect(time.pending()).toBe(0);
});

test("what the receiver asks for is told: its Retry-After in seconds or as a date", async () => {
  const asked = async (value: string): Promise<number> => {
    const headers = { "retry-after": value };
    return (await setUp(() => new Response(null, { status: 429, headers })).send()).retryAfterMs;
  };
  expect(await asked("120")).toBe(120_000);
  expect(await asked("soon")).toBe(0);
  const { now } = manualTimer();
  expect(await asked(new Date(now() + 60_000).toUTCString())).toBe(60_000);
});

test("an address that the policy refuses is not asked, even where the submit let it in under other settings", async () => {
  const { send, network } = setUp(() => new Response());
  for (const url of ["http://127.0.0.1/hook", "http://[::1]/hook", "http://metadata.internal/"])
    expect(await send(url)).toMatchObject({ statusCode: null, code: "URL_NOT_ALLOWED" });
  expect(network.calls).toEqual([]);
});
