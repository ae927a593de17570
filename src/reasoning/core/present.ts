import type { JsonObject } from "#platform/json-value";
import type { Calculation } from "./calculator";
import type { PrologRun } from "./prolog";

const MAX_STEPS = 100;

/** What a logic program has shown, as its caller reads it. One query or several: the last one's answer comes last. */
export function presentRuns(runs: readonly PrologRun[]): JsonObject {
  const conclusions = runs.map((run) => concludeRun(run));
  return {
    conclusion:
      runs.length === 1
        ? (conclusions[0] ?? "")
        : runs.map(({ query }, at) => `?- ${query}. ${conclusions[at]}`).join("\n"),
    steps: runs.flatMap((run) => stepsOf(run)).slice(0, MAX_STEPS),
    confidence: 1,
    engine: "prolog",
    queries: runs.map(({ query, answers, hasMore, output, inferences }) => ({
      query,
      is_true: answers.length > 0,
      answers: answers.map(({ bindings }) => ({ ...bindings })),
      has_more: hasMore,
      output,
      inferences,
    })),
  };
}

const written = (bindings: Readonly<Record<string, string>>): string =>
  Object.entries(bindings)
    .map(([name, value]) => `${name} = ${value}`)
    .join(", ");

function concludeRun({ answers, hasMore }: PrologRun): string {
  if (answers.length === 0) return "false";
  const told = [...new Set(answers.map(({ bindings }) => written(bindings)))].filter(
    (text) => text !== "",
  );
  return told.length === 0 ? "true" : `${told.join(" ; ")}${hasMore ? " ; …" : ""}`;
}

function stepsOf(run: PrologRun): string[] {
  const output = run.output.trimEnd();
  return [
    `?- ${run.query}.`,
    ...run.proof,
    ...(output === "" ? [] : [`output: ${output}`]),
    concludeRun(run),
  ];
}

export const presentCalculation = ({ conclusion, steps, isExact }: Calculation): JsonObject => ({
  conclusion,
  steps: [...steps],
  confidence: 1,
  engine: "arithmetic",
  exact: isExact,
});
