/** A real OpenID provider on loopback, and a person with a browser at it. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair } from "jose";
import { Provider } from "oidc-provider";

export const CLIENT_ID = "naru-test";
export const CLIENT_SECRET = "Zk7wQ2xLr9vB4nTy8mPc";

export interface RunningProvider {
  readonly issuer: string;
  /** `OAUTH_PROVIDERS` for it, under this id. */
  readonly settings: (id: string) => object;
  readonly stop: () => Promise<void>;
}

/** Starts it. An account's name is also the local part of its address at `people.test`. */
export async function startProvider(redirectUris: readonly string[]): Promise<RunningProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), alg: "RS256", use: "sig", kid: "first" };
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: CLIENT_SECRET,
        redirect_uris: redirectUris,
        grant_types: ["authorization_code"],
        response_types: ["code"],
      },
    ],
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        email: `${id}@people.test`,
        email_verified: !id.startsWith("unverified"),
        name: `Person ${id}`,
      }),
    }),
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    cookies: { keys: ["a-key-for-the-tests-of-naru"] },
    jwks: { keys: [jwk] },
    features: { devInteractions: { enabled: true } },
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 60,
      IdToken: 600,
      Interaction: 600,
      Grant: 600,
      Session: 600,
    },
  });
  server.on("request", provider.callback());
  return {
    issuer,
    settings: (id) => ({
      id,
      kind: "oidc",
      issuer,
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
    }),
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/**
 * Goes where a browser would from an authorization URL, signs in as `login` and consents, and tells where the provider
 * sends the browser back to.
 */
export async function signInAt(authorizationUrl: string, login: string): Promise<URL> {
  const { origin } = new URL(authorizationUrl);
  const cookies = new Map<string, string>();
  let request: { url: string; body: string | null } = { url: authorizationUrl, body: null };
  for (let step = 0; step < 12; step++) {
    const { url, body } = request;
    const response = await fetch(url, {
      method: body === null ? "GET" : "POST",
      headers: {
        cookie: Array.from(cookies, ([name, value]) => `${name}=${value}`).join("; "),
        ...(body === null ? {} : { "content-type": "application/x-www-form-urlencoded" }),
      },
      redirect: "manual",
      ...(body === null ? {} : { body }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    const text = await response.text();
    const location = response.headers.get("location");
    if (location === null) {
      const prompt = /name="prompt" value="(\w+)"/.exec(text)?.[1];
      if (prompt === undefined)
        throw new Error(`The provider answered ${response.status}: ${text}`);
      request = { url, body: `prompt=${prompt}&login=${login}&password=any` };
      continue;
    }
    const next = new URL(location, url);
    if (next.origin !== origin) return next;
    request = { url: next.href, body: null };
  }
  throw new Error("The provider never sent the browser back.");
}
