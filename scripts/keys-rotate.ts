/**
 * Rotates the keys that sign access tokens: a new one signs from then on, the one before it is still believed, and older
 * ones go. Tokens live a quarter of an hour, so wait at least that long between two rotations.
 * Changes `.dev.vars` of this checkout; for a deployment it takes the present value on standard input and prints the
 * next: `npm run -s keys:rotate -- --stdin < present.json | npx wrangler secret put JWT_SIGNING_KEYS --env production`.
 * `--first` prints the first value of a new deployment.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { makeSigningKey } from "#auth/signing-key";
import { readSigningKeys } from "#platform/signing-keys";
import { parseVars, SECRETS_FILE } from "./setup.ts";

/** One that signs and one that is still believed. */
const KEPT = 2;

/** The next value of JWT_SIGNING_KEYS. Throws where the present one is none, rather than to lose keys that are in use. */
async function rotated(present: string): Promise<string> {
  const issues: { readonly message: string }[] = [];
  const known = readSigningKeys(present, "error", issues as never[]);
  if (known.length === 0)
    throw new Error(`JWT_SIGNING_KEYS ${issues[0]?.message ?? "is empty"}; nothing was changed`);
  const kept = (JSON.parse(present) as unknown[]).slice(0, KEPT - 1);
  return JSON.stringify([await makeSigningKey(), ...kept]);
}

if (process.argv.includes("--first")) {
  process.stdout.write(JSON.stringify([await makeSigningKey()]));
} else if (process.argv.includes("--stdin")) {
  process.stdout.write(await rotated(readFileSync(0, "utf8").trim()));
} else {
  if (!existsSync(SECRETS_FILE))
    throw new Error("There is no .dev.vars yet: `npm run setup` makes it.");
  const text = readFileSync(SECRETS_FILE, "utf8");
  const next = await rotated(parseVars(text)["JWT_SIGNING_KEYS"] ?? "");
  // JSON holds double quotes and never a single one.
  const lines = text
    .trimEnd()
    .split("\n")
    .map((own) => (/^\s*JWT_SIGNING_KEYS\s*=/.test(own) ? `JWT_SIGNING_KEYS='${next}'` : own));
  writeFileSync(SECRETS_FILE, `${lines.join("\n")}\n`, { mode: 0o600 });
  const kids = (JSON.parse(next) as { kid: string }[]).map(({ kid }) => kid);
  console.log(`JWT_SIGNING_KEYS in .dev.vars has ${kids.join(", ")}; ${kids[0] ?? ""} signs.`);
  console.log(
    "For production: npm run -s keys:rotate -- --stdin < present.json | npx wrangler secret put JWT_SIGNING_KEYS --env production",
  );
}
