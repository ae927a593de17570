import type { SyntaxNode, SyntaxNodeRef, Tree } from "@lezer/common";
import { GRAMMARS, TREE_PARSERS } from "./grammar";
import type { Grammar } from "./grammar";
import type { CodeLanguage } from "./language";
import { lineStarts, placeOf } from "./places";

export interface FunctionMetrics {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
  /** Ways through it: 1 for a function without a branch. What it defines inside of itself has its own. */
  readonly cyclomatic_complexity: number;
  /** The most levels of statements inside of each other. */
  readonly nesting: number;
  readonly parameters: number;
}

export interface Metrics {
  readonly lines: number;
  /** Lines that hold more than blanks and comments. */
  readonly code_lines: number;
  readonly comment_lines: number;
  readonly blank_lines: number;
  readonly functions: number;
  readonly classes: number;
  /** Of the whole: 1, and one for each branch anywhere. */
  readonly cyclomatic_complexity: number;
  readonly max_cyclomatic_complexity: number;
  readonly max_nesting: number;
  readonly max_function_lines: number;
  /** The functions themselves, the most complex first. */
  readonly function_metrics: readonly FunctionMetrics[];
}

const MAX_SHOWN_FUNCTIONS = 50;
const MAX_NAME_CHARS = 100;

interface Frame {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly parameters: number;
  branches: number;
  depth: number;
  deepest: number;
}

/**
 * As much of code with faults as is looked through. A parser that goes on after every fault tries several ways at each,
 * and a text made for that costs it seconds; this much of one, a tenth of a second.
 */
const MAX_BROKEN_CHARS = 10_000;

/**
 * What can be counted in code. Where it is not right it is measured as far as it goes. Throws RangeError where it nests
 * too deep for a tree.
 */
export function metricsOf(code: string, language: CodeLanguage, isBroken = false): Metrics {
  const tree = TREE_PARSERS[language].parse(isBroken ? code.slice(0, MAX_BROKEN_CHARS) : code);
  const grammar = GRAMMARS[language];
  const starts = lineStarts(code);
  const { functions, classes, branches, deepest, commented } = walk(tree, code, grammar);
  const lineOf = (offset: number): number => placeOf(offset, starts).line;
  const lineCount = code === "" ? 0 : lineOf(code.endsWith("\n") ? code.length - 1 : code.length);
  const all = functions.map((frame) => ({
    name: frame.name,
    line: lineOf(frame.from),
    lines: lineOf(endOf(frame, code)) - lineOf(frame.from) + 1,
    cyclomatic_complexity: 1 + frame.branches,
    nesting: frame.deepest,
    parameters: frame.parameters,
  }));
  const max = (of: (one: FunctionMetrics) => number): number =>
    all.reduce((most, one) => Math.max(most, of(one)), 0);
  return {
    lines: lineCount,
    ...countLines(code, starts.slice(0, lineCount), commented),
    functions: all.length,
    classes,
    cyclomatic_complexity: 1 + branches,
    max_cyclomatic_complexity: max((one) => one.cyclomatic_complexity),
    max_nesting: Math.max(
      deepest,
      max((one) => one.nesting),
    ),
    max_function_lines: max((one) => one.lines),
    function_metrics: all
      .toSorted((a, b) => b.cyclomatic_complexity - a.cyclomatic_complexity || a.line - b.line)
      .slice(0, MAX_SHOWN_FUNCTIONS),
  };
}

/** Without the blank lines that Python's grammar counts to the block before them. */
const endOf = (frame: Frame, code: string): number =>
  frame.from + code.slice(frame.from, frame.to).trimEnd().length;

function walk(tree: Tree, code: string, grammar: Grammar) {
  const outside: Frame = frameOf("", tree.topNode, 0);
  const open: Frame[] = [outside];
  const functions: Frame[] = [];
  const commented: { from: number; to: number }[] = [];
  let classes = 0;
  let branches = 0;
  tree.iterate({
    enter: (node) => {
      const { name } = node;
      if (grammar.comments.has(name)) commented.push({ from: node.from, to: node.to });
      if (grammar.classes.has(name)) classes++;
      if (isFunction(node, grammar)) {
        const frame = frameOf(
          nameOf(node.node, code, grammar),
          node,
          parametersOf(node.node, grammar),
        );
        functions.push(frame);
        open.push(frame);
      }
      const frame = open.at(-1) ?? outside;
      if (isBranch(node, grammar)) {
        frame.branches++;
        branches++;
      }
      if (isDeeper(node, grammar)) frame.deepest = Math.max(frame.deepest, ++frame.depth);
    },
    leave: (node) => {
      if (isDeeper(node, grammar)) (open.at(-1) ?? outside).depth--;
      if (isFunction(node, grammar)) open.pop();
    },
  });
  return { functions, classes, branches, deepest: outside.deepest, commented };
}

