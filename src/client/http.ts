import { fullJitter, pause, randomId, retryAfterMs } from "./backoff.ts";
import { errorOf, NaruError } from "./naru-error.ts";
import { OPERATIONS } from "./operations.ts";
import type { Operations } from "./operations.ts";

/** Who is calling: a key, or an access token that is asked for at each use; `renew` says that the last one was refused or is about to end. */
export type Credential =
  | { readonly apiKey: string }
  | { readonly token: (why: "use" | "renew") => string | Promise<string> };

export interface HttpOptions {
  /** Where the server is, such as `https://api.example.com`. A function is asked at each call. */
  readonly url: string | (() => string);
  readonly credential?: Credential;
  /** `en` or `ko`: the language of messages. */
  readonly locale?: string;
  /** How often a call is sent again, at most; 4 unless told. */
  readonly retries?: number;
  /** Milliseconds that a call may spend waiting between tries; 30,000 unless told. A `Retry-After` beyond that is not waited for. */
  readonly retryBudgetMs?: number;
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  readonly random?: () => number;
}

export type OperationId = keyof Operations;
export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
  /** Names this request, where the operation takes such a name; made for each call unless given. */
  readonly idempotencyKey?: string;
}
export type Input<K extends OperationId> = Omit<Operations[K], "response"> & CallOptions;
/** Nothing has to be given where nothing is asked for. */
export type Arguments<K extends OperationId> =
  {} extends Omit<Operations[K], "response"> ? [input?: Input<K>] : [input: Input<K>];

interface LooseInput extends CallOptions {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

const RETRY_PACE = { baseMs: 500, capMs: 20_000 };
const SAFE_METHODS = ["GET", "HEAD", "PUT", "DELETE"];

/** Sends requests: with the credential, again where that is harmless, and with refusals as errors. */
export class Http {
  readonly #options: HttpOptions;
  readonly random: () => number;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.random = options.random ?? Math.random;
  }

  get origin(): string {
    const { url } = this.#options;
    return (typeof url === "string" ? url : url()).replace(/\/+$/, "");
  }

  get hasToken(): boolean {
    return this.#options.credential !== undefined && "token" in this.#options.credential;
  }

  /** Whether calling the operation again would do something again. */
  isWrite(id: OperationId): boolean {
    return !SAFE_METHODS.includes(OPERATIONS[id][0]);
  }

  /** The header that carries the credential; empty without one. */
  async credentialHeaders(why: "use" | "renew" = "use"): Promise<Record<string, string>> {
    const { credential } = this.#options;
    if (credential === undefined) return {};
    if ("apiKey" in credential) return { "X-API-Key": credential.apiKey };
    return { Authorization: `Bearer ${await credential.token(why)}` };
  }

  /** A new access token, for a socket that is open. */
  async renewedToken(): Promise<string | null> {
    const { credential } = this.#options;
    return credential && "token" in credential ? credential.token("renew") : null;
  }

  /** Calls an operation. Resolves with an answer of the 2xx; rejects with a {@link NaruError}. */
  send(id: OperationId, input: LooseInput = {}): Promise<Response> {
    const [method, template, takesKey] = OPERATIONS[id];
    const path = template.replaceAll(/\{(\w+)\}/g, (_whole, name: string) =>
      encodeURIComponent(String(input.params?.[name] ?? "")),
    );
    const key = takesKey ? { "Idempotency-Key": input.idempotencyKey ?? randomId() } : {};
    const headers = { ...key, ...input.headers };
    // A message that has a name of its own is kept once, however often it is sent.
    const isNamed = (input.body as { message_id?: unknown } | undefined)?.message_id !== undefined;
    return this.#sendPatiently(
      method,
      `${path}${queryOf(input.query)}`,
      { ...input, headers },
      { isRepeatable: takesKey || isNamed || SAFE_METHODS.includes(method) },
    );
  }

  /** Reads a path that the server named. */
  read(path: string, { signal, headers = {} }: CallOptions): Promise<Response> {
    const input = { headers, ...(signal && { signal }) };
    return this.#sendPatiently("GET", path, input, { isRepeatable: true });
  }

  async #sendPatiently(
    method: string,
    path: string,
    input: LooseInput,
    { isRepeatable }: { readonly isRepeatable: boolean },
  ): Promise<Response> {
    const retries = this.#options.retries ?? 4;
    let budgetMs = this.#options.retryBudgetMs ?? 30_000;
    let why: "use" | "renew" = "use";
    for (let attempt = 0; ;) {
      const tried = await this.#try(method, path, input, why);
      if (tried.ok) return tried.answer;
      const { error } = tried;
      if (input.signal?.aborted) throw error;
      // A token may have ended on its way: that is worth one look for another.
      if (error.status === 401 && this.hasToken && why === "use") {
        why = "renew";
        continue;
      }
      // Whoever refuses with a 429 has done nothing; after any other failure something may have been done.
      const mayRepeat =
        error.status === 429 || (isRepeatable && (error.status === 503 || error.status === null));
      const waitMs = (error.retryAfterMs ?? 0) + fullJitter(attempt, RETRY_PACE, this.random);
      if (!mayRepeat || attempt >= retries || waitMs > budgetMs) throw error;
      budgetMs -= waitMs;
      attempt += 1;
      await pause(waitMs, input.signal);
    }
  }

  async #try(
    method: string,
    path: string,
    { body, headers, signal }: LooseInput,
    why: "use" | "renew",
  ): Promise<{ ok: true; answer: Response } | { ok: false; error: NaruError }> {
    const { locale } = this.#options;
    const fetch = this.#options.fetch ?? ((url, init) => globalThis.fetch(url, init));
    const credential = await this.credentialHeaders(why);
    let answer: Response;
    try {
      answer = await fetch(`${this.origin}${path}`, {
        method,
        headers: {
          ...(locale !== undefined && { "Accept-Language": locale }),
          ...(body !== undefined && { "Content-Type": "application/json" }),
          ...credential,
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      });
    } catch (cause) {
      return {
        ok: false,
        error: new NaruError("NETWORK", "The server was not reached.", { cause }),
      };
    }
    if (answer.ok) return { ok: true, answer };
    const retryAfter = retryAfterMs(answer.headers.get("retry-after"), Date.now());
    return { ok: false, error: await errorOf(answer, retryAfter) };
  }
}

function queryOf(query: LooseInput["query"]): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {}))
    for (const one of [value].flat() as (string | number | boolean | null | undefined)[])
      if (one !== undefined && one !== null) search.append(name, String(one));
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}
