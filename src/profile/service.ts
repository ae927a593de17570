import type { JsonObject } from "#platform/json-value";
import { ApiError } from "#platform/errors";
import { parseSettings } from "./core/settings";
import type { Settings } from "./core/settings";
import { readShelf, writeShelf } from "./store";
import type { Shelf } from "./store";

export { readShelf } from "./store";
export type { Shelf, Shelved } from "./store";
export { parseProfile } from "./core/profile";
export {
  EXPLANATION_STYLES,
  OUTPUT_STRUCTURES,
  parseSettings,
  SKILL_LEVELS,
} from "./core/settings";
export type { Settings } from "./core/settings";

/** What an owner has set; the defaults where nothing is. */
export async function readSettings(db: D1Database, ownerId: string): Promise<Settings> {
  return parseSettings((await readShelf(db, "settings", ownerId))?.value ?? {});
}

/**
 * Replaces a profile or settings. `ifVersion` is the version that was seen (0 for none yet), null where any may be replaced. Throws
 * PRECONDITION_FAILED where another stands there.
 */
export async function replaceShelf(
  db: D1Database,
  shelf: Shelf,
  ownerId: string,
  value: JsonObject,
  when: { readonly ifVersion: number | null; readonly nowMs: number },
): Promise<void> {
  if (!(await writeShelf(db, shelf, ownerId, value, when)))
    throw new ApiError("PRECONDITION_FAILED");
}

/** How the owner wants code, for `generate-code`: only what is set; null where nothing is. */
export async function savedCodeProfile(
  env: Pick<Env, "DB">,
  ownerId: string,
): Promise<CodeSettings | null> {
  const { pythonSkillLevel, codeOutputStructure, explanationStyle } = await readSettings(
    env.DB,
    ownerId,
  );
  const set: CodeSettings = {
    ...(pythonSkillLevel === null ? {} : { pythonSkillLevel }),
    ...(codeOutputStructure === null ? {} : { codeOutputStructure }),
    ...(explanationStyle === null ? {} : { explanationStyle }),
  };
  return Object.keys(set).length === 0 ? null : set;
}

type CodeSettings = {
  [Name in "pythonSkillLevel" | "codeOutputStructure" | "explanationStyle"]?: NonNullable<
    Settings[Name]
  >;
};
