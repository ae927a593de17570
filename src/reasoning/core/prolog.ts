import type { TauSession, TauState, TauTerm, TauThread, TauValue } from "tau-prolog";
import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";
import { PROLOG_CAPS } from "./prolog-caps";
import type { PrologFault } from "./prolog-caps";
import { unquoteHangul } from "./prolog-hangul";
import { readProgram } from "./prolog-program";
import { createSession } from "./prolog-sandbox";
import { weigh } from "./term-size";
import { createLedger } from "./prolog-ledger";
import { pl } from "./tau";

export interface PrologAnswer {
  /** Variable → its value as Prolog writes it. Empty for a plain yes. */
  readonly bindings: Readonly<Record<string, string>>;
}

export interface PrologRun {
  /** The query as it was asked. */
  readonly query: string;
  readonly answers: readonly PrologAnswer[];
  /** Whether there may be more answers than `answers` holds. */
  readonly hasMore: boolean;
  /** Facts that the first answer rests on, each after those that it follows from. */
  readonly proof: readonly string[];
  readonly output: string;
  readonly inferences: number;
}

/** Runs a program's queries, one after the other, each on the program as it stands. */
export function runProlog(
  text: string,
  query: string | null = null,
): Result<readonly PrologRun[], PrologFault> {
  try {
    const program = readProgram(text, query);
    if (!program.ok) return program;
    const runs: PrologRun[] = [];
    for (const asked of program.value.queries) {
      const run = ask(program.value.clauses, asked);
      if (!run.ok) return run;
      const proof = run.value.answers.length === 0 ? [] : prove(program.value.proving, asked);
      const told = { ...run.value, query: unquoteHangul(asked), proof };
      runs.push(told);
    }
    return ok(runs);
  } catch (error) {
    // The engine walks terms by recursion: one that is nested too deeply ends its stack, and only its own session.
    if (error instanceof RangeError) return err({ reason: "limit", limit: "depth" });
    // Such as an atom made of the name of a method, which the engine looks up in a table of its own.
    if (error instanceof TypeError) return err({ reason: "error", message: "engine_error" });
    throw error;
  }
}

function ask(clauses: string, query: string): Result<PrologRun, PrologFault> {
  let output = "";
  const session = createSession((text) => {
    output = (output + text).slice(0, PROLOG_CAPS.outputChars);
  });
  const loaded = load(session, clauses);
  if (!loaded.ok) return loaded;
  const thread = session.thread;
  const asked = pose(thread, query);
  if (!asked.ok) return asked;
  const answers: PrologAnswer[] = [];
  const engine = resolve(session);
  for (;;) {
    const found = engine.next();
    // What was found before a limit stands, and that there may be more is told.
    const isCut = !found.ok && found.error.reason === "limit" && answers.length > 0;
    if (!found.ok && !isCut) return found;
    if (found.ok && found.value === null) break;
    if (isCut || !found.ok || found.value === null || answers.length === PROLOG_CAPS.answers)
      return ok({ query, answers, hasMore: true, proof: [], output, inferences: engine.steps() });
    const bindings = bindingsOf(session, found.value);
    if (bindings === null) return err({ reason: "limit", limit: "size" });
    answers.push({ bindings });
  }
  return ok({ query, answers, hasMore: false, proof: [], output, inferences: engine.steps() });
}

/** The facts on the way to the first answer, from a program whose clauses note each head that they have proven. */
function prove(clauses: string, query: string): string[] {
  const session = createSession(() => undefined);
  if (!load(session, clauses).ok || !pose(session.thread, query).ok) return [];
  const found = resolve(session).next();
  // With its notes the program may be too large to run; then there is an answer without its steps.
  if (!found.ok || found.value === null) return [];
  const proven: string[] = [];
  for (let state: TauState | null = found.value; state !== null; state = state.parent) {
    const goal = selected(state.goal as TauTerm | null);
    const fact = goal?.indicator === "\\==/2" && isNote(goal) ? goal.args[1] : undefined;
    if (fact !== undefined && weigh(fact, 200).size < 200) proven.push(written(session, fact));
  }
  return [...new Set(proven.reverse())].slice(0, PROLOG_CAPS.proofSteps);
}

