import { Hono } from "hono";
import { expect, test } from "vitest";
import type { AppEnv } from "#http/context";
import { problemOf } from "#http/problem";
import { newTrace } from "#platform/trace-context";

test("a problem tells when it was refused, not when its request came", async () => {
  const app = new Hono<AppEnv>().get("/", (c) => {
    c.set("locale", "en");
    c.set("requestId", "req_1");
    c.set("traceparent", newTrace());
    c.set("startedAtMs", 0);
    return c.json(problemOf(c, "WAIT_TIMED_OUT"));
  });
  const beforeMs = Date.now();
  const { timestamp } = (await (await app.request("/")).json()) as { timestamp: string };
  expect(Date.parse(timestamp)).toBeGreaterThanOrEqual(beforeMs);
});
