import type { SyntaxNode, Tree } from "@lezer/common";
import type { CodeLanguage } from "./language";

export type NameKind =
  | "parameter"
  | "variable"
  | "function"
  | "class"
  | "import"
  | "type"
  | "member";

/** A name that can be written where the cursor is. */
export interface KnownName {
  readonly name: string;
  readonly kind: NameKind;
  /** Text of its parameters, for what can be called; null where they are not known. */
  readonly parameters: readonly string[] | null;
  /** Where it is made known. */
  readonly at: number;
}

/** Nodes that keep what is made known in them to themselves. */
const SCOPES: Readonly<Record<"python" | "script", ReadonlySet<string>>> = {
  python: new Set(
    "Script FunctionDefinition ClassDefinition LambdaExpression ArrayComprehensionExpression ComprehensionExpression SetComprehensionExpression DictionaryComprehensionExpression".split(
      " ",
    ),
  ),
  script: new Set(
    "Script FunctionDeclaration FunctionExpression ArrowFunction MethodDeclaration ClassDeclaration ClassExpression Block ForStatement CatchClause SwitchBody".split(
      " ",
    ),
  ),
};
const CALLABLE = new Set(["FunctionDefinition", "FunctionDeclaration", "MethodDeclaration"]);
const CLASSES = new Set(["ClassDefinition", "ClassDeclaration", "ClassExpression"]);
const FUNCTIONS = new Set([...CALLABLE, "FunctionExpression", "ArrowFunction"]);

const PYTHON_TARGETS = new Set(["AssignStatement", "UpdateStatement", "NamedExpression"]);

/** Names that reach the place `at`: of its own scope and of those around it. A name made known twice is told once, the last one. */
export function visibleNames(
  tree: Tree,
  code: string,
  at: number,
  language: CodeLanguage,
): readonly KnownName[] {
  const scopes = SCOPES[language === "python" ? "python" : "script"];
  const names = new Map<string, KnownName>();
  tree.iterate({
    enter: ({ node }) => {
      const kind = language === "python" ? pythonKind(node) : scriptKind(node);
      if (kind === null || (node.from <= at && at <= node.to)) return;
      // What is just being defined is not there yet.
      if (kind === "function" && isWithin(node.parent?.getChild("ParamList") ?? null, at)) return;
      const home = homeOf(node, kind, scopes);
      if (home !== null && !(home.from <= at && at <= home.to)) return;
      // A class's own names are reached through it in Python, not from inside of its methods.
      if (
        language === "python" &&
        home?.name === "ClassDefinition" &&
        innermost(tree, at, scopes) !== home.from
      )
        return;
      const name = code.slice(node.from, node.to);
      names.set(name, { name, kind, parameters: parametersOf(node, code), at: node.from });
    },
  });
  return [...names.values()];
}

const isWithin = (node: SyntaxNode | null, at: number): boolean =>
  node !== null && node.from < at && at <= node.to;

/** Members that the class around `at` gives to `self` or `this`. */
export function ownMembers(
  tree: Tree,
  code: string,
  at: number,
  language: CodeLanguage,
): readonly KnownName[] {
  let holder: SyntaxNode | null = tree.resolveInner(at, -1);
  while (holder !== null && !CLASSES.has(holder.name)) holder = holder.parent;
  if (holder === null) return [];
  const names = new Map<string, KnownName>();
  const add = (node: SyntaxNode, parameters: readonly string[] | null): void => {
    if (node.from <= at && at <= node.to) return;
    const name = code.slice(node.from, node.to);
    names.set(name, { name, kind: "member", parameters, at: node.from });
  };
  const self = language === "python" ? "self" : "this";
  holder.cursor().iterate(({ node }) => {
    const { name, parent } = node;
    const first = parent?.firstChild ?? null;
    if (name === "PropertyName" && first !== null && code.slice(first.from, first.to) === self)
      add(node, names.get(code.slice(node.from, node.to))?.parameters ?? null);
    if (
      (name === "PropertyDefinition" || name === "PrivatePropertyDefinition") &&
      parent !== null &&
      ["MethodDeclaration", "PropertyDeclaration"].includes(parent.name)
    )
      add(node, parametersOf(node, code));
    if (
      name === "VariableName" &&
      parent?.name === "FunctionDefinition" &&
      CLASSES.has(parent.parent?.parent?.name ?? "")
    )
      add(node, parametersOf(node, code)?.slice(1) ?? null);
  });
  return [...names.values()];
}

/** Members that the code itself takes of something, wherever it does. */
export function usedMembers(
  tree: Tree,
  code: string,
  receiver: string,
  at: number,
): readonly KnownName[] {
  const names = new Map<string, KnownName>();
  tree.iterate({
    enter: ({ node }) => {
      if (node.name !== "PropertyName" || (node.from <= at && at <= node.to)) return;
      const first = node.parent?.firstChild;
      if (first === null || first === undefined || code.slice(first.from, first.to) !== receiver)
        return;
      const name = code.slice(node.from, node.to);
      names.set(name, { name, kind: "member", parameters: null, at: node.from });
    },
  });
  return [...names.values()];
}

