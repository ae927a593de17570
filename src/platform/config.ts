import * as z from "zod";
import { RATE_POLICIES } from "#platform/rate-policies";
import { readAllowedHosts } from "#platform/allowed-hosts";
import { readPageUrl } from "#platform/page-url";
import { readAiSettings } from "#platform/ai-settings";
import type { AiSettings } from "#platform/ai-settings";
import { parseEncryptionKeys } from "#platform/secret-box";
import type { EncryptionKeys } from "#platform/secret-box";
import { hideSettings } from "#platform/hidden-settings";
import type { LogLevel } from "#platform/log";
import { readSigningKeys } from "#platform/signing-keys";
import type { SigningKey } from "#platform/signing-keys";
import type { Locale } from "#platform/locale";
import { readOAuthProviders, readPublicUrl } from "#platform/oauth-settings";
import type { OAuthProviderSettings } from "#platform/oauth-settings";
import { readWorkerKinds } from "#platform/worker-kinds";
import type { WorkerKind } from "#platform/worker-kinds";
import { readRetention } from "#platform/retention-settings";
import type { Retention } from "#platform/retention-settings";
import { settingReader } from "#platform/setting-reader";
import type { SettingReader } from "#platform/setting-reader";

/** A fault in the settings. In production a critical one keeps the server from serving. */
export interface ConfigIssue {
  readonly severity: "critical" | "error" | "warning";
  readonly setting: string;
  readonly message: string;
}

/** One rate policy as the settings state it: a quota per window, a number at once, or both. */
export interface LimitOverride {
  readonly limit?: number | undefined;
  /** Seconds. */
  readonly window?: number | undefined;
  readonly concurrent?: number | undefined;
}

export interface Config {
  readonly environment: "development" | "staging" | "production";
  readonly isProduction: boolean;
  readonly logLevel: LogLevel;
  readonly defaultLocale: Locale;
  /** Signs nothing that leaves the deployment but the tags of API keys. At least 32 characters. */
  readonly secretKey: string;
  readonly metricsToken: string;
  /** For secrets that have to be read again. */
  readonly encryptionKeys: EncryptionKeys;
  /** Days that an API key lives where its maker does not say. */
  readonly apiKeyExpiryDays: number;
  /** The sender of mail; empty where none is sent. */
  readonly emailFrom: string;
  /** The page that takes a reset link's token from behind its `#`; empty where there is none. */
  readonly resetPageUrl: string;
  readonly demoApiKey: string;
  /** The account that development has from the first request on; empty in production. */
  readonly adminEmail: string;
  readonly adminPassword: string;
  /** The first signs access tokens, all verify them; empty where they are missing or faulty. */
  readonly signingKeys: readonly SigningKey[];
  /** Seconds that an access token is believed. */
  readonly accessTokenSeconds: number;
  readonly registration: "open" | "closed";
  readonly csrfProtection: boolean;
  readonly corsOrigins: readonly string[];
  /** By policy name; null switches the policy off. */
  readonly rateLimits: Readonly<Record<string, LimitOverride | null>>;
  readonly taskShards: number;
  /** Objects that hold sockets; each client's are at one of them. */
  readonly realtimeGateways: number;
  /** How many tasks of one client run at once. */
  readonly taskConcurrency: number;
  readonly maxBodyBytes: number;
  /** `host` or `host:port`, lower case, that user-given URLs may reach although the address policy refuses them. */
  readonly scrapeAllowHosts: readonly string[];
  readonly scrapeAllowPrivate: boolean;
  /** DNS over HTTPS endpoint for the address pre-check of user-given URLs (RFC 8484's JSON form). */
  readonly dohUrl: string;
  readonly ai: AiSettings;
  /** Seconds that an answer may be told again from the cache; 0 keeps none. */
  readonly cacheTtlSeconds: number;
  /** Answers that the cache keeps for one client. */
  readonly maxCacheSize: number;
  readonly securityHeaders: boolean;
  /** Whether what is counted is told, at `/metrics` and `/stats`. */
  readonly metricsEnabled: boolean;
  /** A request that takes longer, in milliseconds, is marked in the log. */
  readonly slowRequestMs: number;
  /** Objects that run handed-over tasks, a few at once each. */
  readonly runnerSlots: number;
  /** With whom people can sign in. */
  readonly oauthProviders: readonly OAuthProviderSettings[];
  /** The origin under which clients reach this deployment; empty where it is not set outside development. */
  readonly publicUrl: string;
  /** Kinds of tasks that outside workers serve, and they alone. */
  readonly workerKinds: Readonly<Record<string, WorkerKind>>;
  /** How many days is kept what nobody deletes. */
  readonly retention: Retention;
  readonly issues: readonly ConfigIssue[];
}

