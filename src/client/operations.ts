// Written by `npm run client:types` from the API's own document. Never edited.
export type HealthStatus = "healthy" | "degraded" | "unhealthy";

export interface WhoAmI {
  /** @example "usr_01h2xcejqtf2nbrexx3vqjhp41" */
  owner_id: string;
  /** The API key that was used; null for a signed-in person. */
  key_id: string | null;
  /** The signed-in session that was used; null for an API key. */
  session_id: string | null;
  role: "admin" | "user" | "service" | "worker";
  /** `*` is everything that the owner's role allows. */
  scopes: string[];
  /**
   * When the credential expires; null if it does not.
   * @format date-time
   */
  expires_at: string | null;
  /** Every limit that applies to the caller, this call counted. */
  limits: Limit[];
}

export interface Limit {
  /** @example "burst" */
  policy: string;
  /** Calls in a window, or what may be open at once. */
  limit: number;
  /** Null for a limit of what is open at the same time. */
  window_seconds: number | null;
  remaining: number;
  /** Seconds until some of it comes back; at most the window. */
  reset_seconds: number | null;
}

/** An error as RFC 9457 shapes it. */
export interface Problem {
  /** A relative reference to the page on this error. */
  type: string;
  title: string;
  status: number;
  /** The path that was asked for. */
  instance: string;
  /** What happened, for a person. */
  error: string;
  /** What to do about it. */
  detail: string | null;
  /** Stable, the same in every language. */
  code: string;
  /** @format date-time */
  timestamp: string;
  request_id: string;
  /** The trace of the request (W3C Trace Context): the caller's, where it sent a `traceparent`. */
  trace_id: string;
  /** Where a task is meant. */
  task_id?: string;
  /** With a 408: whether a worker has taken the task. */
  claimed?: boolean;
  /**
   * With a 408: when a worker last took any task; null for never.
   * @format date-time
   */
  last_claim_at?: string | null;
  /**
   * With a 408: before when the task is not tried again.
   * @format date-time
   */
  not_before?: string | null;
  /** With a 408: why the last attempt failed, or what the task waits for. */
  last_error?: {
    code: string;
    message: string;
    detail: string | null;
  };
  /** All faults of a request that is well-formed but invalid. */
  errors?: FieldError[];
}

/** @example {"pointer":"/timeout","code":"too_big","message":"Too big: expected number to be <=3600"} */
export interface FieldError {
  /** Where, as a JSON pointer (RFC 6901). */
  pointer: string;
  /** What kind of fault, the same in every language. */
  code: string;
  message: string;
}

export interface User {
  /** @example "usr_01h2xcejqtf2nbrexx3vqjhp41" */
  id: string;
  email: string;
  name: string;
  role: "admin" | "user" | "service" | "worker";
  /** @format date-time */
  created_at: string;
}

export interface Register {
  /**
   * @maxLength 254
   * @pattern ^[^\s@]+@[^\s@]+\.[^\s@]+$
   * @example "haneul@example.com"
   */
  email: string;
  /**
   * Any characters; the most common passwords are refused.
   * @format password
   * @minLength 8
   * @maxLength 128
   * @example "orchard ferry at dawn"
   */
  password: string;
  /**
   * @minLength 1
   * @maxLength 100
   * @example "Haneul"
   */
  name: string;
}

export interface PasswordChange {
  /**
   * @format password
   * @minLength 1
   * @maxLength 512
   * @example "orchard ferry at dawn"
   */
  current_password: string;
  /**
   * Any characters; the most common passwords are refused.
   * @format password
   * @minLength 8
   * @maxLength 128
   * @example "orchard ferry at dawn"
   */
  new_password: string;
}

export interface SessionTokens {
  /** A JWT (RFC 9068) for the Authorization header. */
  access_token: string;
  /** Good once, for the next tokens. With `?cookie=1` it is in a cookie. */
  refresh_token?: string;
  token_type: "Bearer";
  /**
   * Seconds that the access token lives.
   * @example 900
   */
  expires_in: number;
  /**
   * Seconds until the person has to sign in again; refreshing does not add to it.
   * @example 604800
   */
  refresh_expires_in: number;
  session_id: string;
  /** With a cookie: to be sent as `X-CSRF-Token`. */
  csrf_token?: string;
}

export interface Login {
  /**
   * @maxLength 254
   * @pattern ^[^\s@]+@[^\s@]+\.[^\s@]+$
   * @example "haneul@example.com"
   */
  email: string;
  /**
   * @format password
   * @minLength 1
   * @maxLength 512
   * @example "orchard ferry at dawn"
   */
  password: string;
}

export interface Refresh {
  /**
   * Left out where the cookie `__Host-refresh` holds it.
   * @maxLength 4096
   */
  refresh_token?: string;
}

export interface SessionPage {
  items: Session[];
  /** Send it as `cursor` for the next page; null at the end. */
  next_cursor: string | null;
}

export interface Session {
  id: string;
  /** `password`, or the provider's id. */
  method: string;
  /** @format date-time */
  created_at: string;
  /**
   * The sign-in or the last refresh.
   * @format date-time
   */
  last_used_at: string;
  /** @format date-time */
  expires_at: string;
  address: string | null;
  user_agent: string | null;
  /** Whether this call was made with it. */
  is_current: boolean;
}

export interface Jwks {
  keys: {
    kty: "OKP" | "EC";
    crv: string;
    x: string;
    y?: string;
    kid: string;
    alg: "EdDSA" | "ES256";
    use: "sig";
  }[];
}

export type ApiKeyWithSecret = ApiKey & {
  /** The key itself. Shown this once, and stored nowhere. */
  key: string;
};

export interface ApiKey {
  /** @example "key_01kcm4v7d0g3q6zr1w8n5tbe2y4j7k2m9x5v8c1b3n" */
  id: string;
  name: string;
  /**
   * What the key begins with, to tell keys apart.
   * @example "nr_live_01kcm4v7d0g3q6zr1w8n5tbe2y4j7k2m9x5v8c1b3n"
   */
  prefix: string;
  status: "active" | "expired" | "revoked";
  scopes: string[];
  limits: Record<string, unknown>;
  /** @format date-time */
  created_at: string;
  /** @format date-time */
  expires_at: string | null;
  /** @format date-time */
  revoked_at: string | null;
  /**
   * To the minute; null where it was never used.
   * @format date-time
   */
  last_used_at: string | null;
  /**
   * Until when a secret from before a rotation still works.
   * @format date-time
   */
  old_secrets_expire_at: string | null;
}

export interface CreateApiKey {
  /**
   * @minLength 1
   * @maxLength 100
   * @example "crawler in production"
   */
  name: string;
  /**
   * What the key may do, no more than the credential that makes it: `account` (the owner's own account: sessions, password, linked identities), `admin` (what administrators do: people, roles, the audit log), `chat` (conversations with a model), `code` (code: generating, completing, validating, analysing), `gw` (the gateway: every upstream behind it that asks for no other scope), `keys:manage` (API keys and OAuth clients), `realtime` (sockets, channels and rooms), `scrape` (pages: fetching and taking them apart), `tasks:read` (tasks: reading and following them), `tasks:write` (tasks: submitting and cancelling them), `worker` (work for others: leasing and completing tasks), `gw:<name>` (the one upstream of that name behind the gateway, whether it is there yet or not). `*` is everything that the owner's role allows.
   * @maxItems 50
   * @minItems 1
   * @example ["tasks:read","tasks:write","scrape"]
   */
  scopes: (
    | "account"
    | "admin"
    | "chat"
    | "code"
    | "gw"
    | "keys:manage"
    | "realtime"
    | "scrape"
    | "tasks:read"
    | "tasks:write"
    | "worker"
    | "*"
  )[];
  /**
   * The key's own quotas by policy (burst, client, chat, code, workers, streams), as `RATE_LIMITS` writes them. Each narrows that policy for calls by this key; the owner's quota holds as well.
   * @example {"burst":{"limit":10,"window":60}}
   */
  limits?: object;
  /**
   * Days until it expires; null never, for administrators only. A key cannot make one that outlives it.
   * @min 1
   * @max 365
   * @example 90
   */
  expires_in_days?: number | null;
}

export interface ApiKeyPage {
  items: ApiKey[];
  /** Send it as `cursor` for the next page; null at the end. */
  next_cursor: string | null;
}

export interface UpdateApiKey {
  /**
   * @minLength 1
   * @maxLength 100
   * @example "crawler in production"
   */
  name?: string;
  /**
   * What the key may do, no more than the credential that makes it: `account` (the owner's own account: sessions, password, linked identities), `admin` (what administrators do: people, roles, the audit log), `chat` (conversations with a model), `code` (code: generating, completing, validating, analysing), `gw` (the gateway: every upstream behind it that asks for no other scope), `keys:manage` (API keys and OAuth clients), `realtime` (sockets, channels and rooms), `scrape` (pages: fetching and taking them apart), `tasks:read` (tasks: reading and following them), `tasks:write` (tasks: submitting and cancelling them), `worker` (work for others: leasing and completing tasks), `gw:<name>` (the one upstream of that name behind the gateway, whether it is there yet or not). `*` is everything that the owner's role allows.
   * @maxItems 50
   * @minItems 1
   * @example ["tasks:read","tasks:write","scrape"]
   */
  scopes?: (
    | "account"
    | "admin"
    | "chat"
    | "code"
    | "gw"
    | "keys:manage"
    | "realtime"
    | "scrape"
    | "tasks:read"
    | "tasks:write"
    | "worker"
    | "*"
  )[];
  /**
   * The key's own quotas in place of those that it has; `{}` or null leaves it none, and the owner's hold alone.
   * @example {"burst":{"limit":10,"window":60}}
   */
  limits?: object;
  /**
   * Days from now. Leave it out to keep the expiry.
   * @min 1
   * @max 365
   * @example 90
   */
  expires_in_days?: number | null;
}

export interface RotateApiKey {
  /**
   * How long the old secret works on. 0 ends it at once, and every older one with it: the choice where it leaked.
   * @min 0
   * @max 604800
   * @default 86400
   * @example 86400
   */
  grace_seconds?: number;
  /**
   * Days from now. Leave it out for as long as before, counted anew.
   * @min 1
   * @max 365
   * @example 90
   */
  expires_in_days?: number | null;
}

export interface AdminUserPage {
  items: AdminUser[];
  /** Send it as `cursor` for the next page; null at the end. */
  next_cursor: string | null;
}

export interface AdminUser {
  /** @example "usr_01kcm4v7d0g3q6zr1w8n5tbe2y" */
  id: string;
  email: string;
  name: string;
  role: "admin" | "user" | "service" | "worker";
  disabled: boolean;
  limits: Record<string, unknown> | null;
  /** False for who signs in with a provider only. */
  has_password: boolean;
  /** @format date-time */
  created_at: string;
  /** @format date-time */
  updated_at: string;
}

export interface ChangeUser {
  role?: "admin" | "user" | "service" | "worker";
  /** True ends every session, and refuses every key and token, from this moment on. */
  disabled?: boolean;
  /**
   * The person's own quotas by policy (burst, client, chat, code, workers, streams), in place of the deployment's; null in place of a quota switches a policy off, null or {} for all of it gives the deployment's back.
   * @example {"client":{"limit":5000,"window":3600}}
   */
  limits?: object;
}

export interface ResetLink {
  /** Shown this once. To be brought to the person on a safe way. */
  token: string;
  /** @example "/api/v1/auth/password/reset" */
  redeem_at: string;
  /** @format date-time */
  expires_at: string;
  /** Whether the person was sent the link by mail. */
  sent: boolean;
}

export interface RequestReset {
  /**
   * @maxLength 254
   * @pattern ^[^\s@]+@[^\s@]+\.[^\s@]+$
   * @example "haneul@example.com"
   */
  email: string;
}

export interface RedeemReset {
  /**
   * @minLength 1
   * @maxLength 128
   * @example "q83vEjRWeJCrze8SNFZ4kKvN7xI0Vni"
   */
  token: string;
  /**
   * Any characters; the most common passwords are refused.
   * @format password
   * @minLength 8
   * @maxLength 128
   * @example "orchard ferry at dawn"
   */
  password: string;
}

export interface AuditPage {
  items: AuditEntry[];
  /** Send it as `cursor` for the next page; null at the end. */
  next_cursor: string | null;
}

export interface AuditEntry {
  /** @example "aud_01kcm4v7d0g3q6zr1w8n5tbe2y" */
  id: string;
  /** @format date-time */
  at: string;
  /**
   * Who did it; null for the server itself and for strangers.
   * @example "usr_01kcm4v7d0g3q6zr1w8n5tbe2y"
   */
  actor_id: string | null;
  /**
   * What was done.
   * @example "api_key.revoke"
   */
  action: string;
  /** To whom or what. */
  subject_id: string | null;
  /** From which address. */
  address: string | null;
  /** What else is worth knowing. Never a secret. */
  details: Record<string, unknown>;
}

export interface UpstreamPage {
  items: Upstream[];
  /** Send it as `cursor` for the next page; null at the end. */
  next_cursor: string | null;
}

export interface Upstream {
  /** @example "ups_01kcm4v7d0g3q6zr1w8n5tbe2y" */
  id: string;
  name: string;
  targets: {
    url: string;
    weight: number;
  }[];
  methods: ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS")[];
  paths: string[];
  add_headers: Record<string, string>;
  /** Their names alone; values are never shown. */
  secret_headers: {
    name: string;
    /** @format date-time */
    updated_at: string;
  }[];
  timeout_ms: number;
  idle_timeout_ms: number | null;
  retries: number;
  cache_seconds: number;
  health_check: {
    path: string;
    interval_seconds: number;
    timeout_ms: number;
    healthy_after: number;
    unhealthy_after: number;
    expected_status: number | null;
  };
  scope: string | null;
  max_body_bytes: number;
  enabled: boolean;
  /** Goes up by one with each change. */
  version: number;
  /** @format date-time */
  created_at: string;
  /** @format date-time */
  updated_at: string;
}

export interface CreateUpstream {
  /**
   * What callers call it by: `/api/v1/gw/<name>/…`. It never changes.
   * @pattern ^[a-z0-9][a-z0-9-]{0,62}$
   * @example "billing"
   */
  name: string;
  /**
   * @maxItems 32
   * @minItems 1
   */
  targets: UpstreamTarget[];
  /**
   * All of them where it is not said.
   * @minItems 1
   * @example ["GET","POST"]
   */
  methods?: ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS")[];
  /**
   * What may be asked for below the base path: whole paths, in which `*` as the last segment fits any rest and elsewhere one segment. Every path (`/*`) where it is not said.
   * @maxItems 100
   * @minItems 1
   * @example ["/invoices/*","/customers/*\/balance"]
   */
  paths?: string[];
  /**
   * Set on each call, in place of what the caller sent under these names. No secrets: these values are shown.
   * @example {"x-tenant":"acme"}
   */
  add_headers?: Record<string, string>;
  /**
   * Milliseconds to the first byte of the answer, for each try; 30000 where it is not said.
   * @min 100
   * @max 600000
   * @example 30000
   */
  timeout_ms?: number;
  /**
   * Milliseconds between two pieces of an answer's body; null for no bound, 120000 where it is not said.
   * @min 1000
   * @max 3600000
   * @example 120000
   */
  idle_timeout_ms?: number | null;
  /**
   * Further tries, at another target where there is one, and only where trying again is safe; 1 where it is not said.
   * @min 0
   * @max 5
   * @example 1
   */
  retries?: number;
  /**
   * The longest that an answer is told again. Whether and how long, the answer's own headers say; this only shortens it. 0, as where it is not said, keeps none.
   * @min 0
   * @max 86400
   * @example 0
   */
  cache_seconds?: number;
  /** How targets are asked whether they are well while there is traffic. Null, as where it is not said: only calls tell. */
  health_check?: UpstreamHealthCheck;
  /**
   * What callers' credentials must carry: a scope, or `gw:<name>` (the one upstream of that name behind the gateway, whether it is there yet or not); `gw` carries all of those. Null lets in whoever shows a good credential. `gw:` and the upstream's name where it is not said.
   * @example "gw:billing"
   */
  scope?:
    | "account"
    | "admin"
    | "chat"
    | "code"
    | "gw"
    | "keys:manage"
    | "realtime"
    | "scrape"
    | "tasks:read"
    | "tasks:write"
    | "worker";
  /**
   * The largest request body; 134217728 where it is not said. The platform's plan may take less. Answers have no such bound.
   * @min 0
   * @max 536870912
   * @example 134217728
   */
  max_body_bytes?: number;
  /**
   * Switched off, it is unknown to callers.
   * @example true
   */
  enabled?: boolean;
  /**
   * Set on each call, stored encrypted and never shown. Null keeps the value that is there; a name that is left out is removed. Where all of `secret_headers` is left out, they stay as they are.
   * @example {"authorization":"Bearer 0a1b2c3d4e"}
   */
  secret_headers?: Record<string, string | null>;
}

export interface UpstreamTarget {
  /**
   * http or https, perhaps with a base path, without name, password, query and fragment. It may be private; it may be neither link-local nor this deployment.
   * @example "https://billing.internal.example/v2"
   */
  url: string;
  /**
   * The target's share of the calls among the healthy ones; 1 where it is not said.
   * @min 1
   * @max 1000
   * @example 1
   */
  weight?: number;
}

/** How targets are asked whether they are well while there is traffic. Null, as where it is not said: only calls tell. */
export interface UpstreamHealthCheck {
  /**
   * Asked with GET below the target's base path.
   * @example "/healthz"
   */
  path: string;
  /**
   * @min 1
   * @max 3600
   * @default 10
   */
  interval_seconds?: number;
  /**
   * @min 100
   * @max 30000
   * @default 2000
   */
  timeout_ms?: number;
  /**
   * Good checks in a row that bring a target back.
   * @min 1
   * @max 20
   * @default 2
   */
  healthy_after?: number;
  /**
   * Failures in a row, of checks or of calls, that take a target out.
   * @min 1
   * @max 20
   * @default 3
   */
  unhealthy_after?: number;
  /**
   * The status of a good check; null takes any from 200 to 299.
   * @min 200
   * @max 599
   * @default null
   */
  expected_status?: number | null;
}

export interface ReplaceUpstream {
  /**
   * @maxItems 32
   * @minItems 1
   */
  targets: UpstreamTarget[];
  /**
   * All of them where it is not said.
   * @minItems 1
   * @example ["GET","POST"]
   */
  methods?: ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS")[];
  /**
   * What may be asked for below the base path: whole paths, in which `*` as the last segment fits any rest and elsewhere one segment. Every path (`/*`) where it is not said.
   * @maxItems 100
   * @minItems 1
   * @example ["/invoices/*","/customers/*\/balance"]
   */
  paths?: string[];
  /**
   * Set on each call, in place of what the caller sent under these names. No secrets: these values are shown.
   * @example {"x-tenant":"acme"}
   */
  add_headers?: Record<string, string>;
  /**
   * Milliseconds to the first byte of the answer, for each try; 30000 where it is not said.
   * @min 100
   * @max 600000
   * @example 30000
   */
  timeout_ms?: number;
  /**
   * Milliseconds between two pieces of an answer's body; null for no bound, 120000 where it is not said.
   * @min 1000
   * @max 3600000
   * @example 120000
   */
  idle_timeout_ms?: number | null;
  /**
   * Further tries, at another target where there is one, and only where trying again is safe; 1 where it is not said.
   * @min 0
   * @max 5
   * @example 1
   */
  retries?: number;
  /**
   * The longest that an answer is told again. Whether and how long, the answer's own headers say; this only shortens it. 0, as where it is not said, keeps none.
   * @min 0
   * @max 86400
   * @example 0
   */
  cache_seconds?: number;
  /** How targets are asked whether they are well while there is traffic. Null, as where it is not said: only calls tell. */
  health_check?: UpstreamHealthCheck;
  /**
   * What callers' credentials must carry: a scope, or `gw:<name>` (the one upstream of that name behind the gateway, whether it is there yet or not); `gw` carries all of those. Null lets in whoever shows a good credential. `gw:` and the upstream's name where it is not said.
   * @example "gw:billing"
   */
  scope?:
    | "account"
    | "admin"
    | "chat"
    | "code"
    | "gw"
    | "keys:manage"
    | "realtime"
    | "scrape"
    | "tasks:read"
    | "tasks:write"
    | "worker";
  /**
   * The largest request body; 134217728 where it is not said. The platform's plan may take less. Answers have no such bound.
   * @min 0
   * @max 536870912
   * @example 134217728
   */
  max_body_bytes?: number;
  /**
   * Switched off, it is unknown to callers.
   * @example true
   */
  enabled?: boolean;
  /**
   * Set on each call, stored encrypted and never shown. Null keeps the value that is there; a name that is left out is removed. Where all of `secret_headers` is left out, they stay as they are.
   * @example {"authorization":"Bearer 0a1b2c3d4e"}
   */
  secret_headers?: Record<string, string | null>;
}

export interface ChangeUpstream {
  /**
   * @maxItems 32
   * @minItems 1
   */
  targets?: UpstreamTarget[];
  /**
   * All of them where it is not said.
   * @minItems 1
   * @example ["GET","POST"]
   */
  methods?: ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS")[];
  /**
   * What may be asked for below the base path: whole paths, in which `*` as the last segment fits any rest and elsewhere one segment. Every path (`/*`) where it is not said.
   * @maxItems 100
   * @minItems 1
   * @example ["/invoices/*","/customers/*\/balance"]
   */
  paths?: string[];
  /**
   * Set on each call, in place of what the caller sent under these names. No secrets: these values are shown.
   * @example {"x-tenant":"acme"}
   */
  add_headers?: Record<string, string>;
  /**
   * Milliseconds to the first byte of the answer, for each try; 30000 where it is not said.
   * @min 100
   * @max 600000
   * @example 30000
   */
  timeout_ms?: number;
  /**
   * Milliseconds between two pieces of an answer's body; null for no bound, 120000 where it is not said.
   * @min 1000
   * @max 3600000
   * @example 120000
   */
  idle_timeout_ms?: number | null;
  /**
   * Further tries, at another target where there is one, and only where trying again is safe; 1 where it is not said.
   * @min 0
   * @max 5
   * @example 1
   */
  retries?: number;
  /**
   * The longest that an answer is told again. Whether and how long, the answer's own headers say; this only shortens it. 0, as where it is not said, keeps none.
   * @min 0
   * @max 86400
   * @example 0
   */
  cache_seconds?: number;
  /** How targets are asked whether they are well while there is traffic. Null, as where it is not said: only calls tell. */
  health_check?: UpstreamHealthCheck;
  /**
   * What callers' credentials must carry: a scope, or `gw:<name>` (the one upstream of that name behind the gateway, whether it is there yet or not); `gw` carries all of those. Null lets in whoever shows a good credential. `gw:` and the upstream's name where it is not said.
   * @example "gw:billing"
   */
  scope?:
    | "account"
    | "admin"
    | "chat"
    | "code"
    | "gw"
    | "keys:manage"
    | "realtime"
    | "scrape"
    | "tasks:read"
    | "tasks:write"
    | "worker";
  /**
   * The largest request body; 134217728 where it is not said. The platform's plan may take less. Answers have no such bound.
   * @min 0
   * @max 536870912
   * @example 134217728
   */
  max_body_bytes?: number;
  /**
   * Switched off, it is unknown to callers.
   * @example true
   */
  enabled?: boolean;
  /**
   * Set on each call, stored encrypted and never shown. Null keeps the value that is there; a name that is left out is removed. Where all of `secret_headers` is left out, they stay as they are.
   * @example {"authorization":"Bearer 0a1b2c3d4e"}
   */
  secret_headers?: Record<string, string | null>;
}

