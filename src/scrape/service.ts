import { ApiError } from "#platform/errors";
import type { Script } from "./core/script";
import { findScript } from "./core/scripts";

export { createScrapeExecutor, PAGE_CAPS } from "./executor";
export type { Extraction, FetchedPage, ScrapePorts } from "./executor";
export { scrapeKind } from "./kind";
export { listScripts } from "./core/scripts";
export type { Script } from "./core/script";

/** A built-in script by name. Refuses with SCRIPT_NOT_FOUND. */
export function getScript(name: string): Script {
  const script = findScript(name);
  if (script === null) throw new ApiError("SCRIPT_NOT_FOUND", { params: { script_name: name } });
  return script;
}
