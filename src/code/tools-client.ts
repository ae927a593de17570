import { ApiError } from "#platform/errors";
import type { Completion, CompletionQuestion } from "./core/completion";
import type { Inspection, InspectInput, InspectVerdict } from "./inspect";

/** The heavy tools behind the binding to naru-tools. */
export interface CodeTools {
  readonly inspectCode: (input: InspectInput) => Promise<InspectVerdict>;
  readonly completeCode: (question: CompletionQuestion) => Promise<readonly Completion[]>;
}

/** The tools as the services ask for them. */
export const codeToolsOf = (env: { readonly TOOLS: CodeTools }): CodeTools => env.TOOLS;

/** What the tools say of code. Throws CODE_TOO_COMPLEX, and DEPENDENCY_UNAVAILABLE where they cannot be asked. */
export async function inspect(tools: CodeTools, input: InspectInput): Promise<Inspection> {
  let verdict: InspectVerdict;
  try {
    verdict = await tools.inspectCode(input);
  } catch (error) {
    throw new ApiError("DEPENDENCY_UNAVAILABLE", { cause: error, internal: "naru-tools failed" });
  }
  if (!verdict.ok) throw new ApiError("CODE_TOO_COMPLEX", { params: { reason: verdict.reason } });
  return verdict;
}