export interface UpstreamHealth {
  upstream: string;
  enabled: boolean;
  targets: {
    url: string;
    weight: number;
    /** Whether it gets calls. Taken for well where nothing is known. */
    healthy: boolean;
    /**
     * Null where nothing is known.
     * @format date-time
     */
    since: string | null;
    /** In a row, of calls and of checks. */
    failures: number;
    /** @format date-time */
    last_failure_at: string | null;
    /** Null where there was none yet; status null: no answer. */
    last_check: {
      /** @format date-time */
      at: string;
      good: boolean;
      status: number | null;
    };
  }[];
}

export interface SigninProviders {
  items: SigninProvider[];
}

export interface SigninProvider {
  /** @example "github" */
  id: string;
  /**
   * What a button says.
   * @example "GitHub"
   */
  name: string;
  kind: "oidc" | "github";
}

export type SigninOutcome = SessionTokens | LinkedProvider;

export interface LinkedProvider {
  linked: true;
  /** @example "github" */
  provider: string;
}

export interface LinkBeginning {
  /**
   * Where to send the browser; it has the cookie of this answer.
   * @format uri
   */
  authorization_url: string;
  /** @format date-time */
  expires_at: string;
}

export interface LinkedIdentities {
  items: LinkedIdentity[];
}

export interface LinkedIdentity {
  /** @example "github" */
  provider: string;
  /** As a button says it; the id where the provider is not configured any more. */
  name: string;
  /** The address at the provider when it was linked. Proves nothing here. */
  email: string | null;
  /** @format date-time */
  linked_at: string;
}

export type NewOAuthClient = OAuthClient & {
  /** Shown this once. Who loses it makes another client. */
  client_secret: string;
};

export interface OAuthClient {
  /** @example "cli_01h2xcejqtf2nbrexx3vqjhp41f2nbrexx3vqjhp41" */
  id: string;
  /**
   * The same as `id`, under the name that OAuth gives it.
   * @example "cli_01h2xcejqtf2nbrexx3vqjhp41f2nbrexx3vqjhp41"
   */
  client_id: string;
  name: string;
  scopes: string[];
  /** @format date-time */
  created_at: string;
}

export interface CreateOAuthClient {
  /**
   * @minLength 1
   * @maxLength 100
   * @example "nightly import"
   */
  name: string;
  /**
   * What the client may do: no more than the credential that makes it, each by name, and nothing that takes the role of a person (`admin`, `worker`): `account` (the owner's own account: sessions, password, linked identities), `chat` (conversations with a model), `code` (code: generating, completing, validating, analysing), `gw` (the gateway: every upstream behind it that asks for no other scope), `keys:manage` (API keys and OAuth clients), `realtime` (sockets, channels and rooms), `scrape` (pages: fetching and taking them apart), `tasks:read` (tasks: reading and following them), `tasks:write` (tasks: submitting and cancelling them), `gw:<name>` (the one upstream of that name behind the gateway, whether it is there yet or not).
   * @maxItems 50
   * @minItems 1
   */
  scopes: (
    | "account"
    | "admin"
    | "chat"
    | "code"
    | "gw"
    | "keys:manage"
    | "realtime"
    | "scrape"
    | "tasks:read"
    | "tasks:write"
    | "worker"
  )[];
}

export interface OAuthClients {
  items: OAuthClient[];
  /** Send it as `cursor` for the next page; null at the end. */
  next_cursor: string | null;
}

export interface TokenAnswer {
  access_token: string;
  token_type: "Bearer";
  /** Seconds. */
  expires_in: number;
  scope?: string;
  /** In place of the one that was sent, which is used up. */
  refresh_token?: string;
}

/** An error as RFC 6749 section 5.2 shapes it. */
export interface OAuthError {
  /** @example "invalid_client" */
  error: string;
  /** @example "client authentication failed" */
  error_description: string;
}

export interface TokenRequest {
  /** @maxLength 200 */
  client_id?: string;
  /**
   * With `client_id`, in place of HTTP Basic authentication.
   * @maxLength 2000
   */
  client_secret?: string;
  /**
   * `client_credentials` or `refresh_token`.
   * @maxLength 200
   * @example "client_credentials"
   */
  grant_type?: string;
  /**
   * Scopes, separated by spaces; all of the client's where it is not said.
   * @maxLength 4000
   * @example "tasks:write"
   */
  scope?: string;
  /** @maxLength 8192 */
  refresh_token?: string;
}

export interface InspectedToken {
  /** @maxLength 200 */
  client_id?: string;
  /**
   * With `client_id`, in place of HTTP Basic authentication.
   * @maxLength 2000
   */
  client_secret?: string;
  /**
   * Required.
   * @maxLength 8192
   */
  token?: string;
  /**
   * Not needed: the two kinds of tokens look different.
   * @maxLength 200
   */
  token_type_hint?: string;
}

export type Introspection =
  | {
      active: false;
    }
  | {
      active: true;
      token_type: "Bearer";
      iss: string;
      aud: string;
      sub: string;
      client_id: string;
      scope: string;
      role: "admin" | "user" | "service" | "worker";
      jti: string;
      iat: number;
      exp: number;
    };

/** RFC 8414. */
export interface ServerMetadata {
  /** @format uri */
  issuer: string;
  /** @format uri */
  token_endpoint: string;
  /** @format uri */
  revocation_endpoint: string;
  /** @format uri */
  introspection_endpoint: string;
  /** @format uri */
  jwks_uri: string;
  grant_types_supported: string[];
  response_types_supported: string[];
  scopes_supported: string[];
  token_endpoint_auth_methods_supported: string[];
  revocation_endpoint_auth_methods_supported: string[];
  introspection_endpoint_auth_methods_supported: string[];
  /** @format uri */
  service_documentation: string;
}

export interface TaskBatch {
  items: TaskBatchItem[];
}

export interface TaskBatchItem {
  /**
   * Its place in the request, from 0.
   * @example 0
   */
  index: number;
  verdict: "accepted" | "joined" | "refused";
  task: Task;
  /** Why it was refused. */
  error: TaskError;
  /** Seconds after which a refused task may be sent again. */
  retry_after: number | null;
}

export interface Task {
  /**
   * The task's id.
   * @example "task_01kcm4v7d0003q6zr1w8n5tbe2y9f"
   */
  request_id: string;
  /** @example "echo" */
  kind: string;
  status: "queued" | "running" | "completed" | "failed" | "cancelled" | "timed_out";
  priority: "high" | "normal" | "low";
  /** Why it did not succeed; while it waits, what for: why the last attempt failed, or which target keeps it waiting (`SITE_BUSY`, `HOST_DOWN`, `ROBOTS_UNREACHABLE`). */
  error: TaskError;
  /**
   * Seconds from the first start of its work to its end, or up to this moment; 0 before it starts.
   * @example 0.42
   */
  execution_time: number;
  /**
   * Attempts begun so far.
   * @example 1
   */
  attempts: number;
  /** @format date-time */
  created_at: string;
  /** @format date-time */
  completed_at: string | null;
  /**
   * Before when a waiting task is not tried: the time that it was submitted for, or, where `error` says why, that of its next attempt. Null where it waits for nothing but a worker.
   * @format date-time
   */
  not_before: string | null;
  /** The result once it is completed; null where it is larger than 64 KiB and stands at `result_url`. */
  data?: unknown;
  /** How far its worker says that it is; null where it says nothing. */
  progress?: unknown;
  /**
   * Where a large result is read from.
   * @example "/api/v1/tasks/task_01kcm4v7d0003q6zr1w8n5tbe2y9f/result"
   */
  result_url?: string;
}

/** Why it did not succeed; while it waits, what for: why the last attempt failed, or which target keeps it waiting (`SITE_BUSY`, `HOST_DOWN`, `ROBOTS_UNREACHABLE`). */
export interface TaskError {
  /**
   * Stable, the same in every language.
   * @example "FETCH_FAILED"
   */
  code: string;
  /** What happened, for a person. */
  message: string;
  /** What to do about it. */
  detail: string | null;
}

export interface CreateTaskBatch {
  /**
   * Each as `POST /api/v1/tasks` takes it.
   * @example [{"kind":"echo","input":{"hello":"world"}}]
   */
  tasks: CreateTask[];
}

export interface OwnTaskStats {
  /**
   * Tasks of yours that could run and wait for a worker.
   * @min 0
   */
  queue_length: number;
  /**
   * Tasks of yours that wait for their time, or for that of their next attempt.
   * @min 0
   */
  scheduled: number;
  /** @min 0 */
  running: number;
  /** How long the longest of `queue_length` waits; null where none does. */
  oldest_queued_seconds: number | null;
  /**
   * All that are kept.
   * @min 0
   */
  total: number;
  by_kind: Record<
    string,
    {
      /** @min 0 */
      queued: number;
      /** @min 0 */
      running: number;
      /** @min 0 */
      completed: number;
      /** @min 0 */
      failed: number;
      /** @min 0 */
      cancelled: number;
      /** @min 0 */
      timed_out: number;
      /**
       * Those of `queued` that wait for their time.
       * @min 0
       */
      scheduled: number;
    }
  >;
}

export interface ChatModePage {
  items: ChatMode[];
  /** Send it as `cursor` for the next page; null at the end. */
  next_cursor: string | null;
}

export interface ChatMode {
  /** @example "tutor" */
  id: string;
  /** @example "Tutor" */
  title: string;
  description: string;
  /** What the model is told, by the caller's language. */
  prompts: {
    ko: string;
    en: string;
  };
  is_default: boolean;
}

export interface ChatAnswer {
  /**
   * @maxLength 100
   * @example "conv_01kcm4v7d0g3q6zr1w8n5tbe2y"
   */
  conversation_id: string;
  /**
   * Of the answer.
   * @maxLength 100
   * @example "msg_01kcm4v7d1k2m9x5v8c1b3n7q4"
   */
  message_id: string;
  reply: string;
  usage: ChatUsage;
  /** @example "embedded" */
  model: string;
  /**
   * `length` where `max_tokens` cut the answer.
   * @example "stop"
   */
  finish_reason: string;
  cached: boolean;
}

export interface ChatUsage {
  /** @example 42 */
  prompt_tokens: number;
  /** @example 17 */
  completion_tokens: number;
  /** @example 59 */
  total_tokens: number;
  /** Counted from the texts, since the provider did not tell. */
  is_estimated: boolean;
}

export interface ChatRequest {
  /**
   * @maxLength 100000
   * @example "파이썬으로 리스트의 중복을 없애는 방법은?"
   */
  message: string;
  /**
   * Goes on with this conversation; a new one begins without it.
   * @maxLength 100
   * @example "conv_01kcm4v7d0g3q6zr1w8n5tbe2y"
   */
  conversation_id?: string;
  /**
   * The mode of the conversation from here on. Without it: the one it has, or that of the settings.
   * @example "assistant"
   */
  mode?: "assistant" | "coder" | "translator" | "summarizer" | "tutor" | "writer" | "analyst";
  /**
   * One of the models of `GET /v1/models`; the deployment's own choice without it.
   * @minLength 1
   * @maxLength 200
   * @example "embedded"
   */
  model?: string;
  /**
   * @min 0
   * @max 2
   * @example 0.7
   */
  temperature?: number;
  /**
   * Of the answer.
   * @min 1
   * @max 1000000
   * @example 1000
   */
  max_tokens?: number;
}

export interface ConversationPage {
  items: Conversation[];
  /** Send it as `cursor` for the next page; null at the end. */
  next_cursor: string | null;
}

export interface Conversation {
  /**
   * @maxLength 100
   * @example "conv_01kcm4v7d0g3q6zr1w8n5tbe2y"
   */
  id: string;
  /**
   * Made of the first message unless given; empty before there is one.
   * @example "The capital of Korea"
   */
  title: string;
  /** @example "assistant" */
  mode: string;
  /** @format date-time */
  created_at: string;
  /**
   * Of the last change or message.
   * @format date-time
   */
  updated_at: string;
}

export interface CreateConversation {
  /**
   * @minLength 1
   * @maxLength 200
   * @example "The capital of Korea"
   */
  title?: string;
  /** @example "assistant" */
  mode?: "assistant" | "coder" | "translator" | "summarizer" | "tutor" | "writer" | "analyst";
}

export type ConversationDetail = Conversation & {
  messages: Message[];
  /** Send it as `cursor` for further messages; null at the end. */
  next_cursor: string | null;
};

export interface Message {
  /**
   * @maxLength 100
   * @example "msg_01kcm4v7d1k2m9x5v8c1b3n7q4"
   */
  id: string;
  role: "system" | "user" | "assistant" | "tool";
  /** Of an answer that failed: what had come before. Empty while it is pending. */
  content: string;
  status: "pending" | "complete" | "failed";
  /**
   * Why it failed.
   * @example null
   */
  error_code: string | null;
  /**
   * Of an answer: the message that it answers.
   * @maxLength 100
   * @example "msg_01kcm4v7d1k2m9x5v8c1b3n7q4"
   */
  reply_to: string | null;
  /** @example "embedded" */
  model: string | null;
  /** @example "stop" */
  finish_reason: string | null;
  prompt_tokens: number | null;
  completion_tokens: number | null;
  cached: boolean;
  /** @format date-time */
  created_at: string;
}

export interface UpdateConversation {
  /**
   * @minLength 1
   * @maxLength 200
   * @example "The capital of Korea"
   */
  title?: string;
  /** @example "assistant" */
  mode?: "assistant" | "coder" | "translator" | "summarizer" | "tutor" | "writer" | "analyst";
}

export interface FeedbackAnswer {
  /** @example "fb_01kcm4v7d2r8n5tbe2y4j7k2m9" */
  id: string;
  status: "success";
  /** @format date-time */
  created_at: string;
}

export interface Feedback {
  /** @example "positive" */
  type: "positive" | "negative";
  /**
   * @maxLength 5000
   * @example "The example ran at once."
   */
  comment: string;
  /**
   * An answer, or any other message, in a conversation of yours.
   * @maxLength 100
   * @example "msg_01kcm4v7d1k2m9x5v8c1b3n7q4"
   */
  message_id?: string;
  /** @maxLength 100000 */
  code_snippet?: string;
  /** @maxLength 8000 */
  user_question?: string;
}

export interface HistoryPage {
  items: HistoryItem[];
  /** Send it as `cursor` for the next page; null at the end. */
  next_cursor: string | null;
}

export interface HistoryItem {
  /** @example "hist_01kcm4v7d0g3q6zr1w8n5tbe2y4j7k2m9x5v8c1b3n" */
  id: string;
  /**
   * `chat`, or `code`.
   * @example "chat"
   */
  kind: string;
  /** @example "What is the capital of Korea?" */
  question: string;
  /** @example "Seoul." */
  answer: string;
  /**
   * That of the code; null where none is meant.
   * @example null
   */
  language: string | null;
  /** @example "embedded" */
  model: string | null;
  /** Told from the cache of answers. */
  cached: boolean;
  /** @format date-time */
  created_at: string;
}

export interface UserProfile {
  /** @example "usr_01kcm4v7d0g3q6zr1w8n5tbe2y" */
  id: string;
  /**
   * As the account has it; null for an owner that is no person.
   * @example "jiwoo@example.com"
   */
  email: string | null;
  /** @example "Kim Jiwoo" */
  name: string | null;
  role: "admin" | "user" | "service" | "worker";
  display_name: string | null;
  bio: string | null;
  organization: string | null;
  website: string | null;
  time_zone: string | null;
  interests: string[];
  /**
   * Null before the first change.
   * @format date-time
   */
  updated_at: string | null;
}

/** Replaces the profile: what is left out is empty. */
export interface PutProfile {
  /**
   * @minLength 1
   * @maxLength 100
   * @default null
   * @example "Jiwoo"
   */
  display_name?: string | null;
  /**
   * @minLength 1
   * @maxLength 2000
   * @default null
   * @example "Data engineer in Seoul"
   */
  bio?: string | null;
  /**
   * @minLength 1
   * @maxLength 200
   * @default null
   * @example "Naru"
   */
  organization?: string | null;
  /**
   * @format uri
   * @maxLength 500
   * @default null
   * @example "https://example.com"
   */
  website?: string | null;
  /**
   * @maxLength 64
   * @default null
   * @example "Asia/Seoul"
   */
  time_zone?: string | null;
  /**
   * @maxItems 30
   * @default []
   * @example ["python","maps"]
   */
  interests?: string[];
}

export interface UserSettings {
  pythonSkillLevel: "beginner" | "intermediate" | "advanced" | "expert";
  codeOutputStructure: "minimal" | "standard" | "detailed" | "comprehensive";
  explanationStyle: "brief" | "standard" | "detailed" | "educational";
  default_mode: string | null;
  save_history: boolean;
  /**
   * Null before the first change.
   * @format date-time
   */
  updated_at: string | null;
}

/** Replaces the settings: what is left out, or null, is as the deployment has it. */
export interface PutSettings {
  /**
   * @default null
   * @example "beginner"
   */
  pythonSkillLevel?: "beginner" | "intermediate" | "advanced" | "expert";
  /**
   * @default null
   * @example "detailed"
   */
  codeOutputStructure?: "minimal" | "standard" | "detailed" | "comprehensive";
  /**
   * @default null
   * @example "educational"
   */
  explanationStyle?: "brief" | "standard" | "detailed" | "educational";
  /**
   * The mode of new conversations.
   * @default null
   * @example "tutor"
   */
  default_mode?:
    | "assistant"
    | "coder"
    | "translator"
    | "summarizer"
    | "tutor"
    | "writer"
    | "analyst";
  /**
   * Whether answers are written to the history. What is there already stays.
   * @default true
   */
  save_history?: boolean;
}

export interface DataExport {
  format: "naru-export-1";
  /** @format date-time */
  exported_at: string;
  account: Record<string, unknown> | null;
  profile: Record<string, unknown> | null;
  settings: Record<string, unknown> | null;
  /** Those that you are in, with your role. */
  rooms: Record<string, unknown>[];
  /** Those that you made, with their names. */
  owned_rooms: Record<string, unknown>[];
  /** Each version with its definition; deleted ones without. */
  scripts: Record<string, unknown>[];
  /** Calls by day and key. */
  request_counts: Record<string, unknown>[];
  /** What each answer of a model used. */
  usage: Record<string, unknown>[];
  /** What you thought of answers. */
  feedback: Record<string, unknown>[];
  /** What you asked and what was answered. */
  history: Record<string, unknown>[];
  /** All messages, each with its conversation's id. */
  messages: Record<string, unknown>[];
  /** Without their messages, which stand beside them. */
  conversations: Record<string, unknown>[];
  /** When they were made and end; never the secrets. */
  webhook_secrets: Record<string, unknown>[];
  /** Clients of the token endpoint, without their secrets. */
  oauth_clients: Record<string, unknown>[];
  /** Keys without secrets or hashes, revoked ones too. */
  api_keys: Record<string, unknown>[];
  /** Accounts at providers that you sign in with. */
  identities: Record<string, unknown>[];
  /** Devices that are signed in. */
  sessions: Record<string, unknown>[];
  /** With input, result and events. A result over 64 KiB is named by `result_url`. Dead letters are marked. */
  tasks: Record<string, unknown>[];
  /** With what was sent and all attempts. */
  webhook_deliveries: Record<string, unknown>[];
  /** What you published in your own channel and in rooms that you are in, within the 24 hours that channels are kept. */
  channel_events: Record<string, unknown>[];
  /** What you did, and what was done to you; who else it was is not told. */
  audit: Record<string, unknown>[];
  /** The last member. A document without it was cut off. */
  complete: true;
  [key: string]: unknown;
}

export interface Erasure {
  status: "erasing";
  /** What is under way, in this order. */
  erasing: string[];
}

export interface EraseData {
  /**
   * The account's e-mail address.
   * @minLength 1
   * @maxLength 320
   * @example "haneul@example.com"
   */
  confirm: string;
  /**
   * The password, where the account has one. Without one, the session has to be younger than ten minutes.
   * @minLength 1
   * @maxLength 512
   */
  password?: string;
}

export interface UsageReport {
  /**
   * UTC.
   * @format date
   * @example "2026-11-21"
   */
  from: string;
  /**
   * UTC.
   * @format date
   * @example "2026-11-21"
   */
  to: string;
  total: {
    /**
     * Calls that were let in. Refused ones (401, 403 for a credential, 429) are none; a crash of the counter can lose a second of them.
     * @example 120
     */
    requests: number;
    /**
     * Answers of a model, exactly.
     * @example 34
     */
    answers: number;
    /** @example 5100 */
    prompt_tokens: number;
    /** @example 2300 */
    completion_tokens: number;
    /** @example 7400 */
    total_tokens: number;
    /**
     * By the deployment's price table (`AI_PRICES`), in dollars.
     * @example 0.0042
     */
    cost_usd: number;
    /**
     * Answers of models that have no price there; `cost_usd` is without them.
     * @example 0
     */
    unpriced_answers: number;
    /**
     * Tasks that were submitted, of those that are still kept.
     * @example 7
     */
    tasks: number;
  };
  /** Days on which something was used, oldest first. */
  by_day: {
    /**
     * UTC.
     * @format date
     * @example "2026-11-21"
     */
    day: string;
    /**
     * Calls that were let in. Refused ones (401, 403 for a credential, 429) are none; a crash of the counter can lose a second of them.
     * @example 120
     */
    requests: number;
    /**
     * Answers of a model, exactly.
     * @example 34
     */
    answers: number;
    /** @example 5100 */
    prompt_tokens: number;
    /** @example 2300 */
    completion_tokens: number;
    /** @example 7400 */
    total_tokens: number;
    /**
     * By the deployment's price table (`AI_PRICES`), in dollars.
     * @example 0.0042
     */
    cost_usd: number;
    /**
     * Answers of models that have no price there; `cost_usd` is without them.
     * @example 0
     */
    unpriced_answers: number;
    /**
     * Tasks that were submitted, of those that are still kept.
     * @example 7
     */
    tasks: number;
  }[];
  /** The busiest first. */
  by_key: {
    /** Null for what a signed-in person did. */
    key_id: string | null;
    name: string | null;
    /**
     * Calls that were let in. Refused ones (401, 403 for a credential, 429) are none; a crash of the counter can lose a second of them.
     * @example 120
     */
    requests: number;
    /**
     * Answers of a model, exactly.
     * @example 34
     */
    answers: number;
    /** @example 5100 */
    prompt_tokens: number;
    /** @example 2300 */
    completion_tokens: number;
    /** @example 7400 */
    total_tokens: number;
    /**
     * By the deployment's price table (`AI_PRICES`), in dollars.
     * @example 0.0042
     */
    cost_usd: number;
    /**
     * Answers of models that have no price there; `cost_usd` is without them.
     * @example 0
     */
    unpriced_answers: number;
  }[];
}

export interface CodeValidation {
  status: "success";
  language: "python" | "javascript" | "typescript";
  /** In the order of the code; the gravest 500 where there are more. */
  issues: CodeIssue[];
  /**
   * How many there are in all.
   * @example 1
   */
  issue_count: number;
  validation_type: "syntax" | "style" | "security" | "all";
  /** Whether no issue is an `error`. */
  valid: boolean;
}

