import { env } from "cloudflare:workers";
import { base64url, CompactSign, exportJWK, generateKeyPair, importJWK } from "jose";
import type { JWK, JWTPayload } from "jose";
import { expect, test } from "vitest";
import { issueAccessToken, jwksOf } from "#auth/service";
import { readConfig } from "#platform/config";
import { newId } from "#platform/ids";
import { api, createTestKey, uniqueAddress } from "../../support/api";
import { GOOD, identity, REFUSED, signIn, signUp, standing } from "../../support/people";

const KEYS = JSON.parse((env as unknown as { JWT_SIGNING_KEYS: string }).JWT_SIGNING_KEYS) as JWK[];
const [FIRST, OLDER, EC] = KEYS as [JWK, JWK, JWK];

interface Forged {
  readonly claims?: JWTPayload;
  readonly header?: Record<string, unknown>;
  readonly key?: JWK;
}

const claimsOf = (token: string): JWTPayload =>
  JSON.parse(new TextDecoder().decode(base64url.decode(token.split(".")[1] ?? ""))) as JWTPayload;

/** The claims of a good token, signed anew: with `key` where it is said, under `header`, with other claims. */
async function forge(token: string, { claims, header, key = FIRST }: Forged): Promise<string> {
  const alg = key.kty === "EC" ? "ES256" : "EdDSA";
  const payload = JSON.stringify({ ...claimsOf(token), ...claims });
  return new CompactSign(new TextEncoder().encode(payload))
    .setProtectedHeader({ alg, typ: "at+jwt", kid: key.kid ?? "", ...header })
    .sign(await importJWK(key, alg), { crit: { "urn:x": true } });
}

const encode = (value: unknown): string => base64url.encode(JSON.stringify(value));
const goodToken = async (): Promise<string> => (await signIn(await signUp())).access_token;

test.each([
  ["the first key", FIRST, {}],
  ["an older key", OLDER, {}],
  ["a P-256 key", EC, {}],
  ["a typ of RFC 9068, written in full", FIRST, { typ: "application/AT+JWT" }],
] as const)("a token signed by %s is good", async (_what, key, header) => {
  expect(await standing(await forge(await goodToken(), { key, header }))).toBe(GOOD);
});

const now = (): number => Math.floor(Date.now() / 1000);

test.each<[string, () => Forged]>([
  ["has expired", () => ({ claims: { exp: now() } })],
  ["is not valid yet", () => ({ claims: { nbf: now() + 60 } })],
  ["comes from the future", () => ({ claims: { iat: now() + 60 } })],
  ["never expires", () => ({ claims: { exp: undefined as never } })],
  ["expires in words", () => ({ claims: { exp: "never" as never } })],
  ["has another issuer", () => ({ claims: { iss: "https://evil.test" } })],
  ["has no issuer", () => ({ claims: { iss: undefined as never } })],
  ["is for another audience", () => ({ claims: { aud: "elsewhere" } })],
  ["is for nobody", () => ({ claims: { aud: undefined as never } })],
  ["is a refresh token by its type", () => ({ claims: { type: "refresh" } })],
  ["is an identity token by its type", () => ({ claims: { type: "id" } })],
  ["has no type", () => ({ claims: { type: undefined } })],
  ["has no subject", () => ({ claims: { sub: undefined as never } })],
  ["has a subject that is no text", () => ({ claims: { sub: 7 as never } })],
  ["has a subject that is no person", () => ({ claims: { sub: "key_x" } })],
  ["has an id that is no text", () => ({ claims: { jti: {} as never } })],
  ["has a session that is none", () => ({ claims: { sid: "ses_x" } })],
  ["names another person", () => ({ claims: { sub: newId("usr", Date.now()) } })],
  ["has an unknown kid", () => ({ header: { kid: "unknown" } })],
  ["has no kid", () => ({ header: { kid: undefined } })],
  ["names a key of another algorithm", () => ({ header: { kid: EC.kid } })],
  ["names another key than signed it", () => ({ header: { kid: OLDER.kid } })],
  ["brings its own key", () => ({ header: { jwk: { kty: "OKP" } } })],
  ["says where its keys are", () => ({ header: { jku: "https://evil.test/jwks" } })],
  ["says where its certificate is", () => ({ header: { x5u: "https://evil.test/cert" } })],
  ["brings a certificate", () => ({ header: { x5c: ["MII"] } })],
  ["asks for an extension", () => ({ header: { crit: ["urn:x"], "urn:x": 1 } })],
  ["is of another type of JWT", () => ({ header: { typ: "dpop+jwt" } })],
  ["is of no type of JWT in particular", () => ({ header: { typ: "JWT" } })],
  ["says no type of JWT", () => ({ header: { typ: undefined } })],
])("a well signed token that %s is refused", async (_what, forged) => {
  const token = await forge(await goodToken(), forged());
  const response = await api("/api/v1/test", { key: token });
  expect(response.headers.get("www-authenticate")).toBe(
    'Bearer realm="naru", error="invalid_token"',
  );
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({ code: "INVALID_TOKEN" });
});

