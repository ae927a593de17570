import { compile } from "css-select";
import { AttributeAction, parse, type Selector, SelectorType } from "css-what";
import { err, ok, type Result } from "#platform/result";

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

/** Why a pseudo-class is refused, or null. */
function judgePseudo(name: string, data: unknown): string | null {
  if (!PSEUDO_CLASSES.has(name)) return `:${name} is not supported`;
  if (WITH_SELECTOR.has(name)) {
    return Array.isArray(data) && data.length > 0 ? null : `:${name} needs a selector`;
  }
  if (WITH_TEXT.has(name) || WITH_FORMULA.has(name)) {
    if (typeof data !== "string" || data.trim() === "") return `:${name} needs an argument`;
    return WITH_FORMULA.has(name) && /\bof\b/i.test(data) ? `:${name} takes no "of"` : null;
  }
  return data === null ? null : `:${name} takes no argument`;
}

/** Why one compound or combinator is refused, or null. */
function judgeToken(token: Selector, depth: number, tally: Tally): string | null {
  if (++tally.tokens > MAX_TOKENS) return `more than ${MAX_TOKENS} parts`;
  switch (token.type) {
    case SelectorType.PseudoElement:
      return "pseudo-elements are not supported";
    case SelectorType.ColumnCombinator:
      return "the column combinator is not supported";
    case SelectorType.Attribute:
      if (token.namespace !== null) return "namespaces are not supported";
      if (token.action === AttributeAction.Any)
        tally.needle = Math.max(tally.needle, token.value.length);
      return null;
    case SelectorType.Tag:
    case SelectorType.Universal:
      return token.namespace === null ? null : "namespaces are not supported";
    case SelectorType.Descendant:
    case SelectorType.Child:
    case SelectorType.Adjacent:
    case SelectorType.Sibling:
      tally.combinators++;
      return tally.combinators > MAX_COMBINATORS
        ? `more than ${MAX_COMBINATORS} combinators`
        : null;
    case SelectorType.Pseudo: {
      const reason = judgePseudo(token.name, token.data);
      if (reason !== null) return reason;
      if (token.name === "scope" && depth === 0) tally.isRelative = true;
      if (token.name === "scope" && depth > 0)
        return ":scope stands outside of other pseudo-classes";
      if (token.name === "has" && ++tally.has > MAX_HAS) return `more than ${MAX_HAS} :has()`;
      if (typeof token.data === "string") tally.needle = Math.max(tally.needle, token.data.length);
      return Array.isArray(token.data)
        ? judgeList(token.data, depth + 1, token.name === "has", tally)
        : null;
    }
    case SelectorType.Parent:
      // `<`, which is css-what's own and no CSS.
      break;
  }
  return "this combinator is not supported";
}

function judgeList(
  list: readonly (readonly Selector[])[],
  depth: number,
  mayBeRelative: boolean,
  tally: Tally,
): string | null {
  if (depth > MAX_NESTING) return `pseudo-classes nested more than ${MAX_NESTING} deep`;
  if (list.length > MAX_ALTERNATIVES) return `more than ${MAX_ALTERNATIVES} alternatives`;
  for (const tokens of list) {
    const startsWithCombinator = COMBINATORS.has(tokens[0]?.type ?? "");
    if (startsWithCombinator && depth === 0) tally.isRelative = true;
    if (startsWithCombinator && !mayBeRelative) return "a combinator stands at its beginning";
    if (COMBINATORS.has(tokens.at(-1)?.type ?? "")) return "a combinator stands at its end";
    if (tokens.filter(({ type }) => !COMBINATORS.has(type)).length > MAX_COMPOUNDS) {
      return `more than ${MAX_COMPOUNDS} conditions in a row`;
    }
    for (const token of tokens) {
      const reason = judgeToken(token, depth, tally);
      if (reason !== null) return reason;
    }
  }
  return null;
}

/** The message of a parser's fault, short and on one line: it quotes the selector. */
const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : "it cannot be read")
    .replaceAll(/\s+/g, " ")
    .slice(0, 200);

/**
 * Judges one CSS selector, without a page. The reason of a refusal is for people, in English.
 * `mayBeRelative` lets it begin with a combinator, as in a field of a matched element.
 */
export function validateSelector(
  selector: string,
  mayBeRelative = false,
): Result<CheckedSelector, string> {
  if (selector.length > MAX_SELECTOR_LENGTH) return err(`longer than ${MAX_SELECTOR_LENGTH}`);
  if (selector.trim() === "") return err("it is empty");
  try {
    const list = parse(selector);
    if (list.length === 0) return err("it is empty");
    const tally: Tally = { tokens: 0, combinators: 0, has: 0, needle: 1, isRelative: false };
    const reason = judgeList(list, 0, mayBeRelative, tally);
    if (reason !== null) return err(reason);
    // Compiling finds what only css-select knows, such as a malformed `an+b`.
    compile(selector);
    return ok({ source: selector, needleLength: tally.needle, isRelative: tally.isRelative });
  } catch (error) {
    return err(messageOf(error));
  }
}
