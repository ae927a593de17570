import { describe, expect, test } from "vitest";
import { runProlog } from "../../../src/reasoning/core/prolog";
import { PROLOG_CAPS } from "../../../src/reasoning/core/prolog-caps";

const answersOf = (text: string, query: string | null = null) => {
  const result = runProlog(text, query);
  return result.ok
    ? result.value.map(({ answers }) => answers.map(({ bindings }) => bindings))
    : result.error;
};

const FAMILY = `parent(tom, bob). parent(bob, ann). parent(bob, joe).
grandparent(X, Z) :- parent(X, Y), parent(Y, Z). % a rule`;

describe("answers", () => {
  test.each([
    ["a fact that follows", "human(socrates). mortal(X) :- human(X).", "mortal(socrates)", [[{}]]],
    ["one that does not", "human(socrates). mortal(X) :- human(X).", "mortal(zeus).", [[]]],
    ["every way", FAMILY, "?- grandparent(tom, Who).", [[{ Who: "ann" }, { Who: "joe" }]]],
    [
      "the lists' predicates",
      ":- use_module(library(lists)).",
      "append(X, [3], [1,2,3]), reverse(X, Y)",
      [[{ X: "[1,2]", Y: "[2,1]" }]],
    ],
    [
      "all solutions at once",
      "p(3). p(1). p(2).",
      "findall(X, p(X), L), msort(L, S), sum_list(L, N)",
      [[{ L: "[3,1,2]", S: "[1,2,3]", N: "6" }]],
    ],
    [
      "negation and cuts",
      "m(X, a) :- X > 5, !. m(_, b).",
      "m(9, A), m(1, B), \\+ m(1, c)",
      [[{ A: "a", B: "b" }]],
    ],
    ["a grammar", "s --> [a], t. t --> [b].", "phrase(s, [a,b])", [[{}]]],
    [
      "words in Hangul",
      "부모(철수, 영희). 조상(X, Y) :- 부모(X, Y).",
      "조상(철수, X)",
      [[{ X: "영희" }]],
    ],
  ])("%s", (_name, program, query, expected) => {
    expect(answersOf(program, query)).toEqual(expected);
  });

  test("queries in the text, in their order, across lines, comments and quotes", () => {
    const program = `/* ?- no(query). */
a('?- x.').  % ?- no(query).
?- a(X).

?- a(y).`;
    expect(answersOf(program)).toEqual([[{ X: "'?- x.'" }], []]);
  });

  test("six queens on six rows, in all four ways", () => {
    const program = `queens(N, Qs) :- numbers(1, N, Ns), permutation(Ns, Qs), safe(Qs).
numbers(N, N, [N]) :- !.
numbers(I, N, [I|T]) :- I < N, J is I + 1, numbers(J, N, T).
safe([]).
safe([Q|Qs]) :- free(Q, Qs, 1), safe(Qs).
free(_, [], _).
free(Q, [P|Ps], D) :- Q =\\= P + D, Q =\\= P - D, E is D + 1, free(Q, Ps, E).`;
    const [answers] = answersOf(program, "queens(6, Q)") as unknown as object[][];
    expect(answers).toHaveLength(4);
  });

  test("with the facts that the first one rests on, each after what it follows from", () => {
    const result = runProlog(FAMILY, "grandparent(tom, Who)");
    expect(result.ok && result.value[0]?.proof).toEqual([
      "parent(tom,bob)",
      "parent(bob,ann)",
      "grandparent(tom,ann)",
    ]);
  });

  test("what a program writes, and nothing of it on our own output", () => {
    const result = runProlog("", "write('나루'), nl, print(f('A'))");
    expect(result.ok && result.value[0]?.output).toBe("나루\nf('A')");
  });

  test("no more than the cap, and says that there are more", () => {
    const result = runProlog("", "between(1, 1000, X)");
    const run = result.ok ? result.value[0] : undefined;
    expect(run).toMatchObject({ hasMore: true });
    expect(run?.answers).toHaveLength(PROLOG_CAPS.answers);
  });

  test("alike whatever ran before: no session leaves a clause to the next", () => {
    expect(answersOf("secret(1).", "secret(X)")).toEqual([[{ X: "1" }]]);
    expect(answersOf("", "secret(X)")).toEqual({ reason: "unknown_predicate", name: "secret/1" });
  });
});

describe("a grammar", () => {
  const SUMS = `sum(V) --> number(A), rest(A, V).
rest(A, V) --> ['+'], number(B), { C is A + B }, rest(C, V).
rest(A, A) --> [].
number(N) --> [N], { integer(N) }.`;
  test.each([
    ["s --> [a], s. s --> [].", "phrase(s, [a,a])", [[{}]]],
    ["s --> [a], s. s --> [].", "phrase(s, [a,b])", [[]]],
    ["s --> []. s --> [a], s.", "phrase(s, [a,a])", [[{}]]],
    ["s --> [a], t. t --> [b].", "phrase(s, [x,y])", [[]]],
    ["s --> [a, b], s ; [c].", "phrase(s, [a,b,a,b,c])", [[{}]]],
    ['s --> "hi", [X], { X = there }.', "phrase(s, [h,i,there])", [[{}]]],
    [SUMS, "phrase(sum(V), [1,'+',2,'+',39])", [[{ V: "42" }]]],
    [SUMS, "phrase(sum(V), [1,'+'])", [[]]],
    ["인사 --> [안녕], 이름. 이름 --> [철수].", "phrase(인사, [안녕, 철수])", [[{}]]],
  ])("%s: %s", (program, query, expected) => {
    expect(answersOf(program, query)).toEqual(expected);
  });
});

