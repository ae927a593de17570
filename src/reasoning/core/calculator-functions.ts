import { Fraction } from "fraction.js";
import { err, ok } from "#platform/result";
import type { ConstantName, FunctionName } from "./calculator-names";
import type { Calculated, Quantity } from "./quantity";
import {
  combine,
  divide,
  exact,
  factorial,
  modulo,
  power,
  real,
  Rounded,
  toDecimal,
  wholeOf,
} from "./quantity";

type Arguments = readonly [Quantity, ...Quantity[]];
interface FunctionDefinition {
  readonly least: number;
  readonly most: number;
  readonly apply: (args: Arguments, name: string) => Calculated;
}

const MANY = 100;
const wrong = (name: string): Calculated => err({ reason: "wrong_arguments", name });
const one = (apply: (value: Quantity) => Calculated): FunctionDefinition => ({
  least: 1,
  most: 1,
  apply: ([value]) => apply(value),
});
const two = (apply: (a: Quantity, b: Quantity) => Calculated): FunctionDefinition => ({
  least: 2,
  most: 2,
  apply: ([a, b], name) => (b === undefined ? wrong(name) : apply(a, b)),
});

const roundTo = (direction: "floor" | "ceil" | "round"): FunctionDefinition =>
  one((value) =>
    value.kind === "exact"
      ? ok({ kind: "exact", value: value.value[direction]() })
      : ok(exact(value.value[direction]().toFixed(0))),
  );

const compare = (a: Quantity, b: Quantity): number =>
  a.kind === "exact" && b.kind === "exact"
    ? a.value.compare(b.value)
    : toDecimal(a).comparedTo(toDecimal(b));

const choose = (isBetter: (order: number) => boolean): FunctionDefinition => ({
  least: 1,
  most: MANY,
  apply: (args) =>
    ok(args.reduce((best, value) => (isBetter(compare(value, best)) ? value : best))),
});

const ofWholes = (apply: (a: bigint, b: bigint) => bigint): FunctionDefinition => ({
  least: 2,
  most: MANY,
  apply: ([first, ...rest], name) => {
    let result = wholeOf(first);
    for (const value of rest) {
      const next = wholeOf(value);
      if (result === null || next === null) return wrong(name);
      result = apply(result, next);
    }
    return result === null ? wrong(name) : ok(exact(result));
  },
});

const gcd = (a: bigint, b: bigint): bigint => {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y > 0n) [x, y] = [y, x % y];
  return x;
};
const lcm = (a: bigint, b: bigint): bigint => {
  const divisor = gcd(a, b);
  const product = divisor === 0n ? 0n : (a / divisor) * b;
  return product < 0n ? -product : product;
};

function total(args: Arguments): Calculated {
  let sum: Calculated = ok(exact(0));
  for (const value of args) if (sum.ok) sum = combine("add", sum.value, value);
  return sum;
}

/** The number of ways to take k of n: with the order (permutations) or without it. */
const ways = (isOrdered: boolean): FunctionDefinition => ({
  least: 2,
  most: 2,
  apply: ([total, taken], name) => {
    const n = wholeOf(total);
    const k = taken === undefined ? null : wholeOf(taken);
    if (n === null || k === null || n < 0n || k < 0n || k > n) return wrong(name);
    if (n > 1_000n) return err({ reason: "too_large" });
    let count = 1n;
    for (let i = 0n; i < k; i++) count *= n - i;
    if (!isOrdered) for (let i = 2n; i <= k; i++) count /= i;
    return ok(exact(count));
  },
});

const log: FunctionDefinition = {
  least: 1,
  most: 2,
  apply: ([value, base]) => {
    if (!toDecimal(value).gt(0) || (base !== undefined && !toDecimal(base).gt(0)))
      return err({ reason: "undefined" });
    if (base === undefined) return real("ln", value);
    const whole = wholeOf(base);
    if (whole === 10n) return real("log10", value);
    if (whole === 2n) return real("log2", value);
    const [a, b] = [real("ln", value), real("ln", base)];
    return a.ok && b.ok ? divide(a.value, b.value) : a;
  },
};
const positive = (name: "ln" | "log10" | "log2"): FunctionDefinition =>
  one((value) => (toDecimal(value).gt(0) ? real(name, value) : err({ reason: "undefined" })));

/** Every function that an expression may call. Angles are in radians; `log` is the natural logarithm unless a base is given. */
const FUNCTIONS: Readonly<Record<FunctionName, FunctionDefinition>> = {
  abs: one((value) =>
    ok(
      value.kind === "exact"
        ? { kind: "exact", value: value.value.abs() }
        : { kind: "rounded", value: value.value.abs() },
    ),
  ),
  sqrt: one((value) => power(value, { kind: "exact", value: new Fraction(1, 2) })),
  cbrt: one((value) => real("cbrt", value)),
  exp: one((value) => real("exp", value)),
  ln: positive("ln"),
  log,
  log10: positive("log10"),
  log2: positive("log2"),
  sin: one((value) => real("sin", value)),
  cos: one((value) => real("cos", value)),
  tan: one((value) => real("tan", value)),
  asin: one((value) => real("asin", value)),
  acos: one((value) => real("acos", value)),
  atan: one((value) => real("atan", value)),
  floor: roundTo("floor"),
  ceil: roundTo("ceil"),
  round: roundTo("round"),
  min: choose((order) => order < 0),
  max: choose((order) => order > 0),
  sum: { least: 1, most: MANY, apply: total },
  mean: { least: 1, most: MANY, apply: mean },
  average: { least: 1, most: MANY, apply: mean },
  gcd: ofWholes(gcd),
  lcm: ofWholes(lcm),
  mod: two(modulo),
  pow: two(power),
  factorial: one(factorial),
  combinations: ways(false),
  permutations: ways(true),
};

function mean(args: Arguments): Calculated {
  const sum = total(args);
  return sum.ok ? divide(sum.value, exact(args.length)) : sum;
}

const CONSTANTS: Readonly<Record<ConstantName, Quantity>> = {
  pi: { kind: "rounded", value: Rounded.acos(-1) },
  e: { kind: "rounded", value: Rounded.exp(1) },
};

/** A function or constant by its name, and never by one that an object has of itself. */
export const functionOf = (name: string): FunctionDefinition | null =>
  Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name as FunctionName] : null;
export const constantOf = (name: string): Quantity | null =>
  Object.hasOwn(CONSTANTS, name) ? CONSTANTS[name as ConstantName] : null;

export { compare };
