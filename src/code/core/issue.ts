/** What a tool says of a piece of code, in the one form in which clients read it. */
export const SEVERITIES = ["error", "warning", "info"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A place in the code. Lines and columns count from 1; a column counts UTF-16 units, as editors and `String#slice` do. */
export interface Span {
  readonly line: number;
  readonly column: number;
  readonly end_line: number;
  readonly end_column: number;
}

/** Text that takes the place of a span; an empty span is an insertion, an empty text a removal. */
export interface Edit extends Span {
  readonly text: string;
}

export interface Fix {
  readonly message: string | null;
  /** To be made all together, in any order: they do not overlap. */
  readonly edits: readonly Edit[];
}

export interface Issue extends Span {
  readonly severity: Severity;
  /** The tool's own name of the rule, or `invalid-syntax`. */
  readonly rule: string;
  readonly message: string;
  readonly fix: Fix | null;
}

/** The rule of an issue that keeps the code from being code. */
export const SYNTAX_RULE = "invalid-syntax";

/** As many issues as an answer shows. Hostile code earns one for every other character. */
export const MAX_SHOWN_ISSUES = 500;

/** Messages that quote the code can be as long as the code. */
const MAX_MESSAGE_CHARS = 500;
/** A fix may repeat the whole code once for each issue; beyond this much text in one answer, issues go without. */
const MAX_FIX_CHARS = 200_000;

const byPlace = (a: Issue, b: Issue): number =>
  a.line - b.line || a.column - b.column || (a.rule < b.rule ? -1 : Number(a.rule > b.rule));

const WEIGHT: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/** Issues as they are shown: the gravest kept where there are too many, in the order of the code, within their caps. */
export function presentIssues(issues: readonly Issue[]): readonly Issue[] {
  const kept =
    issues.length <= MAX_SHOWN_ISSUES
      ? issues
      : issues
          .toSorted((a, b) => WEIGHT[a.severity] - WEIGHT[b.severity] || byPlace(a, b))
          .slice(0, MAX_SHOWN_ISSUES);
  let fixChars = 0;
  return kept.toSorted(byPlace).map((issue) => {
    fixChars += issue.fix?.edits.reduce((sum, edit) => sum + edit.text.length, 0) ?? 0;
    return {
      ...issue,
      message: clip(issue.message),
      fix: fixChars > MAX_FIX_CHARS ? null : issue.fix,
    };
  });
}

/** Ends at a character, never between the halves of one, and is well-formed whatever the code was. */
const clip = (message: string): string =>
  (message.length > MAX_MESSAGE_CHARS
    ? `${message.slice(0, MAX_MESSAGE_CHARS - 1)}…`
    : message
  ).toWellFormed();
