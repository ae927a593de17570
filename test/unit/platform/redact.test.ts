import { describe, expect, test } from "vitest";
import { readConfig } from "#platform/config";
import { newId } from "#platform/ids";
import { createLogger, describeError, hideSecrets } from "#platform/log";
import { isSecretName, redactText } from "#platform/redact";
import { newTrace } from "#platform/trace-context";

const base32 = (length: number): string =>
  "0123456789abcdefghjkmnpqrstvwxyz".repeat(4).slice(0, length);
/** The part of each text that must never be seen, in every place that an error message may have it. */
const PLACES: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  (secret) => `refused ${secret}`,
  (secret) => `"${secret}" was refused`,
  (secret) => `{"value":"${secret}"}`,
  (secret) => `(${secret}), and then some`,
  (secret) => `x=${secret}&y=1`,
  (secret) => `first line\n${secret}\nlast line`,
];

const B64 = "mT7wQz4LxK9vB2nRuT4rXq9ZkW2pLm7VbN5cHs8JdF3";
const JWT = `eyJhbGciOiJFZERTQSIsImtpZCI6ImEifQ.eyJzdWIiOiJ1c3JfMSJ9.${B64}${B64}`;

describe("no credential that Naru issues gets through", () => {
  test.each([
    ["an API key", `nr_live_${base32(42)}_${base32(32)}_${base32(12)}`],
    ["an API key of development", `nr_dev_${base32(42)}_${base32(32)}_${base32(12)}`],
    ["an API key that is cut", `nr_stg_${base32(42)}_${base32(9)}`],
    ["an API key in capitals", `NR_LIVE_${base32(42).toUpperCase()}_${base32(32)}`],
    ["a refresh token", `nrr_${base32(42)}_000001_${base32(32)}_${base32(12)}`],
    ["a client's secret", `nrc_${base32(32)}_${base32(12)}`],
    ["an access token", JWT],
    ["the claims of an access token", JWT.split(".")[1] ?? ""],
    ["a ticket for a socket", `naru.ticket.${base32(10)}.${B64.slice(0, 22)}`],
    ["a reset link's token", B64],
    ["a webhook's secret", `whsec_${B64}=`],
    ["a lease of an outside worker", `7.${B64.slice(0, 22)}`],
    ["a sealed secret", `v1.${B64.slice(0, 16)}.${B64}`],
    ["an encryption key", `v12.${B64}`],
    ["a CSRF token", B64.slice(0, 32)],
  ])("%s", (_what, secret) => {
    for (const place of PLACES) {
      const told = redactText(place(secret));
      for (const part of [secret, ...secret.split(/[_.]/).filter((piece) => piece.length > 20)])
        expect(told).not.toContain(part);
    }
  });
});

describe("nothing that others issue gets through", () => {
  const PEM = `-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIOxx\n-----END PRIVATE KEY-----`;
  test.each([
    ["Bearer", "Bearer abcdef", "abcdef"],
    ["bearer in lower case", "authorization: bearer abc.def-1", "abc.def-1"],
    ["Basic", "Basic bmFydTpuYXJ1", "bmFydTpuYXJ1"],
    ["an email address", "no such person: hong.gildong+x@naru.example", "gildong"],
    ["an email address in another script", "홍길동@나루.한국 is taken", "길동"],
    ["a URL's user", "https://me:hunter2@example.com/", "hunter2"],
    ["a URL's query", "GET https://example.com/?x=hunter2 failed", "hunter2"],
    ["a URL's fragment", "https://example.com/#hunter2", "hunter2"],
    ["a URL's path", "https://hooks.example.com/services/T0/hunter2", "hunter2"],
    ["an address of a database", "postgres://naru:hunter2@db:5432/naru", "hunter2"],
    ["a socket's URL", "wss://example.com/ws?t=hunter2", "hunter2"],
    ["a query without a host", "/api/v1/chat?q=hunter2&b=1", "hunter2"],
    ["a PEM key", PEM, "MC4CAQ"],
    ["a PEM key that is cut", PEM.slice(0, 50), "MC4CAQ"],
    ["a PEM key inside JSON", JSON.stringify({ pem: PEM }), "MC4CAQ"],
    ["a JWK", '{"kty":"OKP","crv":"Ed25519","d":"hunter2","x":"a"}', "hunter2"],
    ["a JWK inside JSON", JSON.stringify('{"kty":"oct","k":"hunter2"}'), "hunter2"],
    ["an OpenAI key", "Incorrect API key provided: sk-proj-hunter2hunter2", "hunter2"],
    ["a GitHub token", "ghp_hunter2hunter2hunter2", "hunter2"],
    ["an AWS key", "AKIAHUNTER2HUNTER2", "HUNTER2"],
    ["a password", "password=hunter2", "hunter2"],
    ["a password in JSON", '{"password":"hunter2"}', "hunter2"],
    ["a password in JSON in JSON", String.raw`{\"new_password\": \"hunter2\"}`, "hunter2"],
    ["a token", "token: hunter2", "hunter2"],
    ["a token in JSON", '{"refresh_token":"hunter2"}', "hunter2"],
    ["a cookie", "set-cookie: hunter2", "hunter2"],
    ["a client's secret in a form", "grant_type=x&client_secret=hunter2", "hunter2"],
    ["SQL with a value", "D1_ERROR: near INSERT INTO users VALUES ('hunter2')", "hunter2"],
    ["SQL that reads", "SELECT *\nFROM users WHERE email = 'hunter2'", "hunter2"],
    ["SQL's tables", "DELETE FROM oauth_links WHERE 1", "oauth_links"],
  ])("%s", (_what, text, secret) => {
    expect(redactText(text)).not.toContain(secret);
    // As a part of a longer message too.
    expect(redactText(`It failed: ${text}; try again`)).not.toContain(secret);
  });
});

