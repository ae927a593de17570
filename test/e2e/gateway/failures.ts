import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { until } from "../../support/server";
import { startUpstream } from "../../support/upstream-server";
import type { TestUpstream } from "../../support/upstream-server";
import type { Stage } from "./stage";

const codeOf = async (answer: Response): Promise<unknown[]> => [
  answer.status,
  await codeIn(answer),
];

async function codeIn(answer: Response): Promise<string> {
  const { code } = (await answer.json()) as { code: string };
  return code;
}

/** A port where nobody listens. */
async function deadOrigin(): Promise<string> {
  const gone = await startUpstream();
  await gone.stop();
  return gone.origin;
}

/** Takes an upstream's only target away until it is out; it comes back where it was. When it is asked again is looked at later: it takes seconds. */
export async function takeOut(stage: Stage): Promise<TestUpstream> {
  const target = await startUpstream();
  await stage.define({ name: "fragile", targets: [{ url: target.origin }], retries: 0 });
  expect((await stage.gw("fragile/x")).status).toBe(200);
  await target.stop();
  expect(await codeOf(await stage.gw("fragile/x"))).toEqual([502, "UPSTREAM_UNREACHABLE"]);
  const out = await until(async () => {
    const answer = await stage.gw("fragile/x");
    return answer.status === 503 ? answer : null;
  }, 10_000);
  expect(Number(out.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await codeOf(out)).toEqual([503, "UPSTREAM_UNAVAILABLE"]);
  return startUpstream(target.port);
}

export function failureTests(stageOf: () => Stage): void {
  describe("an upstream that fails", () => {
    test("is asked again where nothing can be done twice, and only there", async () => {
      const stage = stageOf();
      await stage.define({ name: "flaky", retries: 2 });
      let asked: string[] = [];
      stage.upstream.on.set("/flaky", (request, response) => {
        asked.push(request.method ?? "");
        request.resume();
        request.on("end", () => {
          response.statusCode = asked.length < 3 ? 503 : 200;
          response.end(`try ${asked.length}`);
        });
      });
      const call = async (init: {
        method?: string;
        body?: string;
        headers?: Record<string, string>;
      }) => {
        asked = [];
        const answer = await stage.gw("flaky/flaky", init);
        return [answer.status, await answer.text(), asked.length];
      };
      expect(await call({})).toEqual([200, "try 3", 3]);
      expect(await call({ method: "PUT", body: "a" })).toEqual([200, "try 3", 3]);
      expect(await call({ method: "DELETE" })).toEqual([200, "try 3", 3]);
      for (const method of ["POST", "PATCH"])
        expect(await call({ method, body: "a", headers: { "Idempotency-Key": "k" } })).toEqual([
          503,
          "try 1",
          1,
        ]);
      // Too long to be held back for another try.
      expect(await call({ method: "PUT", body: "a".repeat(70_000) })).toEqual([503, "try 1", 1]);
    });

    test("passes its other refusals on untouched, and is not asked again for them", async () => {
      const stage = stageOf();
      let asked = 0;
      stage.upstream.on.set("/broken", (_request, response) => {
        asked++;
        response.writeHead(500, { "x-own": "1" }).end("its own words");
      });
      const answer = await stage.gw("svc/broken");
      expect([answer.status, answer.headers.get("x-own"), await answer.text()]).toEqual([
        500,
        "1",
        "its own words",
      ]);
      expect(asked).toBe(1);
    });

    test("is not noticed by callers while another target is well", async () => {
      const stage = stageOf();
      const targets = [{ url: await deadOrigin(), weight: 100 }, { url: stage.upstream.origin }];
      await stage.define({ name: "pair", targets });
      const statuses = new Set<number>();
      for (let i = 0; i < 12; i++) statuses.add((await stage.gw("pair/x")).status);
      expect([...statuses]).toEqual([200]);
    });

    test("in time ends the wait, not the request's own answer", async () => {
      const stage = stageOf();
      const name = "slow";
      await stage.define({ name, timeout_ms: 150, idle_timeout_ms: 1000, retries: 0 });
      const closed = Promise.withResolvers<void>();
      stage.upstream.on.set("/hang", (_request, response) => response.on("close", closed.resolve));
      const answer = await stage.gw(`${name}/hang`);
      expect(await codeOf(answer)).toEqual([504, "UPSTREAM_TIMED_OUT"]);
      await closed.promise;
      // Its answer began in time and then stopped.
      stage.upstream.on.set("/stall", (_request, response) => response.writeHead(200).write("a"));
      const stalled = await stage.gw(`${name}/stall`);
      expect(stalled.status).toBe(200);
      await expect(stalled.text()).rejects.toThrow();
    });

    test("is left alone as soon as the client has left", async () => {
      const stage = stageOf();
      const [came, closed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      stage.upstream.on.set("/patient", (_request, response) => {
        response.on("close", closed.resolve);
        came.resolve();
      });
      const { hostname, port } = new URL(stage.runtime.origin);
      const socket = connect(Number(port), hostname);
      socket.write(
        `GET /api/v1/gw/svc/patient HTTP/1.1\r\nHost: naru\r\nX-API-Key: ${stage.key}\r\n\r\n`,
      );
      await came.promise;
      socket.resetAndDestroy();
      await closed.promise;
    });

    test("that leads back to the gateway is found out", async () => {
      const stage = stageOf();
      const own = `${stage.runtime.origin}/api/v1/gw/ring`;
      const headers = { authorization: `Bearer ${(await stage.newKey()).key}` };
      stage.shown.pop();
      await stage.define({ name: "ring", targets: [{ url: own }], secret_headers: headers });
      expect(await codeOf(await stage.gw("ring/x"))).toEqual([508, "UPSTREAM_LOOP"]);
    });
  });
}
