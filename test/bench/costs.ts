/**
 * `npm run bench:costs`: how much of what Cloudflare bills one request uses, counted in the bundles that a deployment would upload, and what a
 * million of them cost at the prices of `docs/operate/deploy.md`. Counts, not times: they are the same on any machine.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readConfigs } from "../../scripts/read-configs.ts";
import { MODEL, startModelServer } from "../support/model-server.ts";
import { startRuntime } from "../support/runtime.ts";

const METER = readFileSync(join(import.meta.dirname, "metered.js"), "utf8");
/** Requests of each shape that are counted, one behind the other; their sum is divided. */
const COUNT = Number(process.env["COSTS_COUNT"] ?? 200);
/** What is written behind an answer, by alarms and timers, is waited for so long. */
const SETTLE_MS = 13_000;

/** Dollars per million, beyond what the Paid plan includes. */
const PRICES: Readonly<Record<string, number>> = {
  "Worker requests": 0.3,
  "object requests": 0.15,
  "object rows read": 0.001,
  "object rows written": 1,
  "queue operations": 0.4,
  "KV reads": 0.5,
  "KV writes": 5,
  "D1 rows read": 0.001,
  "D1 rows written": 1,
};

const configs = readConfigs();
const wrapper = (entry: string, classes: readonly string[]): string =>
  [
    METER.replace("./entry.js", entry),
    `export * from "${entry}";`,
    ...classes.map((name) => `export const ${name} = meterClass(deployed.${name});`),
  ].join("\n");
const model = await startModelServer();
const runtime = await startRuntime(
  {
    LOG_LEVEL: "error",
    AI_PROVIDER: "openai",
    AI_MODEL_ENDPOINT: model.endpoint,
    AI_MODEL_API_KEY: "sk-costs",
    AI_MODEL: MODEL,
    RATE_LIMITS: JSON.stringify({
      burst: { limit: 5_000_000, window: 60 },
      client: { limit: 9_000_000, window: 3600 },
      chat: { limit: 5_000_000, window: 60 },
    }),
  },
  {
    naru: wrapper("./index.js", Object.keys(configs.naru.exports ?? {})),
    consumer: wrapper("./consumer.js", Object.keys(configs["naru-consumer"].exports ?? {})),
  },
);

const call = (path: string, json?: unknown): Promise<Response> =>
  fetch(`${runtime.origin}${path}`, {
    method: json === undefined ? "GET" : "POST",
    headers: {
      Authorization: `Bearer ${runtime.demoKey}`,
      ...(json === undefined ? {} : { "Content-Type": "application/json" }),
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });

const SHAPES: readonly (readonly [string, (index: number) => Promise<Response>])[] = [
  ["admitted GET", () => call("/api/v1/modes")],
  ["echo task", (index) => call("/api/v1/tasks", { kind: "echo", input: { index }, timeout: 30 })],
  ["chat answer", (index) => call("/api/v1/chat", { message: `What is ${index} plus ${index}?` })],
];

async function taken(): Promise<Record<string, number>> {
  const consumer = await runtime.miniflare.getWorker("naru-consumer");
  const answers = [
    await fetch(`${runtime.origin}/__costs`),
    await consumer.fetch("http://consumer/__costs"),
  ];
  const sum: Record<string, number> = {};
  for (const answer of answers)
    for (const [name, value] of Object.entries((await answer.json()) as Record<string, number>))
      sum[name] = (sum[name] ?? 0) + value;
  return sum;
}
const settle = (): Promise<void> => new Promise((wake) => setTimeout(wake, SETTLE_MS));

// What is made once, is made.
for (const [, send] of SHAPES) await send(0);
await settle();
for (const [name, send] of SHAPES) {
  await taken();
  for (let i = 1; i <= COUNT; i++) {
    const answer = await send(i);
    if (!answer.ok) throw new Error(`${name} answered ${answer.status}: ${await answer.text()}`);
    await answer.text();
  }
  await settle();
  const counts = await taken();
  const each = (key: string): number => (counts[key] ?? 0) / COUNT;
  const billed: Record<string, number> = Object.fromEntries(
    Object.keys(PRICES).map((key) => [
      key,
      key === "queue operations" ? each("messages") * 3 : each(key),
    ]),
  );
  console.log(`\n${name}, each of ${COUNT}, one behind the other`);
  let dollars = 0;
  for (const [key, value] of Object.entries(billed)) {
    const price = value * (PRICES[key] ?? 0);
    dollars += price;
    console.log(
      `  ${key.padEnd(22)} ${value.toFixed(2).padStart(8)}   $${price.toFixed(2)} a million`,
    );
  }
  for (const [key, value] of Object.entries(counts))
    if (key.startsWith("  of "))
      console.log(`    ${key.trim().padEnd(20)} ${(value / COUNT).toFixed(2).padStart(8)}`);
  console.log(
    `  ${"together".padEnd(31)}   $${dollars.toFixed(2)} a million, without CPU and duration`,
  );
}
await runtime.stop();
await model.stop();
