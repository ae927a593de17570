/** JavaScript and TypeScript through one parser, Babel's, in the tree and the tokens that ESLint works on. */
import { parse } from "@babel/parser";
import type { ParseError, ParserOptions } from "@babel/parser";
import { analyze, ScopeType } from "@typescript-eslint/scope-manager";
import { visitorKeys } from "@typescript-eslint/visitor-keys";
import type { Linter } from "eslint";
import type { Issue } from "./core/issue";
import { SYNTAX_RULE } from "./core/issue";
import type { CodeLanguage } from "./core/language";
import { toComments, toTokens } from "./script-tokens";

export type ScriptTree = Linter.ESLintParseResult;

export type Parsed =
  | { readonly ok: true; readonly tree: ScriptTree; readonly isModule: boolean }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** Which dialects a language is tried in. `<T>x` is a cast in one of TypeScript's and an element in the other. */
const DIALECTS: Readonly<
  Record<Exclude<CodeLanguage, "python">, readonly NonNullable<ParserOptions["plugins"]>[]>
> = {
  javascript: [["estree", "jsx", "decorators"]],
  typescript: [
    ["estree", "typescript", "decorators"],
    ["estree", "typescript", "jsx", "decorators"],
  ],
};

/**
 * The tree of a script, or everything that keeps it from being one. Throws RangeError where code nests deeper than the
 * parser can follow.
 */
export function parseScript(code: string, language: Exclude<CodeLanguage, "python">): Parsed {
  let first: readonly ParseFault[] | null = null;
  for (const plugins of DIALECTS[language]) {
    const { file, faults } = tryToParse(code, plugins);
    if (file !== null && faults.length === 0) return treeOf(code, file, language);
    first ??= faults;
  }
  return { ok: false, issues: (first ?? []).map((fault) => toIssue(code, fault)) };
}

type BabelFile = ReturnType<typeof parse>;
type ParseFault = Pick<ParseError, "loc" | "pos"> & { readonly message: string };

function tryToParse(
  code: string,
  plugins: NonNullable<ParserOptions["plugins"]>,
): { file: BabelFile | null; faults: readonly ParseFault[] } {
  try {
    const file = parse(code, {
      sourceType: "unambiguous",
      // A snippet may be the inside of a module.
      allowAwaitOutsideFunction: true,
      errorRecovery: true,
      attachComment: false,
      ranges: true,
      tokens: true,
      plugins,
    });
    return { file, faults: file.errors ?? [] };
  } catch (error) {
    if (!(error instanceof SyntaxError) || !("loc" in error)) throw error;
    return { file: null, faults: [error as unknown as ParseFault] };
  }
}

function treeOf(code: string, file: BabelFile, language: CodeLanguage): Parsed {
  const { program } = file;
  const ast = Object.assign(program, {
    tokens: toTokens(code, file.tokens ?? []),
    comments: toComments(file.comments ?? []),
  }) as unknown as ScriptTree["ast"];
  const isModule = program.sourceType === "module";
  if (language === "javascript") return { ok: true, isModule, tree: { ast } };
  const scopeManager = analyze(ast as never, {
    sourceType: isModule ? "module" : "script",
    lib: ["esnext", "dom"],
  });
  // Members of an enum are for whoever has the enum; a rule made for JavaScript takes them for its variables.
  for (const scope of scopeManager.scopes)
    if (scope.type === ScopeType.tsEnum)
      for (const variable of scope.variables) variable.eslintUsed = true;
  return {
    ok: true,
    isModule,
    tree: { ast, scopeManager: scopeManager as never, visitorKeys: visitorKeys as never },
  };
}

function toIssue(code: string, fault: ParseFault): Issue {
  const { line, column } = fault.loc;
  // To the end of the word that it stumbled over, or of the one character.
  const word = /^[\p{ID_Continue}$]+/u.exec(code.slice(fault.pos, fault.pos + 100))?.[0] ?? "";
  return {
    line,
    column: column + 1,
    end_line: line,
    end_column: column + 1 + Math.max(word.length, fault.pos < code.length ? 1 : 0),
    severity: "error",
    rule: SYNTAX_RULE,
    message: fault.message.replace(/ \(\d+:\d+\)$/, ""),
    fix: null,
  };
}
