import { create, parseDependencies } from "mathjs/number";
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";
import { compare, constantOf, functionOf } from "./calculator-functions";
import { normaliseExpression } from "./expression-text";
import { combine, divide, exact, factorial, modulo, power, toDecimal } from "./quantity";
import type { MathFault, Quantity } from "./quantity";

export const MAX_EXPRESSION_CHARS = 2_000;
const MAX_STEPS = 50;
const MAX_VARIABLES = 50;

// Of the library only its parser is here: it makes a tree, and what the tree may do is decided below, node by node.
const { parse } = create({ ...parseDependencies }) as unknown as {
  parse: (text: string) => Node;
};

type Value = Quantity | boolean;
type Evaluated = Result<Value, MathFault>;

export interface Calculation {
  readonly conclusion: string;
  readonly steps: readonly string[];
  /** Whether every number on the way was known exactly. */
  readonly isExact: boolean;
}

/** The parts of the parser's nodes that are read here. */
interface Node {
  readonly type: string;
  readonly fn?: string | { readonly name?: string };
  readonly op?: string;
  readonly args?: readonly Node[];
  readonly content?: Node;
  readonly name?: string;
  readonly value?: unknown;
  readonly object?: Node;
  readonly index?: unknown;
  readonly blocks?: readonly { readonly node: Node }[];
}

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  smaller: (order) => order < 0,
  smallerEq: (order) => order <= 0,
  larger: (order) => order > 0,
  largerEq: (order) => order >= 0,
  equal: (order) => order === 0,
  unequal: (order) => order !== 0,
};

/**
 * The value of an expression, exactly where it has one: fractions of whole numbers of any size up to a cap, and 40 digits where there is no
 * fraction. One operation costs what its operands' size bounds, and an expression has no loops, so that its length bounds them all.
 */
export function calculate(asked: string): Result<Calculation, MathFault> {
  if (asked.length > MAX_EXPRESSION_CHARS) return err({ reason: "too_long" });
  const normal = normaliseExpression(asked);
  // Our own names for numbers are nobody else's.
  const taken = /\bn_\d+/.exec(normal)?.[0];
  if (taken !== undefined) return err({ reason: "unknown_name", name: taken });
  const literals: string[] = [];
  // Numbers go around the parser, which would read them with the precision of a double.
  const text = normal.replaceAll(
    /(?<![\w.])(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,6}(?![\d.]))?/g,
    (literal) => `(n_${literals.push(literal) - 1})`,
  );
  try {
    const tree = parsed(text);
    return tree === null ? err({ reason: "not_arithmetic" }) : evaluateAll(tree, literals);
  } catch (error) {
    // Brackets within brackets, deeper than the stack.
    if (error instanceof RangeError) return err({ reason: "too_long" });
    throw error;
  }
}

