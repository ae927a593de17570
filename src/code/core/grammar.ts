import type { LRParser } from "@lezer/lr";
import { parser as javascript } from "@lezer/javascript";
import { parser as python } from "@lezer/python";
import type { CodeLanguage } from "./language";

/** Parsers that make a tree of anything, broken or cut off: what metrics and completions are read from. */
export const TREE_PARSERS: Readonly<Record<CodeLanguage, LRParser>> = {
  python,
  javascript: javascript.configure({ dialect: "jsx" }),
  typescript: javascript.configure({ dialect: "ts" }),
};

/** What the nodes of a grammar mean to whoever counts. */
export interface Grammar {
  readonly functions: ReadonlySet<string>;
  readonly classes: ReadonlySet<string>;
  /** Statements whose body lies one level deeper. */
  readonly nesting: ReadonlySet<string>;
  /** What adds a way through the code, as mccabe counts for Python and ESLint's `complexity` for scripts. */
  readonly branches: ReadonlySet<string>;
  readonly comments: ReadonlySet<string>;
  readonly parameters: string;
  /** Names of what a function or class may be called by, in its own node. */
  readonly names: ReadonlySet<string>;
}

const set = (names: string): ReadonlySet<string> => new Set(names.split(" "));

const SCRIPT: Grammar = {
  functions: set("FunctionDeclaration FunctionExpression ArrowFunction MethodDeclaration"),
  classes: set("ClassDeclaration ClassExpression"),
  nesting: set("IfStatement ForStatement WhileStatement DoStatement SwitchStatement TryStatement"),
  branches: set(
    "IfStatement ForStatement WhileStatement DoStatement CaseLabel ConditionalExpression LogicOp ?.",
  ),
  comments: set("LineComment BlockComment"),
  parameters: "ParamList",
  names: set("VariableDefinition PropertyDefinition PrivatePropertyDefinition"),
};

export const GRAMMARS: Readonly<Record<CodeLanguage, Grammar>> = {
  python: {
    functions: set("FunctionDefinition"),
    classes: set("ClassDefinition"),
    nesting: set(
      "IfStatement ForStatement WhileStatement TryStatement WithStatement MatchStatement",
    ),
    // `elif` and `except` are keywords inside of one statement; a loop's or a condition's own keyword is its statement.
    branches: set("IfStatement ForStatement WhileStatement elif except MatchClause"),
    comments: set("Comment"),
    parameters: "ParamList",
    names: set("VariableName"),
  },
  javascript: SCRIPT,
  typescript: SCRIPT,
};
