import type { JsonObject } from "#platform/json-value";
import { WorkerEntrypoint } from "cloudflare:workers";
import type { ErrorCode, ErrorParams, FieldError } from "#platform/errors";
import { completeCode } from "#code/completions";
import type { Completion, CompletionQuestion } from "#code/completions";
import { inspectCode } from "#code/inspect";
import type { InspectInput, InspectVerdict } from "#code/inspect";
import { compute } from "#reasoning/engines";
import type { ComputeInput, ComputeVerdict } from "#reasoning/engines";
import { extract } from "#scrape/core/extract";

/** One fetched page and what to take from it. */
export interface ExtractInput {
  /** At most 5 MiB. */
  readonly body: Uint8Array | ArrayBuffer;
  /** The Content-Type header as it came, or null. */
  readonly contentType: string | null;
  /** The page's address after redirects. */
  readonly url: string;
  readonly script: string;
  readonly parameters: JsonObject;
}

export type ExtractVerdict =
  | {
      readonly ok: true;
      readonly data: JsonObject;
      /** WHATWG name of the encoding that the body was read in. */
      readonly charset: string;
      readonly mediaType: string;
    }
  | {
      readonly ok: false;
      readonly code: ErrorCode;
      readonly params?: ErrorParams;
      readonly errors?: readonly FieldError[];
    };

/** Heavy, stateless tools. Each method takes plain data and answers with plain data. */
export class Tools extends WorkerEntrypoint {
  /** Whether this Worker answers. */
  ping(): "pong" {
    return "pong";
  }

  /** Checks code with the parser and the linter of its language; code that is beyond them is a verdict too. */
  inspectCode(input: InspectInput): InspectVerdict {
    return inspectCode(input);
  }

  /** What can follow the cursor in a piece of code. */
  completeCode(question: CompletionQuestion): readonly Completion[] {
    return completeCode(question);
  }

  /** Proves, calculates or reads a text, without a model. What runs away is ended by counted steps: a verdict as well. */
  compute(input: ComputeInput): ComputeVerdict {
    return compute(input);
  }

  /**
   * Runs a script over a fetched page. Every outcome is a verdict, also an unknown script, parameters
   * that are not valid, and a fault of our own (EXTRACTION_FAILED): a call never throws for a page.
   */
  extract(input: ExtractInput): ExtractVerdict {
    const body = input.body instanceof Uint8Array ? input.body : new Uint8Array(input.body);
    try {
      const result = extract({ ...input, body });
      return result.ok ? { ok: true, ...result.value } : { ok: false, ...result.error };
    } catch (error) {
      // Such as the engine's own limits. The reason is the kind of error only: a message may quote the page.
      const reason = error instanceof Error ? error.name : "unknown";
      return { ok: false, code: "EXTRACTION_FAILED", params: { reason } };
    }
  }
}

export default {
  fetch: () => new Response(null, { status: 404 }),
} satisfies ExportedHandler;
