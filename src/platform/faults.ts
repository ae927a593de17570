import type * as z from "zod";
import { en, ko } from "zod/locales";
import type { FieldError } from "#platform/errors";
import type { Locale } from "#platform/locale";

type Issue = z.core.$ZodIssue;
type RawIssue = z.core.$ZodRawIssue;
type Texts = (issue: RawIssue) => string | { message: string } | null | undefined;

const ZOD_TEXTS: Readonly<Record<Locale, Texts>> = {
  en: en().localeError,
  ko: ko().localeError,
};
const REQUIRED: Readonly<Record<Locale, string>> = {
  en: "This field is required",
  ko: "필수 항목입니다",
};
const UNKNOWN: Readonly<Record<Locale, string>> = {
  en: "This field is not known here",
  ko: "알 수 없는 항목입니다",
};

/** One error map for each language, to be given to each parse as `error`: zod's own setting is global to the isolate. */
export const FAULT_TEXTS: Readonly<Record<Locale, Texts>> = {
  en: errorMap("en"),
  ko: errorMap("ko"),
};

function errorMap(locale: Locale): Texts {
  return (issue) => {
    if (issue.code === "invalid_type" && issue.input === undefined) return REQUIRED[locale];
    if (issue.code === "custom") {
      const text = issue.params?.[locale] as unknown;
      if (typeof text === "string") return text;
    }
    return ZOD_TEXTS[locale](issue);
  };
}

/** What of zod's issues a caller reads: a pointer, a stable code and a text; one for each unknown field. */
export function describeIssues(
  issues: readonly Issue[],
  root: readonly PropertyKey[],
  locale: Locale,
): FieldError[] {
  return issues.flatMap((issue) => {
    const path = [...root, ...issue.path];
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => ({
        pointer: toPointer([...path, key]),
        code: "unknown_field",
        message: UNKNOWN[locale],
      }));
    const branch = issue.code === "invalid_union" ? nearestBranch(issue.errors) : null;
    if (branch !== null) return describeIssues(branch, path, locale);
    return [{ pointer: toPointer(path), code: codeOf(issue, locale), message: issue.message }];
  });
}

function codeOf(issue: Issue, locale: Locale): string {
  if (issue.code === "invalid_type" && issue.message === REQUIRED[locale]) return "required";
  const own = issue.code === "custom" ? (issue.params?.["code"] as unknown) : undefined;
  return typeof own === "string" ? own : issue.code;
}

/**
 * Of a union's failed branches the one that the caller most likely meant: with faults inside it rather
 * than of its very type, and the fewest of them. Null where no branch fits better than the others.
 */
function nearestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | null {
  const entered = branches.filter((issues) => issues.some((issue) => issue.path.length > 0));
  const sizes = entered.map((issues) => issues.length);
  const smallest = Math.min(...sizes);
  const nearest = entered.filter((issues) => issues.length === smallest);
  return nearest.length === 1 ? (nearest[0] ?? null) : null;
}

/** A JSON pointer (RFC 6901 section 3). */
export const toPointer = (path: readonly PropertyKey[]): string =>
  path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
