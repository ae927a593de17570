import { describe, expect, test } from "vitest";
import { queueRole } from "#tasks/core/queue-role";
import { deploy } from "../../../scripts/deployment.ts";
import { rehearse } from "../../../scripts/deployment-commands.ts";
import type { Ports } from "../../../scripts/deployment-commands.ts";
import { begun, HEALTHY, NEEDED, PLAN, stage } from "../../support/deployment-stage";

const CHANGING = ["d1 create", "kv namespace create", "queues create", "deploy ", "secret put"];

describe("a deployment to an empty account", () => {
  test("makes what is missing, then migrates, then deploys the Workers in their order, then looks", async () => {
    const { account, ports, state, said } = stage();
    account.pendingMigrations = ["0001_a.sql", "0002_b.sql"];
    expect(await deploy(PLAN, ports), said.join("\n")).toBe(true);
    const changes = begun(account.calls, ...CHANGING, "d1 migrations");
    expect(changes.map((call) => call.replace(/ --.*/, ""))).toEqual([
      "d1 create naru",
      "kv namespace create naru-cache",
      "queues create tasks-fast",
      "queues create tasks-slow",
      "queues create webhooks",
      "queues create tasks-dead",
      "d1 migrations apply DB",
      "deploy",
      "deploy",
      "deploy",
    ]);
    expect([...account.workers.keys()]).toEqual(["naru-tools", "naru", "naru-consumer"]);
    expect([...(account.workers.get("naru")?.secrets ?? [])].sort()).toEqual([...NEEDED].sort());
    expect(account.workers.get("naru-consumer")?.secrets.size).toBe(0);
    expect(state.fetched).toEqual(["https://naru.example.workers.dev/health"]);
  });

  test("gives both Workers that keep pages the same namespace, and reads files where the checkout has them", async () => {
    const { ports, files } = stage();
    await deploy(PLAN, ports);
    const idOf = (name: string): unknown =>
      (files.get(name) as { env: { production: { kv_namespaces: { id: string }[] } } }).env
        .production.kv_namespaces[0]?.id;
    expect(idOf("naru.json")).toBe(idOf("naru-consumer.json"));
    expect(files.get("naru.json")).toMatchObject({
      main: "/checkout/src/index.ts",
      env: { production: { d1_databases: [{ migrations_dir: "/checkout/src/migrations" }] } },
    });
  });

  test("never puts a secret's value on a command line", async () => {
    const { account, ports } = stage();
    await deploy({ ...PLAN, secrets: { SECRET_KEY: "s3cr3t-from-ci" } }, ports);
    expect(account.calls.join("\n")).not.toMatch(/s3cr3t|made-/);
  });
});

test("a second run of the same release changes nothing", async () => {
  const { account, ports } = stage();
  await deploy(PLAN, ports);
  account.calls.length = 0;
  expect(await deploy(PLAN, ports)).toBe(true);
  expect(begun(account.calls, ...CHANGING)).toEqual([]);
});

test.each([
  "whoami",
  "secret list",
  "d1 create",
  "d1 list",
  "kv namespace create",
  "queues create tasks-slow",
  "queues info webhooks",
  "d1 migrations",
  "deploy --config=naru-tools.json",
  "deploy --config=naru.json",
  "deploy --config=naru-consumer.json",
])(
  "where `%s` fails it says where it stands, and the next run goes on from there",
  async (begin) => {
    const { account, ports, said, files } = stage();
    account.failOn(begin);
    expect(await deploy(PLAN, ports)).toBe(false);
    expect(said.at(-2)).toMatch(
      begin === "whoami" ? /^✗ 1\/10 .*wrangler login/ : /^✗ \d+\/10 .*Internal error/,
    );
    expect(said.at(-1)).toMatch(/again|Nothing was changed/);
    const before = new Map(Object.entries(files.get("secrets.json") ?? {}));
    const done = begun(account.calls, ...CHANGING).slice(0, -1);
    account.calls.length = 0;
    expect(await deploy(PLAN, ports), said.join("\n")).toBe(true);
    // What was done is not done again; the same secrets as were made at first.
    for (const call of done.filter((one) => !one.includes("naru.json") && !one.startsWith(begin)))
      expect(account.calls).not.toContain(call);
    for (const [name, value] of before) expect(files.get("secrets.json")?.[name]).toBe(value);
    expect(account.workers.size).toBe(3);
  },
);