export interface CodeIssue {
  /**
   * From 1.
   * @example 1
   */
  line: number;
  /**
   * From 1, in UTF-16 units, as editors count.
   * @example 8
   */
  column: number;
  /** @example 1 */
  end_line: number;
  /**
   * The first that is not meant.
   * @example 10
   */
  end_column: number;
  /**
   * `error`: the code does not run as it stands, or somebody else's data could be run by it.
   * @example "warning"
   */
  severity: "error" | "warning" | "info";
  /**
   * Ruff's code or ESLint's name of the rule; `invalid-syntax` for the parser's.
   * @example "F401"
   */
  rule: string;
  /** @example "`os` imported but unused" */
  message: string;
  /** How the tool would mend it, where it knows. */
  fix: {
    message: string | null;
    /** To be made together. They do not overlap. */
    edits: {
      /**
       * From 1.
       * @example 1
       */
      line: number;
      /**
       * From 1, in UTF-16 units, as editors count.
       * @example 8
       */
      column: number;
      /** @example 1 */
      end_line: number;
      /**
       * The first that is not meant.
       * @example 10
       */
      end_column: number;
      text: string;
    }[];
  };
}

export interface ValidateCode {
  /**
   * At most 100,000 UTF-16 units, 200 open brackets and 100 levels of indentation; what nests deeper than a parser can follow is refused with `CODE_TOO_COMPLEX`.
   * @minLength 1
   * @maxLength 100000
   * @example "import os
   *
   *
   * def area(radius):
   *     return 3.14159 * radius**2
   * "
   */
  code: string;
  /**
   * `python`, `javascript` or `typescript`, or one of their short names.
   * @default "python"
   * @example "python"
   */
  language?:
    | "python"
    | "python3"
    | "py"
    | "javascript"
    | "js"
    | "jsx"
    | "mjs"
    | "node"
    | "typescript"
    | "ts"
    | "tsx";
  /**
   * Faults of syntax are told whatever is asked for.
   * @default "all"
   * @example "all"
   */
  validation_type?: "syntax" | "style" | "security" | "all";
}

export interface CodeAnalysis {
  status: "success";
  language: "python" | "javascript" | "typescript";
  /** In the order of the code; the gravest 500 where there are more. */
  issues: CodeIssue[];
  /**
   * How many there are in all.
   * @example 1
   */
  issue_count: number;
  analysis_type: "performance" | "complexity" | "security" | "quality";
  /**
   * To compare versions of the same code by: what was found, against the length of the code, and for `complexity` and `quality` how branched, deep and long its functions are. 0 where the code does not parse.
   * @min 0
   * @max 100
   * @example 94
   */
  score: number;
  metrics: CodeMetrics;
}

export interface CodeMetrics {
  lines: number;
  code_lines: number;
  comment_lines: number;
  blank_lines: number;
  functions: number;
  classes: number;
  /** Ways through the code: 1, and one for each branch. */
  cyclomatic_complexity: number;
  max_cyclomatic_complexity: number;
  max_nesting: number;
  max_function_lines: number;
  /** The 50 most branched functions. */
  function_metrics: FunctionMetrics[];
}

export interface FunctionMetrics {
  /** @example "area" */
  name: string;
  line: number;
  lines: number;
  cyclomatic_complexity: number;
  nesting: number;
  parameters: number;
}

export interface AnalyzeCode {
  /**
   * At most 100,000 UTF-16 units, 200 open brackets and 100 levels of indentation; what nests deeper than a parser can follow is refused with `CODE_TOO_COMPLEX`.
   * @minLength 1
   * @maxLength 100000
   * @example "import os
   *
   *
   * def area(radius):
   *     return 3.14159 * radius**2
   * "
   */
  code: string;
  /**
   * `python`, `javascript` or `typescript`, or one of their short names.
   * @default "python"
   * @example "python"
   */
  language?:
    | "python"
    | "python3"
    | "py"
    | "javascript"
    | "js"
    | "jsx"
    | "mjs"
    | "node"
    | "typescript"
    | "ts"
    | "tsx";
  /**
   * @default "quality"
   * @example "complexity"
   */
  analysis_type?: "performance" | "complexity" | "security" | "quality";
}

export interface CodeCompletions {
  /** At most 11, the likeliest first. */
  completions: CodeCompletion[];
  status: "success";
  /**
   * The model that wrote the first one; null where the code alone was read.
   * @example null
   */
  model: string | null;
}

export interface CodeCompletion {
  /**
   * What follows the cursor: the text before it and this are the code.
   * @example "dius"
   */
  code: string;
  /** @example "radius" */
  label: string;
  /**
   * Those of all that the code itself suggests, and of something else, add up to 1. What a model wrote has 0.5: it does not tell how sure it is.
   * @min 0
   * @max 1
   * @example 0.52
   */
  confidence: number;
  /** @example "parameter" */
  category:
    | "parameter"
    | "variable"
    | "function"
    | "class"
    | "import"
    | "type"
    | "member"
    | "keyword"
    | "builtin"
    | "module"
    | "snippet"
    | "call"
    | "model";
  /** @example "simple" */
  complexity: "simple" | "moderate" | "complex";
}

export interface CompleteCode {
  /**
   * The code. What stands behind the cursor is read too.
   * @minLength 1
   * @maxLength 100000
   * @example "def area(radius):
   *     return ra"
   */
  prefix: string;
  /**
   * `python`, `javascript` or `typescript`, or one of their short names.
   * @default "python"
   * @example "python"
   */
  language?:
    | "python"
    | "python3"
    | "py"
    | "javascript"
    | "js"
    | "jsx"
    | "mjs"
    | "node"
    | "typescript"
    | "ts"
    | "tsx";
  /**
   * UTF-16 units of `prefix` before the cursor; its end unless told.
   * @min 0
   * @max 100000
   * @example 31
   */
  cursor_position?: number;
  /**
   * Further code whose names may be used.
   * @maxLength 50000
   * @default ""
   */
  context?: string;
}

export interface GeneratedCode {
  /** Empty with `no_code`. */
  generated_code: string;
  explanation: string;
  /** `invalid_code`: the tools found errors in it; `no_code`: the model wrote none, and says why in `explanation`. */
  status: "success" | "invalid_code" | "no_code";
  /** @example "python" */
  language: string;
  validation: CodeVerdict;
  /** Of all questions to the model together. */
  usage: CodeUsage;
  /** @example "embedded" */
  model: string;
  cached: boolean;
}

export interface CodeVerdict {
  /** Whether there are tools for the language, and the code is within their bounds. */
  checked: boolean;
  valid: boolean | null;
  /** How often it was sent back to be mended. */
  repairs: number;
  /** Errors and warnings. */
  issues: CodeIssue[];
}

/** Of all questions to the model together. */
export interface CodeUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  /** Counted here, since the provider did not tell. */
  is_estimated: boolean;
}

export interface GenerateCode {
  /**
   * @minLength 1
   * @maxLength 8000
   * @example "Write a function that computes Fibonacci numbers"
   */
  user_question: string;
  /**
   * Code that the answer has to fit.
   * @maxLength 50000
   * @default ""
   */
  code_context?: string;
  /**
   * Any programming language; as the question says it unless told.
   * @maxLength 40
   * @default ""
   * @pattern ^[A-Za-z0-9 .+#_-]*$
   * @example "python"
   */
  language?: string;
  /** What is not said here is taken from the settings. */
  user_profile?: CodeProfile;
  /**
   * Sends code with errors back to be mended, at most twice, before it is answered.
   * @default false
   */
  enhanced?: boolean;
}

/** What is not said here is taken from the settings. */
export interface CodeProfile {
  /** @example "intermediate" */
  pythonSkillLevel?: "beginner" | "intermediate" | "advanced" | "expert";
  /** @example "standard" */
  codeOutputStructure?: "minimal" | "standard" | "detailed" | "comprehensive";
  /** @example "brief" */
  explanationStyle?: "brief" | "standard" | "detailed" | "educational";
}

export interface GenerateCodeStream {
  /**
   * @minLength 1
   * @maxLength 8000
   * @example "Write a function that computes Fibonacci numbers"
   */
  user_question: string;
  /**
   * Code that the answer has to fit.
   * @maxLength 50000
   * @default ""
   */
  code_context?: string;
  /**
   * Any programming language; as the question says it unless told.
   * @maxLength 40
   * @default ""
   * @pattern ^[A-Za-z0-9 .+#_-]*$
   * @example "python"
   */
  language?: string;
  /** What is not said here is taken from the settings. */
  user_profile?: CodeProfile;
  /** A stream cannot take back what it has told; ask without a stream for that. */
  enhanced?: false;
}

export interface OpenAiChatCompletion {
  id: string;
  object: "chat.completion";
  /** Unix time in seconds. */
  created: number;
  model: string;
  choices: {
    index: 0;
    message: {
      role: "assistant";
      content: string | null;
      refusal: null;
      tool_calls?: Record<string, unknown>[];
    };
    logprobs: null;
    finish_reason: string;
  }[];
  usage: OpenAiUsage;
}

export interface OpenAiUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

/** @example {"error":{"message":"This server does not offer that model.","type":"invalid_request_error","param":"model","code":"model_not_found"}} */
export interface OpenAiError {
  error: {
    message: string;
    type: string;
    param: string | null;
    code: string;
  };
}

/**
 * Fields that are not listed (`tools`, `top_p`, `stop`, `response_format` …) go to the model as they are.
 * @example {"model":"embedded","messages":[{"role":"user","content":"Write a Python function that finds prime numbers"}]}
 */
export interface OpenAiChatCompletionRequest {
  /**
   * One of `GET /v1/models`; the first of them where it is not said.
   * @minLength 1
   * @maxLength 300
   */
  model?: string;
  /**
   * @maxItems 2000
   * @minItems 1
   */
  messages: OpenAiMessage[];
  stream?: boolean | null;
  /** `include_usage`: a last chunk without choices tells the usage. */
  stream_options?: {
    include_usage?: boolean | null;
    [key: string]: unknown;
  };
  /** One answer is all that is asked for. */
  n?: 1;
  /**
   * @min 0
   * @max 2
   */
  temperature?: number | null;
  /**
   * @min 1
   * @max 1000000
   */
  max_tokens?: number | null;
  [key: string]: unknown;
}

/** @example {"role":"user","content":"What is the capital of Korea?"} */
export interface OpenAiMessage {
  role: "system" | "developer" | "user" | "assistant" | "tool";
  content?:
    | string
    | {
        /** @maxLength 100 */
        type: string;
        text?: string;
        [key: string]: unknown;
      }[]
    | null;
  [key: string]: unknown;
}

export interface OpenAiModels {
  object: "list";
  data: OpenAiModel[];
}

/** @example {"id":"embedded","object":"model","created":0,"owned_by":"naru"} */
export interface OpenAiModel {
  id: string;
  object: "model";
  /** Always 0: nobody tells when a model was made. */
  created: number;
  owned_by: string;
}

export interface OpenAiEmbeddings {
  object: "list";
  data: {
    object: string;
    index: number;
    [key: string]: unknown;
  }[];
  model: string;
  usage: {
    prompt_tokens: number;
    total_tokens: number;
  };
}

/** @example {"model":"embed","input":["ferry","나루"]} */
export interface OpenAiEmbeddingsRequest {
  /**
   * @minLength 1
   * @maxLength 300
   */
  model?: string;
  /** Texts, or lists of tokens. */
  input: string | string[] | number[] | number[][];
  /**
   * @min 1
   * @max 1000000
   */
  dimensions?: number | null;
  encoding_format?: "float" | "base64";
  [key: string]: unknown;
}

/** @example {"hits":41,"misses":9,"joined":1,"bypassed":2,"hit_ratio":0.82,"size":8,"max_size":1000,"ttl_seconds":1800,"oldest_at":"2026-10-20T09:30:00.000Z"} */
export interface CacheStats {
  /** Answers that were there already: no model was asked. */
  hits: number;
  /** Answers that had to be asked for. */
  misses: number;
  /** Of the misses, those that came while the same was being asked, and shared that call. */
  joined: number;
  /** Requests for which nothing was looked up. */
  bypassed: number;
  /**
   * Hits among hits and misses; null where nothing was looked up.
   * @min 0
   * @max 1
   */
  hit_ratio: number | null;
  /** Answers that are kept. */
  size: number;
  /** Answers that may be kept: the oldest go. */
  max_size: number;
  /** How long each is kept. */
  ttl_seconds: number;
  /** @format date-time */
  oldest_at: string | null;
}

/** @example {"status":"success","cleared":8} */
export interface ClearedCache {
  status: "success";
  /** Answers that are not told again. */
  cleared: number;
}

export interface CreateTask {
  /**
   * @minLength 1
   * @maxLength 64
   * @example "echo"
   */
  kind: string;
  /**
   * What the kind asks for.
   * @example {"hello":"world"}
   */
  input: object;
  /**
   * Seconds that the task's work may take, over all its attempts, counted from the first one's start: then it is ended as `timed_out`, and no attempt begins later. Waiting for a worker, or for a busy target before anything was asked of it, does not count; a target that wants to be left alone for longer than this and 30 s, or 15 minutes, ends the task. Our own workers serve at most 840; more is refused where no other worker serves the kind.
   * @min 1
   * @max 3600
   * @default 300
   * @example 30
   */
  timeout?: number;
  /**
   * Which of your own waiting tasks goes first: `normal` unless told. Of nine that start while all three wait, about six are `high`, two `normal` and one `low`, so that none waits for ever. Between clients turns are even, whatever they call urgent.
   * @example "high"
   */
  priority?: "high" | "normal" | "low";
  /**
   * Starts the task no sooner than so many seconds from now; at most 30 days.
   * @min 0
   * @max 2592000
   * @example 60
   */
  delay_seconds?: number;
  /**
   * Starts the task no sooner than at this time (RFC 3339), at most 30 days ahead; one in the past is now. Not together with `delay_seconds`.
   * @format date-time
   * @example "2026-12-24T18:00:00Z"
   */
  run_at?: string;
  /**
   * Gives the task up where no worker has taken it within so many seconds of its time: it ends as `failed` with `TASK_UNDELIVERABLE`. 24 hours unless told. A task that could not be started in that time, as far as can be foreseen, is refused at once.
   * @min 1
   * @max 604800
   * @example 600
   */
  queue_ttl?: number;
  /**
   * How often the task is tried at most: 4 unless told, 1 for no retry.
   * @min 1
   * @max 10
   * @example 1
   */
  max_attempts?: number;
  /**
   * Seconds that the task and its result are kept after its end; 7 days unless told.
   * @min 60
   * @max 2592000
   * @example 3600
   */
  result_ttl?: number;
  /**
   * Is sent the task by POST when it has ended, whatever its end, signed as Standard Webhooks says (`POST /api/v1/webhook-secret` gives the secret). The body is `{type: "task.completed", timestamp, data}` with the task in `data`; a result that makes it larger than 20 kB stays at `result_url`. Only 2xx within 15 s is a delivery, redirects are not followed, 410 ends it; else it is tried ten times over three days, with the same `webhook-id`. `GET /api/v1/tasks/{id}/deliveries` tells how far it is. Public addresses only, as for pages that are scraped.
   * @minLength 1
   * @maxLength 2048
   * @example "https://hooks.example.com/naru"
   */
  callback_url?: string;
}

export interface TaskPage {
  items: TaskSummary[];
  /** Send it as `cursor` for the next page; null at the end. */
  next_cursor: string | null;
}

export interface TaskSummary {
  /**
   * The task's id.
   * @example "task_01kcm4v7d0003q6zr1w8n5tbe2y9f"
   */
  request_id: string;
  /** @example "echo" */
  kind: string;
  status: "queued" | "running" | "completed" | "failed" | "cancelled" | "timed_out";
  priority: "high" | "normal" | "low";
  /** Why it did not succeed; while it waits, what for: why the last attempt failed, or which target keeps it waiting (`SITE_BUSY`, `HOST_DOWN`, `ROBOTS_UNREACHABLE`). */
  error: TaskError;
  /**
   * Seconds from the first start of its work to its end, or up to this moment; 0 before it starts.
   * @example 0.42
   */
  execution_time: number;
  /**
   * Attempts begun so far.
   * @example 1
   */
  attempts: number;
  /** @format date-time */
  created_at: string;
  /** @format date-time */
  completed_at: string | null;
  /**
   * Before when a waiting task is not tried: the time that it was submitted for, or, where `error` says why, that of its next attempt. Null where it waits for nothing but a worker.
   * @format date-time
   */
  not_before: string | null;
}

export interface DeadLetterPage {
  items: DeadLetterSummary[];
  /** Send it as `cursor` for the next page; null at the end. */
  next_cursor: string | null;
}

export interface DeadLetterSummary {
  /**
   * The task's id.
   * @example "task_01kcm4v7d0003q6zr1w8n5tbe2y9f"
   */
  id: string;
  /** @example "usr_01kcm4v7d0g3q6zr1w8n5tbe2y" */
  owner_id: string;
  /** @example "scrape" */
  kind: string;
  /** What the last attempt failed of. */
  error: TaskError;
  /**
   * Attempts of its last life.
   * @example 4
   */
  attempts: number;
  /** @format date-time */
  created_at: string;
  /**
   * When it was given up.
   * @format date-time
   */
  failed_at: string;
}

export interface DeadLetter {
  /**
   * The task's id.
   * @example "task_01kcm4v7d0003q6zr1w8n5tbe2y9f"
   */
  id: string;
  /** @example "usr_01kcm4v7d0g3q6zr1w8n5tbe2y" */
  owner_id: string;
  /** @example "scrape" */
  kind: string;
  /** What the last attempt failed of. */
  error: TaskError;
  /**
   * Attempts of its last life.
   * @example 4
   */
  attempts: number;
  /** @format date-time */
  created_at: string;
  /**
   * When it was given up.
   * @format date-time
   */
  failed_at: string;
  /** Its attempts, oldest first; the newest 100 and those since. */
  history: {
    /** Counts from 1 in each life. */
    attempt: number;
    consumer_id: string;
    /** @format date-time */
    started_at: string;
    /** @format date-time */
    ended_at: string;
    /** `lost`: its worker stopped giving signs of life. */
    outcome: "completed" | "failed" | "cancelled" | "timed_out" | "lost";
    code: string | null;
  }[];
  /** What its worker got; null where it is over 64 KiB. */
  input?: unknown;
  input_bytes: number;
}

export interface ReplayedDeadLetters {
  /** @example ["task_01kcm4v7d0003q6zr1w8n5tbe2y9f"] */
  replayed: string[];
  /** Those that nothing was done to, and why. */
  skipped: {
    id: string;
    /** @example "TASK_NOT_FOUND" */
    code: string;
  }[];
  /** The filter finds more: call again. */
  has_more: boolean;
}

/** @example {"ids":["task_01kcm4v7d0003q6zr1w8n5tbe2y9f"]} */
export interface SelectDeadLetters {
  /**
   * @maxItems 100
   * @minItems 1
   */
  ids?: string[];
  /** Which ones; an empty one means all. */
  filter?: object;
  /**
   * How many of those that `filter` finds, the last given up first.
   * @min 1
   * @max 100
   * @default 100
   */
  limit?: number;
}

export interface PurgedDeadLetters {
  /** @example ["task_01kcm4v7d0003q6zr1w8n5tbe2y9f"] */
  purged: string[];
  /** Those that nothing was done to, and why. */
  skipped: {
    id: string;
    /** @example "TASK_NOT_FOUND" */
    code: string;
  }[];
  /** The filter finds more: call again. */
  has_more: boolean;
}

export interface Scrape {
  /**
   * What to take from the page; `GET /api/v1/scripts` lists them.
   * @maxLength 64
   * @pattern ^[a-zA-Z0-9_-]+$
   * @example "page"
   */
  script_name: string;
  /**
   * Which version of the script: exactly one, a range such as `^1.2`, or `latest`, as without it. Decided once, when the task is accepted.
   * @maxLength 64
   * @example "^1.0"
   */
  script_version?: string;
  /**
   * What the script asks for; of built-in ones always the page's `url`.
   * @example {"url":"https://example.com/"}
   */
  parameters: object;
  /**
   * Takes no copy older than so many seconds; 0 has the site asked in any case. Unless told, a page is read again for as long as the site's own headers allow (RFC 9111). `data.cache` says how the page came: `hit`, `revalidated` or `miss`, and its `age` in seconds.
   * @min 0
   * @max 604800
   * @example 600
   */
  max_age?: number;
  /**
   * Seconds that the task's work may take, over all its attempts, counted from the first one's start: then it is ended as `timed_out`, and no attempt begins later. Waiting for a worker, or for a busy target before anything was asked of it, does not count; a target that wants to be left alone for longer than this and 30 s, or 15 minutes, ends the task. Our own workers serve at most 840; more is refused where no other worker serves the kind.
   * @min 1
   * @max 3600
   * @default 300
   * @example 30
   */
  timeout?: number;
  /**
   * Which of your own waiting tasks goes first: `normal` unless told. Of nine that start while all three wait, about six are `high`, two `normal` and one `low`, so that none waits for ever. Between clients turns are even, whatever they call urgent.
   * @example "high"
   */
  priority?: "high" | "normal" | "low";
  /**
   * Starts the task no sooner than so many seconds from now; at most 30 days.
   * @min 0
   * @max 2592000
   * @example 60
   */
  delay_seconds?: number;
  /**
   * Starts the task no sooner than at this time (RFC 3339), at most 30 days ahead; one in the past is now. Not together with `delay_seconds`.
   * @format date-time
   * @example "2026-12-24T18:00:00Z"
   */
  run_at?: string;
  /**
   * Gives the task up where no worker has taken it within so many seconds of its time: it ends as `failed` with `TASK_UNDELIVERABLE`. 24 hours unless told. A task that could not be started in that time, as far as can be foreseen, is refused at once.
   * @min 1
   * @max 604800
   * @example 600
   */
  queue_ttl?: number;
  /**
   * How often the task is tried at most: 4 unless told, 1 for no retry.
   * @min 1
   * @max 10
   * @example 1
   */
  max_attempts?: number;
  /**
   * Seconds that the task and its result are kept after its end; 7 days unless told.
   * @min 60
   * @max 2592000
   * @example 3600
   */
  result_ttl?: number;
  /**
   * Is sent the task by POST when it has ended, whatever its end, signed as Standard Webhooks says (`POST /api/v1/webhook-secret` gives the secret). The body is `{type: "task.completed", timestamp, data}` with the task in `data`; a result that makes it larger than 20 kB stays at `result_url`. Only 2xx within 15 s is a delivery, redirects are not followed, 410 ends it; else it is tried ten times over three days, with the same `webhook-id`. `GET /api/v1/tasks/{id}/deliveries` tells how far it is. Public addresses only, as for pages that are scraped.
   * @minLength 1
   * @maxLength 2048
   * @example "https://hooks.example.com/naru"
   */
  callback_url?: string;
}

export interface ScriptPage {
  items: Script[];
  /** Send it as `cursor` for the next page; null at the end. */
  next_cursor: string | null;
}

export interface Script {
  /** @example "page" */
  name: string;
  /**
   * Semantic version.
   * @example "1.0.0"
   */
  version: string;
  title: string;
  description: string;
  /**
   * Media types that it reads.
   * @example ["text/html"]
   */
  accepts: string[];
  /**
   * JSON Schema (2020-12) of the parameters.
   * @example {"type":"object","properties":{"url":{"type":"string"}},"required":["url"]}
   */
  parameters: object;
  built_in: boolean;
  /** SHA-256 of the definition as it is kept; null for a built-in script. */
  content_hash: string | null;
  /** @format date-time */
  created_at: string | null;
}