function pythonKind(node: SyntaxNode): NameKind | null {
  if (node.name !== "VariableName") return null;
  const { parent, nextSibling, prevSibling } = node;
  switch (parent?.name ?? "") {
    case "FunctionDefinition":
      return prevSibling?.name === "def" ? "function" : null;
    case "ClassDefinition":
      return prevSibling?.name === "class" ? "class" : null;
    case "ParamList":
      return prevSibling?.name === "AssignOp" ? null : "parameter";
    case "ImportStatement":
      // `import a.b as c` and `from a import b as c`: the name behind `as`, else the one itself.
      return nextSibling?.name === "as" || isModuleOfFrom(node) || prevSibling?.name === "."
        ? null
        : "import";
    case "ForStatement":
    case "ArrayComprehensionExpression":
    case "ComprehensionExpression":
    case "SetComprehensionExpression":
    case "DictionaryComprehensionExpression":
      return prevSibling?.name === "for" || nextSibling?.name === "in" ? "variable" : null;
    case "WithStatement":
    case "TryStatement":
      return prevSibling?.name === "as" ? "variable" : null;
    case "TupleExpression":
      return parent?.parent?.name === "ForStatement" || (parent !== null && isTarget(parent))
        ? "variable"
        : null;
    default:
      return isTarget(node) ? "variable" : null;
  }
}

/** On the left of an assignment, whatever stands between it and the sign. */
function isTarget(node: SyntaxNode): boolean {
  if (!PYTHON_TARGETS.has(node.parent?.name ?? "")) return false;
  for (let next = node.nextSibling; next !== null; next = next.nextSibling)
    if (next.name === "AssignOp" || next.name === "TypeDef") return true;
  return false;
}

function isModuleOfFrom(node: SyntaxNode): boolean {
  for (let before = node.prevSibling; before !== null; before = before.prevSibling) {
    if (before.name === "import") return false;
    if (before.name === "from") return true;
  }
  return false;
}

function scriptKind(node: SyntaxNode): NameKind | null {
  if (node.name === "TypeDefinition") return "type";
  if (node.name !== "VariableDefinition") return null;
  for (let up = node.parent; up !== null; up = up.parent) {
    if (up.name === "ParamList") return "parameter";
    if (up.name === "FunctionDeclaration") return "function";
    if (CLASSES.has(up.name)) return "class";
    if (up.name === "ImportDeclaration") return "import";
    if (up.name === "VariableDeclaration" || up.name === "Block" || up.name === "ForSpec")
      return "variable";
  }
  return "variable";
}

/** The scope that a name belongs to: a parameter to its function, a function's own name to what is around it. */
function homeOf(node: SyntaxNode, kind: NameKind, scopes: ReadonlySet<string>): SyntaxNode | null {
  let up = node.parent;
  if ((kind === "function" || kind === "class") && up !== null) up = up.parent;
  while (up !== null && !scopes.has(up.name)) up = up.parent;
  return up;
}

/** Where the innermost scope around a place begins. */
function innermost(tree: Tree, at: number, scopes: ReadonlySet<string>): number | null {
  let up: SyntaxNode | null = tree.resolveInner(at, -1);
  while (up !== null && !scopes.has(up.name)) up = up.parent;
  return up?.from ?? null;
}

const MAX_PARAMETERS = 12;
const MAX_PARAMETER_CHARS = 60;

/** Names of the parameters of what a name calls; null where it is not known to be called. */
function parametersOf(node: SyntaxNode, code: string): readonly string[] | null {
  const { parent } = node;
  const value = parent?.getChild("ArrowFunction") ?? parent?.getChild("FunctionExpression") ?? null;
  const holder = parent !== null && CALLABLE.has(parent.name) ? parent : value;
  if (holder === null || !FUNCTIONS.has(holder.name)) return null;
  const list = holder.getChild("ParamList");
  if (list === null) return [];
  const parameters: string[] = [];
  let star = "";
  for (let child = list.firstChild; child !== null; child = child.nextSibling) {
    if (child.name === "*" || child.name === "**" || child.name === "Spread")
      star = child.name === "Spread" ? "..." : child.name;
    else if (child.name === ",") star = "";
    const isName =
      child.name === "VariableDefinition" ||
      (child.name === "VariableName" && child.prevSibling?.name !== "AssignOp");
    if (!isName || parameters.length === MAX_PARAMETERS) continue;
    parameters.push(
      `${star}${code.slice(child.from, Math.min(child.to, child.from + MAX_PARAMETER_CHARS))}`,
    );
  }
  return parameters;
}
