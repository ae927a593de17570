/** Which version of a script is meant: semver.org 2.0.0 for versions, npm's grammar for ranges. */
import semverCompare from "semver/functions/compare.js";
import semverParse from "semver/functions/parse.js";
import satisfies from "semver/functions/satisfies.js";
import validRange from "semver/ranges/valid.js";

/** Longest version or range that is read. Bounds what the expressions behind both look at. */
export const MAX_VERSION_LENGTH = 64;

/**
 * A version in its one spelling, or null where the text is none. Build metadata is refused: two versions that
 * differ in nothing else have no order (semver.org section 10).
 */
export function normalizeVersion(text: string): string | null {
  if (text.length > MAX_VERSION_LENGTH) return null;
  const parsed = semverParse(text);
  return parsed === null || parsed.build.length > 0 || parsed.version !== text
    ? null
    : parsed.version;
}

/** Orders versions, the newest first. */
export const newestFirst = (a: string, b: string): number => semverCompare(b, a);

/** Whether a text is a version, a range, or `latest`. */
export const isVersionRange = (text: string): boolean =>
  text.length <= MAX_VERSION_LENGTH && (text === "latest" || validRange(text) !== null);

/**
 * The version of those given that `wanted` means: exactly one, the highest in a range (`^1.2`, `1.x`), or the
 * latest where nothing is wanted. A version before a release counts only where it is named, or where there
 * is no released one (npm's rule). Null where none fits.
 */
export function chooseVersion(versions: readonly string[], wanted?: string): string | null {
  const ordered = versions.toSorted(newestFirst);
  if (wanted === undefined || wanted === "latest") {
    const released = ordered.find((version) => semverParse(version)?.prerelease.length === 0);
    return released ?? ordered[0] ?? null;
  }
  if (!isVersionRange(wanted)) return null;
  return ordered.find((version) => satisfies(version, wanted)) ?? null;
}
