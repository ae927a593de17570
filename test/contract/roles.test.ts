/**
 * Every role against every operation that asks for a credential, as a signed-in person and by key: who may, may, and who
 * may not, is told so. What a role may is written down here by itself, so that the table in the code cannot agree with
 * itself alone.
 */
import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import { endSession, issueAccessToken, updateUser } from "#auth/service";
import { ROLES } from "#platform/principal";
import type { Role } from "#platform/principal";
import { createTestKey, uniqueAddress } from "../support/api";
import { isOpenAi, readOpenAiError } from "../support/openai-shape";
import { endpointsOf, isGuarded, pathOf, readDocument } from "../support/openapi";
import type { Endpoint } from "../support/openapi";
import { identity, openDirectly, userOf } from "../support/people";

const nameOf = ({ method, template }: Endpoint): string => `${method.toUpperCase()} ${template}`;
const ENDPOINTS = endpointsOf(await readDocument("/openapi.json"));
const GUARDED = ENDPOINTS.filter(isGuarded).map((endpoint): [string, Endpoint] => [
  nameOf(endpoint),
  endpoint,
]);

/** Scopes by their first part that not every role may use. */
const ROLES_OF: Readonly<Record<string, readonly Role[]>> = {
  admin: ["admin"],
  worker: ["admin", "worker"],
};

const mayRole = (role: Role, { operation }: Endpoint): boolean => {
  const scope = operation["x-required-scope"];
  const allowed = ROLES_OF[scope?.split(":")[0] ?? ""];
  return allowed === undefined || allowed.includes(role);
};

async function refusal(endpoint: Endpoint, credential: string): Promise<string | null> {
  const response = await exports.default.fetch(`http://naru.test${pathOf(endpoint)}`, {
    method: endpoint.method.toUpperCase(),
    headers: {
      Authorization: `Bearer ${credential}`,
      "CF-Connecting-IP": uniqueAddress(),
    },
    redirect: "manual",
  });
  const text = await response.clone().text();
  const isProblem =
    response.headers.get("content-type")?.startsWith("application/problem") === true;
  const problem = isProblem ? (JSON.parse(text) as { code?: string }) : {};
  const isOther = !response.ok && isOpenAi(endpoint);
  const { code = null } = isOther ? await readOpenAiError(response) : problem;
  if (response.status === 401)
    expect(response.headers.get("www-authenticate")).toContain('error="invalid_token"');
  return ["INSUFFICIENT_SCOPE", "INVALID_TOKEN", "AUTHENTICATION_REQUIRED"].includes(code ?? "")
    ? code
    : null;
}

test.each(GUARDED)("%s serves the roles that it says, and no other", async (_name, endpoint) => {
  for (const role of ROLES) {
    const expected = mayRole(role, endpoint) ? null : "INSUFFICIENT_SCOPE";
    const { key } = await createTestKey({ role });
    expect([role, "key", await refusal(endpoint, key)]).toEqual([role, "key", expected]);
    // A new one for each: some operations end the session that calls them.
    const { tokens } = await openDirectly(role);
    expect([role, "session", await refusal(endpoint, tokens.access_token)]).toEqual([
      role,
      "session",
      expected,
    ]);
  }
});

test.each(GUARDED)("%s refuses a session that has ended", async (_name, endpoint) => {
  const { person, tokens } = await openDirectly();
  await endSession(identity(), person.id, tokens.session_id);
  expect(await refusal(endpoint, tokens.access_token)).toBe("INVALID_TOKEN");
});

test.each(GUARDED)("%s refuses a person who is disabled", async (_name, endpoint) => {
  const { person, tokens } = await openDirectly();
  const { version } = await userOf(person);
  await updateUser(identity(), person.id, version, { isDisabled: true });
  expect(await refusal(endpoint, tokens.access_token)).toBe("INVALID_TOKEN");
});

test.each(GUARDED.filter(([, { operation }]) => typeof operation["x-required-scope"] === "string"))(
  "%s refuses an access token without its scope",
  async (_name, endpoint) => {
    const { ownerId } = await createTestKey({ role: "admin" });
    const token = await issueAccessToken(identity(), {
      sub: ownerId,
      clientId: "cli_sweep",
      scope: "none:of-them",
      role: "admin",
      lifetimeSeconds: 60,
    });
    expect(await refusal(endpoint, token)).toBe("INSUFFICIENT_SCOPE");
  },
);

/** Written down here by itself: a route that becomes public by a slip is found here. */
const OPEN_TO_ALL: readonly string[] = [
  "GET /.well-known/jwks.json",
  "GET /.well-known/oauth-authorization-server",
  "GET /api/v1/auth/oauth/providers",
  "GET /api/v1/auth/oauth/{provider}/callback",
  "GET /api/v1/auth/oauth/{provider}/start",
  "POST /api/v1/auth/login",
  "POST /api/v1/auth/password/reset",
  "POST /api/v1/auth/password/reset-request",
  "POST /api/v1/auth/refresh",
  "POST /api/v1/auth/register",
  // A client of Centrifugo says who it is over the socket.
  "GET /ws/centrifuge",
  // These authenticate clients by a form of RFC 6749's own.
  "POST /oauth/introspect",
  "POST /oauth/revoke",
  "POST /oauth/token",
];

test("no operation is open to strangers but those that are meant to be", () => {
  // What the server says of itself is for everybody.
  const open = ENDPOINTS.filter(
    (endpoint) => !isGuarded(endpoint) && !endpoint.operation.tags.includes("system"),
  );
  expect(open.map(nameOf).filter((name) => !OPEN_TO_ALL.includes(name))).toEqual([]);
});
