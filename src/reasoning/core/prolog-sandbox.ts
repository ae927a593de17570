/**
 * Tau Prolog with everything taken out that reaches beyond its own terms: files, streams, flags, the clock, the program's own clauses at
 * run time, and what would run outside our loop (catch, cleanups), where no step is counted. What is left can only compute.
 */
import type { TauSession, TauState, TauTerm, TauThread, TauValue } from "tau-prolog";
import { pl } from "./tau";

/** Predicates of the system that a program may call. Those with a `$` are what the others are made of. */
const ALLOWED = new Set(
  `$push_global_stack/2 $flush_global_stack/3 $free_variable_set/3 $member/2 $bind_bagof_keys/2 $findall/4 $bagof/3 $setof/3 $if/3
  ;/2 !/0 \\+/1 ->/2 *->/2 fail/0 false/0 true/0 call/1 call/2 call/3 call/4 call/5 call/6 call/7 call/8 once/1 forall/2 repeat/0 throw/1
  =/2 unify_with_occurs_check/2 \\=/2 subsumes_term/2 findall/3 findall/4 bagof/3 setof/3 functor/3 arg/3 =../2 copy_term/2
  term_variables/2 term_variables/3 sort/2 keysort/2 keygroup/2 atom_length/2 atom_concat/3 sub_atom/5 atom_chars/2 atom_codes/2
  char_code/2 number_chars/2 number_codes/2 upcase_atom/2 downcase_atom/2 atomic_concat/3 atomic_list_concat/2 atomic_list_concat/3
  @=</2 ==/2 \\==/2 @</2 @>/2 @>=/2 compare/3 is/2 between/3 succ/2 =:=/2 =\\=/2 </2 =</2 >/2 >=/2
  var/1 atom/1 atomic/1 compound/1 integer/1 float/1 number/1 nonvar/1 ground/1 acyclic_term/1 callable/1 is_list/1 phrase/2 phrase/3
  write/1 print/1 writeln/1 writeq/1 nl/0`.split(/\s+/),
);

/** Of the lists' own: one call of it makes a list of any length. */
const DENIED_OF_LISTS = ["replicate/3"];

/** Directives that only declare. */
const DIRECTIVES = new Set([
  "dynamic/1",
  "dynamic/*",
  "discontiguous/1",
  "discontiguous/*",
  "use_module/1",
]);

/** Arguments of a single call above which it would make too much at once. */
const MAX_ARITY = 64;
const MAX_SPLIT_CHARS = 32;
const MAX_CONCAT_CHARS = 256;

const { rules } = pl.modules.system;
const { rules: listRules } = pl.modules.lists;

type Fault = (indicator: string) => TauTerm;
const tooLarge: Fault = (indicator) => pl.error.representation("max_size", indicator);

/** Puts a check before a predicate, where one call of it could do more than a step should. */
function limit(indicator: string, isTooMuch: (args: readonly TauValue[]) => boolean): void {
  const original = rules[indicator];
  if (typeof original !== "function") throw new Error(`Tau Prolog has no ${indicator}`);
  rules[indicator] = (thread: TauThread, point: TauState, atom: TauTerm) => {
    if (!isTooMuch(atom.args)) return original(thread, point, atom);
    thread.throw_error(tooLarge(indicator));
    return undefined;
  };
}
limit("functor/3", ([, , arity]) => (arity?.value ?? 0) > MAX_ARITY);
limit("sub_atom/5", ([atom]) => (atom?.id ?? "").length > MAX_SPLIT_CHARS);
limit("atom_concat/3", ([first, second, whole]) =>
  [first, second, whole].some((part) => (part?.id ?? "").length > MAX_CONCAT_CHARS),
);

/** What programs write, by session: the standard streams are never touched. */
const outputs = new WeakMap<object, (text: string) => void>();
const writer =
  (quoted: boolean, end: string) =>
  (thread: TauThread, point: TauState, atom: TauTerm): undefined => {
    const { session } = thread as unknown as { session: TauSession };
    const text = atom.args
      .map((term) => term.toString({ session, quoted, numbervars: true }))
      .join("");
    outputs.get(session)?.(text + end);
    thread.success(point);
    return undefined;
  };
rules["write/1"] = writer(false, "");
rules["print/1"] = writer(true, "");
rules["writeq/1"] = writer(true, "");
rules["writeln/1"] = writer(false, "\n");
rules["nl/0"] = writer(false, "\n");

for (const indicator of Object.keys(rules)) if (!ALLOWED.has(indicator)) delete rules[indicator];
for (const indicator of DENIED_OF_LISTS) delete listRules[indicator];
for (const name of Object.keys(pl.directive)) delete pl.directive[name];

/** Whether a directive may stand in a program: those that declare are read and left out. */
export const isDeclaration = (directive: TauTerm): boolean =>
  DIRECTIVES.has(directive.indicator) || DIRECTIVES.has(`${directive.id}/*`);

/** A session that knows the lists' predicates and tells `onOutput` what a program writes. */
export function createSession(onOutput: (text: string) => void): TauSession {
  const session = pl.create();
  session.modules["lists"] = pl.modules.lists;
  session.modules.user.modules["lists"] = pl.modules.lists;
  outputs.set(session, onOutput);
  return session;
}
