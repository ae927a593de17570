import type { JsonObject, JsonValue } from "#platform/json-value";

/** What somebody tells of themselves; null where they tell nothing. The names are those of the wire. */
export interface Profile {
  display_name: string | null;
  bio: string | null;
  organization: string | null;
  website: string | null;
  time_zone: string | null;
  interests: string[];
}

/** A profile as it was stored, whatever an older or newer version of the server wrote. */
export const parseProfile = (stored: JsonObject): Profile => ({
  display_name: textOrNull(stored["display_name"]),
  bio: textOrNull(stored["bio"]),
  organization: textOrNull(stored["organization"]),
  website: textOrNull(stored["website"]),
  time_zone: textOrNull(stored["time_zone"]),
  interests: Array.isArray(stored["interests"])
    ? stored["interests"].filter((item) => typeof item === "string")
    : [],
});

const textOrNull = (value: JsonValue | undefined): string | null =>
  typeof value === "string" ? value : null;