const frameOf = (name: string, node: { from: number; to: number }, parameters: number): Frame => ({
  name,
  from: node.from,
  to: node.to,
  parameters,
  branches: 0,
  depth: 0,
  deepest: 0,
});

/** The marks of `a ? b : c` have the name of `&&`; they are one branch, and their expression counts as it. */
const isBranch = (node: SyntaxNodeRef, grammar: Grammar): boolean =>
  grammar.branches.has(node.name) &&
  !(node.name === "LogicOp" && node.node.parent?.name === "ConditionalExpression");

/** A method of an object literal is a property with parameters. */
const isFunction = (node: SyntaxNodeRef, grammar: Grammar): boolean =>
  grammar.functions.has(node.name) ||
  (node.name === "Property" && node.node.getChild("ParamList") !== null);

/** `else if` is one statement inside of another to the grammar, and to a reader one level. */
const isDeeper = (node: SyntaxNodeRef, grammar: Grammar): boolean =>
  grammar.nesting.has(node.name) &&
  !(node.name === "IfStatement" && node.node.prevSibling?.name === "else");

/** By its own name, or by that of what it is assigned to. */
function nameOf(node: SyntaxNode, code: string, grammar: Grammar): string {
  const named = childNamed(node, grammar.names) ?? assignedTo(node);
  return named === null
    ? "(anonymous)"
    : code.slice(named.from, Math.min(named.to, named.from + MAX_NAME_CHARS));
}

function childNamed(node: SyntaxNode, names: ReadonlySet<string>): SyntaxNode | null {
  for (let child = node.firstChild; child !== null; child = child.nextSibling)
    if (names.has(child.name)) return child;
    else if (child.name === "ParamList" || child.name === "Block") return null;
  return null;
}

function assignedTo(node: SyntaxNode): SyntaxNode | null {
  const equals = node.prevSibling;
  if (equals?.name !== "Equals" && equals?.name !== ":") return null;
  for (let before = equals.prevSibling; before !== null; before = before.prevSibling)
    if (before.name === "VariableDefinition" || before.name === "PropertyDefinition") return before;
  return null;
}

/** One more than the commas between them; what stands inside of a default or a type is deeper down. */
function parametersOf(node: SyntaxNode, grammar: Grammar): number {
  const list = node.getChild(grammar.parameters);
  if (list === null) return node.name === "ArrowFunction" ? 1 : 0;
  let count = 0;
  let isEmpty = true;
  for (let child = list.firstChild; child !== null; child = child.nextSibling) {
    if (child.name === "," && !isEmpty) {
      count++;
      isEmpty = true;
    } else if (!["(", ")", ",", "*", "/"].includes(child.name)) isEmpty = false;
  }
  return isEmpty ? count : count + 1;
}

function countLines(
  code: string,
  starts: readonly number[],
  commented: readonly { from: number; to: number }[],
): Pick<Metrics, "code_lines" | "comment_lines" | "blank_lines"> {
  let blank = 0;
  let comment = 0;
  let next = 0;
  for (const [index, start] of starts.entries()) {
    const end = starts[index + 1] ?? code.length;
    const text = code.slice(start, end);
    const lead = text.length - text.trimStart().length;
    if (text.trim() === "") {
      blank++;
      continue;
    }
    const first = start + lead;
    const last = start + text.trimEnd().length;
    while ((commented[next]?.to ?? Infinity) <= first) next++;
    const span = commented[next];
    // Only comments from the first letter to the last; code beside a comment is code.
    if (span !== undefined && span.from <= first && span.to >= last) comment++;
  }
  return {
    code_lines: starts.length - blank - comment,
    comment_lines: comment,
    blank_lines: blank,
  };
}
