import { EN } from "#platform/error-texts-en";
import { KO } from "#platform/error-texts-ko";
import type { Locale } from "#platform/locale";

/**
 * Every error that a client can meet: its stable code and its HTTP status.
 * The texts (both languages), the OpenAPI error answers, the pages under `/errors/:code` and the
 * metric labels all derive from this table. A code is never renamed or reused.
 */
export const ERRORS = {
  // The request itself
  BAD_REQUEST: 400,
  BODY_REQUIRED: 400,
  MALFORMED_JSON: 400,
  MALFORMED_FORM: 400,
  INVALID_UTF8: 400,
  BODY_TOO_DEEP: 400,
  FORBIDDEN_KEY: 400,
  INVALID_HEADER: 400,
  INVALID_CURSOR: 400,
  CONFLICTING_CREDENTIALS: 400,
  CREDENTIAL_IN_URL: 400,
  INVALID_RESET_LINK: 400,
  AUTHENTICATION_REQUIRED: 401,
  INVALID_API_KEY: 401,
  API_KEY_EXPIRED: 401,
  INVALID_TOKEN: 401,
  INVALID_CREDENTIALS: 401,
  INVALID_REFRESH_TOKEN: 401,
  ACCOUNT_DISABLED: 403,
  REGISTRATION_CLOSED: 403,
  WRONG_PASSWORD: 403,
  FRESH_LOGIN_REQUIRED: 403,
  SESSION_REQUIRED: 403,
  CSRF_REJECTED: 403,
  SESSION_NOT_FOUND: 404,
  EMAIL_TAKEN: 409,
  INSUFFICIENT_SCOPE: 403,
  GRANT_TOO_WIDE: 403,
  ORIGIN_NOT_ALLOWED: 403,
  ROUTE_NOT_FOUND: 404,
  RESOURCE_NOT_FOUND: 404,
  TASK_NOT_FOUND: 404,
  SCRIPT_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  NOT_ACCEPTABLE: 406,
  CONFLICT: 409,
  IDEMPOTENCY_IN_PROGRESS: 409,
  IDEMPOTENCY_NOT_REPLAYABLE: 409,
  API_KEY_REVOKED: 409,
  TOO_MANY_API_KEYS: 409,
  LAST_ADMIN: 409,
  TASK_ALREADY_FINISHED: 409,
  RESULT_NOT_READY: 409,
  SCRIPT_NAME_RESERVED: 409,
  SCRIPT_VERSION_EXISTS: 409,
  TOO_MANY_SCRIPTS: 409,
  PRECONDITION_FAILED: 412,
  BODY_TOO_LARGE: 413,
  URI_TOO_LONG: 414,
  UNSUPPORTED_MEDIA_TYPE: 415,
  RANGE_NOT_SATISFIABLE: 416,
  VALIDATION_FAILED: 422,
  CONFIRMATION_MISMATCH: 422,
  IDEMPOTENCY_KEY_REUSED: 422,
  UNKNOWN_TASK_KIND: 422,
  TIMEOUT_NOT_SERVED: 422,
  PRECONDITION_REQUIRED: 428,
  RATE_LIMITED: 429,
  TOO_MANY_CONCURRENT: 429,
  TOO_MANY_TASKS: 429,
  READER_TOO_SLOW: 408,
  INTERNAL: 500,
  MISCONFIGURED: 503,
  DEPENDENCY_UNAVAILABLE: 503,
  QUEUE_FULL: 503,
  MODEL_REQUIRED: 503,
  MAIL_REQUIRED: 503,
  UPSTREAM_TIMEOUT: 504,
  // Waits and runs
  TASK_TIMED_OUT: 408,
  WAIT_TIMED_OUT: 408,
  TASK_CANCELLED: 409,
  WORKER_LOST: 500,
  TASK_UNDELIVERABLE: 503,
  WORKER_FAILED: 502,
  // Outside workers
  WORKER_NOT_FOUND: 404,
  LEASE_LOST: 409,
  RESULT_TOO_LARGE: 500,
  // What can become of a scrape
  URL_NOT_ALLOWED: 422,
  INVALID_SELECTOR: 422,
  DNS_FAILED: 502,
  FETCH_FAILED: 502,
  FETCH_TIMED_OUT: 504,
  HOST_DOWN: 503,
  SITE_BUSY: 429,
  TARGET_STATUS: 502,
  ROBOTS_DISALLOWED: 403,
  ROBOTS_UNREACHABLE: 503,
  TOO_MANY_REDIRECTS: 502,
  RESPONSE_TOO_LARGE: 502,
  UNSUPPORTED_CONTENT: 502,
  PAGE_TOO_COMPLEX: 502,
  EXTRACTION_FAILED: 502,
  FIELD_MISSING: 502,
  // What can become of a computation
  PROGRAM_NOT_VALID: 422,
  EXPRESSION_NOT_VALID: 422,
  COMPUTATION_TOO_LARGE: 422,
  // Signing in with a provider, and clients of our token endpoint
  OAUTH_PROVIDER_NOT_FOUND: 404,
  OAUTH_STATE_INVALID: 400,
  OAUTH_DENIED: 403,
  OAUTH_RESPONSE_INVALID: 502,
  OAUTH_PROVIDER_UNAVAILABLE: 503,
  OAUTH_EMAIL_REQUIRED: 422,
  OAUTH_ACCOUNT_EXISTS: 409,
  OAUTH_IDENTITY_TAKEN: 409,
  OAUTH_ALREADY_LINKED: 409,
  OAUTH_LINK_NOT_FOUND: 404,
  OAUTH_LAST_SIGN_IN: 409,
  OAUTH_CLIENT_NOT_FOUND: 404,
  OAUTH_TOO_MANY_CLIENTS: 409,
  // Language models, and the streams of their answers
  MODEL_NOT_FOUND: 422,
  MODEL_REFUSED: 422,
  MODEL_ERROR: 502,
  MODEL_UNAVAILABLE: 503,
  MODEL_RATE_LIMITED: 503,
  MODEL_TIMEOUT: 504,
  STREAM_NOT_FOUND: 404,
  STREAM_INTERRUPTED: 503,
  NOT_CACHED: 504,
  // Code that is checked
  CODE_TOO_COMPLEX: 422,
  // Sockets and their channels
  UPGRADE_REQUIRED: 426,
  UNSUPPORTED_SUBPROTOCOL: 400,
  INVALID_TICKET: 401,
  MALFORMED_FRAME: 400,
  UNKNOWN_FRAME_TYPE: 422,
  INVALID_FRAME: 422,
  FRAME_TOO_LARGE: 413,
  CHANNEL_NOT_FOUND: 404,
  CHANNEL_FORBIDDEN: 403,
  POSITION_NOT_KEPT: 410,
  TOO_MANY_CHANNELS: 422,
  ROOM_OWNER_STAYS: 409,
  ROOM_FULL: 409,
  // Upstreams of the gateway
  UPSTREAM_NOT_FOUND: 404,
  UPSTREAM_EXISTS: 409,
  TOO_MANY_UPSTREAMS: 409,
  // Calls through it
  UNSAFE_PATH: 400,
  BODY_NOT_ALLOWED: 400,
  UPSTREAM_PATH_CLOSED: 404,
  HEADERS_TOO_LARGE: 431,
  UPSTREAM_UNREACHABLE: 502,
  UPSTREAM_UNAVAILABLE: 503,
  UPSTREAM_TIMED_OUT: 504,
  UPSTREAM_LOOP: 508,
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof ERRORS;
export type ErrorParams = Record<string, string | number>;

/**
 * What a person reads. `{name}` in a text is replaced by the parameter of that name; `[…]` around one is
 * kept only where all of its parameters are given, so that each text also reads well without them.
 */
export interface ErrorText {
  /** Names the kind of error; the same for every occurrence (RFC 9457 section 3.1.3). */
  readonly title: string;
  /** What happened. */
  readonly error: string;
  /** What to do about it, or null where nothing can be done. */
  readonly detail: string | null;
  /** What to say for the values of a parameter that are codes: parameter → value → phrase. */
  readonly phrases?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** One fault in a request. `pointer` is RFC 6901, rooted in the body, or in `query`/`path`/`header` by its first token. */
export interface FieldError {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}

export interface ApiErrorOptions {
  readonly params?: ErrorParams;
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the problem document, such as `task_id`. */
  readonly extension?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
  /** For the log only. */
  readonly internal?: string;
}

const TEXTS: Record<Locale, Record<ErrorCode, ErrorText>> = { en: EN, ko: KO };

const OPTIONAL_PART = /\[([^[\]]*)\]/g;
const PLACEHOLDER = /\{(\w+)\}/g;

const isGiven = (part: string, params: ErrorParams): boolean =>
  [...part.matchAll(PLACEHOLDER)].every(([, name = ""]) => params[name] !== undefined);

export const isErrorCode = (text: string): text is ErrorCode => Object.hasOwn(ERRORS, text);

/** The text of a code in a language with its parameters filled in, as plain text: whoever makes HTML of it escapes it. */
export function errorText(code: ErrorCode, locale: Locale, params: ErrorParams = {}): ErrorText {
  const text = TEXTS[locale][code];
  const fill = (template: string): string =>
    template
      .replaceAll(OPTIONAL_PART, (_whole, part: string) => (isGiven(part, params) ? part : ""))
      .replaceAll(PLACEHOLDER, (whole, name: string) => {
        const value = String(params[name] ?? whole);
        return text.phrases?.[name]?.[value] ?? value;
      });
  return {
    title: text.title,
    error: fill(text.error),
    detail: text.detail === null ? null : fill(text.detail),
  };
}

/** A refusal or failure with a public code. Thrown by services and guards, mapped to HTTP in `http/problem` only. */
export class ApiError extends Error {
  readonly code: ErrorCode;
  readonly options: ApiErrorOptions;

  constructor(code: ErrorCode, options: ApiErrorOptions = {}) {
    super(options.internal ?? code, { cause: options.cause });
    this.name = "ApiError";
    this.code = code;
    this.options = options;
  }

  get status(): number {
    return ERRORS[this.code];
  }
}