describe("what a person looks for in a log stays", () => {
  const nowMs = 1_760_000_000_000;
  test.each([
    newId("task", nowMs),
    newId("req", nowMs),
    newId("key", nowMs),
    newTrace(),
    "0af7651916cd43dd8448eb211c80319c",
    "7d793037-a076-4a81-a6a1-0e0b8f4a6a52",
    "/api/v1/tasks/:id",
    "gpt-4o-mini-2024-07-18",
    "@cf/meta/llama-3.1-8b-instruct".slice(4),
    "AUTHENTICATION_REQUIRED",
    "The script will never generate a response.",
    "Network connection lost.",
    "UNIQUE constraint failed: users.id: SQLITE_CONSTRAINT",
    "egress: FETCH_TIMED_OUT",
    "D1_ERROR: no such table: feedback: SQLITE_ERROR",
    "1.20261023.1",
    "key_grace",
    "token: expired",
  ])("%s", (text) => {
    expect(redactText(text)).toBe(text);
  });

  test("of an address, its origin", () => {
    expect(redactText("asked https://example.com:8443/a/b?c=d and waited")).toBe(
      "asked https://example.com:8443/… and waited",
    );
  });
});

test.each(["a", "@", "-", "?a", "eyJ", "nr_", "select ", "://", '"d":"', "-----BEGIN ", "A1_"])(
  "a hundred thousand characters of %j take no time to speak of",
  (piece) => {
    // Counted in steps of a bounded pattern: a quadratic one would not end within the test's time.
    expect(redactText(piece.repeat(100_000 / piece.length)).length).toBeLessThanOrEqual(2_001);
  },
);

test.each([
  ["password", true],
  ["new_password", true],
  ["access_token", true],
  ["api_key", true],
  ["email", true],
  ["key_id", false],
  ["prompt_tokens", false],
  ["trace_id", false],
])("a field called %s is a secret by its name: %j", (name, isSecret) => {
  expect(isSecretName(name)).toBe(isSecret);
});

function lineOf(write: (log: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  write(createLogger("debug", (line) => lines.push(line)));
  expect(lines).toHaveLength(1);
  return lines[0] ?? "";
}

test("a logger takes them out of its fields, whatever the level and whatever they are called", () => {
  const key = `nr_live_${base32(42)}_${base32(32)}_${base32(12)}`;
  const error = new TypeError(`fetch to https://u:hunter2@example.com/?k=${key} failed`);
  for (const level of ["debug", "info", "warn", "error"] as const) {
    const line = lineOf((log) =>
      log[level]("it.failed", {
        ...describeError(error),
        note: key,
        password: "hunter2",
        count: 3,
      }),
    );
    expect(line).not.toContain("hunter2");
    expect(line).not.toContain(base32(32));
    expect(JSON.parse(line)).toMatchObject({ event: "it.failed", password: "***", count: 3 });
  }
});

test("the settings' own secrets are known by their text, and short ones are no reason to tear words apart", () => {
  hideSecrets(["a plain pass phrase", "the"]);
  const line = lineOf((log) => log.info("x", { note: "the server said: a plain pass phrase!" }));
  expect(JSON.parse(line)).toMatchObject({ note: "the server said: ***!" });
});

test("a line never shows a secret of the settings, whichever setting and whatever the form", () => {
  const env = {
    SECRET_KEY: "plain words of a secret key",
    METRICS_TOKEN: "metrics words",
    ENCRYPTION_KEYS: "v1.short-one-a,v2.short-one-b",
    JWT_SIGNING_KEYS: JSON.stringify([{ kty: "OKP", d: "private part of it" }]),
    OAUTH_PROVIDERS: JSON.stringify({ corp: { client_secret: 'a client "secret' } }),
  };
  readConfig(env);
  const line = lineOf((log) =>
    log.info("x", {
      a: env.SECRET_KEY,
      b: `is ${env.METRICS_TOKEN}`,
      c: "private part of it",
      d: "v2.short-one-b",
    }),
  );
  for (const part of ["plain words", "metrics words", "private part", "short-one"])
    expect(line).not.toContain(part);
  expect(Object.keys(JSON.parse(line) as object)).toEqual(
    expect.arrayContaining(["a", "b", "c", "d"]),
  );
});
