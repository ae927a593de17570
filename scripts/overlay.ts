/** Configurations for one run in which some variables differ from the files: how `--var` reaches all three Workers. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { isAlive } from "./process-group.ts";
import { ROOT } from "./setup.ts";

const FOLDER = join(ROOT, ".wrangler");
const OWN = join(FOLDER, `dev-${process.pid}`);

/**
 * Copies of the configurations with the overridden variables, beside a `.dev.vars` that has them too: wrangler looks
 * for that file next to a configuration, and a secret's override has no place in the configuration itself.
 *
 * @returns the paths of the copies. Throws where a value can't be written.
 */
export function writeOverlay(
  configs: readonly string[],
  vars: Readonly<Record<string, string>>,
  overrides: Readonly<Record<string, string>>,
): string[] {
  removeStaleOverlays();
  mkdirSync(OWN, { recursive: true });
  const lines = Object.entries({ ...vars, ...overrides }).map(
    ([name, value]) => `${name}=${quote(name, value)}\n`,
  );
  writeFileSync(join(OWN, ".dev.vars"), lines.join(""), { mode: 0o600 });
  const texts = configs.map((config) => readFileSync(join(ROOT, config), "utf8"));
  const secrets = new Set(
    texts.flatMap((text) =>
      [...text.matchAll(/^required = \[(.*)\]$/gm)].flatMap(
        ([, list = ""]) => list.match(/\w+/g) ?? [],
      ),
    ),
  );
  return configs.map((config, index) => {
    const path = join(OWN, config);
    writeFileSync(path, overlay(texts[index] ?? "", Object.keys(overrides), secrets));
    return path;
  });
}

/** Removes what this run wrote. */
export const removeOverlay = (): void => rmSync(OWN, { recursive: true, force: true });

function overlay(config: string, names: readonly string[], secrets: ReadonlySet<string>): string {
  const text = config.replaceAll(
    /^(main|directory|migrations_dir|ajv) = "(.+)"$/gm,
    (_line, key: string, path: string) =>
      `${key} = ${JSON.stringify(isAbsolute(path) ? path : join(ROOT, path))}`,
  );
  // A name that [vars] does not list would not reach a Worker that declares its secrets; a secret may not stand there.
  const unlisted = names.filter(
    (name) => !secrets.has(name) && !new RegExp(`^${name} = `, "m").test(text),
  );
  return text.replace(
    /^\[vars\]$/m,
    ["[vars]", ...unlisted.map((name) => `${name} = ""`)].join("\n"),
  );
}

/** A value as `.dev.vars` takes it: between quotes that it does not contain. */
function quote(name: string, value: string): string {
  const mark = ["'", '"', "`"].find((candidate) => !value.includes(candidate));
  if (mark === undefined)
    throw new Error(`The value of ${name} may not contain all three kinds of quotes.`);
  return mark + value + mark;
}

/** A run that was killed could not clear up behind itself. */
function removeStaleOverlays(): void {
  mkdirSync(FOLDER, { recursive: true });
  for (const name of readdirSync(FOLDER)) {
    const pid = Number(/^dev-(\d+)$/.exec(name)?.[1]);
    if (pid > 0 && !isAlive(pid)) rmSync(join(FOLDER, name), { recursive: true, force: true });
  }
}
