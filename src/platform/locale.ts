/** The languages in which the server speaks to people. `code`, field names and logs are the same in all of them. */
export const LOCALES = ["ko", "en"] as const;
export type Locale = (typeof LOCALES)[number];

interface Preference {
  readonly tag: string;
  readonly weight: number;
}

/**
 * The language for an answer by `Accept-Language` (RFC 9110 section 12.5.4, lookup by primary subtag).
 * What names none of ours, or is malformed, gets `fallback`: a page in the wrong language beats an error about languages.
 */
export function chooseLocale(acceptLanguage: string | null | undefined, fallback: Locale): Locale {
  if (!acceptLanguage) return fallback;
  const preferences = acceptLanguage
    .slice(0, 1000)
    .split(",")
    .map(parsePreference)
    .filter((item): item is Preference => item !== null && item.weight > 0)
    .sort((a, b) => b.weight - a.weight);
  for (const { tag } of preferences) {
    if (tag === "*") return fallback;
    const found = LOCALES.find((locale) => tag === locale || tag.startsWith(`${locale}-`));
    if (found) return found;
  }
  return fallback;
}

function parsePreference(item: string): Preference | null {
  const [tag = "", ...parameters] = item.trim().toLowerCase().split(";");
  if (!/^(?:\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)$/.test(tag.trim())) return null;
  const quality = parameters.map((text) => text.trim()).find((text) => text.startsWith("q="));
  const weight = quality === undefined ? 1 : Number(quality.slice(2));
  return Number.isFinite(weight) ? { tag: tag.trim(), weight } : null;
}
