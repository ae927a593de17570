import { CONSTANT_NAMES, FUNCTION_NAMES } from "./calculator-names";

/**
 * What people write around and in an expression, in the form that the parser knows. Nothing is guessed: what is left over as words makes the
 * expression one that is refused.
 */
const AROUND: readonly RegExp[] = [
  /^(?:please\s+)?(?:what(?:'s| is)|calculate|compute|evaluate|how much is|find the value of)\s+/i,
  /\s*(?:=|\?|\.|(?:은|는|이|가|을|를)?\s*(?:얼마|몇)(?:인가요|입니까|이야|야|예요|이에요|일까|지)?\s*\??|(?:을|를)?\s*(?:계산|구)해\s*(?:줘|주세요|줘요|봐)?\.?)\s*$/,
];

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/(\d(?:[\d.]*))\s*의\s*(\d(?:[\d.]*))\s*(?:%|퍼센트)/g, "(($1)*($2)/100)"],
  [/%\s*of\s+|\s*percent of\s+/gi, "/100*"],
  [/\s+plus\s+|\s*더하기\s*/gi, "+"],
  [/\s+minus\s+|\s*빼기\s*/gi, "-"],
  [/\s+times\s+|\s+multiplied by\s+|\s*곱하기\s*/gi, "*"],
  [/\s+divided by\s+|\s*나누기\s*/gi, "/"],
  [/\s+to the power of\s+/gi, "^"],
  [/\s+squared\b/gi, "^2"],
  [/\s+cubed\b/gi, "^3"],
  [/[×·✕]/g, "*"],
  [/÷/g, "/"],
  [/[−–]/g, "-"],
  [/²/g, "^2"],
  [/³/g, "^3"],
  [/√\s*(\d+(?:\.\d+)?|\([^()]*\))/g, "sqrt($1)"],
  [/π/g, " pi "],
  [/≤/g, "<="],
  [/≥/g, ">="],
  [/≠/g, "!="],
  [/\*\*/g, "^"],
];

/** An expression as it was asked for, in one spelling. */
export function normaliseExpression(asked: string): string {
  let text = asked.normalize("NFC").trim();
  for (const pattern of AROUND) text = text.replace(pattern, "");
  // Thousands, where a comma can't part arguments.
  if (!/[a-z가-힣]/i.test(text))
    text = text.replace(/\d{1,3}(?:,\d{3})+(?!\d)/g, (digits) => digits.replaceAll(",", ""));
  for (const [pattern, replacement] of WORDS) text = text.replaceAll(pattern, replacement);
  return text.trim();
}

const NAMES: ReadonlySet<string> = new Set([
  ...FUNCTION_NAMES,
  ...CONSTANT_NAMES,
  "mod",
  "true",
  "false",
]);

/**
 * Whether a text is written as an expression: digits or constants, operators, and no name but those that are known or given a value in it.
 * What is none is a question in words.
 */
export function isArithmetic(asked: string): boolean {
  const text = normaliseExpression(asked);
  if (!/^[\w\s.+\-*/^%!(),;=<>]+$/.test(text)) return false;
  const given = new Set(
    [...text.matchAll(/(?:^|[;\n])\s*([A-Za-z_]\w*)\s*=(?!=)/g)].map(([, name]) => name),
  );
  const names =
    text
      .replaceAll(/(?<![\w.])(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/g, " ")
      .match(/[A-Za-z_]\w*/g) ?? [];
  return /\d|\bpi\b|\be\b/.test(text) && names.every((name) => NAMES.has(name) || given.has(name));
}
