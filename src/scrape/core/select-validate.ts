import { compile } from "css-select";
import { AttributeAction, parse, type Selector, SelectorType } from "css-what";
import type { Locale } from "#platform/locale";
import { err, ok, type Result } from "#platform/result";
import type { Refusal } from "./document";
import type { LocalText } from "./script";
import { cut } from "./text";

export const MAX_SELECTOR_LENGTH = 500;

/**
 * What one selector may consist of. A selector costs, per element of the page, about the product of
 * its descendant and sibling combinators (each may try every ancestor or sibling) and of its
 * `:has()`s (each may try a subtree), so these are few. They make honest mistakes fail early and
 * with a name; that a page cannot make an allowed selector run long is the step budget's doing.
 */
const MAX_ALTERNATIVES = 50;
const MAX_COMPOUNDS = 20;
const MAX_COMBINATORS = 12;
const MAX_TOKENS = 100;
const MAX_NESTING = 4;
const MAX_HAS = 3;

/**
 * The pseudo-classes that mean something on a page that nobody uses, spelled out: css-select looks
 * names up in plain objects, where `:constructor` and `:toString` would be found as well.
 */
const PSEUDO_CLASSES: ReadonlySet<string> = new Set([
  "any-link",
  "checked",
  "contains",
  "disabled",
  "empty",
  "enabled",
  "first-child",
  "first-of-type",
  "has",
  "icontains",
  "is",
  "lang",
  "last-child",
  "last-of-type",
  "link",
  "matches",
  "not",
  "nth-child",
  "nth-last-child",
  "nth-last-of-type",
  "nth-of-type",
  "only-child",
  "only-of-type",
  "optional",
  "read-only",
  "read-write",
  "required",
  "root",
  "scope",
  "selected",
  "where",
]);
const WITH_TEXT: ReadonlySet<string> = new Set(["contains", "icontains", "lang"]);
const WITH_FORMULA: ReadonlySet<string> = new Set([
  "nth-child",
  "nth-last-child",
  "nth-last-of-type",
  "nth-of-type",
]);
const WITH_SELECTOR: ReadonlySet<string> = new Set(["has", "is", "matches", "not", "where"]);

/** A selector that passed every check. */
export interface CheckedSelector {
  readonly source: string;
  /** Longest text that it searches for inside values (`*=`, `:contains()`), in UTF-16 units. */
  readonly needleLength: number;
  /** Whether it means the element that the search begins at: `:scope`, or a leading combinator. */
  readonly isRelative: boolean;
}

interface Tally {
  tokens: number;
  combinators: number;
  has: number;
  needle: number;
  isRelative: boolean;
}

const COMBINATORS: ReadonlySet<string> = new Set([
  SelectorType.Descendant,
  SelectorType.Child,
  SelectorType.Adjacent,
  SelectorType.Sibling,
]);

const say = (en: string, ko: string): LocalText => ({ en, ko });
const notSupported = (en: string, ko: string): LocalText =>
  say(`${en} are not supported`, `${ko}은(는) 지원하지 않습니다`);
const moreThan = (max: number, en: string, ko: string): LocalText =>
  say(`more than ${max} ${en}`, `${ko}이(가) ${max}개보다 많습니다`);
const EMPTY = say("it is empty", "비어 있습니다");

/** Why a pseudo-class is refused, or null. */
function judgePseudo(name: string, data: unknown): LocalText | null {
  if (!PSEUDO_CLASSES.has(name))
    return say(`:${name} is not supported`, `:${name}은(는) 지원하지 않습니다`);
  if (WITH_SELECTOR.has(name)) {
    return Array.isArray(data) && data.length > 0
      ? null
      : say(`:${name} needs a selector`, `:${name}에는 선택자가 필요합니다`);
  }
  if (WITH_TEXT.has(name) || WITH_FORMULA.has(name)) {
    if (typeof data !== "string" || data.trim() === "")
      return say(`:${name} needs an argument`, `:${name}에는 인자가 필요합니다`);
    return WITH_FORMULA.has(name) && /\bof\b/i.test(data)
      ? say(`:${name} takes no "of"`, `:${name}에는 "of"를 쓸 수 없습니다`)
      : null;
  }
  return data === null ? null : say(`:${name} takes no argument`, `:${name}에는 인자가 없습니다`);
}

