import type { ErrorText } from "#platform/errors";

/** English texts of what can become of a computation. */
export const REASONING_TEXTS_EN = {
  PROGRAM_NOT_VALID: {
    title: "Logic program not valid",
    error: "The logic program can't be run.[ {reason}][ Line {line}.][ At: {near}]",
    detail:
      "Write facts, rules and at least one query, such as: a(1). ?- a(X). Only predicates that compute are there: nothing that reads files, changes the program or catches errors.",
    phrases: {
      reason: {
        syntax: "It does not parse.",
        no_query: "It has no query.",
        too_many_queries: "It has more than ten queries.",
        too_long: "It is longer than 32,768 characters.",
        not_allowed: "It uses something that is not offered here.",
        unknown_predicate: "It calls a predicate that neither it nor this server defines.",
        error: "It raised an error.",
      },
    },
  },
  EXPRESSION_NOT_VALID: {
    title: "Expression not valid",
    error: "The expression has no value.[ {reason}][ It is: {name}.]",
    detail:
      "Numbers, + - * / ^ ! %, mod, comparisons, brackets, variables and the functions under /docs can be calculated.",
    phrases: {
      reason: {
        not_arithmetic: "It is not written as arithmetic.",
        unknown_name: "It uses a name that stands for nothing.",
        not_offered: "It uses an operator that is not offered.",
        wrong_arguments: "A function has arguments that it does not take.",
        division_by_zero: "It divides by zero.",
        undefined: "It is not defined for real numbers.",
        too_long: "It is too long or has too many brackets.",
      },
    },
  },
  COMPUTATION_TOO_LARGE: {
    title: "Computation too large",
    error: "The computation went beyond what is computed here.[ {limit}]",
    detail: "Look for a recursion that does not end, or ask for less at once.",
    phrases: {
      limit: {
        steps: "It took more than 100,000 steps.",
        size: "A term grew too large.",
        work: "Its steps had too much to do.",
        choices: "It left too many alternatives open.",
        depth: "Its terms nest too deeply.",
        memory: "It would need too much memory.",
        digits: "A number would have thousands of digits.",
      },
    },
  },
} satisfies Record<string, ErrorText>;
