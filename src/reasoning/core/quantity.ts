import { Decimal } from "decimal.js";
import { Fraction } from "fraction.js";
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";

/** A number as it is known: exactly, as a fraction of whole numbers, or rounded, where no fraction is equal to it. */
export type Quantity =
  | { readonly kind: "exact"; readonly value: Fraction }
  | { readonly kind: "rounded"; readonly value: Decimal };

export type MathFault =
  /** The text is no expression, or holds something that is no arithmetic. */
  | { readonly reason: "not_arithmetic" }
  | { readonly reason: "unknown_name" | "not_offered" | "wrong_arguments"; readonly name: string }
  | { readonly reason: "division_by_zero" | "undefined" | "too_large" | "too_long" };

/** Bits of a numerator or denominator: about 3,600 digits. Nothing is computed whose result would be beyond. */
export const MAX_BITS = 12_000;
const MAX_FACTORIAL = 1_000;
/** Arguments beyond which a rounded function would need more digits than it has. */
const MAX_ANGLE = 1e9;

/** 40 digits are computed and 30 shown. Beyond ten thousand places before or after the point a number counts as too large. */
export const Rounded = Decimal.clone({ precision: 40, maxE: 10_000, minE: -10_000 });

export const exact = (value: Fraction | bigint | number | string): Quantity => ({
  kind: "exact",
  value: new Fraction(value),
});

const bitsOf = (value: bigint): number => value.toString(16).length * 4;
const sizeOf = (value: Fraction): number => Math.max(bitsOf(value.n), bitsOf(value.d));

export const toDecimal = (quantity: Quantity): Decimal =>
  quantity.kind === "rounded"
    ? quantity.value
    : new Rounded(quantity.value.n.toString())
        .div(quantity.value.d.toString())
        .mul(quantity.value.s < 0n ? -1 : 1);

export type Calculated = Result<Quantity, MathFault>;

export function checked(quantity: Quantity): Calculated {
  if (quantity.kind === "exact")
    return sizeOf(quantity.value) > MAX_BITS ? err({ reason: "too_large" }) : ok(quantity);
  if (quantity.value.isNaN()) return err({ reason: "undefined" });
  return quantity.value.isFinite() ? ok(quantity) : err({ reason: "too_large" });
}

export const rounded = (value: Decimal): Calculated => checked({ kind: "rounded", value });

/** A whole number that is known exactly, or null. */
export const wholeOf = (quantity: Quantity): bigint | null =>
  quantity.kind === "exact" && quantity.value.d === 1n ? quantity.value.s * quantity.value.n : null;

type Basic = "add" | "sub" | "mul";

/** Sum, difference or product: exact where both are. */
export const combine = (operation: Basic, a: Quantity, b: Quantity): Calculated =>
  a.kind === "exact" && b.kind === "exact"
    ? checked({ kind: "exact", value: a.value[operation](b.value) })
    : rounded(toDecimal(a)[operation](toDecimal(b)));

export function divide(a: Quantity, b: Quantity): Calculated {
  if (toDecimal(b).isZero()) return err({ reason: "division_by_zero" });
  return a.kind === "exact" && b.kind === "exact"
    ? checked({ kind: "exact", value: a.value.div(b.value) })
    : rounded(toDecimal(a).div(toDecimal(b)));
}

/** What is left of a division; it has the sign of the divisor. */
export function modulo(a: Quantity, b: Quantity): Calculated {
  if (a.kind !== "exact" || b.kind !== "exact")
    return err({ reason: "wrong_arguments", name: "mod" });
  if (b.value.equals(0)) return err({ reason: "division_by_zero" });
  return checked({
    kind: "exact",
    value: a.value.sub(b.value.mul(a.value.div(b.value).floor())),
  });
}

/** A power: exact for whole exponents and for roots that come out even. Its size is known, and refused, before it is computed. */
export function power(base: Quantity, exponent: Quantity): Calculated {
  const whole = wholeOf(exponent);
  if (base.kind === "exact" && whole !== null) {
    if (base.value.equals(0) && whole < 0n) return err({ reason: "division_by_zero" });
    const magnitude = whole < 0n ? -whole : whole;
    // Of 0, 1 and -1 every power is small.
    const isUnit = base.value.n <= 1n && base.value.d === 1n;
    if (magnitude === 0n) return ok(exact(1));
    if (isUnit) return ok(exact(base.value.s < 0n && magnitude % 2n === 1n ? -1 : base.value.n));
    if (magnitude * BigInt(sizeOf(base.value) - 3) > BigInt(MAX_BITS))
      return err({ reason: "too_large" });
    return checked({ kind: "exact", value: base.value.pow(Number(whole)) ?? new Fraction(0) });
  }
  if (base.kind === "exact" && exponent.kind === "exact" && exponent.value.d === 2n) {
    const root = rootOf(base.value);
    if (root !== null)
      return power({ kind: "exact", value: root }, exact(exponent.value.s * exponent.value.n));
  }
  const value = toDecimal(base);
  if (value.isNegative() && !value.isZero()) return err({ reason: "undefined" });
  return rounded(value.pow(toDecimal(exponent)));
}

/** The square root, where it is a fraction itself. */
function rootOf(value: Fraction): Fraction | null {
  if (value.s < 0n) return null;
  const [n, d] = [wholeRoot(value.n), wholeRoot(value.d)];
  return n === null || d === null ? null : new Fraction(n, d);
}

function wholeRoot(value: bigint): bigint | null {
  // Newton's method from above, over whole numbers.
  let root = 1n << BigInt(Math.ceil(bitsOf(value) / 2) + 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root * root === value ? root : null;
    root = next;
  }
}

export function factorial(quantity: Quantity): Calculated {
  const n = wholeOf(quantity);
  if (n === null || n < 0n) return err({ reason: "wrong_arguments", name: "factorial" });
  if (n > BigInt(MAX_FACTORIAL)) return err({ reason: "too_large" });
  let product = 1n;
  for (let factor = 2n; factor <= n; factor++) product *= factor;
  return checked(exact(product));
}

/** A function of real numbers, rounded, with what it is exactly where that is known. */
export function real(
  name: "exp" | "ln" | "log10" | "log2" | "sin" | "cos" | "tan" | "asin" | "acos" | "atan" | "cbrt",
  quantity: Quantity,
): Calculated {
  const value = toDecimal(quantity);
  if (value.isZero() && (name === "sin" || name === "tan" || name === "atan" || name === "asin"))
    return ok(exact(0));
  if (value.isZero() && (name === "cos" || name === "exp")) return ok(exact(1));
  if (value.abs().gt(MAX_ANGLE) && name !== "cbrt" && !name.startsWith("l"))
    return err({ reason: "too_large" });
  const result = name === "log10" ? value.log(10) : name === "log2" ? value.log(2) : value[name]();
  const nearest = result.round();
  // A logarithm or root that is a whole number is checked backwards: 3 is log10(1000) and not almost.
  if ((name === "log10" || name === "log2" || name === "cbrt") && nearest.abs().lt(MAX_BITS)) {
    const back =
      name === "cbrt"
        ? power(exact(nearest.toFixed(0)), exact(3))
        : power(exact(name === "log2" ? 2 : 10), exact(nearest.toFixed(0)));
    if (back.ok && quantity.kind === "exact" && back.value.kind === "exact")
      if (back.value.value.equals(quantity.value)) return ok(exact(nearest.toFixed(0)));
  }
  return rounded(result);
}
