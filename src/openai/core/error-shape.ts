/** Refusals as OpenAI's API tells them, which is what its SDKs make typed errors of. */
export interface OpenAiError {
  readonly error: {
    readonly message: string;
    readonly type: string;
    /** The field that is meant, `messages[0].role`; null where none is. */
    readonly param: string | null;
    readonly code: string;
  };
}

/** Codes that OpenAI has for the same; every other one is ours in lower case. */
const CODES: Readonly<Record<string, string>> = {
  RATE_LIMITED: "rate_limit_exceeded",
  INTERNAL: "server_error",
};

export const openAiCode = (code: string): string => CODES[code] ?? code.toLowerCase();

/** Statuses that OpenAI answers with where ours are others. */
const STATUSES: Readonly<Record<string, number>> = { MODEL_NOT_FOUND: 404 };

export const openAiStatus = (code: string, status: number): number => STATUSES[code] ?? status;

/** Refusals that a repetition meets again, though their status asks for one; the SDKs heed `x-should-retry`. */
const FINAL = new Set(["MODEL_REQUIRED", "NOT_CACHED"]);

export const isFinal = (code: string): boolean => FINAL.has(code);

export function openAiError(problem: Readonly<Record<string, unknown>>): OpenAiError {
  const code = String(problem["code"]);
  const faults = faultsOf(problem["errors"]);
  const named = faults.map(({ pointer, message }) => `${paramOf(pointer)}: ${message}`);
  // The hint of a problem document points to members that are not told here; the faults say more.
  const texts = [
    problem["error"],
    ...(named.length > 0 ? [named.join("; ")] : [problem["detail"]]),
  ];
  return {
    error: {
      message: texts.filter((text) => typeof text === "string").join(" "),
      type: typeOf(Number(problem["status"])),
      param: faults[0] === undefined ? paramFor(code) : paramOf(faults[0].pointer),
      code: openAiCode(code),
    },
  };
}

function typeOf(status: number): string {
  if (status === 429) return "rate_limit_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}

const paramFor = (code: string): string | null => (code === "MODEL_NOT_FOUND" ? "model" : null);

interface Fault {
  readonly pointer: string;
  readonly message: string;
}

/** A person reads no more than these. */
const MAX_FAULTS = 5;

function faultsOf(errors: unknown): readonly Fault[] {
  return Array.isArray(errors) ? (errors as Fault[]).slice(0, MAX_FAULTS) : [];
}

/** A JSON pointer (RFC 6901) as OpenAI writes it: `/messages/0/role` is `messages[0].role`. */
function paramOf(pointer: string): string {
  let param = "";
  for (const token of pointer.split("/").slice(1)) {
    const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
    if (/^\d+$/.test(name)) param += `[${name}]`;
    else param += param === "" ? name : `.${name}`;
  }
  return param;
}