export type ScriptDetail = Script & {
  /** What was kept, as it can be sent again; null for a built-in script. */
  definition: object;
};

/** @example {"version":"1.0.0","title":"Ferry timetable","description":"The boats of a landing and its pages of news.","parameters":{"type":"object","properties":{"url":{"type":"string","format":"uri"}},"required":["url"]},"steps":[{"fetch":"{url}"},{"extract":{"title":"h1","boats":{"selector":"tbody tr","all":true,"fields":{"name":"td:nth-child(1)","leaves_at":"td:nth-child(2)"}}}}],"output":{"format":"json"}} */
export interface ScriptDefinition {
  /**
   * Semantic version, without build metadata. Its content never changes.
   * @minLength 1
   * @maxLength 64
   */
  version: string;
  /**
   * @minLength 1
   * @maxLength 100
   */
  title: string;
  /**
   * @maxLength 1000
   * @default ""
   */
  description?: string;
  /**
   * What the script asks for, as JSON Schema (2020-12): an object whose members nest at most 4 deep, with type, enum, const, default, bounds of numbers and lengths, pattern (RE2), format, items, properties, required. Members that are not declared are refused.
   * @example {"type":"object","properties":{"url":{"type":"string"}},"required":["url"]}
   */
  parameters: object;
  /**
   * What is done, in order: `fetch` first, then `extract`, `paginate` and `follow`.
   * @maxItems 10
   * @minItems 2
   */
  steps: {
    /**
     * The address, with parameters in braces: `{url}` alone, or `https://example.com/search?q={q}`, where they are percent-encoded and stand behind the host.
     * @minLength 1
     * @maxLength 2000
     */
    fetch?: string;
    /** Takes values from the page, by name. */
    extract?: Record<
      string,
      | string
      | {
          /**
           * CSS selector. In nested fields it searches inside the match, and :scope is the match itself.
           * @minLength 1
           * @maxLength 500
           */
          selector: string;
          /**
           * This attribute's value; addresses in href, src and the like are made absolute.
           * @pattern ^[^\s"'<>/=]{1,100}$
           */
          attribute?: string;
          /** A list of all matches (1000 at most), not the first one. */
          all?: boolean;
          /** The match's text. This is the default. */
          text?: boolean;
          /** The match as HTML, itself included. */
          html?: boolean;
          /** What is inside the match, as Markdown. */
          markdown?: boolean;
          /** A <table> as records by its headers, or without headers as rows. */
          table?: boolean;
          /**
           * Steps that the value goes through, in order; with `all` the list of values.
           * @maxItems 10
           * @minItems 1
           */
          transforms?: (
            | {
                op: "trim";
              }
            | {
                op: "lower";
              }
            | {
                op: "upper";
              }
            | {
                op: "number";
                /**
                 * The decimal mark; the other one groups.
                 * @default "."
                 */
                decimal?: "." | ",";
              }
            | {
                op: "url";
              }
            | {
                op: "before";
                /**
                 * @minLength 1
                 * @maxLength 200
                 */
                text: string;
              }
            | {
                op: "after";
                /**
                 * @minLength 1
                 * @maxLength 200
                 */
                text: string;
              }
            | {
                op: "replace";
                /**
                 * @minLength 1
                 * @maxLength 200
                 */
                find: string;
                /** @maxLength 200 */
                with: string;
              }
            | {
                op: "prefix";
                /**
                 * @minLength 1
                 * @maxLength 200
                 */
                text: string;
              }
            | {
                op: "suffix";
                /**
                 * @minLength 1
                 * @maxLength 200
                 */
                text: string;
              }
            | {
                op: "slice";
                /**
                 * @min -100000
                 * @max 100000
                 * @default 0
                 */
                start?: number;
                /**
                 * @min -100000
                 * @max 100000
                 */
                end?: number;
              }
            | {
                op: "match";
                /**
                 * @minLength 1
                 * @maxLength 200
                 */
                pattern: string;
                /**
                 * @min 0
                 * @max 20
                 * @default 0
                 */
                group?: number;
              }
            | {
                op: "split";
                /**
                 * @minLength 1
                 * @maxLength 200
                 */
                by: string;
              }
            | {
                op: "join";
                /**
                 * @maxLength 20
                 * @default ", "
                 */
                with?: string;
              }
            | {
                op: "unique";
              }
            | {
                op: "count";
              }
            | {
                op: "at";
                /**
                 * @min -1000
                 * @max 1000
                 */
                index: number;
              }
          )[];
          /** Stands in place of null. */
          default?: string | number | boolean;
          /** Without a value, a match in a list is left out; elsewhere the page fails with FIELD_MISSING. */
          required?: boolean;
          /** An object of values, each taken from inside the match. */
          fields?: Record<
            string,
            | string
            | {
                /**
                 * CSS selector. In nested fields it searches inside the match, and :scope is the match itself.
                 * @minLength 1
                 * @maxLength 500
                 */
                selector: string;
                /**
                 * This attribute's value; addresses in href, src and the like are made absolute.
                 * @pattern ^[^\s"'<>/=]{1,100}$
                 */
                attribute?: string;
                /** A list of all matches (1000 at most), not the first one. */
                all?: boolean;
                /** The match's text. This is the default. */
                text?: boolean;
                /** The match as HTML, itself included. */
                html?: boolean;
                /** What is inside the match, as Markdown. */
                markdown?: boolean;
                /** A <table> as records by its headers, or without headers as rows. */
                table?: boolean;
                /**
                 * Steps that the value goes through, in order; with `all` the list of values.
                 * @maxItems 10
                 * @minItems 1
                 */
                transforms?: (
                  | {
                      op: "trim";
                    }
                  | {
                      op: "lower";
                    }
                  | {
                      op: "upper";
                    }
                  | {
                      op: "number";
                      /**
                       * The decimal mark; the other one groups.
                       * @default "."
                       */
                      decimal?: "." | ",";
                    }
                  | {
                      op: "url";
                    }
                  | {
                      op: "before";
                      /**
                       * @minLength 1
                       * @maxLength 200
                       */
                      text: string;
                    }
                  | {
                      op: "after";
                      /**
                       * @minLength 1
                       * @maxLength 200
                       */
                      text: string;
                    }
                  | {
                      op: "replace";
                      /**
                       * @minLength 1
                       * @maxLength 200
                       */
                      find: string;
                      /** @maxLength 200 */
                      with: string;
                    }
                  | {
                      op: "prefix";
                      /**
                       * @minLength 1
                       * @maxLength 200
                       */
                      text: string;
                    }
                  | {
                      op: "suffix";
                      /**
                       * @minLength 1
                       * @maxLength 200
                       */
                      text: string;
                    }
                  | {
                      op: "slice";
                      /**
                       * @min -100000
                       * @max 100000
                       * @default 0
                       */
                      start?: number;
                      /**
                       * @min -100000
                       * @max 100000
                       */
                      end?: number;
                    }
                  | {
                      op: "match";
                      /**
                       * @minLength 1
                       * @maxLength 200
                       */
                      pattern: string;
                      /**
                       * @min 0
                       * @max 20
                       * @default 0
                       */
                      group?: number;
                    }
                  | {
                      op: "split";
                      /**
                       * @minLength 1
                       * @maxLength 200
                       */
                      by: string;
                    }
                  | {
                      op: "join";
                      /**
                       * @maxLength 20
                       * @default ", "
                       */
                      with?: string;
                    }
                  | {
                      op: "unique";
                    }
                  | {
                      op: "count";
                    }
                  | {
                      op: "at";
                      /**
                       * @min -1000
                       * @max 1000
                       */
                      index: number;
                    }
                )[];
                /** Stands in place of null. */
                default?: string | number | boolean;
                /** Without a value, a match in a list is left out; elsewhere the page fails with FIELD_MISSING. */
                required?: boolean;
                /** An object of values, each taken from inside the match. */
                fields?: Record<
                  string,
                  | string
                  | {
                      /**
                       * CSS selector. In nested fields it searches inside the match, and :scope is the match itself.
                       * @minLength 1
                       * @maxLength 500
                       */
                      selector: string;
                      /**
                       * This attribute's value; addresses in href, src and the like are made absolute.
                       * @pattern ^[^\s"'<>/=]{1,100}$
                       */
                      attribute?: string;
                      /** A list of all matches (1000 at most), not the first one. */
                      all?: boolean;
                      /** The match's text. This is the default. */
                      text?: boolean;
                      /** The match as HTML, itself included. */
                      html?: boolean;
                      /** What is inside the match, as Markdown. */
                      markdown?: boolean;
                      /** A <table> as records by its headers, or without headers as rows. */
                      table?: boolean;
                      /**
                       * Steps that the value goes through, in order; with `all` the list of values.
                       * @maxItems 10
                       * @minItems 1
                       */
                      transforms?: (
                        | {
                            op: "trim";
                          }
                        | {
                            op: "lower";
                          }
                        | {
                            op: "upper";
                          }
                        | {
                            op: "number";
                            /**
                             * The decimal mark; the other one groups.
                             * @default "."
                             */
                            decimal?: "." | ",";
                          }
                        | {
                            op: "url";
                          }
                        | {
                            op: "before";
                            /**
                             * @minLength 1
                             * @maxLength 200
                             */
                            text: string;
                          }
                        | {
                            op: "after";
                            /**
                             * @minLength 1
                             * @maxLength 200
                             */
                            text: string;
                          }
                        | {
                            op: "replace";
                            /**
                             * @minLength 1
                             * @maxLength 200
                             */
                            find: string;
                            /** @maxLength 200 */
                            with: string;
                          }
                        | {
                            op: "prefix";
                            /**
                             * @minLength 1
                             * @maxLength 200
                             */
                            text: string;
                          }
                        | {
                            op: "suffix";
                            /**
                             * @minLength 1
                             * @maxLength 200
                             */
                            text: string;
                          }
                        | {
                            op: "slice";
                            /**
                             * @min -100000
                             * @max 100000
                             * @default 0
                             */
                            start?: number;
                            /**
                             * @min -100000
                             * @max 100000
                             */
                            end?: number;
                          }
                        | {
                            op: "match";
                            /**
                             * @minLength 1
                             * @maxLength 200
                             */
                            pattern: string;
                            /**
                             * @min 0
                             * @max 20
                             * @default 0
                             */
                            group?: number;
                          }
                        | {
                            op: "split";
                            /**
                             * @minLength 1
                             * @maxLength 200
                             */
                            by: string;
                          }
                        | {
                            op: "join";
                            /**
                             * @maxLength 20
                             * @default ", "
                             */
                            with?: string;
                          }
                        | {
                            op: "unique";
                          }
                        | {
                            op: "count";
                          }
                        | {
                            op: "at";
                            /**
                             * @min -1000
                             * @max 1000
                             */
                            index: number;
                          }
                      )[];
                      /** Stands in place of null. */
                      default?: string | number | boolean;
                      /** Without a value, a match in a list is left out; elsewhere the page fails with FIELD_MISSING. */
                      required?: boolean;
                      /** An object of values, each taken from inside the match. */
                      fields?: Record<
                        string,
                        | string
                        | {
                            /**
                             * CSS selector. In nested fields it searches inside the match, and :scope is the match itself.
                             * @minLength 1
                             * @maxLength 500
                             */
                            selector: string;
                            /**
                             * This attribute's value; addresses in href, src and the like are made absolute.
                             * @pattern ^[^\s"'<>/=]{1,100}$
                             */
                            attribute?: string;
                            /** A list of all matches (1000 at most), not the first one. */
                            all?: boolean;
                            /** The match's text. This is the default. */
                            text?: boolean;
                            /** The match as HTML, itself included. */
                            html?: boolean;
                            /** What is inside the match, as Markdown. */
                            markdown?: boolean;
                            /** A <table> as records by its headers, or without headers as rows. */
                            table?: boolean;
                            /**
                             * Steps that the value goes through, in order; with `all` the list of values.
                             * @maxItems 10
                             * @minItems 1
                             */
                            transforms?: (
                              | {
                                  op: "trim";
                                }
                              | {
                                  op: "lower";
                                }
                              | {
                                  op: "upper";
                                }
                              | {
                                  op: "number";
                                  /**
                                   * The decimal mark; the other one groups.
                                   * @default "."
                                   */
                                  decimal?: "." | ",";
                                }
                              | {
                                  op: "url";
                                }
                              | {
                                  op: "before";
                                  /**
                                   * @minLength 1
                                   * @maxLength 200
                                   */
                                  text: string;
                                }
                              | {
                                  op: "after";
                                  /**
                                   * @minLength 1
                                   * @maxLength 200
                                   */
                                  text: string;
                                }
                              | {
                                  op: "replace";
                                  /**
                                   * @minLength 1
                                   * @maxLength 200
                                   */
                                  find: string;
                                  /** @maxLength 200 */
                                  with: string;
                                }
                              | {
                                  op: "prefix";
                                  /**
                                   * @minLength 1
                                   * @maxLength 200
                                   */
                                  text: string;
                                }
                              | {
                                  op: "suffix";
                                  /**
                                   * @minLength 1
                                   * @maxLength 200
                                   */
                                  text: string;
                                }
                              | {
                                  op: "slice";
                                  /**
                                   * @min -100000
                                   * @max 100000
                                   * @default 0
                                   */
                                  start?: number;
                                  /**
                                   * @min -100000
                                   * @max 100000
                                   */
                                  end?: number;
                                }
                              | {
                                  op: "match";
                                  /**
                                   * @minLength 1
                                   * @maxLength 200
                                   */
                                  pattern: string;
                                  /**
                                   * @min 0
                                   * @max 20
                                   * @default 0
                                   */
                                  group?: number;
                                }
                              | {
                                  op: "split";
                                  /**
                                   * @minLength 1
                                   * @maxLength 200
                                   */
                                  by: string;
                                }
                              | {
                                  op: "join";
                                  /**
                                   * @maxLength 20
                                   * @default ", "
                                   */
                                  with?: string;
                                }
                              | {
                                  op: "unique";
                                }
                              | {
                                  op: "count";
                                }
                              | {
                                  op: "at";
                                  /**
                                   * @min -1000
                                   * @max 1000
                                   */
                                  index: number;
                                }
                            )[];
                            /** Stands in place of null. */
                            default?: string | number | boolean;
                            /** Without a value, a match in a list is left out; elsewhere the page fails with FIELD_MISSING. */
                            required?: boolean;
                          }
                      >;
                    }
                >;
              }
          >;
        }
    >;
    /** Reads further pages in the same way. Lists grow page by page; every other value is the first page's. */
    paginate?: {
      /**
       * The link to the next page.
       * @minLength 1
       * @maxLength 500
       */
      next: string;
      /**
       * The attribute that has its address.
       * @default "href"
       * @pattern ^[^\s"'<>/=]{1,100}$
       */
      attribute?: string;
      /**
       * At most so many pages, the first one included.
       * @min 1
       * @max 100
       * @default 5
       */
      limit?: number;
    };
    /** Fetches the pages behind links and takes values from each. */
    follow?: {
      /**
       * The links to follow, in the order of the page.
       * @minLength 1
       * @maxLength 500
       */
      links?: string;
      /**
       * Instead of `links`: `list.field`, the field of an extracted list that holds each record's address.
       * @pattern ^[^.]{1,64}\.[^.]{1,64}$
       */
      from?: string;
      /**
       * The attribute that has the address.
       * @default "href"
       * @pattern ^[^\s"'<>/=]{1,100}$
       */
      attribute?: string;
      /**
       * Where the pages' values go: a list of this name; with `from`, a member of each record.
       * @minLength 1
       * @maxLength 64
       */
      into: string;
      /**
       * At most so many links.
       * @min 1
       * @max 100
       * @default 10
       */
      limit?: number;
      /**
       * Only links to the site (registrable domain) of the page that they stand on.
       * @default true
       */
      same_site?: boolean;
      /**
       * What is done on each page.
       * @maxItems 10
       * @minItems 1
       */
      steps: {
        /** Takes values from the page, by name. */
        extract?: Record<
          string,
          | string
          | {
              /**
               * CSS selector. In nested fields it searches inside the match, and :scope is the match itself.
               * @minLength 1
               * @maxLength 500
               */
              selector: string;
              /**
               * This attribute's value; addresses in href, src and the like are made absolute.
               * @pattern ^[^\s"'<>/=]{1,100}$
               */
              attribute?: string;
              /** A list of all matches (1000 at most), not the first one. */
              all?: boolean;
              /** The match's text. This is the default. */
              text?: boolean;
              /** The match as HTML, itself included. */
              html?: boolean;
              /** What is inside the match, as Markdown. */
              markdown?: boolean;
              /** A <table> as records by its headers, or without headers as rows. */
              table?: boolean;
              /**
               * Steps that the value goes through, in order; with `all` the list of values.
               * @maxItems 10
               * @minItems 1
               */
              transforms?: (
                | {
                    op: "trim";
                  }
                | {
                    op: "lower";
                  }
                | {
                    op: "upper";
                  }
                | {
                    op: "number";
                    /**
                     * The decimal mark; the other one groups.
                     * @default "."
                     */
                    decimal?: "." | ",";
                  }
                | {
                    op: "url";
                  }
                | {
                    op: "before";
                    /**
                     * @minLength 1
                     * @maxLength 200
                     */
                    text: string;
                  }
                | {
                    op: "after";
                    /**
                     * @minLength 1
                     * @maxLength 200
                     */
                    text: string;
                  }
                | {
                    op: "replace";
                    /**
                     * @minLength 1
                     * @maxLength 200
                     */
                    find: string;
                    /** @maxLength 200 */
                    with: string;
                  }
                | {
                    op: "prefix";
                    /**
                     * @minLength 1
                     * @maxLength 200
                     */
                    text: string;
                  }
                | {
                    op: "suffix";
                    /**
                     * @minLength 1
                     * @maxLength 200
                     */
                    text: string;
                  }
                | {
                    op: "slice";
                    /**
                     * @min -100000
                     * @max 100000
                     * @default 0
                     */
                    start?: number;
                    /**
                     * @min -100000
                     * @max 100000
                     */
                    end?: number;
                  }
                | {
                    op: "match";
                    /**
                     * @minLength 1
                     * @maxLength 200
                     */
                    pattern: string;
                    /**
                     * @min 0
                     * @max 20
                     * @default 0
                     */
                    group?: number;
                  }
                | {
                    op: "split";
                    /**
                     * @minLength 1
                     * @maxLength 200
                     */
                    by: string;
                  }
                | {
                    op: "join";
                    /**
                     * @maxLength 20
                     * @default ", "
                     */
                    with?: string;
                  }
                | {
                    op: "unique";
                  }
                | {
                    op: "count";
                  }
                | {
                    op: "at";
                    /**
                     * @min -1000
                     * @max 1000
                     */
                    index: number;
                  }
              )[];
              /** Stands in place of null. */
              default?: string | number | boolean;
              /** Without a value, a match in a list is left out; elsewhere the page fails with FIELD_MISSING. */
              required?: boolean;
              /** An object of values, each taken from inside the match. */
              fields?: Record<
                string,
                | string
                | {
                    /**
                     * CSS selector. In nested fields it searches inside the match, and :scope is the match itself.
                     * @minLength 1
                     * @maxLength 500
                     */
                    selector: string;
                    /**
                     * This attribute's value; addresses in href, src and the like are made absolute.
                     * @pattern ^[^\s"'<>/=]{1,100}$
                     */
                    attribute?: string;
                    /** A list of all matches (1000 at most), not the first one. */
                    all?: boolean;
                    /** The match's text. This is the default. */
                    text?: boolean;
                    /** The match as HTML, itself included. */
                    html?: boolean;
                    /** What is inside the match, as Markdown. */
                    markdown?: boolean;
                    /** A <table> as records by its headers, or without headers as rows. */
                    table?: boolean;
                    /**
                     * Steps that the value goes through, in order; with `all` the list of values.
                     * @maxItems 10
                     * @minItems 1
                     */
                    transforms?: (
                      | {
                          op: "trim";
                        }
                      | {
                          op: "lower";
                        }
                      | {
                          op: "upper";
                        }
                      | {
                          op: "number";
                          /**
                           * The decimal mark; the other one groups.
                           * @default "."
                           */
                          decimal?: "." | ",";
                        }
                      | {
                          op: "url";
                        }
                      | {
                          op: "before";
                          /**
                           * @minLength 1
                           * @maxLength 200
                           */
                          text: string;
                        }
                      | {
                          op: "after";
                          /**
                           * @minLength 1
                           * @maxLength 200
                           */
                          text: string;
                        }
                      | {
                          op: "replace";
                          /**
                           * @minLength 1
                           * @maxLength 200
                           */
                          find: string;
                          /** @maxLength 200 */
                          with: string;
                        }
                      | {
                          op: "prefix";
                          /**
                           * @minLength 1
                           * @maxLength 200
                           */
                          text: string;
                        }
                      | {
                          op: "suffix";
                          /**
                           * @minLength 1
                           * @maxLength 200
                           */
                          text: string;
                        }
                      | {
                          op: "slice";
                          /**
                           * @min -100000
                           * @max 100000
                           * @default 0
                           */
                          start?: number;
                          /**
                           * @min -100000
                           * @max 100000
                           */
                          end?: number;
                        }
                      | {
                          op: "match";
                          /**
                           * @minLength 1
                           * @maxLength 200
                           */
                          pattern: string;
                          /**
                           * @min 0
                           * @max 20
                           * @default 0
                           */
                          group?: number;
                        }
                      | {
                          op: "split";
                          /**
                           * @minLength 1
                           * @maxLength 200
                           */
                          by: string;
                        }
                      | {
                          op: "join";
                          /**
                           * @maxLength 20
                           * @default ", "
                           */
                          with?: string;
                        }
                      | {
                          op: "unique";
                        }
                      | {
                          op: "count";
                        }
                      | {
                          op: "at";
                          /**
                           * @min -1000
                           * @max 1000
                           */
                          index: number;
                        }
                    )[];
                    /** Stands in place of null. */
                    default?: string | number | boolean;
                    /** Without a value, a match in a list is left out; elsewhere the page fails with FIELD_MISSING. */
                    required?: boolean;
                    /** An object of values, each taken from inside the match. */
                    fields?: Record<
                      string,
                      | string
                      | {
                          /**
                           * CSS selector. In nested fields it searches inside the match, and :scope is the match itself.
                           * @minLength 1
                           * @maxLength 500
                           */
                          selector: string;
                          /**
                           * This attribute's value; addresses in href, src and the like are made absolute.
                           * @pattern ^[^\s"'<>/=]{1,100}$
                           */
                          attribute?: string;
                          /** A list of all matches (1000 at most), not the first one. */
                          all?: boolean;
                          /** The match's text. This is the default. */
                          text?: boolean;
                          /** The match as HTML, itself included. */
                          html?: boolean;
                          /** What is inside the match, as Markdown. */
                          markdown?: boolean;
                          /** A <table> as records by its headers, or without headers as rows. */
                          table?: boolean;
                          /**
                           * Steps that the value goes through, in order; with `all` the list of values.
                           * @maxItems 10
                           * @minItems 1
                           */
                          transforms?: (
                            | {
                                op: "trim";
                              }
                            | {
                                op: "lower";
                              }
                            | {
                                op: "upper";
                              }
                            | {
                                op: "number";
                                /**
                                 * The decimal mark; the other one groups.
                                 * @default "."
                                 */
                                decimal?: "." | ",";
                              }
                            | {
                                op: "url";
                              }
                            | {
                                op: "before";
                                /**
                                 * @minLength 1
                                 * @maxLength 200
                                 */
                                text: string;
                              }
                            | {
                                op: "after";
                                /**
                                 * @minLength 1
                                 * @maxLength 200
                                 */
                                text: string;
                              }
                            | {
                                op: "replace";
                                /**
                                 * @minLength 1
                                 * @maxLength 200
                                 */
                                find: string;
                                /** @maxLength 200 */
                                with: string;
                              }
                            | {
                                op: "prefix";
                                /**
                                 * @minLength 1
                                 * @maxLength 200
                                 */
                                text: string;
                              }
                            | {
                                op: "suffix";
                                /**
                                 * @minLength 1
                                 * @maxLength 200
                                 */
                                text: string;
                              }
                            | {
                                op: "slice";
                                /**
                                 * @min -100000
                                 * @max 100000
                                 * @default 0
                                 */
                                start?: number;
                                /**
                                 * @min -100000
                                 * @max 100000
                                 */
                                end?: number;
                              }
                            | {
                                op: "match";
                                /**
                                 * @minLength 1
                                 * @maxLength 200
                                 */
                                pattern: string;
                                /**
                                 * @min 0
                                 * @max 20
                                 * @default 0
                                 */
                                group?: number;
                              }
                            | {
                                op: "split";
                                /**
                                 * @minLength 1
                                 * @maxLength 200
                                 */
                                by: string;
                              }
                            | {
                                op: "join";
                                /**
                                 * @maxLength 20
                                 * @default ", "
                                 */
                                with?: string;
                              }
                            | {
                                op: "unique";
                              }
                            | {
                                op: "count";
                              }
                            | {
                                op: "at";
                                /**
                                 * @min -1000
                                 * @max 1000
                                 */
                                index: number;
                              }
                          )[];
                          /** Stands in place of null. */
                          default?: string | number | boolean;
                          /** Without a value, a match in a list is left out; elsewhere the page fails with FIELD_MISSING. */
                          required?: boolean;
                          /** An object of values, each taken from inside the match. */
                          fields?: Record<
                            string,
                            | string
                            | {
                                /**
                                 * CSS selector. In nested fields it searches inside the match, and :scope is the match itself.
                                 * @minLength 1
                                 * @maxLength 500
                                 */
                                selector: string;
                                /**
                                 * This attribute's value; addresses in href, src and the like are made absolute.
                                 * @pattern ^[^\s"'<>/=]{1,100}$
                                 */
                                attribute?: string;
                                /** A list of all matches (1000 at most), not the first one. */
                                all?: boolean;
                                /** The match's text. This is the default. */
                                text?: boolean;
                                /** The match as HTML, itself included. */
                                html?: boolean;
                                /** What is inside the match, as Markdown. */
                                markdown?: boolean;
                                /** A <table> as records by its headers, or without headers as rows. */
                                table?: boolean;
                                /**
                                 * Steps that the value goes through, in order; with `all` the list of values.
                                 * @maxItems 10
                                 * @minItems 1
                                 */
                                transforms?: (
                                  | {
                                      op: "trim";
                                    }
                                  | {
                                      op: "lower";
                                    }
                                  | {
                                      op: "upper";
                                    }
                                  | {
                                      op: "number";
                                      /**
                                       * The decimal mark; the other one groups.
                                       * @default "."
                                       */
                                      decimal?: "." | ",";
                                    }
                                  | {
                                      op: "url";
                                    }
                                  | {
                                      op: "before";
                                      /**
                                       * @minLength 1
                                       * @maxLength 200
                                       */
                                      text: string;
                                    }
                                  | {
                                      op: "after";
                                      /**
                                       * @minLength 1
                                       * @maxLength 200
                                       */
                                      text: string;
                                    }
                                  | {
                                      op: "replace";
                                      /**
                                       * @minLength 1
                                       * @maxLength 200
                                       */
                                      find: string;
                                      /** @maxLength 200 */
                                      with: string;
                                    }
                                  | {
                                      op: "prefix";
                                      /**
                                       * @minLength 1
                                       * @maxLength 200
                                       */
                                      text: string;
                                    }
                                  | {
                                      op: "suffix";
                                      /**
                                       * @minLength 1
                                       * @maxLength 200
                                       */
                                      text: string;
                                    }
                                  | {
                                      op: "slice";
                                      /**
                                       * @min -100000
                                       * @max 100000
                                       * @default 0
                                       */
                                      start?: number;
                                      /**
                                       * @min -100000
                                       * @max 100000
                                       */
                                      end?: number;
                                    }
                                  | {
                                      op: "match";
                                      /**
                                       * @minLength 1
                                       * @maxLength 200
                                       */
                                      pattern: string;
                                      /**
                                       * @min 0
                                       * @max 20
                                       * @default 0
                                       */
                                      group?: number;
                                    }
                                  | {
                                      op: "split";
                                      /**
                                       * @minLength 1
                                       * @maxLength 200
                                       */
                                      by: string;
                                    }
                                  | {
                                      op: "join";
                                      /**
                                       * @maxLength 20
                                       * @default ", "
                                       */
                                      with?: string;
                                    }
                                  | {
                                      op: "unique";
                                    }
                                  | {
                                      op: "count";
                                    }
                                  | {
                                      op: "at";
                                      /**
                                       * @min -1000
                                       * @max 1000
                                       */
                                      index: number;
                                    }
                                )[];
                                /** Stands in place of null. */
                                default?: string | number | boolean;
                                /** Without a value, a match in a list is left out; elsewhere the page fails with FIELD_MISSING. */
                                required?: boolean;
                              }
                          >;
                        }
                    >;
                  }
              >;
            }
        >;
        /** Reads further pages in the same way. Lists grow page by page; every other value is the first page's. */
        paginate?: {
          /**
           * The link to the next page.
           * @minLength 1
           * @maxLength 500
           */
          next: string;
          /**
           * The attribute that has its address.
           * @default "href"
           * @pattern ^[^\s"'<>/=]{1,100}$
           */
          attribute?: string;
          /**
           * At most so many pages, the first one included.
           * @min 1
           * @max 100
           * @default 5
           */
          limit?: number;
        };
        /** Fetches the pages behind links and takes values from each. */
        follow?: {
          /**
           * The links to follow, in the order of the page.
           * @minLength 1
           * @maxLength 500
           */
          links?: string;
          /**
           * Instead of `links`: `list.field`, the field of an extracted list that holds each record's address.
           * @pattern ^[^.]{1,64}\.[^.]{1,64}$
           */
          from?: string;
          /**
           * The attribute that has the address.
           * @default "href"
           * @pattern ^[^\s"'<>/=]{1,100}$
           */
          attribute?: string;
          /**
           * Where the pages' values go: a list of this name; with `from`, a member of each record.
           * @minLength 1
           * @maxLength 64
           */
          into: string;
          /**
           * At most so many links.
           * @min 1
           * @max 100
           * @default 10
           */
          limit?: number;
          /**
           * Only links to the site (registrable domain) of the page that they stand on.
           * @default true
           */
          same_site?: boolean;
          /**
           * What is done on each page.
           * @maxItems 10
           * @minItems 1
           */
          steps: {
            /** Takes values from the page, by name. */
            extract?: Record<
              string,
              | string
              | {
                  /**
                   * CSS selector. In nested fields it searches inside the match, and :scope is the match itself.
                   * @minLength 1
                   * @maxLength 500
                   */
                  selector: string;
                  /**
                   * This attribute's value; addresses in href, src and the like are made absolute.
                   * @pattern ^[^\s"'<>/=]{1,100}$
                   */
                  attribute?: string;
                  /** A list of all matches (1000 at most), not the first one. */
                  all?: boolean;
                  /** The match's text. This is the default. */
                  text?: boolean;
                  /** The match as HTML, itself included. */
                  html?: boolean;
                  /** What is inside the match, as Markdown. */
                  markdown?: boolean;
                  /** A <table> as records by its headers, or without headers as rows. */
                  table?: boolean;
                  /**
                   * Steps that the value goes through, in order; with `all` the list of values.
                   * @maxItems 10
                   * @minItems 1
                   */
                  transforms?: (
                    | {
                        op: "trim";
                      }
                    | {
                        op: "lower";
                      }
                    | {
                        op: "upper";
                      }
                    | {
                        op: "number";
                        /**
                         * The decimal mark; the other one groups.
                         * @default "."
                         */
                        decimal?: "." | ",";
                      }
                    | {
                        op: "url";
                      }
                    | {
                        op: "before";
                        /**
                         * @minLength 1
                         * @maxLength 200
                         */
                        text: string;
                      }
                    | {
                        op: "after";
                        /**
                         * @minLength 1
                         * @maxLength 200
                         */
                        text: string;
                      }
                    | {
                        op: "replace";
                        /**
                         * @minLength 1
                         * @maxLength 200
                         */
                        find: string;
                        /** @maxLength 200 */
                        with: string;
                      }
                    | {
                        op: "prefix";
                        /**
                         * @minLength 1
                         * @maxLength 200
                         */
                        text: string;
                      }
                    | {
                        op: "suffix";
                        /**
                         * @minLength 1
                         * @maxLength 200
                         */
                        text: string;
                      }
                    | {
                        op: "slice";
                        /**
                         * @min -100000
                         * @max 100000
                         * @default 0
                         */
                        start?: number;
                        /**
                         * @min -100000
                         * @max 100000
                         */
                        end?: number;
                      }
                    | {
                        op: "match";
                        /**
                         * @minLength 1
                         * @maxLength 200
                         */
                        pattern: string;
                        /**
                         * @min 0
                         * @max 20
                         * @default 0
                         */
                        group?: number;
                      }
                    | {
                        op: "split";
                        /**
                         * @minLength 1
                         * @maxLength 200
                         */
                        by: string;
                      }
                    | {
                        op: "join";
                        /**
                         * @maxLength 20
                         * @default ", "
                         */
                        with?: string;
                      }
                    | {
                        op: "unique";
                      }
                    | {
                        op: "count";
                      }
                    | {
                        op: "at";
                        /**
                         * @min -1000
                         * @max 1000
                         */
                        index: number;
                      }
                  )[];
                  /** Stands in place of null. */
                  default?: string | number | boolean;
                  /** Without a value, a match in a list is left out; elsewhere the page fails with FIELD_MISSING. */
                  required?: boolean;
                  /** An object of values, each taken from inside the match. */
                  fields?: Record<
                    string,
                    | string
                    | {
                        /**
                         * CSS selector. In nested fields it searches inside the match, and :scope is the match itself.
                         * @minLength 1
                         * @maxLength 500
                         */
                        selector: string;
                        /**
                         * This attribute's value; addresses in href, src and the like are made absolute.
                         * @pattern ^[^\s"'<>/=]{1,100}$
                         */
                        attribute?: string;
                        /** A list of all matches (1000 at most), not the first one. */
                        all?: boolean;
                        /** The match's text. This is the default. */
                        text?: boolean;
                        /** The match as HTML, itself included. */
                        html?: boolean;
                        /** What is inside the match, as Markdown. */
                        markdown?: boolean;
                        /** A <table> as records by its headers, or without headers as rows. */
                        table?: boolean;
                        /**
                         * Steps that the value goes through, in order; with `all` the list of values.
                         * @maxItems 10
                         * @minItems 1
                         */
                        transforms?: (
                          | {
                              op: "trim";
                            }
                          | {
                              op: "lower";
                            }
                          | {
                              op: "upper";
                            }
                          | {
                              op: "number";
                              /**
                               * The decimal mark; the other one groups.
                               * @default "."
                               */
                              decimal?: "." | ",";
                            }
                          | {
                              op: "url";
                            }
                          | {
                              op: "before";
                              /**
                               * @minLength 1
                               * @maxLength 200
                               */
                              text: string;
                            }
                          | {
                              op: "after";
                              /**
                               * @minLength 1
                               * @maxLength 200
                               */
                              text: string;
                            }
                          | {
                              op: "replace";
                              /**
                               * @minLength 1
                               * @maxLength 200
                               */
                              find: string;
                              /** @maxLength 200 */
                              with: string;
                            }
                          | {
                              op: "prefix";
                              /**
                               * @minLength 1
                               * @maxLength 200
                               */
                              text: string;
                            }
                          | {
                              op: "suffix";
                              /**
                               * @minLength 1
                               * @maxLength 200
                               */
                              text: string;
                            }
                          | {
                              op: "slice";
                              /**
                               * @min -100000
                               * @max 100000
                               * @default 0
                               */
                              start?: number;
                              /**
                               * @min -100000
                               * @max 100000
                               */
                              end?: number;
                            }
                          | {
                              op: "match";
                              /**
                               * @minLength 1
                               * @maxLength 200
                               */
                              pattern: string;
                              /**
                               * @min 0
                               * @max 20
                               * @default 0
                               */
                              group?: number;
                            }
                          | {
                              op: "split";
                              /**
                               * @minLength 1
                               * @maxLength 200
                               */
                              by: string;
                            }
                          | {
                              op: "join";
                              /**
                               * @maxLength 20
                               * @default ", "
                               */
                              with?: string;
                            }
                          | {
                              op: "unique";
                            }
                          | {
                              op: "count";
                            }
                          | {
                              op: "at";
                              /**
                               * @min -1000
                               * @max 1000
                               */
                              index: number;
                            }
                        )[];
                        /** Stands in place of null. */
                        default?: string | number | boolean;
                        /** Without a value, a match in a list is left out; elsewhere the page fails with FIELD_MISSING. */
                        required?: boolean;
                        /** An object of values, each taken from inside the match. */
                        fields?: Record<
                          string,
                          | string
                          | {
                              /**
                               * CSS selector. In nested fields it searches inside the match, and :scope is the match itself.
                               * @minLength 1
                               * @maxLength 500
                               */
                              selector: string;
                              /**
                               * This attribute's value; addresses in href, src and the like are made absolute.
                               * @pattern ^[^\s"'<>/=]{1,100}$
                               */
                              attribute?: string;
                              /** A list of all matches (1000 at most), not the first one. */
                              all?: boolean;
                              /** The match's text. This is the default. */
                              text?: boolean;
                              /** The match as HTML, itself included. */
                              html?: boolean;
                              /** What is inside the match, as Markdown. */
                              markdown?: boolean;
                              /** A <table> as records by its headers, or without headers as rows. */
                              table?: boolean;
                              /**
                               * Steps that the value goes through, in order; with `all` the list of values.
                               * @maxItems 10
                               * @minItems 1
                               */
                              transforms?: (
                                | {
                                    op: "trim";
                                  }
                                | {
                                    op: "lower";
                                  }
                                | {
                                    op: "upper";
                                  }
                                | {
                                    op: "number";
                                    /**
                                     * The decimal mark; the other one groups.
                                     * @default "."
                                     */
                                    decimal?: "." | ",";
                                  }
                                | {
                                    op: "url";
                                  }
                                | {
                                    op: "before";
                                    /**
                                     * @minLength 1
                                     * @maxLength 200
                                     */
                                    text: string;
                                  }
                                | {
                                    op: "after";
                                    /**
                                     * @minLength 1
                                     * @maxLength 200
                                     */
                                    text: string;
                                  }
                                | {
                                    op: "replace";
                                    /**
                                     * @minLength 1
                                     * @maxLength 200
                                     */
                                    find: string;
                                    /** @maxLength 200 */
                                    with: string;
                                  }
                                | {
                                    op: "prefix";
                                    /**
                                     * @minLength 1
                                     * @maxLength 200
                                     */
                                    text: string;
                                  }
                                | {
                                    op: "suffix";
                                    /**
                                     * @minLength 1
                                     * @maxLength 200
                                     */
                                    text: string;
                                  }
                                | {
                                    op: "slice";
                                    /**
                                     * @min -100000
                                     * @max 100000
                                     * @default 0
                                     */
                                    start?: number;
                                    /**
                                     * @min -100000
                                     * @max 100000
                                     */
                                    end?: number;
                                  }
                                | {
                                    op: "match";
                                    /**
                                     * @minLength 1
                                     * @maxLength 200
                                     */
                                    pattern: string;
                                    /**
                                     * @min 0
                                     * @max 20
                                     * @default 0
                                     */
                                    group?: number;
                                  }
                                | {
                                    op: "split";
                                    /**
                                     * @minLength 1
                                     * @maxLength 200
                                     */
                                    by: string;
                                  }
                                | {
                                    op: "join";
                                    /**
                                     * @maxLength 20
                                     * @default ", "
                                     */
                                    with?: string;
                                  }
                                | {
                                    op: "unique";
                                  }
                                | {
                                    op: "count";
                                  }
                                | {
                                    op: "at";
                                    /**
                                     * @min -1000
                                     * @max 1000
                                     */
                                    index: number;
                                  }
                              )[];
                              /** Stands in place of null. */
                              default?: string | number | boolean;
                              /** Without a value, a match in a list is left out; elsewhere the page fails with FIELD_MISSING. */
                              required?: boolean;
                              /** An object of values, each taken from inside the match. */
                              fields?: Record<
                                string,
                                | string
                                | {
                                    /**
                                     * CSS selector. In nested fields it searches inside the match, and :scope is the match itself.
                                     * @minLength 1
                                     * @maxLength 500
                                     */
                                    selector: string;
                                    /**
                                     * This attribute's value; addresses in href, src and the like are made absolute.
                                     * @pattern ^[^\s"'<>/=]{1,100}$
                                     */
                                    attribute?: string;
                                    /** A list of all matches (1000 at most), not the first one. */
                                    all?: boolean;
                                    /** The match's text. This is the default. */
                                    text?: boolean;
                                    /** The match as HTML, itself included. */
                                    html?: boolean;
                                    /** What is inside the match, as Markdown. */
                                    markdown?: boolean;
                                    /** A <table> as records by its headers, or without headers as rows. */
                                    table?: boolean;
                                    /**
                                     * Steps that the value goes through, in order; with `all` the list of values.
                                     * @maxItems 10
                                     * @minItems 1
                                     */
                                    transforms?: (
                                      | {
                                          op: "trim";
                                        }
                                      | {
                                          op: "lower";
                                        }
                                      | {
                                          op: "upper";
                                        }
                                      | {
                                          op: "number";
                                          /**
                                           * The decimal mark; the other one groups.
                                           * @default "."
                                           */
                                          decimal?: "." | ",";
                                        }
                                      | {
                                          op: "url";
                                        }
                                      | {
                                          op: "before";
                                          /**
                                           * @minLength 1
                                           * @maxLength 200
                                           */
                                          text: string;
                                        }
                                      | {
                                          op: "after";
                                          /**
                                           * @minLength 1
                                           * @maxLength 200
                                           */
                                          text: string;
                                        }
                                      | {
                                          op: "replace";
                                          /**
                                           * @minLength 1
                                           * @maxLength 200
                                           */
                                          find: string;
                                          /** @maxLength 200 */
                                          with: string;
                                        }
                                      | {
                                          op: "prefix";
                                          /**
                                           * @minLength 1
                                           * @maxLength 200
                                           */
                                          text: string;
                                        }
                                      | {
                                          op: "suffix";
                                          /**
                                           * @minLength 1
                                           * @maxLength 200
                                           */
                                          text: string;
                                        }
                                      | {
                                          op: "slice";
                                          /**
                                           * @min -100000
                                           * @max 100000
                                           * @default 0
                                           */
                                          start?: number;
                                          /**
                                           * @min -100000
                                           * @max 100000
                                           */
                                          end?: number;
                                        }
                                      | {
                                          op: "match";
                                          /**
                                           * @minLength 1
                                           * @maxLength 200
                                           */
                                          pattern: string;
                                          /**
                                           * @min 0
                                           * @max 20
                                           * @default 0
                                           */
                                          group?: number;
                                        }
                                      | {
                                          op: "split";
                                          /**
                                           * @minLength 1
                                           * @maxLength 200
                                           */
                                          by: string;
                                        }
                                      | {
                                          op: "join";
                                          /**
                                           * @maxLength 20
                                           * @default ", "
                                           */
                                          with?: string;
                                        }
                                      | {
                                          op: "unique";
                                        }
                                      | {
                                          op: "count";
                                        }
                                      | {
                                          op: "at";
                                          /**
                                           * @min -1000
                                           * @max 1000
                                           */
                                          index: number;
                                        }
                                    )[];
                                    /** Stands in place of null. */
                                    default?: string | number | boolean;
                                    /** Without a value, a match in a list is left out; elsewhere the page fails with FIELD_MISSING. */
                                    required?: boolean;
                                  }
                              >;
                            }
                        >;
                      }
                  >;
                }
            >;
            /** Reads further pages in the same way. Lists grow page by page; every other value is the first page's. */
            paginate?: {
              /**
               * The link to the next page.
               * @minLength 1
               * @maxLength 500
               */
              next: string;
              /**
               * The attribute that has its address.
               * @default "href"
               * @pattern ^[^\s"'<>/=]{1,100}$
               */
              attribute?: string;
              /**
               * At most so many pages, the first one included.
               * @min 1
               * @max 100
               * @default 5
               */
              limit?: number;
            };
          }[];
        };
      }[];
    };
  }[];
  /** @default {"format":"json"} */
  output?: {
    /**
     * `json` gives `values`; the others give a text instead, in `output.content`.
     * @default "json"
     */
    format?: "json" | "markdown" | "text" | "csv";
    /**
     * For `csv`: the list that makes the rows; by default the first one that there is.
     * @minLength 1
     * @maxLength 64
     */
    rows?: string;
    /**
     * For `csv`: the columns and their order; by default all, as they first appear.
     * @maxItems 50
     * @minItems 1
     */
    columns?: string[];
  };
  /** @default {"pages":20} */
  limits?: {
    /**
     * At most so many pages in one run, the first included.
     * @min 1
     * @max 100
     * @default 20
     */
    pages?: number;
  };
}

