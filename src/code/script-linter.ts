/** ESLint over a tree that is already parsed. */
import { Linter } from "eslint/universal";
// Its rules alone: the plugin's entry reads its own package.json from a disk that is not there.
import unsanitizedMethod from "eslint-plugin-no-unsanitized/lib/rules/method.js";
import unsanitizedProperty from "eslint-plugin-no-unsanitized/lib/rules/property.js";
import security from "eslint-plugin-security";
import { SCRIPT_GLOBALS } from "./core/script-globals";
import { scriptRules, scriptSeverity } from "./core/script-rules";
import type { Check } from "./core/checks";
import type { Fix, Issue } from "./core/issue";
import type { CodeLanguage } from "./core/language";
import { lineStarts, placeOf } from "./core/places";
import { parseScript } from "./script-parser";

const linter = new Linter();
const UNSANITIZED = { rules: { method: unsanitizedMethod, property: unsanitizedProperty } };

/** What parser and linter say of a script. Throws where it nests deeper than they can follow. */
export function lintScript(
  code: string,
  language: Exclude<CodeLanguage, "python">,
  check: Check,
): readonly Issue[] {
  const parsed = parseScript(code, language);
  if (!parsed.ok) return parsed.issues;
  const rules = scriptRules(check, language);
  if (rules === null) return [];
  const messages = linter.verify(code, {
    files: ["**"],
    languageOptions: {
      ecmaVersion: "latest",
      sourceType: parsed.isModule ? "module" : "script",
      globals: SCRIPT_GLOBALS,
      parserOptions: { ecmaFeatures: { jsx: true } },
      parser: { parseForESLint: () => parsed.tree },
    },
    // Comments in the code neither switch rules off nor give them options: the code may not be the caller's own.
    linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: "off" },
    plugins: { security, "no-unsanitized": UNSANITIZED },
    rules,
  });
  const starts = lineStarts(code);
  return messages.map((message): Issue => {
    const rule = message.ruleId ?? "invalid-syntax";
    return {
      line: message.line,
      column: message.column,
      end_line: message.endLine ?? message.line,
      end_column: message.endColumn ?? message.column,
      severity: message.fatal === true ? "error" : scriptSeverity(rule),
      rule,
      message: message.message,
      fix: message.fix === undefined ? null : toFix(message.fix, starts),
    };
  });
}

function toFix(fix: NonNullable<Linter.LintMessage["fix"]>, starts: readonly number[]): Fix {
  const from = placeOf(fix.range[0], starts);
  const to = placeOf(fix.range[1], starts);
  const { line, column } = from;
  return {
    message: null,
    edits: [{ line, column, end_line: to.line, end_column: to.column, text: fix.text }],
  };
}
