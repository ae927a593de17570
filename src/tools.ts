import type { JsonObject } from "#platform/json-value";
import { WorkerEntrypoint } from "cloudflare:workers";
import { readConfig } from "#platform/config";
import { correlated } from "#platform/correlation";
import type { ErrorCode, ErrorParams, FieldError } from "#platform/errors";
import type { Locale } from "#platform/locale";
import { createLogger } from "#platform/log";
import { newTrace } from "#platform/trace-context";
import { TooLarge } from "#egress/body-reader";
import { decodeBytes } from "#egress/content-coding";
import { extract, extractPage, MAX_SOURCE_BYTES } from "#scrape/core/extract";
import { findScript } from "#scrape/core/scripts";
import { checkParameters } from "#scrape/core/parameters-check";
import type { ParameterSchema } from "#scrape/core/parameters-schema";
import { faultsOfScript } from "#scrape/core/script-check";
import type { ScriptDefinition } from "#scrape/core/script-definition";
import type { PagePlan } from "#scrape/core/script-plan";
import { completeCode } from "#code/completions";
import type { Completion, CompletionQuestion } from "#code/completions";
import { inspectCode } from "#code/inspect";
import type { InspectInput, InspectVerdict } from "#code/inspect";
import { compute } from "#reasoning/engines";
import type { ComputeInput, ComputeVerdict } from "#reasoning/engines";

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
  /** Of the run or the request that it is for (W3C Trace Context), for the log. */
  readonly traceparent?: string | undefined;
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

/** One page of a script that a person wrote. */
export interface ExtractPageInput extends Omit<ExtractInput, "script" | "parameters"> {
  readonly plan: PagePlan;
}

type Failure = Extract<ExtractVerdict, { readonly ok: false }>;

export type ExtractPageVerdict =
  | {
      readonly ok: true;
      readonly values: JsonObject;
      readonly links: Readonly<Record<string, readonly string[]>>;
      readonly next: string | null;
      readonly charset: string;
    }
  | Failure;

export type ParametersVerdict = { readonly ok: true; readonly parameters: JsonObject } | Failure;

const toBytes = (body: Uint8Array | ArrayBuffer): Uint8Array =>
  body instanceof Uint8Array ? body : new Uint8Array(body);

/** The magic number of RFC 1952. Sitemaps come as files that are packed, whatever their type says. */
const isGzip = ([first, second]: Uint8Array): boolean => first === 0x1f && second === 0x8b;

/** What is packed in a file, or null where that is more than is read. A damaged file is left as it is, and read as what it says. */
async function unpack(body: Uint8Array): Promise<Uint8Array | null> {
  try {
    return await decodeBytes(body, ["gzip"], { maxBytes: MAX_SOURCE_BYTES, truncate: false });
  } catch (error) {
    return error instanceof TooLarge ? null : body;
  }
}

/** Such as the engine's own limits. The reason is the kind of error only, in the log too: a message may quote the page. */
function faulted(env: object, error: unknown, traceparent: string | undefined): Failure {
  const reason = error instanceof Error ? error.name : "unknown";
  correlated({ traceparent: traceparent ?? newTrace() }, () => {
    createLogger(readConfig(env).logLevel).error("tools.extract_failed", { error_name: reason });
  });
  return { ok: false, code: "EXTRACTION_FAILED", params: { reason } };
}

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
  async extract(input: ExtractInput): Promise<ExtractVerdict> {
    let body = toBytes(input.body);
    if (findScript(input.script)?.reads === "source" && isGzip(body)) {
      const unpacked = await unpack(body);
      if (unpacked === null)
        return { ok: false, code: "RESPONSE_TOO_LARGE", params: { limit: MAX_SOURCE_BYTES } };
      body = unpacked;
    }
    try {
      const result = extract({ ...input, body });
      return result.ok ? { ok: true, ...result.value } : { ok: false, ...result.error };
    } catch (error) {
      return faulted(this.env, error, input.traceparent);
    }
  }

  /** Takes from a fetched page what a person's script describes. As `extract`, it never throws for a page. */
  extractPage(input: ExtractPageInput): ExtractPageVerdict {
    try {
      const result = extractPage({ ...input, body: toBytes(input.body) });
      return result.ok ? { ok: true, ...result.value } : { ok: false, ...result.error };
    } catch (error) {
      return faulted(this.env, error, input.traceparent);
    }
  }

  /** The faults of a script that has the right form; none where it can be run. */
  checkScript(
    definition: ScriptDefinition,
    root: readonly string[],
    locale: Locale,
  ): readonly FieldError[] {
    return faultsOfScript(definition, root, locale);
  }

  /** Parameters with the defaults of their script's schema, or every fault of them. */
  checkParameters(
    schema: ParameterSchema,
    parameters: JsonObject,
    pointer: string,
    locale: Locale,
  ): ParametersVerdict {
    const checked = checkParameters(schema, parameters, pointer, locale);
    return checked.ok ? { ok: true, parameters: checked.value } : { ok: false, ...checked.error };
  }
}

export default {
  fetch: () => new Response(null, { status: 404 }),
} satisfies ExportedHandler;