export interface ScriptVersionPage {
  items: ScriptVersion[];
  /** Send it as `cursor` for the next page; null at the end. */
  next_cursor: string | null;
}

export interface ScriptVersion {
  version: string;
  content_hash: string | null;
  /** @format date-time */
  created_at: string | null;
  /** Whether it runs where no version is named. */
  latest: boolean;
}

export interface ScriptPreviewResult {
  name: string;
  version: string;
  status: "completed" | "failed";
  /** What a scrape of these pages would have in its `data`, but for how they were had. An address that was not supplied stands in `pages` with the error `PAGE_NOT_SUPPLIED`. */
  data?: unknown;
  /** Why it did not succeed; while it waits, what for: why the last attempt failed, or which target keeps it waiting (`SITE_BUSY`, `HOST_DOWN`, `ROBOTS_UNREACHABLE`). */
  error: TaskError;
}

export interface ScriptPreview {
  /**
   * The page's text, such as its HTML.
   * @example "<h1>Ferries</h1>"
   */
  content: string;
  /**
   * @minLength 1
   * @maxLength 200
   * @default "text/html; charset=utf-8"
   */
  content_type?: string;
  /**
   * The address that the page is taken to have; the script's own unless told.
   * @format uri
   * @maxLength 4096
   * @example "https://example.com/"
   */
  url?: string;
  /**
   * Pages that the script may come to after the first.
   * @maxItems 50
   * @default []
   */
  pages?: {
    /**
     * @format uri
     * @maxLength 4096
     */
    url: string;
    /**
     * The page's text, such as its HTML.
     * @example "<h1>Ferries</h1>"
     */
    content: string;
    /**
     * @minLength 1
     * @maxLength 200
     * @default "text/html; charset=utf-8"
     */
    content_type?: string;
  }[];
  /**
   * What the script asks for.
   * @example {}
   */
  parameters?: object;
  /**
   * A version, a range (`^1.2`, `1.x`, `>=1 <3`), or `latest`, which is the highest version that is released.
   * @maxLength 64
   * @example "^1.0"
   */
  version?: string;
  /** Tries this definition instead of the one that is kept; nothing is kept. */
  definition?: ScriptDefinition;
}

