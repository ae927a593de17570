/** The real composition with a provider to sign in with, that answers as a test tells it to. */
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { createApp } from "#app";
import { readConfig } from "#platform/config";
import { uniqueAddress } from "./api";
import { answersOf, ISSUER, json, PROVIDER } from "./hostile-provider";
import type { Behaviour } from "./hostile-provider";
import { attemptFor } from "./signin";

export const { publicUrl: PUBLIC_URL } = readConfig(env);
const PROVIDERS = ["hostile", "second"].map((id) => ({
  id,
  kind: "oidc",
  issuer: ISSUER,
  client_id: PROVIDER.clientId,
  client_secret: PROVIDER.clientSecret,
}));

export interface Browser {
  readonly call: (path: string, init?: CallInit) => Promise<Response>;
  /** Goes to the provider. What the callback is to be called with, as an honest browser would; the cookie is kept. */
  readonly start: (provider?: string, query?: string) => Promise<Errand>;
  /** Begins to link, as the session of the token. */
  readonly link: (accessToken: string, provider?: string, query?: string) => Promise<Errand>;
  /** Comes back from the provider, which says that it is `subject`. */
  readonly comeBack: (errand: Errand, subject: string, behaviour?: Behaviour) => Promise<Response>;
}

export interface CallInit {
  readonly method?: string;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Errand {
  readonly url: URL;
  readonly state: string;
  /** `name=value`. */
  readonly cookie: string;
  readonly provider: string;
  readonly answer: Response;
}

/** A person's browser at a deployment whose settings differ as told. */
export function openBrowser(settings: Readonly<Record<string, unknown>> = {}): Browser {
  const app = createApp();
  const bindings = {
    ...env,
    LOG_LEVEL: "error",
    OAUTH_PROVIDERS: JSON.stringify(PROVIDERS),
    ...settings,
  };
  const call: Browser["call"] = async (path, init = {}) => {
    const headers = new Headers(init.headers);
    headers.set("CF-Connecting-IP", uniqueAddress());
    if (init.key !== undefined) headers.set("Authorization", `Bearer ${init.key}`);
    const request = new Request(`http://evil.test${path}`, {
      method: init.method ?? "GET",
      headers,
      redirect: "manual",
    });
    return app.fetch(request, bindings, createExecutionContext());
  };
  const answerAs = async (nonce: string, behaviour: Behaviour): Promise<void> => {
    const answers = await answersOf(attemptFor("hostile", { nonce }), behaviour);
    vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
      const answer = answers[url];
      if (answer === undefined) throw new TypeError("connection refused");
      return answer(url, init);
    });
  };
  const errandOf = (answer: Response, provider: string, target: string): Errand => {
    const url = new URL(target);
    const cookie = answer.headers.getSetCookie()[0]?.split(";", 1)[0] ?? "";
    return { url, state: url.searchParams.get("state") ?? "", cookie, provider, answer };
  };
  return {
    call,
    start: async (provider = "hostile", query = "") => {
      await answerAs("", {});
      const answer = await call(`/api/v1/auth/oauth/${provider}/start${query}`);
      if (answer.status !== 302) throw new Error(await answer.text());
      return errandOf(answer, provider, answer.headers.get("location") ?? "");
    },
    link: async (accessToken, provider = "hostile", query = "") => {
      await answerAs("", {});
      const path = `/api/v1/auth/oauth/${provider}/link${query}`;
      const answer = await call(path, { method: "POST", key: accessToken });
      if (answer.status !== 200) throw new Error(await answer.text());
      const body = await answer.json<{ authorization_url: string }>();
      return errandOf(answer, provider, body.authorization_url);
    },
    comeBack: async ({ url, state, cookie, provider }, subject, behaviour = {}) => {
      const claims = { sub: subject, email: `${subject}@people.test`, ...behaviour.claims };
      await answerAs(url.searchParams.get("nonce") ?? "", {
        ...behaviour,
        claims,
        answers: { [`${ISSUER}/userinfo`]: json(claims), ...behaviour.answers },
      });
      const query = new URLSearchParams({ code: "c0de", state, iss: ISSUER });
      return call(`/api/v1/auth/oauth/${provider}/callback?${query.toString()}`, {
        headers: { Cookie: `other=1; ${cookie}` },
      });
    },
  };
}

export const codeOf = async (response: Response): Promise<string> =>
  `${response.status} ${(await response.json<{ code?: string }>()).code}`;
