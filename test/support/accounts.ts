import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { createUser, hashPassword } from "#auth/service";
import type { User } from "#auth/service";
import type { Role } from "#platform/principal";
import { api, createTestKey } from "./api";
import type { TestKey } from "./api";

export const PASSWORD = "orchard ferry at dawn";
let count = 0;

/** A person with a password. Each call makes another. */
export async function createPerson(options: { role?: Role; name?: string } = {}): Promise<User> {
  count += 1;
  const created = await createUser(
    env.DB,
    {
      email: `person-${count}-${crypto.randomUUID()}@example.com`,
      name: options.name ?? "Haneul",
      passwordHash: await hashPassword(PASSWORD),
      role: options.role ?? "user",
    },
    Date.now(),
  );
  if (!created.ok) throw new Error(created.error);
  return created.value;
}

/** A key of that person. */
export const keyOf = (person: User, scopes: readonly string[] = ["*"]): Promise<TestKey> =>
  createTestKey({ ownerId: person.id, role: person.role, scopes });

export const logIn = (person: User, password = PASSWORD): Promise<Response> =>
  api("/api/v1/auth/login", { json: { email: person.email, password } });

/** The tokens of a new session. */
export async function signIn(
  person: User,
): Promise<{ readonly access_token: string; readonly refresh_token: string }> {
  const response = await logIn(person);
  expect(response.status).toBe(200);
  return response.json();
}