export interface DeliveryPage {
  items: Delivery[];
  /** Send it as `cursor` for the next page; null at the end. */
  next_cursor: string | null;
}

export interface Delivery {
  /**
   * What the receiver sees as `webhook-id`, the same at every attempt.
   * @example "dlv_01kcm4v7d0q6zr1w8n5tbe2y9f"
   */
  id: string;
  url: string;
  /** @example "task.completed" */
  event: string;
  /** `gone`: the receiver answered 410 and is left alone; `failed`: every attempt failed. */
  status: "pending" | "delivered" | "failed" | "gone";
  /** @format date-time */
  created_at: string;
  /** @format date-time */
  ended_at: string | null;
  /**
   * No sooner than then it is tried again; null where it is over, or being tried.
   * @format date-time
   */
  next_attempt_at: string | null;
  attempts: {
    /** Counts from 1. */
    attempt: number;
    /** @format date-time */
    started_at: string;
    /**
     * Seconds.
     * @example 0.12
     */
    duration: number;
    /** Null where no answer came. */
    status_code: number | null;
    /**
     * Why it is no delivery: `TARGET_STATUS` where the answer was not 2xx, else what kept it from coming. `WORKER_LOST`: it may have arrived.
     * @example "FETCH_TIMED_OUT"
     */
    error: string | null;
  }[];
}

export interface WebhookSecret {
  /** @example "whs_01kcm4v7d0q6zr1w8n5tbe2y9f" */
  id: string;
  /**
   * Give it to the Standard Webhooks library of your receiver. Shown this once, and kept sealed.
   * @example "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
   */
  secret: string;
  /** @format date-time */
  created_at: string;
  /**
   * Until then a delivery carries signatures of the older secrets too.
   * @format date-time
   */
  overlap_until: string;
}

export interface RotateWebhookSecret {
  /**
   * How long deliveries are signed with the older secrets as well. 0 ends them at once: the choice where one leaked.
   * @min 0
   * @max 604800
   * @default 86400
   * @example 86400
   */
  overlap_seconds?: number;
}

export interface RealtimeTicket {
  /**
   * Offer it as the subprotocol `naru.ticket.<ticket>` beside `naru.v1`; good once.
   * @example "7.3f9k2m8q1w5x7z0c4v6b9n2m1a8s4d6f.k3j9x2m1q8w4"
   */
  ticket: string;
  /**
   * Seconds.
   * @example 30
   */
  expires_in: number;
}

export interface AsyncApiDocument {
  asyncapi: string;
  info: Record<string, unknown>;
  channels: Record<string, unknown>;
  [key: string]: unknown;
}

export interface Published {
  channel: string;
  /** Its place in the channel. */
  offset: number;
  /** It was there already. */
  duplicate: boolean;
}

export interface Publish {
  /**
   * What happened. Names that begin with `task.`, `chat.`, `system.` or `naru.` are the server's.
   * @pattern ^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$
   * @example "note"
   */
  event: string;
  /**
   * What there is to say of it, at most 64 KiB as JSON.
   * @example {"text":"hello"}
   */
  payload: unknown;
  /**
   * The same id within five minutes is the same message: it is kept once.
   * @minLength 1
   * @maxLength 64
   * @example "01J9Z3"
   */
  message_id?: string;
}

export interface ChannelHistory {
  channel: string;
  /** Of the log that the offsets belong to. */
  epoch: string;
  /** Of the newest event there has been. */
  offset: number;
  /** False where something behind the asked place is no longer kept. */
  recovered: boolean;
  events: {
    channel: string;
    event: string;
    id: string;
    offset: number;
    payload?: unknown;
    cause?: string;
  }[];
}

export interface ChannelPresence {
  channel: string;
  /** One for each connection, the first thousand. */
  members: {
    user_id: string;
    /** @format date-time */
    since: string;
  }[];
  /** How many connections there are. */
  count: number;
}

export interface Room {
  /** @example "room_01kcm4v7d03q6zr1w8n5tbe2y9" */
  id: string;
  /** Where it speaks: `room:<id>`. */
  channel: string;
  name: string;
  /** The caller's own. */
  role: "owner" | "moderator" | "member";
  /** @format date-time */
  created_at: string;
  members: number;
}

export interface CreateRoom {
  /**
   * @minLength 1
   * @maxLength 100
   * @example "Crew"
   */
  name: string;
}

export interface RoomPage {
  items: RoomSummary[];
  /** Send it as `cursor` for the next page; null at the end. */
  next_cursor: string | null;
}

export interface RoomSummary {
  /** @example "room_01kcm4v7d03q6zr1w8n5tbe2y9" */
  id: string;
  /** Where it speaks: `room:<id>`. */
  channel: string;
  name: string;
  /** The caller's own. */
  role: "owner" | "moderator" | "member";
  /** @format date-time */
  created_at: string;
}

export interface RoomMemberPage {
  items: RoomMember[];
  /** Send it as `cursor` for the next page; null at the end. */
  next_cursor: string | null;
}

export interface RoomMember {
  /**
   * @minLength 1
   * @maxLength 64
   * @example "usr_01kcm4v7d03q6zr1w8n5tbe2y9"
   */
  user_id: string;
  role: "owner" | "moderator" | "member";
  /** @format date-time */
  since: string;
}

export interface PutRoomMember {
  /**
   * @minLength 1
   * @maxLength 64
   * @example "usr_01kcm4v7d03q6zr1w8n5tbe2y9"
   */
  user_id: string;
  /**
   * Moderators bring members in and take them out; roles are the owner's to give.
   * @default "member"
   */
  role?: "moderator" | "member";
}

export interface RegisteredWorker {
  /**
   * As `register` gave it.
   * @minLength 1
   * @maxLength 64
   * @example "wrk_01kcm4v7d00000000q6zr1w8n5tbe2y9f"
   */
  worker_id: string;
  /** @example "ocr" */
  pool: string;
  kinds: string[];
}

export interface RegisterWorker {
  /**
   * The kinds of tasks that it serves; each stands in the deployment's `WORKER_KINDS`, and all of them in one pool.
   * @maxItems 20
   * @minItems 1
   * @example ["ocr"]
   */
  kinds: string[];
}

export interface LeasedTasks {
  tasks: {
    /**
     * @minLength 1
     * @maxLength 64
     * @example "task_01kcm4v7d0003q6zr1w8n5tbe2y9f"
     */
    task_id: string;
    /**
     * As `lease` gave it with the task.
     * @minLength 1
     * @maxLength 64
     * @example "1.q83vEjRWeJCrze8SNFZ4kA"
     */
    lease_token: string;
    kind: string;
    /** Counts from 1. */
    attempt: number;
    /** Seconds left for it. */
    timeout: number;
    /**
     * Then the task ends as `timed_out`, whoever runs it.
     * @format date-time
     */
    deadline: string;
    traceparent: string;
    input: Record<string, unknown>;
  }[];
  /**
   * How often to send a heartbeat.
   * @example 10
   */
  heartbeat_seconds: number;
}

export interface LeaseTasks {
  /**
   * As `register` gave it.
   * @minLength 1
   * @maxLength 64
   * @example "wrk_01kcm4v7d00000000q6zr1w8n5tbe2y9f"
   */
  worker_id: string;
  /**
   * Tasks at most; take no more than you can begin at once.
   * @min 1
   * @max 10
   * @default 1
   * @example 1
   */
  max?: number;
  /**
   * How long to wait for the first task.
   * @min 0
   * @max 20
   * @default 20
   * @example 20
   */
  wait_seconds?: number;
  /**
   * How long each task stays yours without a heartbeat. Then it is given to another worker.
   * @min 10
   * @max 300
   * @default 30
   * @example 30
   */
  lease_seconds?: number;
}

export interface WorkerHeartbeatAnswer {
  leases: {
    task_id: string;
    /** `extended`: go on. `cancel`: it was called off. `lost`: it is over or another's. The last two: stop, and report nothing. */
    status: "extended" | "cancel" | "lost";
  }[];
}

export interface WorkerHeartbeat {
  /**
   * As `register` gave it.
   * @minLength 1
   * @maxLength 64
   * @example "wrk_01kcm4v7d00000000q6zr1w8n5tbe2y9f"
   */
  worker_id: string;
  /**
   * @maxItems 100
   * @default []
   */
  leases?: {
    /**
     * @minLength 1
     * @maxLength 64
     * @example "task_01kcm4v7d0003q6zr1w8n5tbe2y9f"
     */
    task_id: string;
    /**
     * As `lease` gave it with the task.
     * @minLength 1
     * @maxLength 64
     * @example "1.q83vEjRWeJCrze8SNFZ4kA"
     */
    lease_token: string;
    /**
     * How far it is, for those who follow the task; any JSON, at most 4 KiB, else it is left out.
     * @example {"done":3,"of":10}
     */
    progress?: unknown;
    /**
     * Lines for those who follow the task, oldest first.
     * @maxItems 50
     * @default []
     */
    log?: {
      /** @default "info" */
      level?: "debug" | "info" | "warn" | "error";
      /**
       * @minLength 1
       * @maxLength 2000
       * @example "Page 3 is read."
       */
      message: string;
    }[];
  }[];
}

export interface RunEnded {
  task_id: string;
  status: "accepted";
}

export interface CompleteTask {
  /**
   * As `register` gave it.
   * @minLength 1
   * @maxLength 64
   * @example "wrk_01kcm4v7d00000000q6zr1w8n5tbe2y9f"
   */
  worker_id: string;
  /**
   * @minLength 1
   * @maxLength 64
   * @example "task_01kcm4v7d0003q6zr1w8n5tbe2y9f"
   */
  task_id: string;
  /**
   * As `lease` gave it with the task.
   * @minLength 1
   * @maxLength 64
   * @example "1.q83vEjRWeJCrze8SNFZ4kA"
   */
  lease_token: string;
  /**
   * The result, unknown JSON.
   * @example {"text":"…"}
   */
  data: unknown;
}

export interface FailTask {
  /**
   * As `register` gave it.
   * @minLength 1
   * @maxLength 64
   * @example "wrk_01kcm4v7d00000000q6zr1w8n5tbe2y9f"
   */
  worker_id: string;
  /**
   * @minLength 1
   * @maxLength 64
   * @example "task_01kcm4v7d0003q6zr1w8n5tbe2y9f"
   */
  task_id: string;
  /**
   * As `lease` gave it with the task.
   * @minLength 1
   * @maxLength 64
   * @example "1.q83vEjRWeJCrze8SNFZ4kA"
   */
  lease_token: string;
  /**
   * What went wrong, for the person who submitted it: no secrets, no stack.
   * @minLength 1
   * @maxLength 500
   * @example "The image is blank."
   */
  message: string;
  /**
   * Your own name for it.
   * @pattern ^[A-Za-z0-9_.-]{1,64}$
   * @example "BLANK_IMAGE"
   */
  code?: string;
  /**
   * Whether another attempt could end differently.
   * @default true
   */
  retryable?: boolean;
  /**
   * Not before so many seconds.
   * @min 0
   * @max 86400
   * @default 0
   */
  retry_after?: number;
}

export interface ReleaseTask {
  /**
   * As `register` gave it.
   * @minLength 1
   * @maxLength 64
   * @example "wrk_01kcm4v7d00000000q6zr1w8n5tbe2y9f"
   */
  worker_id: string;
  /**
   * @minLength 1
   * @maxLength 64
   * @example "task_01kcm4v7d0003q6zr1w8n5tbe2y9f"
   */
  task_id: string;
  /**
   * As `lease` gave it with the task.
   * @minLength 1
   * @maxLength 64
   * @example "1.q83vEjRWeJCrze8SNFZ4kA"
   */
  lease_token: string;
  /**
   * Given out again no sooner than then.
   * @min 0
   * @max 900
   * @default 0
   */
  delay_seconds?: number;
}

export interface Reasoning {
  /** @example "logic_program" */
  type: "deductive" | "inductive" | "abductive" | "mathematical" | "logic_program";
  /**
   * The premises and the question; of `logic_program` a Prolog program with its queries (`?- goal.`), of `mathematical` an expression.
   * @minLength 1
   * @maxLength 200000
   * @example "parent(tom, bob). parent(bob, ann).
   * grandparent(X, Z) :- parent(X, Y), parent(Y, Z).
   * ?- grandparent(tom, Who)."
   */
  input: string;
  /**
   * What is known besides; of `logic_program` a further query, as text or as `query`.
   * @example {"query":"grandparent(tom, Who)"}
   */
  context?: string | object | null;
  /**
   * Seconds that the task's work may take, over all its attempts, counted from the first one's start: then it is ended as `timed_out`, and no attempt begins later. Waiting for a worker, or for a busy target before anything was asked of it, does not count; a target that wants to be left alone for longer than this and 30 s, or 15 minutes, ends the task. Our own workers serve at most 840; more is refused where no other worker serves the kind.
   * @min 1
   * @max 3600
   * @default 300
   * @example 30
   */
  timeout?: number;
  /**
   * Which of your own waiting tasks goes first: `normal` unless told. Of nine that start while all three wait, about six are `high`, two `normal` and one `low`, so that none waits for ever. Between clients turns are even, whatever they call urgent.
   * @example "high"
   */
  priority?: "high" | "normal" | "low";
  /**
   * Starts the task no sooner than so many seconds from now; at most 30 days.
   * @min 0
   * @max 2592000
   * @example 60
   */
  delay_seconds?: number;
  /**
   * Starts the task no sooner than at this time (RFC 3339), at most 30 days ahead; one in the past is now. Not together with `delay_seconds`.
   * @format date-time
   * @example "2026-12-24T18:00:00Z"
   */
  run_at?: string;
  /**
   * Gives the task up where no worker has taken it within so many seconds of its time: it ends as `failed` with `TASK_UNDELIVERABLE`. 24 hours unless told. A task that could not be started in that time, as far as can be foreseen, is refused at once.
   * @min 1
   * @max 604800
   * @example 600
   */
  queue_ttl?: number;
  /**
   * How often the task is tried at most: 4 unless told, 1 for no retry.
   * @min 1
   * @max 10
   * @example 1
   */
  max_attempts?: number;
  /**
   * Seconds that the task and its result are kept after its end; 7 days unless told.
   * @min 60
   * @max 2592000
   * @example 3600
   */
  result_ttl?: number;
  /**
   * Is sent the task by POST when it has ended, whatever its end, signed as Standard Webhooks says (`POST /api/v1/webhook-secret` gives the secret). The body is `{type: "task.completed", timestamp, data}` with the task in `data`; a result that makes it larger than 20 kB stays at `result_url`. Only 2xx within 15 s is a delivery, redirects are not followed, 410 ends it; else it is tried ten times over three days, with the same `webhook-id`. `GET /api/v1/tasks/{id}/deliveries` tells how far it is. Public addresses only, as for pages that are scraped.
   * @minLength 1
   * @maxLength 2048
   * @example "https://hooks.example.com/naru"
   */
  callback_url?: string;
}

export interface Cognitive {
  /** @example "summarization" */
  type: "reasoning" | "analysis" | "summarization" | "classification" | "extraction" | "planning";
  /**
   * The text to work on.
   * @minLength 1
   * @maxLength 200000
   * @example "The ferry crosses the river. It is old. A new ferry will cross the river next year."
   */
  input: string;
  /**
   * What is known besides, such as the labels to classify by; `{"by": "language"}` classifies by language without a model.
   * @example {"labels":["news","opinion"]}
   */
  context?: string | object | null;
  /**
   * Seconds that the task's work may take, over all its attempts, counted from the first one's start: then it is ended as `timed_out`, and no attempt begins later. Waiting for a worker, or for a busy target before anything was asked of it, does not count; a target that wants to be left alone for longer than this and 30 s, or 15 minutes, ends the task. Our own workers serve at most 840; more is refused where no other worker serves the kind.
   * @min 1
   * @max 3600
   * @default 300
   * @example 30
   */
  timeout?: number;
  /**
   * Which of your own waiting tasks goes first: `normal` unless told. Of nine that start while all three wait, about six are `high`, two `normal` and one `low`, so that none waits for ever. Between clients turns are even, whatever they call urgent.
   * @example "high"
   */
  priority?: "high" | "normal" | "low";
  /**
   * Starts the task no sooner than so many seconds from now; at most 30 days.
   * @min 0
   * @max 2592000
   * @example 60
   */
  delay_seconds?: number;
  /**
   * Starts the task no sooner than at this time (RFC 3339), at most 30 days ahead; one in the past is now. Not together with `delay_seconds`.
   * @format date-time
   * @example "2026-12-24T18:00:00Z"
   */
  run_at?: string;
  /**
   * Gives the task up where no worker has taken it within so many seconds of its time: it ends as `failed` with `TASK_UNDELIVERABLE`. 24 hours unless told. A task that could not be started in that time, as far as can be foreseen, is refused at once.
   * @min 1
   * @max 604800
   * @example 600
   */
  queue_ttl?: number;
  /**
   * How often the task is tried at most: 4 unless told, 1 for no retry.
   * @min 1
   * @max 10
   * @example 1
   */
  max_attempts?: number;
  /**
   * Seconds that the task and its result are kept after its end; 7 days unless told.
   * @min 60
   * @max 2592000
   * @example 3600
   */
  result_ttl?: number;
  /**
   * Is sent the task by POST when it has ended, whatever its end, signed as Standard Webhooks says (`POST /api/v1/webhook-secret` gives the secret). The body is `{type: "task.completed", timestamp, data}` with the task in `data`; a result that makes it larger than 20 kB stays at `result_url`. Only 2xx within 15 s is a delivery, redirects are not followed, 410 ends it; else it is tried ten times over three days, with the same `webhook-id`. `GET /api/v1/tasks/{id}/deliveries` tells how far it is. Public addresses only, as for pages that are scraped.
   * @minLength 1
   * @maxLength 2048
   * @example "https://hooks.example.com/naru"
   */
  callback_url?: string;
}

/**
 * Prometheus's text format, version 0.0.4.
 * @example "# HELP naru_requests_total Requests that were answered, by method, route template and status.
 * # TYPE naru_requests_total counter
 * naru_requests_total{method="POST",route="/scrape",status="200"} 42
 * "
 */
export type MetricsExposition = string;

export interface Stats {
  /**
   * RFC 3339 in UTC.
   * @format date-time
   * @example "2026-10-20T09:30:00.000Z"
   */
  timestamp: string;
  /**
   * RFC 3339 in UTC.
   * @format date-time
   * @example "2026-10-20T09:30:00.000Z"
   */
  counted_since: string;
  requests: {
    /**
     * Requests that were answered, over all routes.
     * @min 0
     * @example 42
     */
    total: number;
    /**
     * Of them with 5xx.
     * @min 0
     * @example 42
     */
    errors: number;
    /**
     * Errors by requests.
     * @min 0
     * @max 1
     * @example 0.0125
     */
    error_rate: number;
  };
  /** The most used first. Times are to the head of the answer. */
  routes: RouteStats[];
  /** Up to ten, by `p95_ms`. */
  slowest_routes: {
    /**
     * The template; `unmatched` for what no route took.
     * @example "/api/v1/tasks/:id"
     */
    route: string;
    /**
     * Requests that were answered.
     * @min 0
     * @example 42
     */
    requests: number;
    /**
     * By interpolation, as `p50_ms`.
     * @example 12.5
     */
    p95_ms: number | null;
  }[];
  cache: {
    answers: CacheHits;
    pages: CacheHits;
  };
  /** By kind. Times are from a worker's start to the end. */
  tasks: Record<string, TaskKindStats>;
  /** The most used first. */
  models: ModelStats[];
  /**
   * Credentials that were checked, by what became of them.
   * @example {"ok":40,"unknown_key":2}
   */
  auth: Record<string, number>;
  /**
   * Requests that a limit refused, by its policy.
   * @example {"burst":3}
   */
  rate_limited: Record<string, number>;
}

export interface RouteStats {
  /**
   * The template; `unmatched` for what no route took.
   * @example "/api/v1/tasks/:id"
   */
  route: string;
  /**
   * Requests that were answered.
   * @min 0
   * @example 42
   */
  requests: number;
  /**
   * Of them with 5xx.
   * @min 0
   * @example 42
   */
  errors: number;
  /**
   * Of them with 4xx.
   * @min 0
   * @example 42
   */
  refusals: number;
  /**
   * Errors by requests.
   * @min 0
   * @max 1
   * @example 0.0125
   */
  error_rate: number;
  /**
   * Requests by method.
   * @example {"GET":40,"HEAD":2}
   */
  methods: Record<string, number>;
  /**
   * Requests by status.
   * @example {"200":40,"404":2}
   */
  statuses: Record<string, number>;
  /**
   * Exact. Null where nothing was observed.
   * @example 12.5
   */
  average_ms: number | null;
  /**
   * By interpolation within a histogram's bucket, as evenly spread; times beyond the last bound are told as that bound.
   * @example 12.5
   */
  p50_ms: number | null;
  /**
   * By interpolation, as `p50_ms`.
   * @example 12.5
   */
  p95_ms: number | null;
  /**
   * By interpolation, as `p50_ms`.
   * @example 12.5
   */
  p99_ms: number | null;
}

export interface CacheHits {
  /**
   * Answers told from the cache.
   * @min 0
   * @example 42
   */
  hits: number;
  /**
   * Answers that it did not have.
   * @min 0
   * @example 42
   */
  misses: number;
  /**
   * Null where the cache was never asked.
   * @min 0
   * @max 1
   * @example 0.0125
   */
  hit_ratio: number | null;
}

export interface TaskKindStats {
  /**
   * Tasks that completed, ever.
   * @min 0
   * @example 42
   */
  completed: number;
  /**
   * Tasks that failed, ever, those included that were run again later.
   * @min 0
   * @example 42
   */
  failed: number;
  /**
   * Tasks that were cancelled.
   * @min 0
   * @example 42
   */
  cancelled: number;
  /**
   * Tasks that ran out of time.
   * @min 0
   * @example 42
   */
  timed_out: number;
  /**
   * Exact. Null where nothing was observed.
   * @example 12.5
   */
  average_ms: number | null;
  /**
   * By interpolation within a histogram's bucket, as evenly spread; times beyond the last bound are told as that bound.
   * @example 12.5
   */
  p50_ms: number | null;
  /**
   * By interpolation, as `p50_ms`.
   * @example 12.5
   */
  p95_ms: number | null;
  /**
   * By interpolation, as `p50_ms`.
   * @example 12.5
   */
  p99_ms: number | null;
}

export interface ModelStats {
  /** @example "openai" */
  provider: string;
  /** @example "gpt-4o-mini" */
  model: string;
  /**
   * Runs that ended.
   * @min 0
   * @example 42
   */
  requests: number;
  /**
   * Of them without an answer.
   * @min 0
   * @example 42
   */
  errors: number;
  /**
   * Tokens read.
   * @min 0
   * @example 42
   */
  prompt_tokens: number;
  /**
   * Tokens written.
   * @min 0
   * @example 42
   */
  completion_tokens: number;
}

