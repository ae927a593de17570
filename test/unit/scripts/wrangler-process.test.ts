import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { runWrangler } from "../../../scripts/wrangler-process.ts";

const folder = mkdtempSync(join(tmpdir(), "naru-wrangler-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const onPath = (script: string): void => {
  writeFileSync(join(folder, "wrangler"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  vi.stubEnv("PATH", `${folder}${delimiter}${process.env["PATH"] ?? ""}`);
};

test("the wrangler on PATH is run with the very arguments, without anybody to ask, and both its outputs are kept", async () => {
  onPath('echo "$1|$2|$CI"; echo odd >&2');
  expect(await runWrangler(["d1 list", "it's"])).toEqual({
    isOk: true,
    out: "d1 list|it's|1\n",
    err: "odd\n",
  });
});

test("a failure is told as one", async () => {
  onPath("echo why >&2; exit 3");
  expect(await runWrangler([])).toEqual({ isOk: false, out: "", err: "why\n" });
});
