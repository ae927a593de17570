import * as z from "zod";
import { en, ko } from "zod/locales";
// By its own name: reached through `z`, it would bring every part of the library along, all languages included.
import { util } from "zod/v4/core";
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
/** What a caller of a JSON API calls the types that zod names in its own way. */
const TYPE_NAMES: Readonly<Record<Locale, Readonly<Record<string, string>>>> = {
  en: { record: "object", map: "object", set: "array", nan: "NaN" },
  ko: {
    string: "문자열",
    number: "숫자",
    int: "정수",
    bigint: "정수",
    boolean: "불리언",
    object: "객체",
    record: "객체",
    map: "객체",
    array: "배열",
    set: "배열",
    tuple: "배열",
    date: "날짜",
    nan: "NaN",
  },
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
    if (issue.code === "invalid_type") return typeText(issue, locale);
    const text = ZOD_TEXTS[locale](issue);
    return typeof text === "string" ? polish(text, issue, locale) : text;
  };
}

/** Of a number which ones are taken; of any other type also what came in its stead. */
function typeText({ expected, input, schema }: RawIssue, locale: Locale): string {
  if (expected === "number" || expected === "int") {
    const number = schema instanceof z.ZodNumber ? schema : null;
    return NUMBER_TEXTS[locale]({
      isWhole: expected === "int" || number?.isInt === true,
      least: boundOf(number?.minValue),
      most: boundOf(number?.maxValue),
    });
  }
  const name = (type: string): string => TYPE_NAMES[locale][type] ?? type;
  const wanted = name(String(expected));
  const received = name(util.parsedType(input));
  return locale === "en"
    ? `Invalid input: expected ${wanted}, received ${received}`
    : `잘못된 입력: 예상 타입은 ${wanted}, 받은 타입은 ${received}입니다`;
}

interface NumberRange {
  readonly isWhole: boolean;
  readonly least: number | null;
  readonly most: number | null;
}

const NUMBER_TEXTS: Readonly<Record<Locale, (range: NumberRange) => string>> = {
  en: ({ isWhole, least, most }) => {
    const kind = `Must be a ${isWhole ? "whole number" : "number"}`;
    if (least !== null && most !== null) return `${kind} from ${least} to ${most}`;
    if (least !== null) return `${kind} of at least ${least}`;
    return most === null ? kind : `${kind} of at most ${most}`;
  },
  ko: ({ isWhole, least, most }) => {
    const bounds = [
      ...(least === null ? [] : [`${least} 이상`]),
      ...(most === null ? [] : [`${most} 이하`]),
    ];
    const range = bounds.length === 0 ? "" : `${bounds.join(" ")}의 `;
    return `${range}${isWhole ? "정수여야" : "숫자여야"} 합니다`;
  },
};

/** A bound that a schema sets. Those of what a double holds exactly are nobody's choice and left out. */
const boundOf = (bound: number | null | undefined): number | null =>
  typeof bound === "number" && Math.abs(bound) < Number.MAX_SAFE_INTEGER ? bound : null;

/** Zod's own text with a type's name in the caller's words, and one thing in the singular. */
function polish(text: string, issue: RawIssue, locale: Locale): string {
  const origin = "origin" in issue ? String(issue.origin) : "";
  const name = TYPE_NAMES[locale][origin];
  if (locale === "en") {
    const singular = text.replace(/([^\d.]1 )(character|item|byte)s$/, "$1$2");
    return name === undefined ? singular : singular.replace(origin, name);
  }
  if (name === undefined) return text;
  // The subject particle follows the last syllable: 이 after a final consonant, 가 after a vowel.
  const hasFinal = (name.charCodeAt(name.length - 1) - 0xac00) % 28 > 0;
  return text.replace(`${origin}이 `, `${name}${hasFinal ? "이" : "가"} `).replace(origin, name);
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
