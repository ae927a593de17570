/** What an expression may call. Told apart from what they do, which takes libraries that not every Worker carries. */
export const FUNCTION_NAMES = [
  "abs",
  "sqrt",
  "cbrt",
  "exp",
  "ln",
  "log",
  "log10",
  "log2",
  "sin",
  "cos",
  "tan",
  "asin",
  "acos",
  "atan",
  "floor",
  "ceil",
  "round",
  "min",
  "max",
  "sum",
  "mean",
  "average",
  "gcd",
  "lcm",
  "mod",
  "pow",
  "factorial",
  "combinations",
  "permutations",
] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];

export const CONSTANT_NAMES = ["pi", "e"] as const;
export type ConstantName = (typeof CONSTANT_NAMES)[number];
