import type { Completion, CompletionCategory, CompletionQuestion } from "./completion";
import { VOCABULARIES } from "./completion-words";
import type { Vocabulary } from "./completion-words";
import { TREE_PARSERS } from "./grammar";
import type { CodeLanguage } from "./language";
import { ownMembers, usedMembers, visibleNames } from "./scope";
import type { KnownName, NameKind } from "./scope";

const MAX_COMPLETIONS = 10;
/** As much of the code around the cursor as is read: a keystroke has to be answered at once. */
const MAX_READ_BEFORE = 10_000;
const MAX_READ_AFTER = 2_000;
const MAX_READ_CONTEXT = 5_000;

/** How likely each kind is to be what comes next, against each other. */
const WEIGHTS: Readonly<Record<CompletionCategory, number>> = {
  call: 12,
  parameter: 8,
  member: 8,
  variable: 6,
  function: 4,
  class: 3,
  import: 3,
  type: 2,
  module: 2,
  keyword: 2,
  snippet: 2,
  builtin: 1,
  model: 0,
};
/** What begins most statements, and what hardly does. */
const LIKELY_STATEMENTS: Readonly<Record<string, number>> = { return: 9, if: 6, for: 5 };
const BARE_NAME_IN_STATEMENT = 0.5;

/** What is none of the candidates, weighed with them: less likely with every letter that fits. */
const SOMETHING_ELSE = 30;

interface Candidate {
  readonly label: string;
  readonly text: string;
  readonly category: CompletionCategory;
  readonly weight: number;
}

/**
 * What can follow the cursor, the likeliest first. Taken from the code alone: names that reach the place, members, parameters of what is
 * being called, words and forms of the language. The confidences of all candidates and that of "something else" add up to 1.
 */
