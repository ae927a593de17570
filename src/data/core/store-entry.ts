/** What is said of each place that keeps anything. */
import type { RetentionSetting } from "#platform/retention-settings";
import type { ErasureStep } from "./erasure";

/** Whose it is: a person's, an address's that showed no credential, a site's, or nobody's. */
export type Whose = "person" | "address" | "site" | "nobody";

export interface Store {
  /** `d1:<table>`, `<Class>:<table of its SQLite>`, `<Class>/<prefix of its keys>`, `<Class>@<what else>` or `kv:<prefix>`. */
  readonly store: string;
  readonly holds: string;
  readonly whose: Whose;
  /** The setting by which it goes, or when it goes by itself. */
  readonly kept: RetentionSetting | { readonly until: string };
  /** The member of an export in which it is told, or why it is not. */
  readonly exported: { readonly section: string } | { readonly not: string };
  /** The step by which it goes with its person, or why it stays. */
  readonly erased: ErasureStep | { readonly not: string };
}

/** Of nobody, or of somebody whom nothing here tells. */
export const notOfPeople = (
  store: string,
  holds: string,
  until: string,
  whose: Exclude<Whose, "person"> = "nobody",
): Store => ({
  store,
  holds,
  whose,
  kept: { until },
  exported: { not: "tells of no person" },
  erased: { not: "tells of no person" },
});
