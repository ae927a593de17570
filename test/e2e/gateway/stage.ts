/** The deployed shape with a service behind it, shared by all parts of the gateway's tests. */
import { expect } from "vitest";
import { startRuntime } from "../../support/runtime";
import type { Runtime } from "../../support/runtime";
import { startUpstream } from "../../support/upstream-server";
import type { TestUpstream } from "../../support/upstream-server";

export const ADMIN = { email: "operator@naru.test", password: "ferries run on time" };
export const PAGE_ORIGIN = "https://app.example";
/** What the operator's own header says to upstreams, sealed. */
export const OPERATORS_SECRET = "s3cret-of-the-operator";
/** More than what other tests leave open for a moment; one test fills them. */
export const MAX_STREAMS = 6;

export type Init = Omit<RequestInit, "headers"> & { headers?: Record<string, string> };

export interface Credential {
  readonly key: string;
  readonly id: string;
}

export class Stage {
  readonly runtime: Runtime;
  readonly upstream: TestUpstream;
  session = "";
  key = "";
  /** All that ever showed somebody to this server: none of it may reach an upstream. */
  readonly shown: string[] = [];

  constructor(runtime: Runtime, upstream: TestUpstream) {
    this.runtime = runtime;
    this.upstream = upstream;
  }

  send(path: string, init: Init = {}, bearer = this.session): Promise<Response> {
    return fetch(`${this.runtime.origin}${path}`, {
      ...init,
      headers: {
        ...(bearer === "" ? {} : { Authorization: `Bearer ${bearer}` }),
        ...(typeof init.body === "string" ? { "Content-Type": "application/json" } : {}),
        ...init.headers,
      },
      redirect: "manual",
    });
  }

  /** A call through the gateway, `path` being the upstream's name and what follows it. */
  gw(path: string, init: Init = {}, bearer = this.key): Promise<Response> {
    return this.send(`/api/v1/gw/${path}`, init, bearer);
  }

  async newKey(scopes: readonly string[] = ["*"]): Promise<Credential> {
    const body = JSON.stringify({ name: "gateway", scopes });
    const made = await this.send("/api/v1/api-keys", { method: "POST", body });
    const credential = (await made.json()) as Credential;
    this.shown.push(credential.key);
    return credential;
  }

  async define(definition: { readonly name: string } & Record<string, unknown>): Promise<void> {
    const body = JSON.stringify({ targets: [{ url: this.upstream.origin }], ...definition });
    const made = await this.send("/api/v1/admin/upstreams", { method: "POST", body });
    expect([made.status, await made.text()]).toEqual([201, expect.anything()]);
  }

  async stop(): Promise<void> {
    await Promise.all([this.runtime.stop(), this.upstream.stop()]);
  }
}

export async function startStage(): Promise<Stage> {
  const vars = {
    LOG_LEVEL: "error",
    PUBLIC_URL: "https://api.naru.test",
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    CORS_ORIGINS: PAGE_ORIGIN,
    RATE_LIMITS: `{"burst":null,"client":{"limit":100000,"window":3600},"streams":{"concurrent":${MAX_STREAMS}}}`,
  };
  const [runtime, upstream] = await Promise.all([
    startRuntime(vars, { isAlone: true }),
    startUpstream(),
  ]);
  const stage = new Stage(runtime, upstream);
  const body = JSON.stringify(ADMIN);
  const login = await stage.send("/api/v1/auth/login", { method: "POST", body }, "");
  const { access_token: session } = (await login.json()) as { access_token: string };
  stage.session = session;
  stage.shown.push(stage.session);
  stage.key = (await stage.newKey()).key;
  await stage.define({ name: "svc", secret_headers: { "x-operator": OPERATORS_SECRET } });
  return stage;
}

/** What the upstream got since `count`, and only one. */
export function onlyOne<T>(all: readonly T[], count: number): T {
  const since = all.slice(count);
  expect(since).toHaveLength(1);
  const [one] = since;
  if (one === undefined) throw new Error("nothing came");
  return one;
}
