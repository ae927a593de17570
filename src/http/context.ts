import type { CacheStanding } from "#platform/cache-standing";
import type { Config } from "#platform/config";
import type { Locale } from "#platform/locale";
import type { LogFields, Logger } from "#platform/log";
import type { Principal } from "#platform/principal";

/** Refusals in the shape of another API, of which only the paths and bodies are served here. */
export interface ErrorShape {
  readonly contentType: string;
  readonly present: (problem: Readonly<Record<string, unknown>>) => {
    readonly status: number;
    readonly body: object;
    readonly headers?: Readonly<Record<string, string>>;
  };
}

/** What every handler finds on its context. */
export interface AppVariables {
  requestId: string;
  /** `traceparent` to pass on to the next hop (W3C Trace Context). */
  traceparent: string;
  /** `tracestate` that belongs to it, for hops that a client's trace may be told to: our own and those of the settings. Null where there is none. */
  tracestate: string | null;
  locale: Locale;
  config: Config;
  log: Logger;
  /** Fields that the one log line of this request will carry; deeper code adds to it. */
  logFields: LogFields;
  /** Milliseconds since the epoch at which the request came in. */
  startedAtMs: number;
  /** The template of the request's route, `unmatched` where none took it; set when it is answered. */
  route: string;
  /** How long the request waited, in milliseconds, for what its caller asked to wait for; unset where it did not. */
  waitedMs: number | undefined;
  /** Name → milliseconds, for `Server-Timing`. Names are tokens (RFC 9110). */
  timings: Map<string, number>;
  /** The JSON body as it was parsed under its caps; what a route reads is `c.req.valid("json")`. */
  body: unknown;
  /** Who is calling; set by the guard of every route that is not public. */
  principal: Principal;
  /** Set where the answer is another server's, passed on as it is: what is said of its content is not ours to say. */
  isForwarded: true | undefined;
  /** How refusals look where the paths are another API's; unset for problem documents. */
  errorShape: ErrorShape | undefined;
  /** What of the caller's kept answers may be told again; set with `principal`. */
  cacheStanding: CacheStanding;
}

// oxlint-disable-next-line typescript/consistent-type-definitions -- Hono's generics want a type alias with an index signature
export type AppEnv = { Bindings: Env; Variables: AppVariables };
