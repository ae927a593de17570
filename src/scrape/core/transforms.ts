/**
 * What a script may do with a value that it took: a fixed list, each step linear in the text. A pattern goes to
 * RE2's engine only, which cannot backtrack, and never to the runtime's own.
 */
import type { JsonValue } from "#platform/json-value";
import { RE2JS } from "re2js";
import type { Locale } from "#platform/locale";
import { err, ok, type Result } from "#platform/result";
import { resolveUrl } from "./links";
import type { LocalText } from "./script";
import type { Transform } from "./transform-spec";
import { collapse, cut } from "./text";

/** Instructions of a compiled pattern; the engine's time is at most their product with the text's length. */
const MAX_PATTERN_SIZE = 1_000;
/** Longest parameter that a pattern is held against, in UTF-16 units. */
const MAX_MATCHED_LENGTH = 16_384;
/** Parts of a text that was split. */
const MAX_PARTS = 1_000;
/** A replacement makes a text at most so long, in UTF-16 units. */
const MAX_LENGTH = 262_144;

/** A pattern that may be run, or why not, for people. */
export function compilePattern(pattern: string): Result<RE2JS, LocalText> {
  try {
    const compiled = RE2JS.compile(pattern);
    if (compiled.programSize() <= MAX_PATTERN_SIZE) return ok(compiled);
    return err({
      en: "the pattern is too large: fewer or smaller repetitions are needed",
      ko: "패턴이 너무 큽니다. 반복 횟수를 줄여 주십시오",
    });
  } catch (error) {
    const message = error instanceof Error ? error.message.replaceAll(/\s+/g, " ") : "";
    const quoted = cut(message, 200);
    return err({
      en: `it is no pattern of RE2: ${quoted}`,
      ko: `RE2 패턴이 아닙니다: ${quoted}`,
    });
  }
}

/** Whether a text matches a pattern somewhere, in linear time; never one that is longer than is looked at. */
export function matchesPattern(pattern: string, text: string): boolean {
  if (text.length > MAX_MATCHED_LENGTH) return false;
  const compiled = compilePattern(pattern);
  return compiled.ok && compiled.value.matcher(text).find();
}

/** The fault of a step that only trying tells, or null. */
export function faultOfTransform(step: Transform, locale: Locale): string | null {
  if (step.op !== "match") return null;
  const compiled = compilePattern(step.pattern);
  if (!compiled.ok) return compiled.error[locale];
  if (step.group <= compiled.value.groupCount()) return null;
  return locale === "en" ? "the pattern has no such group" : "패턴에 그런 그룹이 없습니다";
}

export interface TransformContext {
  readonly baseUrl: string;
  /** Takes steps from the budget of the page; false where it is used up. */
  readonly charge: (steps: number) => boolean;
}

/** A run of checked steps. Patterns are compiled once for all values that pass. */
export class Pipeline {
  readonly #steps: readonly Transform[];
  readonly #patterns = new Map<string, RE2JS>();

  constructor(steps: readonly Transform[]) {
    this.#steps = steps;
  }

  /** The value after all steps, or null where a step found nothing to go on with; refuses where steps are used up. */
  apply(value: JsonValue, context: TransformContext): Result<JsonValue, "out_of_steps"> {
    let current = value;
    for (const step of this.#steps) {
      const size = Array.isArray(current) ? current.length : 1;
      if (!context.charge(1 + size)) return err("out_of_steps");
      const next = this.#step(step, current, context);
      if (!next.ok) return next;
      current = next.value;
    }
    return ok(current);
  }

  #step(
    step: Transform,
    value: JsonValue,
    context: TransformContext,
  ): Result<JsonValue, "out_of_steps"> {
    if (isOfLists(step)) return ok(applyToList(step, value));
    if (!Array.isArray(value)) return this.#single(step, value, context);
    const out: JsonValue[] = [];
    for (const item of value) {
      const one = this.#single(step, item, context);
      if (!one.ok) return one;
      if (Array.isArray(one.value)) out.push(...one.value.slice(0, MAX_PARTS - out.length));
      else if (one.value !== null) out.push(one.value);
    }
    return ok(out);
  }

  #single(
    step: Exclude<Transform, ListTransform>,
    value: JsonValue,
    context: TransformContext,
  ): Result<JsonValue, "out_of_steps"> {
    const text = textOf(value);
    if (text === null) return ok(null);
    if (!context.charge(text.length >>> 4)) return err("out_of_steps");
    if (step.op !== "match") return ok(applyToText(step, text, context.baseUrl));
    const pattern = this.#pattern(step.pattern);
    if (pattern === null) return ok(null);
    // What the engine does at most: every instruction at every character, each of them dearer than a step.
    if (!context.charge(2 * text.length * pattern.programSize())) return err("out_of_steps");
    const matcher = pattern.matcher(text);
    return ok(matcher.find() ? (matcher.group(step.group) ?? null) : null);
  }

  #pattern(source: string): RE2JS | null {
    const known = this.#patterns.get(source);
    if (known !== undefined) return known;
    const compiled = compilePattern(source);
    if (!compiled.ok) return null;
    this.#patterns.set(source, compiled.value);
    return compiled.value;
  }
}

