import type { parse } from "@babel/parser";
import type { AST } from "eslint";
import type { Comment } from "estree";

type BabelFile = ReturnType<typeof parse>;
type BabelToken = NonNullable<BabelFile["tokens"]>[number];
type BabelComment = NonNullable<BabelFile["comments"]>[number];

/** What Babel calls a token, by ESLint's word for it. What is not here is a keyword or punctuation. */
const TYPES: Readonly<Record<string, string>> = {
  name: "Identifier",
  "#name": "PrivateIdentifier",
  string: "String",
  num: "Numeric",
  bigint: "Numeric",
  regexp: "RegularExpression",
  "...${": "Template",
  "...`": "Template",
  jsxName: "JSXIdentifier",
  jsxText: "JSXText",
  null: "Null",
  true: "Boolean",
  false: "Boolean",
};

interface BabelTokenType {
  readonly label: string;
  readonly keyword?: string;
}

/** Tokens as ESLint's rules look them up: in order, without overlap, each with the text that it covers. */
export function toTokens(code: string, tokens: readonly BabelToken[]): AST.Token[] {
  const list: AST.Token[] = [];
  let end = 0;
  for (const token of tokens) {
    // Comments stand among the tokens, with a name for their type.
    if (typeof token.type === "string") continue;
    const type = token.type as BabelTokenType;
    // Where a type argument ends in `>>`, the parser reads the same place twice.
    if (type.label === "eof" || token.start < end) continue;
    end = token.end;
    const text = code.slice(token.start, token.end);
    const made = {
      type: TYPES[type.label] ?? (type.keyword === undefined ? "Punctuator" : "Keyword"),
      value: type.label === "#name" ? text.slice(1) : text,
      range: [token.start, token.end],
      loc: token.loc,
    };
    list.push((type.label === "regexp" ? { ...made, regex: regexOf(text) } : made) as AST.Token);
  }
  return list;
}

function regexOf(text: string): { pattern: string; flags: string } {
  const close = text.lastIndexOf("/");
  return { pattern: text.slice(1, close), flags: text.slice(close + 1) };
}

export const toComments = (comments: readonly BabelComment[]): Comment[] =>
  comments.map((comment) => ({
    type: comment.type === "CommentBlock" ? "Block" : "Line",
    value: comment.value,
    range: [comment.start ?? 0, comment.end ?? 0],
    loc: comment.loc ?? null,
  })) as Comment[];