const parsed = new WeakMap<object, Config>();

/** The settings of this deployment, parsed once per `env` object. Never throws: faults stand in `issues`. */
export function readConfig(env: object): Config {
  const known = parsed.get(env);
  if (known) return known;
  const config = Object.freeze(parseConfig(env as Record<string, unknown>));
  // Before anybody can log: whoever logs has read its level here.
  hideSettings(env as Record<string, unknown>);
  parsed.set(env, config);
  return config;
}

const LimitOverridesSchema = z.record(
  z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  z
    .strictObject({
      limit: z.int().min(1).max(10_000_000).optional(),
      window: z
        .number()
        .positive()
        .max(31 * 86_400)
        .optional(),
      concurrent: z.int().min(1).max(100_000).optional(),
    })
    .refine(
      (rule) => (rule.limit === undefined) === (rule.window === undefined),
      "limit and window go together",
    )
    .nullable(),
);

function parseConfig(env: Record<string, unknown>): Config {
  const issues: ConfigIssue[] = [];
  const read = settingReader(env, issues);
  const environment = read.choice(
    "ENVIRONMENT",
    ["development", "staging", "production"],
    "development",
  );
  const isProduction = environment === "production";
  const secretKey = read.text("SECRET_KEY") || read.text("JWT_SECRET_KEY");
  const metricsToken = read.text("METRICS_TOKEN");
  const scrapeAllowPrivate = read.flag("SCRAPE_ALLOW_PRIVATE", false);
  const providersText = read.text("OAUTH_PROVIDERS");
  const oauthProviders = readOAuthProviders(providersText, environment, issues);

  checkSecret("SECRET_KEY", secretKey, 32, isProduction ? "critical" : "error", issues);
  checkSecret("METRICS_TOKEN", metricsToken, 16, isProduction ? "critical" : "warning", issues);
  if (isProduction && scrapeAllowPrivate)
    issues.push({
      severity: "critical",
      setting: "SCRAPE_ALLOW_PRIVATE",
      message: "is for development only: unset it",
    });
  if (isProduction && read.text("DEMO_API_KEY") !== "")
    issues.push({
      severity: "warning",
      setting: "DEMO_API_KEY",
      message: "is ignored in production: unset it",
    });

  return {
    environment,
    isProduction,
    logLevel: read.flag("DEBUG", false)
      ? "debug"
      : read.choice("LOG_LEVEL", ["debug", "info", "warn", "error"], "info"),
    defaultLocale: read.choice("DEFAULT_LOCALE", ["ko", "en"], "ko"),
    secretKey,
    metricsToken,
    encryptionKeys: readEncryptionKeys(read.text("ENCRYPTION_KEYS"), isProduction, issues),
    apiKeyExpiryDays: read.integer("API_KEY_EXPIRY_DAYS", 90, 1, 365),
    emailFrom: read.text("EMAIL_FROM"),
    resetPageUrl: readPageUrl(read.text("RESET_PAGE_URL"), isProduction, issues),
    demoApiKey: isProduction ? "" : read.text("DEMO_API_KEY"),
    adminEmail: isProduction ? "" : read.text("ADMIN_EMAIL"),
    adminPassword: isProduction ? "" : read.text("ADMIN_PASSWORD"),
    signingKeys: readSigningKeys(
      read.text("JWT_SIGNING_KEYS"),
      isProduction ? "critical" : "error",
      issues,
    ),
    accessTokenSeconds: read.integer("JWT_EXPIRES_HOURS", 0, 0, 24) * 3600 || 900,
    registration: read.choice("REGISTRATION", ["open", "closed"], "open"),
    csrfProtection: read.flag("ENABLE_CSRF_PROTECTION", true),
    corsOrigins: readOrigins(read.list("CORS_ORIGINS"), isProduction, issues),
    rateLimits: readRateLimits(read, issues),
    taskShards: read.integer("TASK_SHARDS", 8, 1, 256),
    realtimeGateways: read.integer("REALTIME_GATEWAYS", 16, 1, 1024),
    taskConcurrency: read.integer("TASK_CONCURRENCY", 128, 1, 100_000),
    maxBodyBytes: read.integer("MAX_BODY_BYTES", 1_048_576, 1024, 100 * 1_048_576),
    scrapeAllowHosts: readAllowedHosts(read.list("SCRAPE_ALLOW_HOSTS"), issues),
    scrapeAllowPrivate: scrapeAllowPrivate && !isProduction,
    dohUrl: read.text("DOH_URL") || "https://cloudflare-dns.com/dns-query",
    ai: readAiSettings(read, env["AI"] !== undefined, issues),
    cacheTtlSeconds: read.integer("CACHE_TTL", 1800, 0, 2_592_000),
    maxCacheSize: read.integer("MAX_CACHE_SIZE", 1000, 1, 100_000),
    securityHeaders: read.flag("ENABLE_SECURITY_HEADERS", true),
    metricsEnabled: read.flag("ENABLE_METRICS", true),
    slowRequestMs: read.integer("SLOW_REQUEST_MS", 1000, 1, 3_600_000),
    runnerSlots: read.integer("RUNNER_SLOTS", 64, 1, 4096),
    oauthProviders,
    workerKinds: readWorkerKinds(read.text("WORKER_KINDS"), issues),
    retention: readRetention(read),
    publicUrl: readPublicUrl(
      read.text("PUBLIC_URL"),
      environment,
      oauthProviders.length > 0,
      issues,
    ),
    issues,
  };
}

