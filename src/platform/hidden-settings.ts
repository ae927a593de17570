import { hideSecrets } from "#platform/log";

/** Settings whose whole value is a secret, or a list of them by commas. */
const SECRETS = [
  "SECRET_KEY",
  "JWT_SECRET_KEY",
  "METRICS_TOKEN",
  "AI_MODEL_API_KEY",
  "ADMIN_PASSWORD",
  "DEMO_API_KEY",
  "ENCRYPTION_KEYS",
];
/** Settings that are JSON and hold secrets: the private part of a signing key, a provider's client secret. */
const DOCUMENTS = ["JWT_SIGNING_KEYS", "OAUTH_PROVIDERS"];
const SECRET_MEMBER = /"(?:d|k|client_secret|clientSecret)"\s*:\s*"([^"\\]+)"/g;

/** Keeps the secrets of the settings out of every log line of this isolate. */
export function hideSettings(env: Readonly<Record<string, unknown>>): void {
  const textOf = (name: string): string => {
    const value = env[name];
    return typeof value === "string" ? value : JSON.stringify(value ?? "");
  };
  hideSecrets(SECRETS.flatMap((name) => [textOf(name), ...textOf(name).split(",")]));
  hideSecrets(
    DOCUMENTS.flatMap((name) =>
      Array.from(textOf(name).matchAll(SECRET_MEMBER), ([, secret = ""]) => secret),
    ),
  );
}
