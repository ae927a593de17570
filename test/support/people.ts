import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { createUser, findUserById, identityDepsOf, openSession, ownerOf } from "#auth/service";
import type { SessionTokens, User } from "#auth/service";
import { homeOf } from "#auth/sessions";
import { readConfig } from "#platform/config";
import type { Role } from "#platform/principal";
import type { Account } from "../../durable-objects/account";
import { api, gateOf, uniqueAddress } from "./api";

export const PASSWORD = "a ferry leaves at dawn";

export interface Person {
  readonly id: string;
  readonly email: string;
}

export const identity = (): ReturnType<typeof identityDepsOf> =>
  identityDepsOf(env, readConfig(env));

let count = 0;

/** A new person with `PASSWORD`, made by the route that people use. */
export async function signUp(email = `person-${Date.now()}-${count++}@naru.test`): Promise<Person> {
  const response = await api("/api/v1/auth/register", {
    json: { email, password: PASSWORD, name: "Person" },
  });
  if (response.status !== 201) throw new Error(`registering answered ${response.status}`);
  const { id } = await response.json<{ id: string }>();
  return { id, email };
}

export interface LoginOptions {
  readonly password?: string;
  readonly address?: string;
  readonly userAgent?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const login = (email: string, options: LoginOptions = {}): Promise<Response> =>
  api(`/api/v1/auth/login${options.query ?? ""}`, {
    json: { email, password: options.password ?? PASSWORD },
    address: options.address ?? uniqueAddress(),
    headers: { "User-Agent": options.userAgent ?? "test", ...options.headers },
  });

/** The tokens of a new session. */
export async function signIn(person: Person, options: LoginOptions = {}): Promise<SessionTokens> {
  const response = await login(person.email, options);
  if (response.status !== 200) throw new Error(`signing in answered ${response.status}`);
  return response.json();
}

/** A person and an open session of it without a password, where many are needed: a hash takes its time. */
export async function openDirectly(
  role: Role = "user",
): Promise<{ person: Person; tokens: SessionTokens }> {
  const email = `person-${Date.now()}-${count++}@naru.test`;
  const made = await createUser(
    env.DB,
    { email, name: "Person", passwordHash: null, role },
    Date.now(),
  );
  if (!made.ok) throw new Error(made.error);
  const tokens = await openSession(identity(), {
    userId: made.value.id,
    method: "test",
    address: undefined,
    userAgent: "test",
  });
  return { person: { id: made.value.id, email }, tokens };
}

export const refresh = (refreshToken: string, userAgent = "test"): Promise<Response> =>
  api("/api/v1/auth/refresh", {
    json: { refresh_token: refreshToken },
    headers: { "User-Agent": userAgent },
  });

/** Whether an access token opens anything: the status and code of a call with it. */
export async function standing(accessToken: string): Promise<string> {
  const response = await api("/api/v1/test", { key: accessToken });
  const body = await response.json<{ code?: string }>();
  return response.status === 200 ? "200" : `${response.status} ${body.code}`;
}

export const GOOD = "200";
export const REFUSED = "401 INVALID_TOKEN";

export async function userOf(person: Person): Promise<User> {
  const user = await findUserById(env.DB, person.id);
  if (user === null) throw new Error("no such person");
  return user;
}

/** Sets the clock of a person's Account. */
export const setAccountClock = (person: Person, nowMs: number): Promise<void> =>
  runInDurableObject(accountStub(person), (account: Account) => {
    account.clock = () => nowMs;
  });

export const accountStub = (person: Person): ReturnType<Env["ACCOUNT"]["getByName"]> =>
  env.ACCOUNT.getByName(homeOf(person.id));

/** Makes an administrator of a person, as the record and the gate have it. */
export async function promote(person: Person): Promise<void> {
  await env.DB.prepare("UPDATE users SET role = 'admin', version = version + 1 WHERE id = ?")
    .bind(person.id)
    .run();
  await gateOf(person.id).holdOwner(ownerOf(await userOf(person)));
}
