import type { TauTerm, TauToken } from "tau-prolog";
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";
import { PROLOG_CAPS } from "./prolog-caps";
import type { PrologFault } from "./prolog-caps";
import { quoteHangul } from "./prolog-hangul";
import { createSession, isDeclaration } from "./prolog-sandbox";
import { pl } from "./tau";

export interface LogicProgram {
  /** Its clauses alone: without queries and directives, which would run as the program is read. */
  readonly clauses: string;
  /** The same clauses, each followed by a note of the head that it has proven. */
  readonly proving: string;
  readonly queries: readonly string[];
}

/** A clause of these would be called while the rest of the program is read, where no step is counted. */
const HOOKS = new Set(["term_expansion/2", "goal_expansion/2"]);

const OPENING = new Set(["l_paren", "l_brace", "l_bracket"]);
const CLOSING = new Set(["r_paren", "r_brace", "r_bracket"]);

/** Takes a program apart: clauses, and queries as `?- goal.`; a query beside it comes last. */
export function readProgram(
  given: string,
  query: string | null,
): Result<LogicProgram, PrologFault> {
  const asked =
    query === null ? "" : `\n?- ${query.trim().replace(/^\?-/, "").replace(/\.$/, "")}\n.`;
  const text = quoteHangul(`${given}${asked}`.replaceAll("\r\n", "\n"));
  if (text.length > PROLOG_CAPS.programChars) return err({ reason: "too_long" });
  const { thread } = createSession(() => undefined);
  const tokenizer = new pl.parser.tokenizer(thread);
  tokenizer.new_text(text);
  const placeOf = placesIn(text);
  const tokens = tokenizer.get_tokens(0) ?? [];
  // Names that mean something to the engine's own tables.
  const reserved = tokens.find(
    (token) => String(token.value).replaceAll("'", "") in Object.prototype,
  );
  if (reserved !== undefined) return err({ reason: "not_allowed", name: String(reserved.value) });
  const clauses: string[] = [];
  const proving: string[] = [];
  const queries: string[] = [];
  for (let at = 0; at < tokens.length;) {
    const parsed = pl.parser.expression(thread, tokens, at, "1200", false);
    const end = tokens[parsed.len];
    if (parsed.type === 0 || end?.raw !== ".")
      return err(
        syntaxFault(text, placeOf, tokens[parsed.type === 0 ? at : parsed.len] ?? tokens.at(-1)),
      );
    const term = parsed.value;
    const start = placeOf(tokens[at]);
    const source = text.slice(start, placeOf(end));
    if (term.indicator === "?-/1") queries.push(source.replace(/^\s*\?-/, "").trim());
    else if (term.indicator === ":-/1") {
      const directive = term.args[0] as TauTerm | undefined;
      if (directive === undefined || !isDeclaration(directive))
        return err({ reason: "not_allowed", name: `:- ${directive?.indicator ?? ""}` });
    } else {
      const head = (term.indicator === ":-/2" ? term.args[0] : term) as TauTerm;
      if (HOOKS.has(head.indicator)) return err({ reason: "not_allowed", name: head.indicator });
      if (term.indicator === "-->/2") {
        const translated = translateGrammar(`${source}.`);
        if (translated === null) return err(syntaxFault(text, placeOf, tokens[at]));
        clauses.push(translated);
        proving.push(translated);
        at = parsed.len + 1;
        continue;
      }
      clauses.push(`${source}.`);
      proving.push(
        `${withNote(term, source, neckOf(tokens.slice(at, parsed.len), start, placeOf))}.`,
      );
    }
    at = parsed.len + 1;
  }
  if (queries.length === 0) return err({ reason: "no_query" });
  if (queries.length > PROLOG_CAPS.queries) return err({ reason: "too_many_queries" });
  return ok({ clauses: clauses.join("\n"), proving: proving.join("\n"), queries });
}

/** Where a token begins in the text: the engine tells its column. */
type PlaceOf = (token: TauToken | undefined) => number;

function placesIn(text: string): PlaceOf {
  const lines = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines.push(at + 1);
  return (token) => (token === undefined ? text.length : (lines[token.line] ?? 0) + token.start);
}

/** Where a clause's neck begins and ends in its own text, or null where it has none outside of brackets. */
function neckOf(
  tokens: readonly TauToken[],
  start: number,
  placeOf: PlaceOf,
): readonly [number, number] | null {
  let depth = 0;
  for (const token of tokens) {
    if (OPENING.has(token.name)) depth++;
    else if (CLOSING.has(token.name)) depth--;
    const at = placeOf(token) - start;
    if (depth === 0 && token.name === "atom" && token.raw === ":-") return [at, at + 2];
  }
  return null;
}

/**
 * A grammar rule as the clause that it stands for, in writing. The engine's own translation puts variables into lists that it goes on to
 * take for lists without any, and then shares between calls what each call needs for itself; read again from its text, the clause is right.
 */
function translateGrammar(rule: string): string | null {
  const session = createSession(() => undefined);
  let isFaulty = false;
  session.thread.consult(rule, {
    file: false,
    url: false,
    html: false,
    script: false,
    success: () => undefined,
    error: () => {
      isFaulty = true;
    },
  });
  const rules = Object.values(session.modules.user.rules).flatMap((found) => found ?? []);
  const [translated] = rules as readonly { toString: (options: object) => string }[];
  return isFaulty || rules.length !== 1 || translated === undefined
    ? null
    : translated.toString({ session, quoted: true });
}

/** A clause with its head noted at its end, by a comparison that is always true. */
function withNote(term: TauTerm, source: string, neck: readonly [number, number] | null): string {
  if (term.indicator !== ":-/2") return `${source} :- '$proven' \\== (${source}\n)`;
  if (neck === null) return source;
  const head = source.slice(0, neck[0]);
  // On a line of its own: the body may end in a comment.
  return `${head} :- (${source.slice(neck[1])}\n), '$proven' \\== (${head}\n)`;
}

function syntaxFault(text: string, placeOf: PlaceOf, token: TauToken | undefined): PrologFault {
  const [near = ""] = text.slice(placeOf(token), placeOf(token) + 40).split("\n");
  return { reason: "syntax", line: token === undefined ? null : token.line + 1, message: near };
}