describe("secrets", () => {
  test("that somebody hands over are taken, and only the others are made", async () => {
    const { ports, files, state } = stage();
    const given = { SECRET_KEY: "given", ENCRYPTION_KEYS: "v1.given" };
    await deploy({ ...PLAN, secrets: given }, ports);
    expect(files.get("secrets.json")).toMatchObject(given);
    expect(state.made).toBe(2);
  });

  test("are asked for where somebody is there; an empty answer has one made", async () => {
    const { ports, asked, state } = stage();
    state.answers = "";
    expect(await deploy({ ...PLAN, mayMakeUnseen: false }, ports)).toBe(true);
    expect(asked.map((question) => question.split(" ")[0])).toEqual(NEEDED);
    expect(state.made).toBe(4);
  });

  test("stop it where nobody is there, before anything is made", async () => {
    const { account, ports, said } = stage();
    expect(await deploy({ ...PLAN, mayMakeUnseen: false }, ports)).toBe(false);
    expect(said.join("\n")).toContain("--secrets-file");
    expect(begun(account.calls, ...CHANGING)).toEqual([]);
  });

  test("that only a person can know are never made", async () => {
    const { ports, said } = stage();
    const plan = { ...PLAN, neededSecrets: [...NEEDED, "AI_MODEL_API_KEY"] };
    expect(await deploy(plan, ports)).toBe(false);
    expect(said.join("\n")).toContain("AI_MODEL_API_KEY is missing");
  });

  test("to seal with are not made anew beside a database that was sealed with others", async () => {
    const { account, ports, said } = stage();
    account.databases.set("naru", "db-old");
    expect(await deploy(PLAN, ports)).toBe(false);
    expect(said.join("\n")).toContain("ENCRYPTION_KEYS");
    const given = { ...PLAN, secrets: { ENCRYPTION_KEYS: "v1.old" } };
    expect(await deploy(given, ports), said.join("\n")).toBe(true);
  });

  test("that lack later are set with the next version, though its release is deployed", async () => {
    const { account, ports } = stage();
    await deploy(PLAN, ports);
    const plan = {
      ...PLAN,
      neededSecrets: [...NEEDED, "AI_MODEL_API_KEY"],
      secrets: { AI_MODEL_API_KEY: "sk" },
    };
    account.calls.length = 0;
    await deploy(plan, ports);
    expect(begun(account.calls, "deploy ")).toHaveLength(1);
    expect(account.workers.get("naru")?.secrets.has("AI_MODEL_API_KEY")).toBe(true);
  });
});

describe("the smoke test", () => {
  test("waits for the new version to get around", async () => {
    const { ports, state } = stage();
    state.health = [
      null,
      { status: 200, text: JSON.stringify({ status: "healthy", version: "0.0.9" }) },
      { status: 404, text: "not yet" },
      { status: 200, text: HEALTHY },
    ];
    expect(await deploy(PLAN, ports)).toBe(true);
    expect(state.pauses).toBe(3);
  });

  test("gives up after its tries, and fails at once where a setting is wrong", async () => {
    const late = stage();
    late.state.health = [null];
    expect(await deploy(PLAN, late.ports)).toBe(false);
    expect(late.state.pauses).toBe(23);
    const faults = [{ message: "SECRET_KEY is guessable", fix: "Make another one." }];
    const wrong = stage();
    wrong.state.health = [
      {
        status: 503,
        text: JSON.stringify({ version: "0.1.0", environment_validation: { faults } }),
      },
    ];
    expect(await deploy(PLAN, wrong.ports)).toBe(false);
    expect(wrong.state.pauses).toBe(0);
    expect(wrong.said.join("\n")).toContain("Make another one.");
  });
});

test("without anybody logged in nothing is begun", async () => {
  const { account, ports, said } = stage(false);
  expect(await deploy(PLAN, ports)).toBe(false);
  expect(account.calls).toEqual(["whoami --json"]);
  expect(said.join("\n")).toContain("wrangler login");
});

test("a rehearsal changes nothing, and runs every Worker's dry run", async () => {
  const { account, ports, said } = stage();
  // Wrangler's own dry run asks nobody for what is bound.
  const wrangler: Ports["wrangler"] = async (call) => {
    account.calls.push(call.join(" "));
    return { isOk: true, out: "", err: "" };
  };
  expect(await rehearse(PLAN, { ...ports, wrangler })).toBe(true);
  expect(account.calls.every((call) => call.endsWith("--dry-run"))).toBe(true);
  expect(account.calls).toHaveLength(3);
  expect(said.filter((line) => line.includes("queues create"))).toHaveLength(4);
});

test("a staging deployment shares no name with production", async () => {
  const { account, ports, said, files } = stage();
  await deploy(PLAN, ports);
  const staging = {
    ...PLAN,
    environment: "staging",
    secrets: { ENCRYPTION_KEYS: "v1.s" },
  } as const;
  expect(await deploy(staging, ports), said.join("\n")).toBe(true);
  expect([...account.workers.keys()].slice(3)).toEqual([
    "naru-tools-staging",
    "naru-staging",
    "naru-consumer-staging",
  ]);
  expect(files.get("naru.json")).toMatchObject({
    env: { staging: { vars: { ENVIRONMENT: "staging", PUBLIC_URL: "" } } },
  });
  expect(JSON.stringify(files.get("naru.json"))).not.toContain("api.example.com");
  expect(account.databases.size).toBe(2);
  expect(account.namespaces.size).toBe(2);
  expect(account.queues.size).toBe(8);
  for (const queue of account.queues) expect(account.queues).toContain(queueRole(queue));
});
