import { describe, expect, test } from "vitest";
import { newId } from "#platform/ids";
import { poolRouting } from "#workers/core/worker-id";
import { api } from "../../support/api";
import { readBody } from "../../support/task-calls";
import { anOperator, anOutsideTask, held, poolStub } from "../../support/workers";
import type { Leased } from "../../support/workers";

describe("registering", () => {
  test.each([
    ["echo", "a kind that our own consumers serve"],
    ["nothing", "a kind that nobody knows"],
    ["toString", "a name that only looks like one"],
  ])("for %s is refused: %s", async (kind) => {
    const operator = await anOperator();
    const refused = await operator.call("register", { kinds: ["ocr", kind] });
    expect([refused.status, refused.code]).toEqual([422, "UNKNOWN_TASK_KIND"]);
  });

  test("for kinds of two pools is refused: no call could wait for both", async () => {
    const operator = await anOperator();
    const refused = await operator.call("register", { kinds: ["ocr", "speech"] });
    expect(refused.code).toBe("VALIDATION_FAILED");
    expect(refused.body["errors"]).toEqual([
      {
        pointer: "/kinds/1",
        code: "other_pool",
        message: "speech is served by another pool than ocr: register once for each pool",
      },
    ]);
  });
});

describe("a lease token", () => {
  async function aRun() {
    const operator = await anOperator();
    const worker = await operator.register();
    const task = await anOutsideTask();
    const [leased] = await operator.lease(worker);
    if (leased === undefined) throw new Error("no task");
    return { operator, worker, task, leased };
  }
  const still = async ({ task }: Awaited<ReturnType<typeof aRun>>): Promise<unknown> =>
    (await readBody(await api(`/api/v1/tasks/${task.id}`, { key: task.key })))["status"];

  test("is good in the hands of the worker that it was given to, and in no other's", async () => {
    const run = await aRun();
    const { operator, leased } = run;
    const sibling = await operator.register();
    const bySibling = await operator.call("complete", { ...held(sibling, leased), data: 1 });
    expect(bySibling.code).toBe("LEASE_LOST");
    const stranger = await anOperator();
    const byStranger = await stranger.call("complete", { ...held(run.worker, leased), data: 1 });
    expect(byStranger.code).toBe("LEASE_LOST");
    expect(await still(run)).toBe("running");
  });

  test.each([
    ["made up", (_token: string) => `1.${"A".repeat(22)}`],
    ["of another run", (token: string) => token.replace(/^1\./, "2.")],
    ["of another form", (_token: string) => "1"],
    ["of a fence that is no number", (token: string) => token.replace(/^1\./, "1e0.")],
  ])("that is %s ends nothing and extends nothing", async (_name, change) => {
    const run = await aRun();
    const leased: Leased = { ...run.leased, lease_token: change(run.leased.lease_token) };
    for (const [path, more] of [
      ["complete", { data: 1 }],
      ["fail", { message: "x" }],
      ["release", {}],
    ] as const) {
      const { code } = await run.operator.call(path, { ...held(run.worker, leased), ...more });
      expect([path, code]).toEqual([path, "LEASE_LOST"]);
    }
    const { body } = await run.operator.call("heartbeat", {
      worker_id: run.worker,
      leases: [{ task_id: leased.task_id, lease_token: leased.lease_token }],
    });
    expect(body["leases"]).toMatchObject([{ status: "lost" }]);
    expect(await still(run)).toBe("running");
  });

  test("for one task is nothing for another", async () => {
    const run = await aRun();
    const other = await anOutsideTask();
    const leased = { ...run.leased, task_id: other.id };
    const { code } = await run.operator.call("complete", { ...held(run.worker, leased), data: 1 });
    expect(code).toBe("LEASE_LOST");
  });
});

describe("a worker's id", () => {
  test("is its owner's alone: another can neither take tasks nor show life under it", async () => {
    const worker = await (await anOperator()).register();
    const stranger = await anOperator();
    for (const [path, more] of [
      ["lease", { wait_seconds: 0 }],
      ["heartbeat", {}],
    ] as const) {
      const { status, code } = await stranger.call(path, { worker_id: worker, ...more });
      expect([path, status, code]).toEqual([path, 404, "WORKER_NOT_FOUND"]);
    }
  });

  test("that leads to no pool of the settings reaches no object", async () => {
    const operator = await anOperator();
    for (const workerId of [newId("wrk", Date.now(), poolRouting("nowhere")), "wrk_1", "x"]) {
      const { code } = await operator.call("lease", { worker_id: workerId, wait_seconds: 0 });
      expect(code).toBe("WORKER_NOT_FOUND");
    }
  });
});

test("a worker that waits for work counts as active, and is forgotten half a minute after its last word", async () => {
  const before = await readBody(await api("/status"));
  const operator = await anOperator();
  const worker = await operator.register();
  await operator.lease(worker, { wait_seconds: 0 });
  const after = await readBody(await api("/status"));
  expect(after["active_workers"]).toBe(Number(before["active_workers"]) + 1);
  expect(await poolStub().active()).toEqual([worker]);
});
