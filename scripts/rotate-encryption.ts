/**
 * Adds a key to ENCRYPTION_KEYS. What is sealed from then on is under the new one; what was sealed before still opens,
 * as long as its key stays in the list, and moves to the new one when it is next read: a webhook's secret when it signs, an
 * upstream's headers when a call needs them or `GET /api/v1/admin/upstreams` lists it.
 * Changes `.dev.vars` of this checkout; for a deployment it takes the present value on standard input and prints the
 * next: `npm run -s encryption:rotate -- --stdin < present.txt | npx wrangler secret put ENCRYPTION_KEYS --env production`.
 */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { addEncryptionKey, KEY_BYTES } from "#platform/secret-box";
import { parseVars, SECRETS_FILE } from "./setup.ts";

function rotated(present: string): string {
  const next = addEncryptionKey(present, randomBytes(KEY_BYTES));
  if (!next.ok) throw new Error(`ENCRYPTION_KEYS ${next.error}; nothing was changed`);
  return next.value;
}

if (process.argv.includes("--stdin")) {
  process.stdout.write(rotated(readFileSync(0, "utf8").trim()));
} else {
  if (!existsSync(SECRETS_FILE))
    throw new Error("There is no .dev.vars yet: `npm run setup` makes it.");
  const text = readFileSync(SECRETS_FILE, "utf8");
  const present = parseVars(text)["ENCRYPTION_KEYS"] ?? "";
  const line = `ENCRYPTION_KEYS="${rotated(present)}"`;
  const lines = text.trimEnd().split("\n");
  const at = lines.findIndex((own) => /^\s*ENCRYPTION_KEYS\s*=/.test(own));
  if (at < 0) lines.push(line);
  else lines[at] = line;
  writeFileSync(SECRETS_FILE, `${lines.join("\n")}\n`, { mode: 0o600 });
  const versions = line.match(/v\d+\./g)?.map((version) => version.slice(0, -1)) ?? [];
  console.log(
    `ENCRYPTION_KEYS in .dev.vars has ${versions.join(", ")}; ${versions[0] ?? ""} seals.`,
  );
  console.log(
    "For production: npm run -s encryption:rotate -- --stdin < present.txt | npx wrangler secret put ENCRYPTION_KEYS --env production",
  );
}
