import type { JsonObject } from "#platform/json-value";

export const SKILL_LEVELS = ["beginner", "intermediate", "advanced", "expert"] as const;
export const OUTPUT_STRUCTURES = ["minimal", "standard", "detailed", "comprehensive"] as const;
export const EXPLANATION_STYLES = ["brief", "standard", "detailed", "educational"] as const;

/** What somebody has set; null where the deployment's own choice holds. The names are those of the wire. */
export interface Settings {
  readonly pythonSkillLevel: (typeof SKILL_LEVELS)[number] | null;
  readonly codeOutputStructure: (typeof OUTPUT_STRUCTURES)[number] | null;
  readonly explanationStyle: (typeof EXPLANATION_STYLES)[number] | null;
  /** The mode of new conversations. */
  readonly default_mode: string | null;
  /** Whether answers are written to the history. */
  readonly save_history: boolean;
}

/** Settings as they were stored, whatever an older or newer version of the server wrote: what is not known here is as if it were not set. */
export const parseSettings = (stored: JsonObject): Settings => ({
  pythonSkillLevel: oneOf(SKILL_LEVELS, stored["pythonSkillLevel"]),
  codeOutputStructure: oneOf(OUTPUT_STRUCTURES, stored["codeOutputStructure"]),
  explanationStyle: oneOf(EXPLANATION_STYLES, stored["explanationStyle"]),
  default_mode: typeof stored["default_mode"] === "string" ? stored["default_mode"] : null,
  save_history: stored["save_history"] !== false,
});

const oneOf = <T extends string>(known: readonly T[], value: unknown): T | null =>
  known.find((name) => name === value) ?? null;
