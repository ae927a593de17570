/** The gateway as it is deployed, before a real service: what passes, what does not, and what becomes of a service that fails. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../support/server";
import type { TestUpstream } from "../support/upstream-server";
import { answerTests } from "./gateway/answers";
import { bodyTests } from "./gateway/bodies";
import { failureTests, takeOut } from "./gateway/failures";
import { requestTests } from "./gateway/requests";
import { openAndRevoke, socketTests } from "./gateway/sockets";
import type { Revoked } from "./gateway/sockets";
import { startStage } from "./gateway/stage";
import type { Stage } from "./gateway/stage";

let stage: Stage | undefined;
// What takes seconds by its nature goes on beside the other tests, and is looked at after them.
let fragile: TestUpstream | undefined;
let revoked: Revoked | undefined;

beforeAll(async () => {
  stage = await startStage();
  fragile = await takeOut(stage);
  revoked = await openAndRevoke(stage);
});
afterAll(async () => {
  await Promise.all([stage?.stop(), fragile?.stop()]);
});

function stageOf(): Stage {
  if (stage === undefined) throw new Error("the stage is not there yet");
  return stage;
}

requestTests(stageOf);
answerTests(stageOf);
socketTests(stageOf);
bodyTests(stageOf);
failureTests(stageOf);

test("a dead upstream that was taken out comes back by itself", async () => {
  expect(fragile?.received).toEqual(expect.any(Array));
  await until(async () => (await stageOf().gw("fragile/x")).status === 200, 15_000);
});

test("a WebSocket and a stream of events end with the credential that opened them", async () => {
  expect(await revoked?.socket.closed).toEqual([1008, "credential"]);
  expect(await revoked?.events).toBeNull();
});

test("calls are counted by upstream and by route, and by nothing that callers choose", async () => {
  const text = await until(async () => {
    const answer = await stageOf().send("/metrics");
    const all = await answer.text();
    return all.includes('upstream="ring"') ? all : null;
  }, 10_000);
  expect(text).toMatch(/^naru_upstream_requests_total\{upstream="svc",outcome="2xx"\} \d+$/m);
  expect(text).toMatch(
    /^naru_upstream_requests_total\{upstream="fragile",outcome="unreachable"\} \d+$/m,
  );
  expect(text).toMatch(/^naru_upstream_requests_total\{upstream="shared",outcome="kept"\} 3$/m);
  expect(text).toMatch(/^naru_upstream_duration_seconds_count\{upstream="svc"\} \d+$/m);
  expect(text).toMatch(/route="\/api\/v1\/gw\/:name\/\*"/);
  expect(text).not.toMatch(/smuggled|who|nobody/);
});

// The last of all: it looks at everything that came.
test("no credential of this server ever reached an upstream", () => {
  const { upstream, shown } = stageOf();
  expect(upstream.received.length).toBeGreaterThan(50);
  expect(shown.length).toBeGreaterThan(3);
  const all = upstream.received.map(({ raw, body }) => `${raw}\n${body}`).join("\n");
  expect(shown.filter((credential) => all.includes(credential))).toEqual([]);
});
