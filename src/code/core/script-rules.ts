import type { CodeLanguage } from "./language";
import type { Check } from "./checks";
import { words } from "./words";
import type { Severity } from "./issue";

/** A rule of ESLint or of one of its plugins, with its options. */
type Rule = readonly [name: string, ...options: unknown[]];
type RuleSet = readonly (string | Rule)[];

/** What is wrong whenever it runs. */
const ERRORS: RuleSet = [
  ...words(`
    constructor-super for-direction getter-return no-class-assign no-const-assign
    no-dupe-class-members no-dupe-keys no-func-assign no-import-assign no-invalid-regexp
    no-new-native-nonconstructor no-obj-calls no-setter-return no-this-before-super
    no-unsafe-negation use-isnan valid-typeof
  `),
];

const PROBLEMS: RuleSet = [
  ...words(`
    array-callback-return no-async-promise-executor no-case-declarations no-compare-neg-zero
    no-cond-assign no-constant-binary-expression no-constant-condition no-debugger no-delete-var
    no-dupe-else-if no-duplicate-case no-empty no-empty-character-class no-empty-pattern
    no-ex-assign no-fallthrough no-global-assign no-irregular-whitespace no-loss-of-precision
    no-misleading-character-class no-promise-executor-return no-prototype-builtins no-redeclare
    no-self-assign no-self-compare no-shadow-restricted-names no-sparse-arrays
    no-template-curly-in-string no-undef no-unmodified-loop-condition no-unreachable
    no-unreachable-loop no-unsafe-finally no-unsafe-optional-chaining no-unused-labels
    no-unused-private-class-members no-useless-backreference no-useless-catch no-with
    require-atomic-updates require-yield
  `),
  ["eqeqeq", "always", { null: "ignore" }],
  ["no-unused-vars", { argsIgnorePattern: "^_", varsIgnorePattern: "^_", caughtErrors: "none" }],
];

const TASTE: RuleSet = [
  ...words(`
    dot-notation no-array-constructor no-else-return no-extra-boolean-cast no-lonely-if
    no-multi-assign no-multi-str no-nested-ternary no-object-constructor no-regex-spaces
    no-undef-init no-unneeded-ternary no-useless-computed-key no-useless-concat
    no-useless-constructor no-useless-escape no-useless-rename no-useless-return no-var
    object-shorthand operator-assignment prefer-arrow-callback prefer-const
    prefer-exponentiation-operator prefer-numeric-literals prefer-object-spread
    prefer-rest-params prefer-spread prefer-template symbol-description yoda
  `),
  ["camelcase", { properties: "never" }],
  ["curly", "multi-line"],
];

/** What lets somebody else's data run or reach an interpreter. */
const DANGEROUS: RuleSet = [
  ...words(`
    no-eval no-implied-eval no-new-func no-script-url security/detect-eval-with-expression
    security/detect-child-process security/detect-bidi-characters no-unsanitized/method
    no-unsanitized/property
  `),
];

const RISKS: RuleSet = [
  ...words(`
    no-caller no-extend-native no-proto no-control-regex security/detect-buffer-noassert
    security/detect-disable-mustache-escape security/detect-new-buffer
    security/detect-no-csrf-before-method-override security/detect-non-literal-fs-filename
    security/detect-non-literal-regexp security/detect-non-literal-require
    security/detect-possible-timing-attacks security/detect-pseudoRandomBytes
    security/detect-unsafe-regex security/detect-invisible-characters
  `),
];

const SLOW: RuleSet = [
  ...words(`
    no-await-in-loop no-extra-bind no-loop-func no-useless-call no-useless-concat
    no-useless-catch no-object-constructor no-new-wrappers prefer-regex-literals
    no-unreachable-loop security/detect-unsafe-regex
  `),
];

const COMPLEX: RuleSet = [
  ["complexity", 10],
  ["max-depth", 4],
  ["max-params", 5],
  ["max-nested-callbacks", 3],
  ["max-statements", 30],
  ["max-lines-per-function", { max: 60, skipBlankLines: true, skipComments: true }],
  "no-nested-ternary",
  "no-lonely-if",
  "no-else-return",
];

const SELECTED: Readonly<Record<Exclude<Check, "syntax">, readonly RuleSet[]>> = {
  style: [ERRORS, PROBLEMS, TASTE],
  security: [ERRORS, DANGEROUS, RISKS],
  all: [ERRORS, PROBLEMS, TASTE, DANGEROUS, RISKS],
  performance: [ERRORS, SLOW],
  complexity: [ERRORS, COMPLEX],
  quality: [ERRORS, PROBLEMS, TASTE, COMPLEX],
};

/** What the compiler of TypeScript says better, or what its declarations break in rules made for JavaScript. */
const NOT_FOR_TYPESCRIPT = new Set(
  words(`
    no-undef no-redeclare no-dupe-class-members no-useless-constructor constructor-super
    getter-return no-unused-private-class-members
  `),
);

const nameOf = (rule: string | Rule): string => (typeof rule === "string" ? rule : rule[0]);

/** ESLint's `rules` for a check; null where parsing is all of it. */
export function scriptRules(
  check: Check,
  language: CodeLanguage,
): Record<string, ["error", ...unknown[]]> | null {
  if (check === "syntax") return null;
  const rules: Record<string, ["error", ...unknown[]]> = {};
  for (const rule of SELECTED[check].flat()) {
    const name = nameOf(rule);
    if (language === "typescript" && NOT_FOR_TYPESCRIPT.has(name)) continue;
    rules[name] = ["error", ...(typeof rule === "string" ? [] : rule.slice(1))];
  }
  if (language === "typescript" && rules["no-unused-vars"] !== undefined)
    // Parameters of overloads, signatures and parameter properties are all for somebody else to read.
    rules["no-unused-vars"] = [
      "error",
      { args: "none", varsIgnorePattern: "^_", caughtErrors: "none" },
    ];
  return rules;
}

const GRAVE = new Set([...ERRORS, ...DANGEROUS].map(nameOf));
const LIGHT = new Set(TASTE.map(nameOf));

/** How grave a finding is: an error where the code fails whenever it runs or somebody else's data could run. */
export const scriptSeverity = (rule: string): Severity =>
  GRAVE.has(rule) ? "error" : LIGHT.has(rule) ? "info" : "warning";
