/**
 * `npm run doctor`: is everything here as it has to be, and if not, what to do. `--production` looks at what a deployment would
 * refuse as well. `--quick` leaves out the sizes and the cold start, which take half a minute. Exit code 1 where something has to be done first.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const ROOT = dirname(import.meta.dirname);
const wrongPackages = findWrongPackages();
// What looks at everything else is made of packages itself.
if (
  wrongPackages.some(
    (name) => name === "all of it" || /^(?:wrangler|miniflare|workerd|jose|zod)$/.test(name),
  )
) {
  console.error(
    "✗ critical MODULES_INCOMPLETE: packages are missing or in another version.\n  → Run `npm ci`.",
  );
  process.exit(1);
}
const { visit } = await import("./doctor-visit.ts");
const isRefused = await visit({
  forProduction: process.argv.includes("--production"),
  isQuick: process.argv.includes("--quick"),
  wrongPackages,
});
process.exit(isRefused ? 1 : 0);

/** What npm wrote down of its last installation, against what it is to install. Packages for other platforms are optional. */
function findWrongPackages(): string[] {
  interface Lock {
    readonly packages: Readonly<
      Record<string, { version?: string; optional?: boolean; link?: boolean }>
    >;
  }
  const wanted = (JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as Lock)
    .packages;
  const mark = join(ROOT, "node_modules", ".package-lock.json");
  if (!existsSync(mark)) return ["all of it"];
  const installed = (JSON.parse(readFileSync(mark, "utf8")) as Lock).packages;
  return Object.entries(wanted)
    .filter(([path, { version, optional, link }]) => {
      if (path === "" || link === true) return false;
      const known = installed[path]?.version;
      return known === undefined ? optional !== true : known !== version;
    })
    .map(([path]) => path.replace(/^node_modules\//, ""));
}