function checkSecret(
  setting: string,
  value: string,
  minLength: number,
  severity: ConfigIssue["severity"],
  issues: ConfigIssue[],
): void {
  if (value === "") issues.push({ severity, setting, message: "is missing" });
  else if (value.length < minLength)
    issues.push({ severity, setting, message: `is shorter than ${minLength} characters` });
  else if (new Set(value).size < 8 || /change.?me|secret|password|example/i.test(value))
    issues.push({ severity, setting, message: "is guessable: use random text" });
}

/** Without a good key nothing can be sealed: production does not serve so, and elsewhere what seals refuses. */
function readEncryptionKeys(
  text: string,
  isProduction: boolean,
  issues: ConfigIssue[],
): EncryptionKeys {
  const keys = parseEncryptionKeys(text);
  const message = keys.ok ? (keys.value.newest === 0 ? "is missing" : null) : keys.error;
  if (message !== null)
    issues.push({
      severity: isProduction ? "critical" : keys.ok ? "warning" : "error",
      setting: "ENCRYPTION_KEYS",
      message,
    });
  return keys.ok ? keys.value : { newest: 0, byVersion: new Map() };
}

function readOrigins(list: string[], isProduction: boolean, issues: ConfigIssue[]): string[] {
  return list.flatMap((origin) => {
    if (origin === "*") {
      if (isProduction)
        issues.push({
          severity: "warning",
          setting: "CORS_ORIGINS",
          message: "allows every origin",
        });
      return [origin];
    }
    // As a browser writes it in the Origin header.
    const canonical = URL.canParse(origin) ? new URL(origin).origin : "null";
    if (canonical !== "null" && canonical === origin.toLowerCase().replace(/\/$/, ""))
      return [canonical];
    issues.push({
      severity: "error",
      setting: "CORS_ORIGINS",
      message: "has an item that is no origin (scheme://host[:port])",
    });
    return [];
  });
}

/** `RATE_LIMITS`, and the names that other servers use for the client's quota, mapped to our `client` policy. */
function readRateLimits(
  read: SettingReader,
  issues: ConfigIssue[],
): Record<string, LimitOverride | null> {
  const limits: Record<string, LimitOverride | null> = {};
  const requests = read.integer(
    "RATE_LIMIT_REQUESTS",
    read.integer("DEFAULT_RATE_LIMIT", 0, 0, 10_000_000),
    0,
    10_000_000,
  );
  const minutes = read.integer("RATE_LIMIT_WINDOW_MINUTES", 60, 1, 44_640);
  const window = read.integer(
    "RATE_LIMIT_PERIOD",
    read.integer("RATE_LIMIT_WINDOW", minutes * 60, 1, 2_678_400),
    1,
    2_678_400,
  );
  if (requests > 0) limits["client"] = { limit: requests, window };
  if (!read.flag("RATE_LIMIT_ENABLED", true))
    for (const name of ["anonymous", "address-day", "burst", "client", "chat", "code", "workers"])
      limits[name] = null;
  const text = read.text("RATE_LIMITS");
  if (text === "") return limits;
  try {
    const stated = LimitOverridesSchema.parse(JSON.parse(text));
    if (!Object.keys(stated).every((name) => RATE_POLICIES.includes(name)))
      issues.push({
        severity: "warning",
        setting: "RATE_LIMITS",
        message: `names a policy that does not exist; there are ${RATE_POLICIES.join(", ")}`,
      });
    return { ...limits, ...stated };
  } catch {
    issues.push({
      severity: "error",
      setting: "RATE_LIMITS",
      message:
        'is not JSON of the form {"policy": {"limit": 100, "window": 60}} or {"policy": {"concurrent": 10}}',
    });
    return limits;
  }
}
