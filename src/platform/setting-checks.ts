/** What a fault in the settings is called and what is to be done about it: one table, for `/health` and for `npm run doctor`. Names and reasons, never values. */
import type { ConfigIssue } from "#platform/config";

/** Something that is wrong, for a person: what, and the way out. */
export interface Fault {
  /** `UPPER_SNAKE`, stable. */
  readonly code: string;
  readonly severity: ConfigIssue["severity"];
  readonly message: string;
  /** One sentence on what to do. */
  readonly fix: string;
}

const SECRET_FIX =
  "Delete its line in .dev.vars and run `npm start`, which makes a new one; for a deployment run `npm run deploy`, which asks for what is missing, or `npx wrangler secret put` with its name.";

/** By setting; where none stands here, the value itself is out of range and the message says which range. */
const FIXES: Readonly<Record<string, string>> = {
  SECRET_KEY: SECRET_FIX,
  METRICS_TOKEN: SECRET_FIX,
  JWT_SIGNING_KEYS: `${SECRET_FIX} To replace a key without ending sessions: \`npm run keys:rotate\`.`,
  ENCRYPTION_KEYS: `${SECRET_FIX} To add a key: \`npm run encryption:rotate\`; what was sealed with a lost one can't be opened again.`,
  SCRAPE_ALLOW_PRIVATE:
    'Set SCRAPE_ALLOW_PRIVATE = "0" in [env.production.vars], and name single hosts in SCRAPE_ALLOW_HOSTS where some are meant to be reached.',
  SCRAPE_ALLOW_HOSTS:
    "List in SCRAPE_ALLOW_HOSTS hosts by commas, without a scheme or a path: intranet.example or 10.0.0.5:8080.",
  DEMO_API_KEY: "Leave DEMO_API_KEY empty in [env.production.vars].",
  CORS_ORIGINS:
    "List in CORS_ORIGINS the origins of the pages that call the API, by commas, as a browser writes them: https://app.example.com.",
  PUBLIC_URL:
    "Set PUBLIC_URL to the origin under which clients reach this deployment: https://api.example.com, without a path.",
  RESET_PAGE_URL: "Set RESET_PAGE_URL to a page with https, without #, or leave it empty.",
  RATE_LIMITS:
    'Write RATE_LIMITS as JSON of policies by name: {"client": {"limit": 1000, "window": 3600}, "streams": {"concurrent": 10}}; null switches one off, {} keeps the defaults.',
  OAUTH_PROVIDERS:
    "Write OAUTH_PROVIDERS as a JSON list of providers as the README's part on signing in shows it; it holds secrets, so it belongs to .dev.vars or `npx wrangler secret put OAUTH_PROVIDERS`.",
  WORKER_KINDS:
    'Write WORKER_KINDS as JSON of kinds by name, {"ocr": {"title": "Reads images"}}, or leave it empty.',
  AI_MODEL_ENDPOINT:
    "Set AI_MODEL_ENDPOINT to the base URL of an OpenAI-compatible server, https://host/v1; several by commas.",
  AI_MODEL_API_KEY:
    "Set AI_MODEL_API_KEY in .dev.vars, or with `npx wrangler secret put AI_MODEL_API_KEY`: one for all endpoints, or as many as there are.",
  AI_MODEL: "Set AI_MODEL to the model that the endpoint serves.",
  AI_PROVIDER:
    "Set AI_PROVIDER to embedded, openai (with AI_MODEL_ENDPOINT and AI_MODEL) or workers-ai (with the [ai] binding).",
  AI_PRICES:
    'Write AI_PRICES as JSON of dollars per million tokens: {"model": {"prompt": 0.15, "completion": 0.6}}.',
  ENVIRONMENT: "Set ENVIRONMENT to development, staging or production.",
};

const codeOf = ({ setting, message, severity }: ConfigIssue): string => {
  if (message.startsWith("is missing")) return `${setting}_MISSING`;
  return severity === "warning" ? `${setting}_QUESTIONABLE` : `${setting}_INVALID`;
};

/** A fault of the settings with its way out. */
export const faultOf = (issue: ConfigIssue): Fault => ({
  code: codeOf(issue),
  severity: issue.severity,
  message: `${issue.setting} ${issue.message}`,
  fix:
    FIXES[issue.setting] ??
    `Correct ${issue.setting} in .dev.vars, or in the [vars] of wrangler.toml and the Workers beside it; the README's table of settings tells its form.`,
});

/** The same setting twice with the same fault is one fault. */
export const faultsOf = (issues: readonly ConfigIssue[]): Fault[] => {
  const faults = new Map(
    issues.map((issue) => [`${issue.setting} ${issue.message}`, faultOf(issue)]),
  );
  return [...faults.values()];
};