export function completeFromCode(question: CompletionQuestion): readonly Completion[] {
  const { language } = question;
  const start = Math.max(0, question.cursor - MAX_READ_BEFORE);
  // From the beginning of a line, where there is one: half a line is no code.
  const lineStart = start === 0 ? 0 : question.prefix.indexOf("\n", start) + 1;
  const before = question.prefix.slice(
    lineStart > question.cursor ? start : lineStart,
    question.cursor,
  );
  const after = question.prefix.slice(question.cursor, question.cursor + MAX_READ_AFTER);
  const typed = /[\p{ID_Continue}$]*$/u.exec(before)?.[0] ?? "";
  const head = before.slice(0, before.length - typed.length);
  // A word in the place of what is being written, so that the place belongs to its block.
  const marked = `${head}${typed === "" ? "_" : typed}${/^[\p{ID_Continue}$]*/u.exec(after)?.[0] ?? ""}`;
  const code = `${marked}${after.slice(marked.length - head.length - Math.max(1, typed.length))}`;
  const at = head.length + Math.max(1, typed.length);
  const tree = TREE_PARSERS[language].parse(code);
  if (/String|Comment|RegExp/.test(tree.resolveInner(at, -1).name)) return [];
  if (/^\d/.test(typed)) return [];

  const vocabulary = VOCABULARIES[language];
  const receiver = /([\p{ID_Continue}$]+)\??\.$/u.exec(head)?.[1];
  const isMember = /\.\s*$/.test(head) && !/\d\.$/.test(head);
  const found = isMember
    ? members(receiver)
    : [...names(), ...calls(head, typed), ...wordsOf(vocabulary, head, language)];
  return rank(found, typed, indentOf(before));

  function members(of: string | undefined): Candidate[] {
    if (of === undefined) return [];
    const self = language === "python" ? "self" : "this";
    const own =
      of === self ? ownMembers(tree, code, at, language) : usedMembers(tree, code, of, at);
    const known = (vocabulary.members[of] ?? []).map((name, index): Candidate =>
      plain(name, "member", WEIGHTS.member / (1 + index / 4)),
    );
    return [...own.map((name) => named(name, at)), ...known];
  }

  function names(): Candidate[] {
    const isStatement = beginsStatement(head.slice(head.lastIndexOf("\n") + 1), language);
    const far = question.context.slice(-MAX_READ_CONTEXT);
    const others =
      far === "" ? [] : visibleNames(TREE_PARSERS[language].parse(far), far, far.length, language);
    return [
      ...visibleNames(tree, code, at, language)
        .map((name) => named(name, at))
        // A name alone is no statement; what can be called is one.
        .map((one) =>
          isStatement && !one.text.endsWith("(")
            ? { ...one, weight: one.weight * BARE_NAME_IN_STATEMENT }
            : one,
        ),
      ...others.map((name) => named(name, Number.MAX_SAFE_INTEGER)),
    ];
  }

  /** The arguments of a call that was just opened. */
  function calls(text: string, word: string): Candidate[] {
    const called = /([\p{ID_Continue}$]+)\($/u.exec(text)?.[1];
    if (called === undefined || word !== "") return [];
    const known = visibleNames(tree, code, at, language).find(({ name }) => name === called);
    if (known?.parameters === null || known === undefined || isDefinition(text)) return [];
    const list = known.parameters
      .filter((parameter) => parameter !== "self" && parameter !== "cls")
      .join(", ");
    return [
      { label: `${called}(${list})`, text: `${list})`, category: "call", weight: WEIGHTS.call },
    ];
  }
}

/** What stands before the bracket is being defined and not called. */
const isDefinition = (text: string): boolean =>
  /(?:def|function)\s+[\p{ID_Continue}$]+\($/u.test(text);

const plain = (
  name: string,
  category: CompletionCategory,
  weight = WEIGHTS[category],
): Candidate => ({
  label: name,
  text: name,
  category,
  weight,
});

/** Nearer names are likelier: a name counts twice where it was made known just before, once from afar. */
function named(name: KnownName, at: number): Candidate {
  const kind: NameKind = name.kind;
  const distance = Math.abs(at - name.at);
  const weight = WEIGHTS[kind] * (1 + 1 / (1 + distance / 200));
  const label =
    name.parameters === null ? name.name : `${name.name}(${name.parameters.join(", ")})`;
  return {
    label,
    text: name.parameters === null ? name.name : `${name.name}(`,
    category: kind,
    weight,
  };
}

const beginsStatement = (line: string, language: CodeLanguage): boolean =>
  /^\s*$/.test(line) || (language !== "python" && /[;{}]\s*$/.test(line));

function wordsOf(vocabulary: Vocabulary, head: string, language: CodeLanguage): Candidate[] {
  const line = head.slice(head.lastIndexOf("\n") + 1);
  if (language === "python" && /^\s*(?:import|from)\s+$/.test(line))
    return vocabulary.modules.map((name) => plain(name, "module"));
  const isStatement = beginsStatement(line, language);
  const keywords = isStatement ? vocabulary.statements : vocabulary.expressions;
  return [
    ...(isStatement
      ? Object.entries(vocabulary.snippets).map(([label, text]): Candidate => ({
          label,
          text,
          category: "snippet",
          weight: WEIGHTS.snippet,
        }))
      : []),
    ...keywords.map((name) =>
      plain(
        name,
        "keyword",
        isStatement ? (LIKELY_STATEMENTS[name] ?? WEIGHTS.keyword) : WEIGHTS.keyword,
      ),
    ),
    ...vocabulary.builtins.map((name) => plain(name, "builtin")),
  ];
}

interface Indent {
  readonly current: string;
  readonly unit: string;
}

/** How the code is indented: on the cursor's line, and by a level. */
function indentOf(before: string): Indent {
  const current = /(?:^|\n)([ \t]*)[^\n]*$/.exec(before)?.[1] ?? "";
  const first = /\n([ \t]+)\S/.exec(before)?.[1];
  return {
    current,
    unit: first?.startsWith("\t") === true ? "\t" : first?.length === 2 ? "  " : "    ",
  };
}

function rank(
  candidates: readonly Candidate[],
  typed: string,
  indent: Indent,
): readonly Completion[] {
  const fitting = new Map<string, Candidate>();
  for (const candidate of candidates) {
    if (candidate.category !== "call" && !candidate.text.startsWith(typed)) continue;
    if (candidate.text === typed) continue;
    const known = fitting.get(candidate.text);
    if (known === undefined || known.weight < candidate.weight)
      fitting.set(candidate.text, candidate);
  }
  const total = [...fitting.values()].reduce(
    (sum, { weight }) => sum + weight,
    SOMETHING_ELSE / (1 + typed.length) ** 2,
  );
  return [...fitting.values()]
    .toSorted(
      (a, b) => b.weight - a.weight || a.text.length - b.text.length || (a.text < b.text ? -1 : 1),
    )
    .slice(0, MAX_COMPLETIONS)
    .map((candidate): Completion => {
      const rest =
        candidate.category === "call" ? candidate.text : candidate.text.slice(typed.length);
      return {
        code: rest.replaceAll("\t", indent.unit).replaceAll("\n", `\n${indent.current}`),
        label: candidate.label,
        confidence: Math.round((candidate.weight / total) * 100) / 100,
        category: candidate.category,
        complexity: complexityOf(candidate),
      };
    });
}

function complexityOf({ text, category }: Candidate): Completion["complexity"] {
  if (text.split("\n").length > 3) return "complex";
  return text.includes("\n") || category === "call" || text.endsWith("(") ? "moderate" : "simple";
}
