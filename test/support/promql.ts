/** Looks into PromQL by Prometheus' own grammar, without a Prometheus. */
import { parser } from "@prometheus-io/lezer-promql";
import type { SyntaxNode } from "@lezer/common";

const strict = parser.configure({ strict: true });

/** One `name{label="value"}` of an expression. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly {
    readonly label: string;
    readonly op: string;
    readonly value: string;
  }[];
}

/** Labels that an aggregation or a match of vectors goes by, and what stands beneath it. */
export interface Grouping {
  readonly labels: readonly string[];
  readonly selectors: readonly Selector[];
}

export interface Expression {
  readonly selectors: readonly Selector[];
  readonly groupings: readonly Grouping[];
}

/** Parses an expression. Throws where it is none. */
export function parsePromQl(text: string): Expression {
  const root = strict.parse(text).topNode;
  const slice = ({ from, to }: SyntaxNode): string => text.slice(from, to);
  const groupings = nodesOf(root, "GroupingLabels").map((labels) => {
    // `by (…)` stands in a modifier of an aggregation, `on (…)` in a clause of a binary expression.
    const owner = labels.parent?.parent ?? root;
    return {
      labels: nodesOf(labels, "LabelName").map(slice),
      selectors: nodesOf(owner, "VectorSelector").map((node) => selectorOf(node, slice)),
    };
  });
  return {
    selectors: nodesOf(root, "VectorSelector").map((node) => selectorOf(node, slice)),
    groupings,
  };
}

function selectorOf(node: SyntaxNode, slice: (node: SyntaxNode) => string): Selector {
  const name = node.getChild("Identifier");
  return {
    metric: name === null ? "" : slice(name),
    matchers: nodesOf(node, "UnquotedLabelMatcher").map((matcher) => {
      const [label, op, value] = ["LabelName", "MatchOp", "StringLiteral"].map((kind) => {
        const child = matcher.getChild(kind);
        return child === null ? "" : slice(child);
      });
      return { label: label ?? "", op: op ?? "", value: (value ?? "").slice(1, -1) };
    }),
  };
}

function nodesOf(root: SyntaxNode, name: string): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  root.cursor().iterate((ref) => {
    if (ref.name === name && ref.from >= root.from && ref.to <= root.to) found.push(ref.node);
  });
  return found;
}
