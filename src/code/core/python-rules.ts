import type { JsonObject } from "#platform/json-value";
import type { Check } from "./checks";
import { words } from "./words";
import type { Severity } from "./issue";
import { SYNTAX_RULE } from "./issue";

/** What no check goes without: code that does not run at all. */
const BROKEN = ["E9", "F7"];

/** Rules of Ruff by check, as prefixes of their codes (docs.astral.sh/ruff/rules). */
const SELECTED: Readonly<Record<Check, readonly string[]>> = {
  syntax: BROKEN,
  style: ["E", "W", "F", "I", "N", "UP"],
  security: [...BROKEN, "S"],
  all: ["E", "W", "F", "I", "N", "UP", "S", "B", "C4", "SIM", "PLE"],
  performance: [...BROKEN, "PERF", "C4", "SIM118", "PLC0206", "RUF005", "RUF015", "RUF017", "G"],
  complexity: [...BROKEN, "C90", "PLR0911", "PLR0912", "PLR0913", "PLR0915", "PLR5501", "SIM102"],
  quality: [...words("E W F I N UP B C4 SIM C90 PLR09 PLE PLW RET PIE RUF A ARG BLE ERA")],
};

const IGNORED = [
  // A snippet in a JSON string seldom ends with a newline, and nothing is wrong with that.
  "W292",
  // Letters that resemble Latin ones are no mistake in a text of another script.
  "RUF001",
  "RUF002",
  "RUF003",
];

/** Ruff's options for a check, as `ruff.toml` would say them. */
export const ruffOptions = (check: Check): JsonObject => ({
  "target-version": "py314",
  lint: {
    select: [...SELECTED[check]],
    ignore: IGNORED,
    mccabe: { "max-complexity": 10 },
  },
});

/** What lets somebody else's data run or reach an interpreter. */
const DANGEROUS = [
  ...words(
    "S102 S202 S301 S302 S307 S501 S502 S506 S602 S604 S605 S608 S609 S610 S611 S612 S701 S702",
  ),
];
/** What is a risk only where something else is wrong too, or is a matter of taste. */
const MINOR_SECURITY = ["S101", "S110", "S112", "S311", "S4", "S603", "S606", "S607"];
const TASTE = ["E", "W", "I", "N", "UP", "RET", "PIE", "ERA", "RUF", "SIM", "C4"];

const startsWithOne = (rule: string, prefixes: readonly string[]): boolean =>
  prefixes.some((prefix) => rule.startsWith(prefix));

/** How grave a finding of Ruff is: an error where the code cannot run as it stands or somebody else's data could. */
export function pythonSeverity(rule: string): Severity {
  if (rule === SYNTAX_RULE || startsWithOne(rule, [...BROKEN, "F82", "PLE"])) return "error";
  if (DANGEROUS.includes(rule)) return "error";
  if (startsWithOne(rule, MINOR_SECURITY)) return "info";
  // A code is letters and digits: "E" is pycodestyle's, "ERA" is not.
  const family = /^[A-Z]+[0-9]?(?=[0-9])|^[A-Z]+/.exec(rule)?.[0] ?? rule;
  return TASTE.includes(family.replace(/[0-9]$/, "")) || TASTE.includes(family)
    ? "info"
    : "warning";
}