/** @example {"message":"Naru: an API server at the edge. See /docs.","version":"0.1.0","status":"running","timestamp":"2026-10-20T09:30:00.000Z"} */
export interface Root {
  message: string;
  version: string;
  status: "running";
  /**
   * RFC 3339 in UTC.
   * @format date-time
   * @example "2026-10-20T09:30:00.000Z"
   */
  timestamp: string;
}

export interface Health {
  status: HealthStatus;
  version: string;
  /**
   * RFC 3339 in UTC.
   * @format date-time
   * @example "2026-10-20T09:30:00.000Z"
   */
  timestamp: string;
  components: {
    database: ComponentHealth;
    cache: ComponentHealth;
    queue: ComponentHealth;
    durable_objects: ComponentHealth;
    ai_model: ComponentHealth;
  };
  environment_validation: {
    status: "valid" | "invalid";
    issues: {
      critical: string[];
      errors: string[];
      warnings: string[];
    };
    /** The same issues, each with a code and what to do about it. */
    faults: {
      code: string;
      severity: "critical" | "error" | "warning";
      message: string;
      fix: string;
    }[];
  };
  system_info: {
    /** Null where the platform does not report it. */
    cpu_usage: number | null;
    /** Null where the platform does not report it. */
    memory_usage: number | null;
    /**
     * Percent of the database's limit that is in use.
     * @example 0.01
     */
    disk_usage: number | null;
  };
}

export interface ComponentHealth {
  status: HealthStatus;
  /**
   * Null where nothing had to be asked.
   * @example 3
   */
  latency_ms: number | null;
}

export interface Liveness {
  status: "alive";
}

export interface Readiness {
  status: "ready";
}

export interface Status {
  status: "operational";
  /**
   * Tasks that could run and wait for a worker.
   * @min 0
   * @example 0
   */
  queue_length: number;
  /**
   * Tasks that wait for their time, or for that of their next attempt.
   * @min 0
   * @example 0
   */
  scheduled: number;
  /** How long the longest of `queue_length` waits; null where none does. */
  oldest_queued_seconds: number | null;
  /**
   * Tasks that a worker holds.
   * @min 0
   * @example 0
   */
  running_tasks: number;
  /**
   * Workers that claimed or gave a sign of life in the last 30 s.
   * @min 0
   * @example 0
   */
  active_workers: number;
  /**
   * Tasks that ever completed.
   * @min 0
   * @example 0
   */
  completed_tasks: number;
  /**
   * Tasks that ever failed.
   * @min 0
   * @example 0
   */
  failed_tasks: number;
  /**
   * Tasks that were ever cancelled.
   * @min 0
   * @example 0
   */
  cancelled_tasks: number;
  /**
   * Tasks that ever overran their timeout.
   * @min 0
   * @example 0
   */
  timed_out_tasks: number;
  /** The same numbers by kind of task. */
  by_kind: Record<
    string,
    {
      /**
       * Waiting for a worker.
       * @min 0
       * @example 0
       */
      queue_length: number;
      /**
       * Waiting for their time.
       * @min 0
       * @example 0
       */
      scheduled: number;
      /**
       * Held by a worker.
       * @min 0
       * @example 0
       */
      running: number;
      /**
       * Ever completed.
       * @min 0
       * @example 0
       */
      completed: number;
      /**
       * Ever failed.
       * @min 0
       * @example 0
       */
      failed: number;
      /**
       * Ever cancelled.
       * @min 0
       * @example 0
       */
      cancelled: number;
      /**
       * Ever timed out.
       * @min 0
       * @example 0
       */
      timed_out: number;
    }
  >;
  /**
   * When a worker last claimed a task; null if none ever did.
   * @format date-time
   * @example "2026-10-20T09:30:00.000Z"
   */
  last_claim_at: string | null;
  /** Seconds since the isolate that answers met its first request. */
  uptime: number;
  /** Null where the platform does not report it. */
  memory_usage: number | null;
  /** Null where the platform does not report it. */
  cpu_usage: number | null;
}

export interface ErrorDescription {
  type: string;
  code: string;
  status: number;
  title: string;
  error: string;
  detail: string | null;
}

export interface OpenApiDocument {
  openapi: string;
  info: Record<string, unknown>;
  paths: Record<string, unknown>;
  [key: string]: unknown;
}

/** Every operation by its id: what it takes, and what it gives when it works. */
export interface Operations {
  /** Read the audit log */ "admin.audit": {
    query?: {
      /**
       * How many items a page has at most.
       * @example 20
       */
      limit?: number;
      /**
       * Where to go on: the `next_cursor` of the page before, as it was given.
       * @minLength 1
       * @maxLength 1024
       */
      cursor?: string;
      /**
       * Only what this one did.
       * @minLength 1
       * @maxLength 64
       */
      actor_id?: string;
      /**
       * Only what was done to this one.
       * @minLength 1
       * @maxLength 64
       */
      subject_id?: string;
      /**
       * Only this action.
       * @maxLength 64
       * @pattern ^[a-z_]+\.[a-z_]+$
       * @example "user.disable"
       */
      action?: string;
      /**
       * From this time on.
       * @format date-time
       */
      from?: string;
      /**
       * Before this time.
       * @format date-time
       */
      to?: string;
    };
    response: AuditPage;
  };
  /** Change a person's role, quotas or standing */ "admin.changeUser": {
    params: {
      /** @example "usr_01kcm4v7d0g3q6zr1w8n5tbe2y" */
      id: string;
    };
    body: ChangeUser;
    response: AdminUser;
  };
  /** Look into a dead letter */ "admin.deadLetter": {
    params: {
      /** @example "task_01kcm4v7d0003q6zr1w8n5tbe2y9f" */
      id: string;
    };
    response: DeadLetter;
  };
  /** Find tasks that were given up */ "admin.deadLetters": {
    query?: {
      /**
       * How many items a page has at most.
       * @example 20
       */
      limit?: number;
      /**
       * Where to go on: the `next_cursor` of the page before, as it was given.
       * @minLength 1
       * @maxLength 1024
       */
      cursor?: string;
      /**
       * Only this kind.
       * @minLength 1
       * @maxLength 64
       */
      kind?: string;
      /**
       * Only this owner's.
       * @minLength 1
       * @maxLength 64
       */
      owner_id?: string;
      /**
       * Only those that failed of this.
       * @maxLength 64
       * @pattern ^[A-Z_]+$
       * @example "FETCH_FAILED"
       */
      code?: string;
      /**
       * Given up from this time on.
       * @format date-time
       */
      from?: string;
      /**
       * Given up before this time.
       * @format date-time
       */
      to?: string;
    };
    response: DeadLetterPage;
  };
  /** Take a task off the dead letters */ "admin.deleteDeadLetter": {
    params: {
      /** @example "task_01kcm4v7d0003q6zr1w8n5tbe2y9f" */
      id: string;
    };
    response: void;
  };
  /** Take many tasks off the dead letters */ "admin.purgeDeadLetters": {
    body: SelectDeadLetters;
    response: PurgedDeadLetters;
  };
  /** Try a dead letter anew */ "admin.replayDeadLetter": {
    params: {
      /** @example "task_01kcm4v7d0003q6zr1w8n5tbe2y9f" */
      id: string;
    };
    response: ReplayedDeadLetters;
  };
  /** Try many dead letters anew */ "admin.replayDeadLetters": {
    body: SelectDeadLetters;
    response: ReplayedDeadLetters;
  };
  /** Make a link that sets a new password */ "admin.resetLink": {
    params: {
      /** @example "usr_01kcm4v7d0g3q6zr1w8n5tbe2y" */
      id: string;
    };
    response: ResetLink;
  };
  /** Read a person's account */ "admin.user": {
    params: {
      /** @example "usr_01kcm4v7d0g3q6zr1w8n5tbe2y" */
      id: string;
    };
    response: AdminUser;
  };
  /** Find people */ "admin.users": {
    query?: {
      /**
       * How many items a page has at most.
       * @example 20
       */
      limit?: number;
      /**
       * Where to go on: the `next_cursor` of the page before, as it was given.
       * @minLength 1
       * @maxLength 1024
       */
      cursor?: string;
      /**
       * A part of the e-mail address or the name, or a whole id.
       * @minLength 1
       * @maxLength 100
       */
      q?: string;
      role?: "admin" | "user" | "service" | "worker";
      disabled?: "true" | "false";
    };
    response: AdminUserPage;
  };
  /** Create an API key */ "apiKeys.create": { body: CreateApiKey; response: ApiKeyWithSecret };
  /** Read an API key */ "apiKeys.get": {
    params: {
      /** @example "key_01kcm4v7d0g3q6zr1w8n5tbe2y4j7k2m9x5v8c1b3n" */
      id: string;
    };
    response: ApiKey;
  };
  /** List your API keys */ "apiKeys.list": {
    query?: {
      /**
       * How many items a page has at most.
       * @example 20
       */
      limit?: number;
      /**
       * Where to go on: the `next_cursor` of the page before, as it was given.
       * @minLength 1
       * @maxLength 1024
       */
      cursor?: string;
      status?: "active" | "expired" | "revoked";
    };
    response: ApiKeyPage;
  };
  /** Revoke an API key */ "apiKeys.revoke": {
    params: {
      /** @example "key_01kcm4v7d0g3q6zr1w8n5tbe2y4j7k2m9x5v8c1b3n" */
      id: string;
    };
    response: void;
  };
  /** Give an API key a new secret */ "apiKeys.rotate": {
    params: {
      /** @example "key_01kcm4v7d0g3q6zr1w8n5tbe2y4j7k2m9x5v8c1b3n" */
      id: string;
    };
    body?: RotateApiKey;
    response: ApiKeyWithSecret;
  };
  /** Change an API key */ "apiKeys.update": {
    params: {
      /** @example "key_01kcm4v7d0g3q6zr1w8n5tbe2y4j7k2m9x5v8c1b3n" */
      id: string;
    };
    body: UpdateApiKey;
    response: ApiKey;
  };
  /** Change the password */ "auth.changePassword": { body: PasswordChange; response: void };
  /** Sign a device out */ "auth.endSession": {
    params: {
      /** @example "ses_01h2xcejqtf2nbrexx3vqjhp41f2nbrexx3vqjhp41" */
      id: string;
    };
    response: void;
  };
  /** The keys that verify access tokens */ "auth.jwks": { response: Jwks };
  /** Sign in by e-mail and password */ "auth.login": {
    query?: {
      /** 1 puts the refresh token in a cookie. */
      cookie?: "0" | "1";
    };
    body: Login;
    response: SessionTokens;
  };
  /** Sign out */ "auth.logout": {
    query?: {
      /** 1 ends all sessions. */
      all?: "0" | "1";
    };
    response: void;
  };
  /** Sign out */ "auth.logoutByGet": {
    query?: {
      /** 1 ends all sessions. */
      all?: "0" | "1";
    };
    response: void;
  };
  /** Come back from a provider */ "auth.oauthCallback": {
    params: {
      /**
       * @maxLength 100
       * @example "github"
       */
      provider: string;
    };
    response: SigninOutcome;
  };
  /** With whom you can sign in */ "auth.oauthIdentities": { response: LinkedIdentities };
  /** Link a provider to your account */ "auth.oauthLink": {
    params: {
      /**
       * @maxLength 100
       * @example "github"
       */
      provider: string;
    };
    query?: {
      /**
       * The page that the browser goes on to: a path of this server, or a URL of its origin or of one in `CORS_ORIGINS`, without `#`. A refusal comes there as `?error=<code>`.
       * @maxLength 1024
       * @example "/console"
       */
      return_to?: string;
    };
    response: LinkBeginning;
  };
  /** With whom people can sign in */ "auth.oauthProviders": { response: SigninProviders };
  /** Go to a provider to sign in */ "auth.oauthStart": {
    params: {
      /**
       * @maxLength 100
       * @example "github"
       */
      provider: string;
    };
    query?: {
      /** 1 puts the refresh token in a cookie. */
      cookie?: "0" | "1";
      /**
       * The page that the browser goes on to: a path of this server, or a URL of its origin or of one in `CORS_ORIGINS`, without `#`. A refusal comes there as `?error=<code>`.
       * @maxLength 1024
       * @example "/console"
       */
      return_to?: string;
    };
    response: unknown;
  };
  /** Unlink a provider from your account */ "auth.oauthUnlink": {
    params: {
      /**
       * @maxLength 100
       * @example "github"
       */
      provider: string;
    };
    response: void;
  };
  /** Get the next tokens of a session */ "auth.refresh": {
    body: Refresh;
    response: SessionTokens;
  };
  /** Make an account */ "auth.register": { body: Register; response: User };
  /** Have a link mailed that sets a new password */ "auth.requestPasswordReset": {
    body: RequestReset;
    response: void;
  };
  /** Set a new password by a link */ "auth.resetPassword": { body: RedeemReset; response: void };
  /** List the devices that are signed in */ "auth.sessions": {
    query?: {
      /**
       * How many items a page has at most.
       * @example 20
       */
      limit?: number;
      /**
       * Where to go on: the `next_cursor` of the page before, as it was given.
       * @minLength 1
       * @maxLength 1024
       */
      cursor?: string;
    };
    response: SessionPage;
  };
  /** Who am I, and what may I still do */ "auth.test": { response: WhoAmI };
  /** Who am I, and what may I still do */ "auth.testAlias": { response: WhoAmI };
  /** Forget your kept answers */ "cache.clear": { response: ClearedCache };
  /** How many of your answers are kept, and how often they were found */ "cache.stats": {
    response: CacheStats;
  };
  /** Say something, and read the whole answer */ "chat.ask": {
    body: ChatRequest;
    response: ChatAnswer;
  };
  /** Say something, and read the whole answer */ "chat.askAlias": {
    body: ChatRequest;
    response: ChatAnswer;
  };
  /** The modes of a conversation */ "chat.modes": { response: ChatModePage };
  /** The modes of a conversation */ "chat.modesAlias": { response: ChatModePage };
  /** Say something, and read the answer while it is written */ "chat.stream": {
    body: ChatRequest;
    response: MetricsExposition;
  };
  /** Measure code, and find what makes it slow, unsafe or hard to change */ "code.analyze": {
    body: AnalyzeCode;
    response: CodeAnalysis;
  };
  /** Suggest what follows the cursor */ "code.complete": {
    body: CompleteCode;
    response: CodeCompletions;
  };
  /** Write code that answers a question */ "code.generate": {
    body: GenerateCode;
    response: GeneratedCode;
  };
  /** Write code and tell it while it is written */ "code.generateStream": {
    body: GenerateCodeStream;
    response: MetricsExposition;
  };
  /** Check code for faults of syntax, style and security */ "code.validate": {
    body: ValidateCode;
    response: CodeValidation;
  };
  /** Analyse, summarise, classify, extract, reason or plan */ "cognitive.process": {
    body: Cognitive;
    response: Task;
  };
  /** Read a task */ "cognitive.status": {
    params: {
      /** @example "task_01kcm4v7d0003q6zr1w8n5tbe2y9f" */
      id: string;
    };
    response: Task;
  };
  /** Begin a conversation before anything is said */ "conversations.create": {
    body?: CreateConversation;
    response: Conversation;
  };
  /** Delete a conversation */ "conversations.delete": {
    params: {
      /**
       * The conversation's id.
       * @maxLength 100
       * @example "conv_01kcm4v7d0g3q6zr1w8n5tbe2y"
       */
      id: string;
    };
    response: void;
  };
  /** Read a conversation with its messages */ "conversations.get": {
    params: {
      /**
       * The conversation's id.
       * @maxLength 100
       * @example "conv_01kcm4v7d0g3q6zr1w8n5tbe2y"
       */
      id: string;
    };
    query?: {
      /**
       * How many items a page has at most.
       * @example 20
       */
      limit?: number;
      /**
       * Where to go on: the `next_cursor` of the page before, as it was given.
       * @minLength 1
       * @maxLength 1024
       */
      cursor?: string;
      /**
       * Of the messages: the oldest first, or the newest.
       * @default "asc"
       */
      order?: "asc" | "desc";
    };
    response: ConversationDetail;
  };
  /** List your conversations */ "conversations.list": {
    query?: {
      /**
       * How many items a page has at most.
       * @example 20
       */
      limit?: number;
      /**
       * Where to go on: the `next_cursor` of the page before, as it was given.
       * @minLength 1
       * @maxLength 1024
       */
      cursor?: string;
    };
    response: ConversationPage;
  };
  /** Change a conversation's title or mode */ "conversations.update": {
    params: {
      /**
       * The conversation's id.
       * @maxLength 100
       * @example "conv_01kcm4v7d0g3q6zr1w8n5tbe2y"
       */
      id: string;
    };
    body: UpdateConversation;
    response: Conversation;
  };
  /** Erase your account and all that is kept of you */ "data.erase": {
    body: EraseData;
    response: Erasure;
  };
  /** Get all that is kept of you */ "data.export": { response: DataExport };
  /** Say what you think of an answer */ "feedback.create": {
    body: Feedback;
    response: FeedbackAnswer;
  };
  /** Say what you think of an answer */ "feedback.createAlias": {
    body: Feedback;
    response: FeedbackAnswer;
  };
  /** Say what you think of an answer */ "feedback.submit": {
    body: Feedback;
    response: FeedbackAnswer;
  };
  /** Call an upstream with DELETE */ "gateway.delete": {
    params: {
      /**
       * The upstream's name.
       * @pattern ^[a-z0-9][a-z0-9-]{0,62}$
       * @example "orders"
       */
      name: string;
      /**
       * The path below the upstream, all that follows, slashes too; a query is passed on behind it.
       * @example "orders"
       */
      path: string;
    };
    response: void;
  };
  /** Call an upstream with GET */ "gateway.get": {
    params: {
      /**
       * The upstream's name.
       * @pattern ^[a-z0-9][a-z0-9-]{0,62}$
       * @example "orders"
       */
      name: string;
      /**
       * The path below the upstream, all that follows, slashes too; a query is passed on behind it.
       * @example "orders"
       */
      path: string;
    };
    response: void;
  };
  /** Call an upstream with PATCH */ "gateway.patch": {
    params: {
      /**
       * The upstream's name.
       * @pattern ^[a-z0-9][a-z0-9-]{0,62}$
       * @example "orders"
       */
      name: string;
      /**
       * The path below the upstream, all that follows, slashes too; a query is passed on behind it.
       * @example "orders"
       */
      path: string;
    };
    response: void;
  };
  /** Call an upstream with POST */ "gateway.post": {
    params: {
      /**
       * The upstream's name.
       * @pattern ^[a-z0-9][a-z0-9-]{0,62}$
       * @example "orders"
       */
      name: string;
      /**
       * The path below the upstream, all that follows, slashes too; a query is passed on behind it.
       * @example "orders"
       */
      path: string;
    };
    response: void;
  };
  /** Call an upstream with PUT */ "gateway.put": {
    params: {
      /**
       * The upstream's name.
       * @pattern ^[a-z0-9][a-z0-9-]{0,62}$
       * @example "orders"
       */
      name: string;
      /**
       * The path below the upstream, all that follows, slashes too; a query is passed on behind it.
       * @example "orders"
       */
      path: string;
    };
    response: void;
  };
  /** Delete the whole history */ "history.clear": { response: void };
  /** Delete one item of the history */ "history.delete": {
    params: {
      /**
       * The item's id.
       * @maxLength 100
       * @example "hist_01kcm4v7d0g3q6zr1w8n5tbe2y4j7k2m9x5v8c1b3n"
       */
      id: string;
    };
    response: void;
  };
  /** What you asked, and what was answered */ "history.list": {
    query?: {
      /**
       * How many items a page has at most.
       * @example 20
       */
      limit?: number;
      /**
       * Where to go on: the `next_cursor` of the page before, as it was given.
       * @minLength 1
       * @maxLength 1024
       */
      cursor?: string;
      /**
       * Only items of this kind.
       * @pattern ^[a-z-]{1,32}$
       * @example "chat"
       */
      kind?: string;
    };
    response: HistoryPage;
  };
  /** Ask whether a token is good */ "oauth.introspect": {
    body: InspectedToken;
    response: Introspection;
  };
  /** What this authorization server offers */ "oauth.metadata": { response: ServerMetadata };
  /** Revoke a token */ "oauth.revoke": { body: InspectedToken; response: void };
  /** Get an access token */ "oauth.token": { body: TokenRequest; response: TokenAnswer };
  /** Make a client of the token endpoint */ "oauthClients.create": {
    body: CreateOAuthClient;
    response: NewOAuthClient;
  };
  /** Revoke a client */ "oauthClients.delete": {
    params: {
      /**
       * @maxLength 100
       * @example "cli_01h2xcejqtf2nbrexx3vqjhp41f2nbrexx3vqjhp41"
       */
      id: string;
    };
    response: void;
  };
  /** Read a client */ "oauthClients.get": {
    params: {
      /**
       * @maxLength 100
       * @example "cli_01h2xcejqtf2nbrexx3vqjhp41f2nbrexx3vqjhp41"
       */
      id: string;
    };
    response: OAuthClient;
  };
  /** List your clients */ "oauthClients.list": {
    query?: {
      /**
       * How many items a page has at most.
       * @example 20
       */
      limit?: number;
      /**
       * Where to go on: the `next_cursor` of the page before, as it was given.
       * @minLength 1
       * @maxLength 1024
       */
      cursor?: string;
    };
    response: OAuthClients;
  };
  /** Chat, as OpenAI's SDKs ask for it */ "openai.chatCompletions": {
    body: OpenAiChatCompletionRequest;
    response: OpenAiChatCompletion;
  };
  /** Vectors of texts */ "openai.embeddings": {
    body: OpenAiEmbeddingsRequest;
    response: OpenAiEmbeddings;
  };
  /** A model */ "openai.model": {
    params: {
      /**
       * @maxLength 300
       * @example "embedded"
       */
      id: string;
    };
    response: OpenAiModel;
  };
  /** The models that requests may name */ "openai.models": { response: OpenAiModels };
  /** Read your profile */ "profile.get": { response: UserProfile };
  /** Replace your profile */ "profile.put": { body: PutProfile; response: UserProfile };
  /** The WebSocket's protocol as an AsyncAPI 3.0 document */ "realtime.asyncapi": {
    response: AsyncApiDocument;
  };
  /** Open a WebSocket for a Centrifugo client */ "realtime.centrifuge": { response: unknown };
  /** Open a WebSocket */ "realtime.connect": { response: unknown };
  /** Read what was said in a channel */ "realtime.history": {
    params: {
      /**
       * `public:*` (anybody signed in), `room:<id>` (its members), `user:<id>` and `task:<id>` (their owner), `system:*` (administrators).
       * @minLength 1
       * @maxLength 128
       * @example "public:news"
       */
      channel: string;
    };
    query?: {
      limit?: number;
      /**
       * With `offset`: only what came behind that place. Without: the newest events.
       * @minLength 1
       * @maxLength 64
       */
      epoch?: string;
      offset?: number;
    };
    response: ChannelHistory;
  };
  /** See who is in a channel */ "realtime.presence": {
    params: {
      /**
       * `public:*` (anybody signed in), `room:<id>` (its members), `user:<id>` and `task:<id>` (their owner), `system:*` (administrators).
       * @minLength 1
       * @maxLength 128
       * @example "public:news"
       */
      channel: string;
    };
    response: ChannelPresence;
  };
  /** Publish in a channel */ "realtime.publish": {
    params: {
      /**
       * `public:*` (anybody signed in), `room:<id>` (its members), `user:<id>` and `task:<id>` (their owner), `system:*` (administrators).
       * @minLength 1
       * @maxLength 128
       * @example "public:news"
       */
      channel: string;
    };
    body: Publish;
    response: Published;
  };
  /** Follow channels without a socket */ "realtime.sse": {
    query: {
      /** Once for each channel, at most 16. */
      channel: string | string[];
    };
    response: MetricsExposition;
  };
  /** Get a ticket for one WebSocket */ "realtime.tickets.create": { response: RealtimeTicket };
  /** Reason step by step and answer with the conclusion */ "reasoning.execute": {
    body: Reasoning;
    response: Task;
  };
  /** Open a room */ "rooms.create": { body: CreateRoom; response: Room };
  /** Delete a room */ "rooms.delete": {
    params: {
      /** @example "room_01kcm4v7d03q6zr1w8n5tbe2y9" */
      id: string;
    };
    response: void;
  };
  /** Read a room */ "rooms.get": {
    params: {
      /** @example "room_01kcm4v7d03q6zr1w8n5tbe2y9" */
      id: string;
    };
    response: Room;
  };
  /** List the rooms that you are in */ "rooms.list": {
    query?: {
      /**
       * How many items a page has at most.
       * @example 20
       */
      limit?: number;
      /**
       * Where to go on: the `next_cursor` of the page before, as it was given.
       * @minLength 1
       * @maxLength 1024
       */
      cursor?: string;
    };
    response: RoomPage;
  };
  /** List the members of a room */ "rooms.members.list": {
    params: {
      /** @example "room_01kcm4v7d03q6zr1w8n5tbe2y9" */
      id: string;
    };
    query?: {
      /**
       * How many items a page has at most.
       * @example 20
       */
      limit?: number;
      /**
       * Where to go on: the `next_cursor` of the page before, as it was given.
       * @minLength 1
       * @maxLength 1024
       */
      cursor?: string;
    };
    response: RoomMemberPage;
  };
  /** Bring somebody into a room, or give them another role */ "rooms.members.put": {
    params: {
      /** @example "room_01kcm4v7d03q6zr1w8n5tbe2y9" */
      id: string;
    };
    body: PutRoomMember;
    response: RoomMember;
  };
  /** Take somebody out of a room, or leave it */ "rooms.members.remove": {
    params: {
      /** @example "room_01kcm4v7d03q6zr1w8n5tbe2y9" */
      id: string;
      /**
       * @minLength 1
       * @maxLength 64
       * @example "usr_01kcm4v7d03q6zr1w8n5tbe2y9"
       */
      userId: string;
    };
    response: void;
  };
  /** Rename a room */ "rooms.update": {
    params: {
      /** @example "room_01kcm4v7d03q6zr1w8n5tbe2y9" */
      id: string;
    };
    body: CreateRoom;
    response: Room;
  };
  /** Scrape a page and answer when it is done */ "scrape.create": { body: Scrape; response: Task };
  /** Scrape a page and answer when it is done */ "scrape.createAlias": {
    body: Scrape;
    response: Task;
  };
  /** Delete a script of your own */ "scripts.delete": {
    params: {
      /**
       * @maxLength 64
       * @pattern ^[a-zA-Z0-9_-]+$
       * @example "page"
       */
      name: string;
    };
    query?: {
      /**
       * Only this version; all of them unless told.
       * @maxLength 64
       * @example "1.0.0"
       */
      version?: string;
    };
    response: void;
  };
  /** Read what a script does and asks for */ "scripts.get": {
    params: {
      /**
       * @maxLength 64
       * @pattern ^[a-zA-Z0-9_-]+$
       * @example "page"
       */
      name: string;
    };
    query?: {
      /**
       * A version, a range (`^1.2`, `1.x`, `>=1 <3`), or `latest`, which is the highest version that is released.
       * @maxLength 64
       * @example "^1.0"
       */
      version?: string;
    };
    response: ScriptDetail;
  };
  /** List the scripts */ "scripts.list": {
    query?: {
      /**
       * How many items a page has at most.
       * @example 20
       */
      limit?: number;
      /**
       * Where to go on: the `next_cursor` of the page before, as it was given.
       * @minLength 1
       * @maxLength 1024
       */
      cursor?: string;
    };
    response: ScriptPage;
  };
  /** Try a script on pages that you send */ "scripts.preview": {
    params: {
      /**
       * @maxLength 64
       * @pattern ^[a-zA-Z0-9_-]+$
       * @example "page"
       */
      name: string;
    };
    body: ScriptPreview;
    response: ScriptPreviewResult;
  };
  /** Keep a version of a script of your own */ "scripts.put": {
    params: {
      /**
       * @maxLength 64
       * @pattern ^[a-zA-Z0-9_-]+$
       * @example "page"
       */
      name: string;
    };
    body: ScriptDefinition;
    response: ScriptDetail;
  };
  /** List the versions of a script */ "scripts.versions": {
    params: {
      /**
       * @maxLength 64
       * @pattern ^[a-zA-Z0-9_-]+$
       * @example "page"
       */
      name: string;
    };
    query?: {
      /**
       * How many items a page has at most.
       * @example 20
       */
      limit?: number;
      /**
       * Where to go on: the `next_cursor` of the page before, as it was given.
       * @minLength 1
       * @maxLength 1024
       */
      cursor?: string;
    };
    response: ScriptVersionPage;
  };
  /** Read your settings */ "settings.get": { response: UserSettings };
  /** Replace your settings */ "settings.put": { body: PutSettings; response: UserSettings };
  /** Go on with a stream */ "streams.resume": {
    params: {
      /**
       * The id in the stream's `Location`.
       * @maxLength 100
       */
      id: string;
    };
    response: MetricsExposition;
  };
  /** The documentation as Swagger UI shows it */ "system.docs": { response: MetricsExposition };
  /** What an error means and how to get past it */ "system.error": {
    params: {
      /**
       * The `code` of a problem.
       * @maxLength 64
       * @example "RATE_LIMITED"
       */
      code: string;
    };
    query?: {
      /** The language, where Accept-Language should not decide. */
      lang?: "ko" | "en";
    };
    response: MetricsExposition;
  };
  /** Whether the server can serve, part by part */ "system.health": { response: Health };
  /** Whether the server can serve, part by part */ "system.healthV1": { response: Health };
  /** Whether the process lives */ "system.live": { response: Liveness };
  /** Counters for Prometheus */ "system.metrics": { response: MetricsExposition };
  /** This API as an OpenAPI 3.1 document */ "system.openapi": { response: OpenApiDocument };
  /** This API as an OpenAPI 3.0 document */ "system.openapi30": { response: OpenApiDocument };
  /** Whether requests can be sent here */ "system.ready": { response: Readiness };
  /** The documentation as ReDoc shows it */ "system.redoc": { response: MetricsExposition };
  /** What this is */ "system.root": {
    query?: {
      /** The language, where Accept-Language should not decide. */
      lang?: "ko" | "en";
    };
    response: Root;
  };
  /** What the counters say, route by route */ "system.stats": { response: Stats };
  /** What the counters say, route by route */ "system.statsV1": { response: Stats };
  /** How much work there is and was */ "system.status": { response: Status };
  /** How much work there is and was */ "system.statusV1": { response: Status };
  /** Cancel a task */ "tasks.cancel": {
    params: {
      /** @example "task_01kcm4v7d0003q6zr1w8n5tbe2y9f" */
      id: string;
    };
    response: Task;
  };
  /** Run a task and answer when it ends */ "tasks.create": { body: CreateTask; response: Task };
  /** Submit up to 100 tasks at once */ "tasks.createBatch": {
    body: CreateTaskBatch;
    response: TaskBatch;
  };
  /** List the webhook deliveries of a task */ "tasks.deliveries": {
    params: {
      /** @example "task_01kcm4v7d0003q6zr1w8n5tbe2y9f" */
      id: string;
    };
    response: DeliveryPage;
  };
  /** Follow a task */ "tasks.events": {
    params: {
      /** @example "task_01kcm4v7d0003q6zr1w8n5tbe2y9f" */
      id: string;
    };
    response: MetricsExposition;
  };
  /** Read a task */ "tasks.get": {
    params: {
      /** @example "task_01kcm4v7d0003q6zr1w8n5tbe2y9f" */
      id: string;
    };
    response: Task;
  };
  /** List your tasks */ "tasks.list": {
    query?: {
      /**
       * How many items a page has at most.
       * @example 20
       */
      limit?: number;
      /**
       * Where to go on: the `next_cursor` of the page before, as it was given.
       * @minLength 1
       * @maxLength 1024
       */
      cursor?: string;
      /**
       * Only tasks of this kind.
       * @minLength 1
       * @maxLength 64
       */
      kind?: string;
      /** Only tasks in this state. */
      status?: "queued" | "running" | "completed" | "failed" | "cancelled" | "timed_out";
      /**
       * Only tasks that were accepted at this time (RFC 3339) or later.
       * @format date-time
       * @example "2026-11-01T00:00:00Z"
       */
      created_after?: string;
      /**
       * Only tasks that were accepted before this time.
       * @format date-time
       * @example "2026-12-01T00:00:00Z"
       */
      created_before?: string;
    };
    response: TaskPage;
  };
  /** Read a task's result alone */ "tasks.result": {
    params: {
      /** @example "task_01kcm4v7d0003q6zr1w8n5tbe2y9f" */
      id: string;
    };
    response: unknown;
  };
  /** Count your tasks */ "tasks.stats": { response: OwnTaskStats };
  /** Change parts of an upstream's definition */ "upstreams.change": {
    params: {
      /** @example "billing" */
      name: string;
    };
    body: ChangeUpstream;
    response: Upstream;
  };
  /** Put a service of your own behind the gateway */ "upstreams.create": {
    body: CreateUpstream;
    response: Upstream;
  };
  /** Take a service from behind the gateway */ "upstreams.delete": {
    params: {
      /** @example "billing" */
      name: string;
    };
    response: void;
  };
  /** Read the definition of an upstream */ "upstreams.get": {
    params: {
      /** @example "billing" */
      name: string;
    };
    response: Upstream;
  };
  /** See which targets of an upstream are well */ "upstreams.health": {
    params: {
      /** @example "billing" */
      name: string;
    };
    response: UpstreamHealth;
  };
  /** List the services behind the gateway */ "upstreams.list": {
    query?: {
      /**
       * How many items a page has at most.
       * @example 20
       */
      limit?: number;
      /**
       * Where to go on: the `next_cursor` of the page before, as it was given.
       * @minLength 1
       * @maxLength 1024
       */
      cursor?: string;
    };
    response: UpstreamPage;
  };
  /** Replace the definition of an upstream */ "upstreams.replace": {
    params: {
      /** @example "billing" */
      name: string;
    };
    body: ReplaceUpstream;
    response: Upstream;
  };
  /** What you used */ "usage.get": {
    query?: {
      /**
       * The first day; 30 days in all without it.
       * @format date
       * @example "2026-11-21"
       */
      from?: string;
      /**
       * The last day; today without it.
       * @format date
       * @example "2026-11-21"
       */
      to?: string;
    };
    response: UsageReport;
  };
  /** Make or rotate your webhook secret */ "webhookSecret.rotate": {
    body?: RotateWebhookSecret;
    response: WebhookSecret;
  };
  /** Report a task's result */ "workers.complete": { body: CompleteTask; response: RunEnded };
  /** Report that an attempt failed */ "workers.fail": { body: FailTask; response: RunEnded };
  /** Keep tasks, tell progress, hear of cancellations */ "workers.heartbeat": {
    body: WorkerHeartbeat;
    response: WorkerHeartbeatAnswer;
  };
  /** Take tasks to run */ "workers.lease": { body: LeaseTasks; response: LeasedTasks };
  /** Register a worker */ "workers.register": { body: RegisterWorker; response: RegisteredWorker };
  /** Give a task back untried */ "workers.release": { body: ReleaseTask; response: RunEnded };
}
/** Method, path, and whether an `Idempotency-Key` makes it safe to send again. */
export const OPERATIONS: Readonly<
  Record<keyof Operations, readonly [method: string, path: string, takesKey: boolean]>