/** The mark that `readProgram` puts before a head that is proven: a comparison, which is always true and leaves the head in the goal. */
const isNote = (goal: TauTerm): boolean => goal.args[0]?.id === "$proven";

function selected(goal: TauTerm | null): TauTerm | null {
  let at: TauTerm | null = goal;
  while (at?.indicator === ",/2" || at?.indicator === ":/2")
    at = ((at.indicator === ",/2" ? at.args[0] : at.args[1]) as TauTerm | undefined) ?? null;
  return at;
}

function load(session: TauSession, clauses: string): Result<null, PrologFault> {
  let fault: PrologFault | null = null;
  session.thread.consult(clauses, {
    file: false,
    url: false,
    html: false,
    script: false,
    success: () => undefined,
    error: (error) => {
      fault = faultOf(error);
    },
  });
  if (fault !== null) return err(fault);
  // Such as a clause for a predicate that is built in.
  const warning = session.thread.warnings.find((term) => /permission_error/.test(term.toString()));
  return warning === undefined ? ok(null) : err(faultOf(warning));
}

function pose(thread: TauThread, query: string): Result<null, PrologFault> {
  let fault: PrologFault | null = null;
  thread.query(`${query}\n.`, {
    error: (error) => {
      fault = faultOf(error);
    },
  });
  return fault === null ? ok(null) : err(fault);
}

interface Engine {
  /** The state of the next answer, or null where there is none left. */
  readonly next: () => Result<TauState | null, PrologFault>;
  readonly steps: () => number;
}

function resolve(session: TauSession): Engine {
  const { thread } = session;
  const ledger = createLedger(session);
  let steps = 0;
  return {
    steps: () => steps,
    next() {
      while (thread.points.length > 0) {
        const point = thread.head_point();
        if (point.goal === null) {
          thread.points.pop();
          return ok(point);
        }
        if (pl.type.is_error_state(point)) return err(faultOf(point.goal as TauTerm));
        const goal = selected(point.goal as TauTerm);
        const limit = (steps += 1) > PROLOG_CAPS.steps ? "steps" : ledger.admit(point, goal);
        if (limit !== null) return err({ reason: "limit", limit });
        if (thread.step() === true)
          return err({ reason: "not_allowed", name: goal?.indicator ?? "" });
      }
      return ok(null);
    },
  };
}

/** An answer's variables as they were named in the query, or null where one is too large to be written. */
function bindingsOf(session: TauSession, state: TauState): Record<string, string> | null {
  const bindings: Record<string, string> = {};
  for (const [name, value] of Object.entries(state.substitution.links)) {
    // What has no name of the asker's, and what is still open.
    if (name.startsWith("_") || pl.type.is_variable(value)) continue;
    if (weigh(value, PROLOG_CAPS.answerChars).size >= PROLOG_CAPS.answerChars) return null;
    bindings[name] = written(session, value);
  }
  return bindings;
}

const written = (session: TauSession, term: TauValue): string =>
  unquoteHangul(term.toString({ session, quoted: true, numbervars: true }));

/** What the engine threw, in our words. */
function faultOf(thrown: TauTerm): PrologFault {
  const message = thrown.toString({ quoted: true }).slice(0, 300);
  const missing = /existence_error\(procedure,\/\(('(?:[^']|\\')*'|[^,]+),(\d+)\)\)/.exec(message);
  if (missing)
    return {
      reason: "unknown_predicate",
      name: `${(missing[1] ?? "").replaceAll("'", "")}/${missing[2]}`,
    };
  if (/representation_error\(max_size\)/.test(message)) return { reason: "limit", limit: "size" };
  const line = /line\((\d+)\)/.exec(message)?.[1];
  if (/syntax_error/.test(message))
    return { reason: "syntax", line: line === undefined ? null : Number(line), message };
  return { reason: "error", message };
}
