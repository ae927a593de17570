/**
 * Caps of a logic program. A computation cannot be interrupted where no clock goes on while it computes, so all of them count: steps of
 * resolution, the size of a goal, and the sum of the sizes of all goals, which is what the time of the steps goes with.
 */
export const PROLOG_CAPS = {
  programChars: 32_768,
  queries: 10,
  steps: 100_000,
  goalSize: 20_000,
  work: 12_000_000,
  /** Nodes that one step may copy. */
  stepWork: 200_000,
  /** Nodes held at once, of about 100 bytes each. */
  held: 600_000,
  choicePoints: 10_000,
  answers: 20,
  answerChars: 4_096,
  outputChars: 8_192,
  proofSteps: 50,
} as const;

export type PrologFault =
  /** The line counts from 1. */
  | { readonly reason: "syntax"; readonly line: number | null; readonly message: string }
  | { readonly reason: "no_query" | "too_many_queries" | "too_long" }
  | { readonly reason: "not_allowed" | "unknown_predicate"; readonly name: string }
  | { readonly reason: "limit"; readonly limit: PrologLimit }
  | { readonly reason: "error"; readonly message: string };

export type PrologLimit = "steps" | "size" | "work" | "choices" | "depth" | "memory";
