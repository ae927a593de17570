import { describe, expect, test } from "vitest";
import { deploy } from "../../../scripts/deployment.ts";
import { rollBack } from "../../../scripts/rollback-steps.ts";
import { begun, PLAN, stage } from "../../support/deployment-stage";

describe("a rollback", () => {
  async function releases(...names: string[]) {
    const set = stage();
    for (const release of names) await deploy({ ...PLAN, release }, set.ports);
    set.account.calls.length = 0;
    set.said.length = 0;
    return set;
  }
  const servedBy = ({ account }: ReturnType<typeof stage>): (string | null | undefined)[] =>
    ["naru-tools", "naru", "naru-consumer"].map((name) => {
      const worker = account.workers.get(name);
      return worker?.versions.find(({ id }) => id === worker.current)?.tag;
    });

  test("puts the Workers back in the reverse order, and says what it does not undo", async () => {
    const set = await releases("r-one", "r-two");
    expect(await rollBack("production", null, set.ports)).toBe(true);
    expect(servedBy(set)).toEqual(["r-one", "r-one", "r-one"]);
    expect(
      begun(set.account.calls, "rollback").map((call) => / --name=(\S+)/.exec(call)?.[1]),
    ).toEqual(["naru-consumer", "naru", "naru-tools"]);
    expect(set.said.join("\n")).toMatch(/D1[\s\S]*Objects/);
  });

  test("goes to a release that is named", async () => {
    const set = await releases("r-one", "r-two", "r-three");
    expect(await rollBack("production", "r-one", set.ports)).toBe(true);
    expect(servedBy(set)).toEqual(["r-one", "r-one", "r-one"]);
  });

  test("after a deployment that failed half-way moves only what was moved", async () => {
    const set = await releases("r-one");
    set.account.failOn("deploy --config=naru.json");
    await deploy({ ...PLAN, release: "r-two" }, set.ports);
    expect(servedBy(set)).toEqual(["r-two", "r-one", "r-one"]);
    expect(await rollBack("production", null, set.ports)).toBe(true);
    expect(servedBy(set)).toEqual(["r-one", "r-one", "r-one"]);
  });

  test("that fails half-way is finished by the next one", async () => {
    const set = await releases("r-one", "r-two");
    const second = set.account.workers.get("naru")?.versions[0]?.id ?? "";
    set.account.failOn(`rollback ${second}`);
    expect(await rollBack("production", null, set.ports)).toBe(false);
    expect(servedBy(set)).toEqual(["r-two", "r-two", "r-one"]);
    expect(await rollBack("production", "r-one", set.ports)).toBe(true);
    expect(servedBy(set)).toEqual(["r-one", "r-one", "r-one"]);
  });

  test.each([
    ["there is only one release", ["r-one"], null],
    ["the release is unknown", ["r-one", "r-two"], "r-zero"],
  ])("changes nothing where %s", async (_case, names, to) => {
    const set = await releases(...names);
    expect(await rollBack("production", to, set.ports)).toBe(false);
    expect(begun(set.account.calls, "rollback")).toEqual([]);
    expect(set.said.join("\n")).toContain("Nothing was changed");
  });
});