/** Why one compound or combinator is refused, or null. */
function judgeToken(token: Selector, depth: number, tally: Tally): LocalText | null {
  if (++tally.tokens > MAX_TOKENS) return moreThan(MAX_TOKENS, "parts", "부분");
  switch (token.type) {
    case SelectorType.PseudoElement:
      return notSupported("pseudo-elements", "의사 요소");
    case SelectorType.ColumnCombinator:
      return notSupported("column combinators", "열 결합자");
    case SelectorType.Attribute:
      if (token.namespace !== null) return notSupported("namespaces", "이름공간");
      if (token.action === AttributeAction.Any)
        tally.needle = Math.max(tally.needle, token.value.length);
      return null;
    case SelectorType.Tag:
    case SelectorType.Universal:
      return token.namespace === null ? null : notSupported("namespaces", "이름공간");
    case SelectorType.Descendant:
    case SelectorType.Child:
    case SelectorType.Adjacent:
    case SelectorType.Sibling:
      tally.combinators++;
      return tally.combinators > MAX_COMBINATORS
        ? moreThan(MAX_COMBINATORS, "combinators", "결합자")
        : null;
    case SelectorType.Pseudo: {
      const reason = judgePseudo(token.name, token.data);
      if (reason !== null) return reason;
      if (token.name === "scope" && depth === 0) tally.isRelative = true;
      if (token.name === "scope" && depth > 0)
        return say(
          ":scope cannot stand inside another pseudo-class",
          ":scope는 다른 의사 클래스 안에 둘 수 없습니다",
        );
      if (token.name === "has" && ++tally.has > MAX_HAS)
        return moreThan(MAX_HAS, ":has()", ":has()");
      if (typeof token.data === "string") tally.needle = Math.max(tally.needle, token.data.length);
      return Array.isArray(token.data)
        ? judgeList(token.data, depth + 1, token.name === "has", tally)
        : null;
    }
    case SelectorType.Parent:
      // `<`, which is css-what's own and no CSS.
      break;
  }
  return notSupported("combinators of this kind", "이 결합자");
}

function judgeList(
  list: readonly (readonly Selector[])[],
  depth: number,
  mayBeRelative: boolean,
  tally: Tally,
): LocalText | null {
  if (depth > MAX_NESTING)
    return say(
      `pseudo-classes nest more than ${MAX_NESTING} deep`,
      `의사 클래스가 ${MAX_NESTING}단계보다 깊습니다`,
    );
  if (list.length > MAX_ALTERNATIVES) return moreThan(MAX_ALTERNATIVES, "alternatives", "대안");
  for (const tokens of list) {
    const startsWithCombinator = COMBINATORS.has(tokens[0]?.type ?? "");
    if (startsWithCombinator && depth === 0) tally.isRelative = true;
    if (startsWithCombinator && !mayBeRelative)
      return say("a combinator stands at its beginning", "결합자로 시작합니다");
    if (COMBINATORS.has(tokens.at(-1)?.type ?? ""))
      return say("a combinator stands at its end", "결합자로 끝납니다");
    if (tokens.filter(({ type }) => !COMBINATORS.has(type)).length > MAX_COMPOUNDS) {
      return moreThan(MAX_COMPOUNDS, "conditions in a row", "연속된 조건");
    }
    for (const token of tokens) {
      const reason = judgeToken(token, depth, tally);
      if (reason !== null) return reason;
    }
  }
  return null;
}

/** What a parser says of a fault, short and on one line: it quotes the selector. */
function faultOf(error: unknown): LocalText {
  const message = error instanceof Error ? error.message : "";
  const quoted = cut(message.replaceAll(/\s+/g, " "), 200);
  return say(`it cannot be read: ${quoted}`, `읽을 수 없습니다: ${quoted}`);
}

/**
 * Judges one CSS selector, without a page, and says why it is refused, for people.
 * `mayBeRelative` lets it begin with a combinator, as in a field of a matched element.
 */
export function validateSelector(
  selector: string,
  mayBeRelative = false,
): Result<CheckedSelector, LocalText> {
  if (selector.length > MAX_SELECTOR_LENGTH) {
    return err(moreThan(MAX_SELECTOR_LENGTH, "characters", "글자"));
  }
  if (selector.trim() === "") return err(EMPTY);
  try {
    const list = parse(selector);
    if (list.length === 0) return err(EMPTY);
    const tally: Tally = { tokens: 0, combinators: 0, has: 0, needle: 1, isRelative: false };
    const reason = judgeList(list, 0, mayBeRelative, tally);
    if (reason !== null) return err(reason);
    // Compiling finds what only css-select knows, such as a malformed `an+b`.
    compile(selector);
    return ok({ source: selector, needleLength: tally.needle, isRelative: tally.isRelative });
  } catch (error) {
    return err(faultOf(error));
  }
}

/** The refusal of a selector that stands at `pointer` in the body under the name `field`. */
export function refuseSelector(
  at: { readonly selector: string; readonly field: string; readonly pointer: string },
  reason: LocalText,
  locale: Locale,
): Refusal {
  return {
    code: "INVALID_SELECTOR",
    params: { selector: cut(at.selector, 200), field: at.field, pointer: at.pointer },
    errors: [{ pointer: at.pointer, code: "invalid_selector", message: reason[locale] }],
  };
}