const textOf = (value: JsonValue): string | null =>
  typeof value === "string"
    ? value
    : typeof value === "number" || typeof value === "boolean"
      ? String(value)
      : null;

type ListTransform = Extract<Transform, { op: "join" | "unique" | "count" | "at" }>;

const isOfLists = (step: Transform): step is ListTransform =>
  step.op === "join" || step.op === "unique" || step.op === "count" || step.op === "at";

/** A single value counts as a list of one, nothing as an empty one. */
function applyToList(step: ListTransform, value: JsonValue): JsonValue {
  const list = Array.isArray(value) ? value : value === null ? [] : [value];
  switch (step.op) {
    case "count":
      return list.length;
    case "at":
      return list.at(step.index) ?? null;
    case "unique":
      return [...new Set(list.map((item) => JSON.stringify(item)))].map(
        (json) => JSON.parse(json) as JsonValue,
      );
    case "join":
      break;
  }
  if (list.length === 0) return null;
  return cut(list.flatMap((item) => textOf(item) ?? []).join(step.with), MAX_LENGTH);
}

function applyToText(
  step: Exclude<Transform, ListTransform | { op: "match" }>,
  text: string,
  baseUrl: string,
): JsonValue {
  switch (step.op) {
    case "trim":
      return collapse(text).trim();
    case "lower":
      return text.toLowerCase();
    case "upper":
      return text.toUpperCase();
    case "number":
      return toNumber(text, step.decimal);
    case "url":
      return resolveUrl(text.trim(), baseUrl);
    case "before":
      return text.includes(step.text) ? text.slice(0, text.indexOf(step.text)) : null;
    case "after":
      return text.includes(step.text)
        ? text.slice(text.indexOf(step.text) + step.text.length)
        : null;
    case "replace":
      return replaceText(text, step.find, step.with);
    case "prefix":
      return cut(step.text + text, MAX_LENGTH);
    case "suffix":
      return cut(text + step.text, MAX_LENGTH);
    case "slice":
      // Cut at whole characters: half of a surrogate pair is no text.
      return text.slice(step.start, step.end).toWellFormed();
    case "split":
      break;
  }
  return text
    .split(step.by, MAX_PARTS)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** A replacement that is longer than what it replaces can multiply a text; what is beyond the limit is cut. */
function replaceText(text: string, find: string, by: string): string {
  const room = by.length > find.length ? Math.floor(MAX_LENGTH / Math.max(1, by.length)) : Infinity;
  const parts = text.split(find);
  return cut(parts.length <= room ? parts.join(by) : parts.slice(0, room).join(by), MAX_LENGTH);
}

/** Digits in groups of three by spaces or quotes, else digits with both marks. Sees 100 characters at most. */
const NUMBER = /^\d{1,3}(?:[\s'’]\d{3})+(?!\d)(?:[.,]\d+)?|^\d[\d.,]*/;

/** The first number in a text, such as 3000 in `어른 3,000원` or -1.5 in `-1,5 °C` with a decimal comma; null where there is none. */
export function toNumber(text: string, decimal: "." | "," = "."): number | null {
  let start = 0;
  while (start < text.length && !isDigit(text.charAt(start))) start++;
  const found = NUMBER.exec(text.slice(start, start + 100))?.[0];
  if (found === undefined) return null;
  const plain = found
    .replaceAll(decimal === "." ? "," : ".", "")
    .replaceAll(/[\s'’]/g, "")
    .replaceAll(",", ".");
  const value = Number(/^\d+(?:\.\d+)?/.exec(plain)?.[0]);
  if (!Number.isFinite(value)) return null;
  const before = text.charAt(start - 1);
  return before === "-" || before === "−" ? -value : value;
}

const isDigit = (char: string): boolean => char >= "0" && char <= "9";