test("a token of a stranger's key is refused, under any kid", async () => {
  const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
  const stranger = { ...(await exportJWK(privateKey)), kid: FIRST.kid ?? "" };
  expect(await standing(await forge(await goodToken(), { key: stranger }))).toBe(REFUSED);
});

test("a token without a signature is refused", async () => {
  const [, payload = "", signature = ""] = (await goodToken()).split(".");
  for (const alg of ["none", "None", "NONE", "nOnE"])
    for (const end of ["", signature])
      expect(await standing(`${encode({ alg, kid: FIRST.kid })}.${payload}.${end}`)).toBe(REFUSED);
});

test("a token signed with the public key as a secret is refused", async () => {
  const [, payload = ""] = (await goodToken()).split(".");
  const signed = `${encode({ alg: "HS256", kid: FIRST.kid })}.${payload}`;
  for (const secret of [FIRST.x ?? "", JSON.stringify(jwksOf(readConfig(env)).keys[0])]) {
    const bytes = new TextEncoder().encode(secret);
    const key = await crypto.subtle.importKey(
      "raw",
      bytes,
      { name: "HMAC", hash: "SHA-256" },
      false,
      ["sign"],
    );
    const mac = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(signed));
    expect(await standing(`${signed}.${base64url.encode(new Uint8Array(mac))}`)).toBe(REFUSED);
  }
});

test("a token has one spelling only, before and after it was seen", async () => {
  const token = await goodToken();
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const stray = alphabet.charAt(alphabet.indexOf(token.at(-1) ?? "A") + 1);
  const spellings = [`${token}=`, `${token}==`, `${token.slice(0, -1)}${stray}`, `${token}.x`];
  for (const isSeen of [false, true]) {
    if (isSeen) expect(await standing(token)).toBe(GOOD);
    for (const spelling of spellings) expect(await standing(spelling)).toBe(REFUSED);
  }
  const response = await api("/api/v1/test", {
    headers: { Authorization: `Bearer ${token.slice(0, -4)} ${token.slice(-4)}` },
  });
  expect(response.status).toBe(401);
});

test("a remembered token is refused when it has expired", async () => {
  const { tokens } = identity();
  const nowMs = Date.now();
  const text = await tokens.sign({
    sub: newId("usr", nowMs),
    clientId: "naru",
    scope: "*",
    role: "user",
    lifetimeSeconds: 10,
  });
  for (const [aheadMs, ok] of [
    [0, true],
    [9_000, true],
    [10_000, false],
    [9_000, true],
  ] as const)
    expect((await tokens.verify(text, nowMs + aheadMs)).ok).toBe(ok);
});

test("a token without a session is good where its owner is known, until it or its client is revoked", async () => {
  const { ownerId } = await createTestKey();
  const deps = identity();
  const issue = (jti: string): Promise<string> =>
    issueAccessToken(deps, {
      sub: ownerId,
      clientId: "cli_a",
      scope: "tasks:read",
      role: "service",
      lifetimeSeconds: 60,
      jti,
    });
  const [first, second] = [await issue("tok_1"), await issue("tok_2")];
  const { revokeGrants } = await import("#auth/service");
  await revokeGrants(deps, ownerId, ["tok_1"], Date.now() + 60_000);
  expect(await standing(first)).toBe(REFUSED);
  expect(await standing(second)).toBe(GOOD);
  await revokeGrants(deps, ownerId, ["cli_a"], Date.now() + 60_000);
  expect(await standing(second)).toBe(REFUSED);
});

test("a good token beside a key is refused; a token in X-API-Key is no key", async () => {
  const token = await goodToken();
  const { key } = await createTestKey();
  const both = await api("/api/v1/test", { key: token, headers: { "X-API-Key": key } });
  expect(both.status).toBe(400);
  const wrong = await api("/api/v1/test", { headers: { "X-API-Key": token } });
  expect(await wrong.json()).toMatchObject({ status: 401, code: "INVALID_API_KEY" });
});

test("tokens cannot be tried without end from one address", async () => {
  const token = await forge(await goodToken(), { claims: { exp: now() } });
  const address = uniqueAddress();
  const codes = new Set<number>();
  for (let i = 0; i < 101; i++)
    codes.add((await api("/api/v1/test", { key: token, address })).status);
  expect([...codes]).toEqual([401, 429]);
});

test("the key set tells the public parts of all keys, and nothing private", async () => {
  const response = await api("/.well-known/jwks.json");
  const { keys } = await response.json<{ keys: Record<string, unknown>[] }>();
  expect(keys.map(({ kid, alg }) => [kid, alg])).toEqual([
    ["test-1", "EdDSA"],
    ["test-0", "EdDSA"],
    ["test-ec", "ES256"],
  ]);
  for (const key of keys) expect(Object.keys(key)).not.toContain("d");
  expect(response.headers.get("cache-control")).toBe("public, max-age=300");
});