function parsed(text: string): Node | null {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function evaluateAll(tree: Node, literals: readonly string[]): Result<Calculation, MathFault> {
  const variables = new Map<string, Value>();
  const steps: string[] = [];
  let isExact = true;

  const note = (text: () => string, result: Evaluated): Evaluated => {
    if (result.ok && typeof result.value !== "boolean" && result.value.kind === "rounded")
      isExact = false;
    if (result.ok && steps.length < MAX_STEPS)
      steps.push(`${text()} ${signOf(result.value)} ${written(result.value)}`);
    return result;
  };

  function evaluate(node: Node): Evaluated {
    switch (node.type) {
      case "ParenthesisNode":
        return node.content ? evaluate(node.content) : err({ reason: "not_arithmetic" });
      case "ConstantNode":
        // The hundred of a percentage, and nothing that was written: that went around the parser.
        if (typeof node.value === "boolean") return ok(node.value);
        return node.value === 100 ? ok(exact(100)) : err({ reason: "not_arithmetic" });
      case "SymbolNode":
        return lookUp(node.name ?? "");
      case "OperatorNode":
        return operate(node);
      case "FunctionNode":
        return call(node);
      case "AssignmentNode":
        return assign(node);
      default:
        return err({ reason: "not_arithmetic" });
    }
  }

  function lookUp(name: string): Evaluated {
    const literal = /^n_(\d+)$/.exec(name)?.[1];
    if (literal !== undefined) return read(literals[Number(literal)] ?? "");
    const variable = variables.get(name);
    if (variable !== undefined) return ok(variable);
    const constant = constantOf(name);
    return constant === null ? err({ reason: "unknown_name", name }) : ok(constant);
  }

  function read(literal: string): Evaluated {
    // Ten to the power of a thousand is a thousand digits: the cap is the same as of any other result.
    const exponent = Number(/e([+-]?\d+)$/i.exec(literal)?.[1] ?? 0);
    if (Math.abs(exponent) > 3_000) return err({ reason: "too_large" });
    const [digits = "0"] = literal.split(/e/i);
    const scale = power(exact(10), exact(exponent));
    return scale.ok ? combine("mul", exact(digits.replace(/\.$/, "")), scale.value) : scale;
  }

  function operandsOf(node: Node): Result<Quantity[], MathFault> {
    const values: Quantity[] = [];
    for (const argument of node.args ?? []) {
      const value = evaluate(argument);
      if (!value.ok) return value;
      if (typeof value.value === "boolean") return err({ reason: "not_arithmetic" });
      values.push(value.value);
    }
    return ok(values);
  }

  function operate(node: Node): Evaluated {
    const operands = operandsOf(node);
    if (!operands.ok) return operands;
    const [a, b] = operands.value;
    const name = typeof node.fn === "string" ? node.fn : "";
    if (a === undefined) return err({ reason: "not_arithmetic" });
    if (b === undefined) {
      if (name === "unaryPlus") return ok(a);
      if (name === "unaryMinus") return combine("mul", exact(-1), a);
      return name === "factorial"
        ? note(() => `${grouped(a)}!`, factorial(a))
        : err({ reason: "not_offered", name: node.op ?? name });
    }
    const text = (): string => `${grouped(a)} ${node.op ?? ""} ${grouped(b)}`;
    const isTrue = Object.hasOwn(COMPARISONS, name) ? COMPARISONS[name] : undefined;
    if (isTrue) return note(text, ok(isTrue(compare(a, b))));
    switch (name) {
      case "add":
        return note(text, combine("add", a, b));
      case "subtract":
        return note(text, combine("sub", a, b));
      case "multiply":
        return note(text, combine("mul", a, b));
      case "divide":
        return note(text, divide(a, b));
      case "mod":
        return note(() => `${grouped(a)} mod ${grouped(b)}`, modulo(a, b));
      case "pow":
        return note(text, power(a, b));
      default:
        return err({ reason: "not_offered", name: node.op ?? name });
    }
  }

  function call(node: Node): Evaluated {
    const name = typeof node.fn === "object" ? (node.fn.name ?? "") : (node.name ?? "");
    // A number before a bracket: 2(3 + 4).
    if (/^n_\d+$/.test(name)) return err({ reason: "not_arithmetic" });
    const definition = functionOf(name);
    if (definition === null) return err({ reason: "unknown_name", name });
    const operands = operandsOf(node);
    if (!operands.ok) return operands;
    const [first, ...rest] = operands.value;
    const count = operands.value.length;
    if (first === undefined || count < definition.least || count > definition.most)
      return err({ reason: "wrong_arguments", name });
    return note(
      () => `${name}(${operands.value.map(written).join(", ")})`,
      definition.apply([first, ...rest], name),
    );
  }

  function assign(node: Node): Evaluated {
    const name = node.object?.name;
    const { value } = node as { readonly value?: Node };
    if (name === undefined || node.index !== null || value === undefined || /^n_\d+$/.test(name))
      return err({ reason: "not_arithmetic" });
    if (variables.size >= MAX_VARIABLES) return err({ reason: "too_long" });
    const result = evaluate(value);
    if (!result.ok) return result;
    variables.set(name, result.value);
    if (steps.length < MAX_STEPS)
      steps.push(`${name} ${signOf(result.value)} ${written(result.value)}`);
    return result;
  }

  const nodes = tree.type === "BlockNode" ? (tree.blocks ?? []).map(({ node }) => node) : [tree];
  let last: Evaluated = err({ reason: "not_arithmetic" });
  for (const node of nodes) {
    last = evaluate(node);
    if (!last.ok) return last;
  }
  if (!last.ok) return last;
  return ok({ conclusion: conclude(last.value), steps, isExact });
}

const signOf = (value: Value): string =>
  typeof value !== "boolean" && value.kind === "rounded" ? "≈" : "=";

const SHOWN_DIGITS = 30;

/** A value in one line: a whole number, a decimal fraction that ends, a fraction, or rounded digits. */
function written(value: Value): string {
  if (typeof value === "boolean") return String(value);
  if (value.kind === "rounded") return value.value.toSignificantDigits(SHOWN_DIGITS).toString();
  const { s, n, d } = value.value;
  const sign = s < 0n ? "-" : "";
  if (d === 1n) return `${sign}${n}`;
  return endingDecimal(value) ?? `${sign}${n}/${d}`;
}

/** In an operand's place: a fraction or a negative number stands in brackets. */
const grouped = (value: Quantity): string => {
  const text = written(value);
  return /^-|\//.test(text) ? `(${text})` : text;
};

/** The decimal fraction that is equal to it, if it ends within the digits that are shown. */
function endingDecimal(value: Quantity): string | null {
  if (value.kind !== "exact") return null;
  let rest = value.value.d;
  for (const prime of [2n, 5n]) while (rest % prime === 0n) rest /= prime;
  if (rest !== 1n) return null;
  const decimal = toDecimal(value);
  return decimal.precision() <= SHOWN_DIGITS ? decimal.toFixed() : null;
}

function conclude(value: Value): string {
  const text = written(value);
  if (typeof value === "boolean") return text;
  if (value.kind === "rounded") return `≈ ${text}`;
  return text.includes("/")
    ? `${text} ≈ ${toDecimal(value).toSignificantDigits(15).toString()}`
    : text;
}
