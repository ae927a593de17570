import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const MODULES = join(ROOT, "node_modules");
const TSC = join(MODULES, ".bin", "tsc");
const PROJECT = mkdtempSync(join(tmpdir(), "naru-consumer-"));

/** What somebody writes who depends on the package; each marked line is an error that has to be one. */
const PROGRAM = `
import { createNaru, NaruError } from "naru/client";
import type { Task } from "naru/client";
import { WebSocket } from "ws";

const naru = createNaru({
  url: "https://naru.test",
  credential: { apiKey: "key" },
  realtime: { socket: (url, protocols, headers) => new WebSocket(url, protocols, { headers }) },
});
export async function use(): Promise<string> {
  const task: Task = await naru.call("tasks.create", { body: { kind: "echo", input: { a: 1 } } });
  await naru.call("tasks.list");
  await naru.call("rooms.members.list", { params: { id: "room_1" }, query: { limit: 5 } });
  for await (const { event } of naru.stream("tasks.events", { params: { id: task.request_id } }))
    if (event === "result") break;
  // @ts-expect-error An id is asked for.
  await naru.call("tasks.get");
  // @ts-expect-error There is no such operation.
  await naru.call("tasks.nothing");
  // @ts-expect-error A number is no status.
  const status: number = task.status;
  return new NaruError("X", String(status)).code;
}
export const page = createNaru({
  url: "https://naru.test",
  realtime: { socket: (url, protocols) => new globalThis.WebSocket(url, protocols) },
});
`;

beforeAll(() => {
  const installed = join(PROJECT, "node_modules", "naru");
  mkdirSync(installed, { recursive: true });
  mkdirSync(join(PROJECT, "node_modules", "@types"));
  copyFileSync(join(ROOT, "package.json"), join(installed, "package.json"));
  for (const name of ["ws", "@types/ws", "@types/node"])
    symlinkSync(join(MODULES, name), join(PROJECT, "node_modules", name));
  const outDir = join(installed, "dist", "client");
  execFileSync(TSC, ["-p", "src/client", "--outDir", outDir], { cwd: ROOT });
  writeFileSync(join(PROJECT, "package.json"), '{ "type": "module" }');
  writeFileSync(join(PROJECT, "program.ts"), PROGRAM);
}, 60_000);

afterAll(() => {
  rmSync(PROJECT, { recursive: true });
});

describe("`naru/client`", () => {
  test("is typed for a strict program outside, which takes it or `ws` as it comes", () => {
    const options = "--strict --noEmit --target ES2022 --module NodeNext --types node".split(" ");
    const lib = ["--lib", "ES2023,DOM,DOM.AsyncIterable"];
    const tsc = spawnSync(TSC, [...options, ...lib, "program.ts"], {
      cwd: PROJECT,
      encoding: "utf8",
    });
    expect(tsc.stdout).toBe("");
    expect(tsc.status).toBe(0);
  }, 60_000);

  test("is plain JavaScript that needs nothing beside it", () => {
    const program = 'import("naru/client").then((all) => console.log(Object.keys(all).join()))';
    const run = spawnSync(process.execPath, ["--no-experimental-strip-types", "-e", program], {
      cwd: PROJECT,
      encoding: "utf8",
    });
    expect(run.stdout.trim()).toBe("NaruError,Realtime,createNaru");
  });
});