describe("what runs away is ended", () => {
  test.each([
    ["a loop", "p :- p.", "p"],
    ["a loop that grows", "p :- p, p.", "p"],
    ["a term that grows", "p(X) :- p(s(X)).", "p(0)"],
    ["an open term that grows", "p(X) :- p(s(X, _)).", "p(0)"],
    ["a term that doubles", "p(X) :- p(g(X, X)).", "p(a)"],
    ["an open term that doubles", "p(X) :- p(g(X, X)).", "p(_)"],
    ["a name that doubles", "p(A) :- atom_concat(A, A, B), p(B).", "p(aaaaaaaa)"],
    ["an answer of 2^40 nodes", "p(0, a) :- !. p(N, g(X, X)) :- M is N - 1, p(M, X).", "p(40, X)"],
    [
      "a comparison of such",
      "p(0, a) :- !. p(N, g(X, X)) :- M is N - 1, p(M, X).",
      "p(40, X), p(40, Y), X == Y",
    ],
    ["left recursion", "p(X) :- p(Y), q(X, Y).", "p(1)"],
    ["choices without end", "p :- p. p :- p.", "p"],
    ["failing for ever", "", "repeat, fail"],
    ["counting for ever", "n(0). n(X) :- n(Y), X is Y + 1.", "n(X), X > 1000000"],
    ["counting far", "", "between(1, 100000000, X), X > 99999999"],
    ["collecting far", "", "findall(X, between(1, 10000000, X), L)"],
    ["lists of any length", "", "length(L, N), fail"],
    ["a list of a thousand million", "", "length(L, 1000000000)"],
    ["a term of as many arguments", "", "functor(T, f, 1000000000)"],
    ["every order of ten", "", "findall(P, permutation([1,2,3,4,5,6,7,8,9,10], P), L)"],
    ["terms nested deeply", "", `X = ${"f(".repeat(5000)}a${")".repeat(5000)}`],
    [
      "many clauses at once",
      Array.from({ length: 800 }, () => "p(X) :- p(g(X, _, _, _, _)).").join("\n"),
      "p(_)",
    ],
  ])("%s", (_name, program, query) => {
    expect(answersOf(program, query)).toMatchObject({ reason: "limit" });
  });

  test("a program that is too long, and one that asks too much, unread", () => {
    expect(answersOf("a. ".repeat(20_000), "a")).toEqual({ reason: "too_long" });
    expect(answersOf("a. ?- a.".repeat(11))).toEqual({ reason: "too_many_queries" });
  });
});

describe("nothing but computing is there", () => {
  test.each([
    "assertz(a)",
    "asserta(a)",
    "retract(a)",
    "abolish(a/1)",
    "consult('/etc/passwd')",
    "open('/etc/passwd', read, S)",
    "halt",
    "read(X)",
    "get_char(X)",
    "get_time(T)",
    "catch(a, _, true)",
    "call_cleanup(true, halt)",
    "listing",
    "set_prolog_flag(bounded, false)",
    "op(200, xfy, foo)",
    "current_input(S)",
    "current_op(X, Y, Z)",
    "clause(a, B)",
    "system:halt",
    "user:halt",
    "lists:consult(x)",
    "G = halt, call(G)",
    "findall(X, halt, L)",
    "forall(true, halt)",
    "atom_codes(A, [104, 97, 108, 116]), call(A)",
    "T =.. [halt], T",
    "\\+ halt",
    "(true ; halt), fail",
    "once(halt)",
    "maplist(consult, ['/etc/passwd'])",
    "write(user_error, x)",
    "js_eval(x)",
    "shell(ls)",
    "goal_expansion(a, b)",
  ])("%s", (query) => {
    expect(answersOf("", query)).toMatchObject({ reason: "unknown_predicate" });
  });

  test.each([
    ":- initialization(halt).",
    ":- consult('/etc/passwd').",
    ":- set_prolog_flag(double_quotes, atom).",
    ":- op(700, xfx, ===>).",
    ":- module(m, []).",
    "term_expansion(a, b).",
    "goal_expansion(a, b).",
    "p('__proto__').",
    "constructor(a).",
    "p(__proto__).",
  ])("%s", (line) => {
    expect(answersOf(`${line}\n?- true.`)).toMatchObject({ reason: "not_allowed" });
  });
});

describe("a fault is told", () => {
  test.each([
    ["with its line", "a(b).\nc(d\n?- a(X).", { reason: "syntax", line: 2 }],
    ["where nothing is asked", "a(b).", { reason: "no_query" }],
    [
      "where a name is unknown",
      "?- nothing_of_that(1, 2).",
      { reason: "unknown_predicate", name: "nothing_of_that/2" },
    ],
    [
      "of arithmetic, rather than a number that is not exact",
      "?- X is 9007199254740991 + 2.",
      { reason: "error", message: expect.stringContaining("int_overflow") as string },
    ],
    [
      "of a division by nothing",
      "?- X is 1 / 0.",
      { reason: "error", message: expect.stringContaining("zero_divisor") as string },
    ],
    [
      "of a variable that is called",
      "?- X.",
      { reason: "error", message: expect.stringContaining("instantiation_error") as string },
    ],
    ["that the program throws", "?- throw(mine).", { reason: "error" }],
  ])("%s", (_name, text, expected) => {
    expect(answersOf(text)).toMatchObject(expected);
  });
});