> = {
  "admin.audit": ["GET", "/api/v1/admin/audit", false],
  "admin.changeUser": ["PATCH", "/api/v1/admin/users/{id}", false],
  "admin.deadLetter": ["GET", "/api/v1/admin/dead-letters/{id}", false],
  "admin.deadLetters": ["GET", "/api/v1/admin/dead-letters", false],
  "admin.deleteDeadLetter": ["DELETE", "/api/v1/admin/dead-letters/{id}", false],
  "admin.purgeDeadLetters": ["POST", "/api/v1/admin/dead-letters/purge", true],
  "admin.replayDeadLetter": ["POST", "/api/v1/admin/dead-letters/{id}/replay", true],
  "admin.replayDeadLetters": ["POST", "/api/v1/admin/dead-letters/replay", true],
  "admin.resetLink": ["POST", "/api/v1/admin/users/{id}/reset-link", true],
  "admin.user": ["GET", "/api/v1/admin/users/{id}", false],
  "admin.users": ["GET", "/api/v1/admin/users", false],
  "apiKeys.create": ["POST", "/api/v1/api-keys", true],
  "apiKeys.get": ["GET", "/api/v1/api-keys/{id}", false],
  "apiKeys.list": ["GET", "/api/v1/api-keys", false],
  "apiKeys.revoke": ["DELETE", "/api/v1/api-keys/{id}", false],
  "apiKeys.rotate": ["POST", "/api/v1/api-keys/{id}/rotate", true],
  "apiKeys.update": ["PATCH", "/api/v1/api-keys/{id}", false],
  "auth.changePassword": ["POST", "/api/v1/auth/password", false],
  "auth.endSession": ["DELETE", "/api/v1/auth/sessions/{id}", false],
  "auth.jwks": ["GET", "/.well-known/jwks.json", false],
  "auth.login": ["POST", "/api/v1/auth/login", false],
  "auth.logout": ["POST", "/api/v1/auth/logout", false],
  "auth.logoutByGet": ["GET", "/api/v1/auth/logout", false],
  "auth.oauthCallback": ["GET", "/api/v1/auth/oauth/{provider}/callback", false],
  "auth.oauthIdentities": ["GET", "/api/v1/auth/oauth/identities", false],
  "auth.oauthLink": ["POST", "/api/v1/auth/oauth/{provider}/link", false],
  "auth.oauthProviders": ["GET", "/api/v1/auth/oauth/providers", false],
  "auth.oauthStart": ["GET", "/api/v1/auth/oauth/{provider}/start", false],
  "auth.oauthUnlink": ["DELETE", "/api/v1/auth/oauth/{provider}/link", false],
  "auth.refresh": ["POST", "/api/v1/auth/refresh", false],
  "auth.register": ["POST", "/api/v1/auth/register", true],
  "auth.requestPasswordReset": ["POST", "/api/v1/auth/password/reset-request", false],
  "auth.resetPassword": ["POST", "/api/v1/auth/password/reset", false],
  "auth.sessions": ["GET", "/api/v1/auth/sessions", false],
  "auth.test": ["GET", "/api/v1/test", false],
  "auth.testAlias": ["GET", "/test", false],
  "cache.clear": ["DELETE", "/api/v1/cache/clear", false],
  "cache.stats": ["GET", "/api/v1/cache/stats", false],
  "chat.ask": ["POST", "/api/v1/chat", true],
  "chat.askAlias": ["POST", "/chat", true],
  "chat.modes": ["GET", "/api/v1/modes", false],
  "chat.modesAlias": ["GET", "/modes", false],
  "chat.stream": ["POST", "/api/v1/chat/stream", true],
  "code.analyze": ["POST", "/api/v1/analyze-code", false],
  "code.complete": ["POST", "/api/v1/complete-code", false],
  "code.generate": ["POST", "/api/v1/generate-code", true],
  "code.generateStream": ["POST", "/api/v1/generate-code-streaming", false],
  "code.validate": ["POST", "/api/v1/validate-code", false],
  "cognitive.process": ["POST", "/api/v1/cognitive/process", true],
  "cognitive.status": ["GET", "/api/v1/cognitive/status/{id}", false],
  "conversations.create": ["POST", "/api/v1/conversations", true],
  "conversations.delete": ["DELETE", "/api/v1/conversations/{id}", false],
  "conversations.get": ["GET", "/api/v1/conversations/{id}", false],
  "conversations.list": ["GET", "/api/v1/conversations", false],
  "conversations.update": ["PATCH", "/api/v1/conversations/{id}", false],
  "data.erase": ["DELETE", "/api/v1/users/me/data", false],
  "data.export": ["GET", "/api/v1/users/me/data", false],
  "feedback.create": ["POST", "/api/v1/feedback", true],
  "feedback.createAlias": ["POST", "/feedback", true],
  "feedback.submit": ["POST", "/api/v1/submit-feedback", true],
  "gateway.delete": ["DELETE", "/api/v1/gw/{name}/{path}", false],
  "gateway.get": ["GET", "/api/v1/gw/{name}/{path}", false],
  "gateway.patch": ["PATCH", "/api/v1/gw/{name}/{path}", false],
  "gateway.post": ["POST", "/api/v1/gw/{name}/{path}", false],
  "gateway.put": ["PUT", "/api/v1/gw/{name}/{path}", false],
  "history.clear": ["DELETE", "/api/v1/user/history", false],
  "history.delete": ["DELETE", "/api/v1/user/history/{id}", false],
  "history.list": ["GET", "/api/v1/user/history", false],
  "oauth.introspect": ["POST", "/oauth/introspect", false],
  "oauth.metadata": ["GET", "/.well-known/oauth-authorization-server", false],
  "oauth.revoke": ["POST", "/oauth/revoke", false],
  "oauth.token": ["POST", "/oauth/token", false],
  "oauthClients.create": ["POST", "/api/v1/oauth-clients", true],
  "oauthClients.delete": ["DELETE", "/api/v1/oauth-clients/{id}", false],
  "oauthClients.get": ["GET", "/api/v1/oauth-clients/{id}", false],
  "oauthClients.list": ["GET", "/api/v1/oauth-clients", false],
  "openai.chatCompletions": ["POST", "/v1/chat/completions", true],
  "openai.embeddings": ["POST", "/v1/embeddings", true],
  "openai.model": ["GET", "/v1/models/{id}", false],
  "openai.models": ["GET", "/v1/models", false],
  "profile.get": ["GET", "/api/v1/users/profile", false],
  "profile.put": ["PUT", "/api/v1/users/profile", false],
  "realtime.asyncapi": ["GET", "/asyncapi.json", false],
  "realtime.centrifuge": ["GET", "/ws/centrifuge", false],
  "realtime.connect": ["GET", "/ws/realtime", false],
  "realtime.history": ["GET", "/api/v1/realtime/channels/{channel}/history", false],
  "realtime.presence": ["GET", "/api/v1/realtime/channels/{channel}/presence", false],
  "realtime.publish": ["POST", "/api/v1/realtime/channels/{channel}/publish", true],
  "realtime.sse": ["GET", "/api/v1/realtime/sse", false],
  "realtime.tickets.create": ["POST", "/api/v1/realtime/tickets", false],
  "reasoning.execute": ["POST", "/api/v1/reasoning/execute", true],
  "rooms.create": ["POST", "/api/v1/rooms", true],
  "rooms.delete": ["DELETE", "/api/v1/rooms/{id}", false],
  "rooms.get": ["GET", "/api/v1/rooms/{id}", false],
  "rooms.list": ["GET", "/api/v1/rooms", false],
  "rooms.members.list": ["GET", "/api/v1/rooms/{id}/members", false],
  "rooms.members.put": ["POST", "/api/v1/rooms/{id}/members", true],
  "rooms.members.remove": ["DELETE", "/api/v1/rooms/{id}/members/{user_id}", false],
  "rooms.update": ["PATCH", "/api/v1/rooms/{id}", false],
  "scrape.create": ["POST", "/api/v1/scrape", true],
  "scrape.createAlias": ["POST", "/scrape", true],
  "scripts.delete": ["DELETE", "/api/v1/scripts/{name}", false],
  "scripts.get": ["GET", "/api/v1/scripts/{name}", false],
  "scripts.list": ["GET", "/api/v1/scripts", false],
  "scripts.preview": ["POST", "/api/v1/scripts/{name}/preview", false],
  "scripts.put": ["PUT", "/api/v1/scripts/{name}", false],
  "scripts.versions": ["GET", "/api/v1/scripts/{name}/versions", false],
  "settings.get": ["GET", "/api/v1/users/settings", false],
  "settings.put": ["PUT", "/api/v1/users/settings", false],
  "streams.resume": ["GET", "/api/v1/streams/{id}", false],
  "system.docs": ["GET", "/docs", false],
  "system.error": ["GET", "/errors/{code}", false],
  "system.health": ["GET", "/health", false],
  "system.healthV1": ["GET", "/api/v1/health", false],
  "system.live": ["GET", "/health/live", false],
  "system.metrics": ["GET", "/metrics", false],
  "system.openapi": ["GET", "/openapi.json", false],
  "system.openapi30": ["GET", "/openapi-3.0.json", false],
  "system.ready": ["GET", "/health/ready", false],
  "system.redoc": ["GET", "/redoc", false],
  "system.root": ["GET", "/", false],
  "system.stats": ["GET", "/stats", false],
  "system.statsV1": ["GET", "/api/v1/stats", false],
  "system.status": ["GET", "/status", false],
  "system.statusV1": ["GET", "/api/v1/status", false],
  "tasks.cancel": ["DELETE", "/api/v1/tasks/{id}", false],
  "tasks.create": ["POST", "/api/v1/tasks", true],
  "tasks.createBatch": ["POST", "/api/v1/tasks/batch", true],
  "tasks.deliveries": ["GET", "/api/v1/tasks/{id}/deliveries", false],
  "tasks.events": ["GET", "/api/v1/tasks/{id}/events", false],
  "tasks.get": ["GET", "/api/v1/tasks/{id}", false],
  "tasks.list": ["GET", "/api/v1/tasks", false],
  "tasks.result": ["GET", "/api/v1/tasks/{id}/result", false],
  "tasks.stats": ["GET", "/api/v1/tasks/stats", false],
  "upstreams.change": ["PATCH", "/api/v1/admin/upstreams/{name}", false],
  "upstreams.create": ["POST", "/api/v1/admin/upstreams", true],
  "upstreams.delete": ["DELETE", "/api/v1/admin/upstreams/{name}", false],
  "upstreams.get": ["GET", "/api/v1/admin/upstreams/{name}", false],
  "upstreams.health": ["GET", "/api/v1/admin/upstreams/{name}/health", false],
  "upstreams.list": ["GET", "/api/v1/admin/upstreams", false],
  "upstreams.replace": ["PUT", "/api/v1/admin/upstreams/{name}", false],
  "usage.get": ["GET", "/api/v1/users/usage", false],
  "webhookSecret.rotate": ["POST", "/api/v1/webhook-secret", true],
  "workers.complete": ["POST", "/api/v1/workers/complete", false],
  "workers.fail": ["POST", "/api/v1/workers/fail", false],
  "workers.heartbeat": ["POST", "/api/v1/workers/heartbeat", false],
  "workers.lease": ["POST", "/api/v1/workers/lease", false],
  "workers.register": ["POST", "/api/v1/workers/register", false],
  "workers.release": ["POST", "/api/v1/workers/release", false],
};
