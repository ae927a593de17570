import type { SettingReader } from "#platform/setting-reader";

/** The settings of how long is kept what nobody deletes, with their defaults in days; 0 is for ever. */
export const RETENTION_DEFAULTS = {
  RETENTION_CONVERSATIONS: 0,
  RETENTION_HISTORY: 365,
  RETENTION_FEEDBACK: 730,
  RETENTION_USAGE: 730,
  RETENTION_KEYS: 365,
  RETENTION_AUDIT: 730,
} as const;

export type RetentionSetting = keyof typeof RETENTION_DEFAULTS;
/** Days by setting; 0 is for ever. */
export type Retention = Readonly<Record<RetentionSetting, number>>;

/** A hundred years: more is a slip of a unit. */
const MAX_DAYS = 36_500;

export const readRetention = (read: SettingReader): Retention =>
  Object.fromEntries(
    Object.entries(RETENTION_DEFAULTS).map(([name, days]) => [
      name,
      read.integer(name, days, 0, MAX_DAYS),
    ]),
  ) as Record<RetentionSetting, number>;
