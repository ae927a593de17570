/** Calls to the token endpoint and its companions, as a client makes them. */
import { exports } from "cloudflare:workers";
import { api, createTestKey, uniqueAddress } from "./api";
import type { TestKey, TestKeyOptions } from "./api";

export interface TestClient {
  readonly owner: TestKey;
  readonly clientId: string;
  readonly secret: string;
}

/** A client of a new owner, unless told. */
export async function createTestClient(
  options: { readonly scopes?: readonly string[]; readonly owner?: TestKey } & {
    readonly ownerKey?: TestKeyOptions;
  } = {},
): Promise<TestClient> {
  const owner = options.owner ?? (await createTestKey(options.ownerKey));
  const response = await api("/api/v1/oauth-clients", {
    key: owner.key,
    json: { name: "test", scopes: options.scopes ?? ["tasks:write", "tasks:read"] },
  });
  if (response.status !== 201) throw new Error(await response.text());
  const made = await response.json<{ client_id: string; client_secret: string }>();
  return { owner, clientId: made.client_id, secret: made.client_secret };
}

export const basicOf = ({ clientId, secret }: Pick<TestClient, "clientId" | "secret">): string =>
  `Basic ${btoa(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`)}`;

export interface FormOptions {
  /** Authenticates by HTTP Basic. */
  readonly as?: Pick<TestClient, "clientId" | "secret">;
  readonly headers?: Readonly<Record<string, string>>;
  readonly address?: string;
}

/** POSTs a form; text goes as it is. */
export function postForm(
  path: string,
  form: Readonly<Record<string, string>> | string,
  options: FormOptions = {},
): Promise<Response> {
  const headers = new Headers({ "Content-Type": "application/x-www-form-urlencoded" });
  if (options.as !== undefined) headers.set("Authorization", basicOf(options.as));
  for (const [name, value] of Object.entries(options.headers ?? {})) headers.set(name, value);
  headers.set("CF-Connecting-IP", options.address ?? uniqueAddress());
  return exports.default.fetch(`http://naru.test${path}`, {
    method: "POST",
    headers,
    body: typeof form === "string" ? form : new URLSearchParams(form).toString(),
  });
}

export interface OAuthAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
}

export async function answerOf(response: Promise<Response>): Promise<OAuthAnswer> {
  const { status, headers } = await response;
  const text = await (await response).text();
  return { status, headers, body: text === "" ? {} : (JSON.parse(text) as OAuthAnswer["body"]) };
}

/** An access token for a client, as it is got by `client_credentials`. */
export async function tokenOf(client: TestClient, scope?: string): Promise<string> {
  const form = { grant_type: "client_credentials", ...(scope === undefined ? {} : { scope }) };
  const { status, body } = await answerOf(postForm("/oauth/token", form, { as: client }));
  if (status !== 200) throw new Error(JSON.stringify(body));
  return String(body["access_token"]);
}
