/** What a SiteGate keeps: one value, the whole state of its site. */
import { UNKNOWN_SITE } from "./core/politeness";
import type { SiteState } from "./core/politeness";

const KEY = "site";

export const loadSite = (storage: DurableObjectStorage): SiteState =>
  storage.kv.get<SiteState>(KEY) ?? UNKNOWN_SITE;

export const saveSite = (storage: DurableObjectStorage, state: SiteState): void =>
  storage.kv.put(KEY, state);
