import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { api, createTestKey } from "../../support/api";
import { answerOf, createTestClient, postForm, tokenOf } from "../../support/oauth";

const CLIENTS = "/api/v1/oauth-clients";
const codeOf = async (response: Response): Promise<[number, string]> => [
  response.status,
  (await response.json<{ code: string }>()).code,
];

test("the secret is shown once, and only its hash is kept", async () => {
  const { key, ownerId } = await createTestKey();
  const response = await api(CLIENTS, {
    key,
    json: { name: " nightly ", scopes: ["chat", "code", "chat"] },
  });
  expect(response.status).toBe(201);
  const made = await response.json<Record<string, unknown>>();
  expect(made).toEqual({
    id: made["client_id"],
    client_id: expect.stringMatching(/^cli_[0-9a-z]{42}$/),
    client_secret: expect.stringMatching(/^nrc_/),
    name: "nightly",
    scopes: ["chat", "code"],
    created_at: expect.stringMatching(/T.*\.\d{3}Z$/),
  });
  expect(response.headers.get("location")).toBe(`${CLIENTS}/${String(made["id"])}`);

  const secret = String(made["client_secret"]);
  const rows = await env.DB.prepare("SELECT * FROM oauth_clients").all();
  expect(rows.results).toMatchObject([{ id: made["id"], owner_id: ownerId }]);
  const audit = await env.DB.prepare("SELECT * FROM audit").all();
  expect(audit.results).toMatchObject([{ action: "oauth_client.create", subject_id: made["id"] }]);
  expect(JSON.stringify([rows.results, audit.results])).not.toContain(secret.slice(4, 36));

  const { client_secret: _secret, ...view } = made;
  const read = await api(`${CLIENTS}/${String(made["id"])}`, { key });
  expect(await read.json()).toEqual(view);
  const listed = await api(CLIENTS, { key });
  expect(await listed.json()).toEqual({ items: [view], next_cursor: null });
});

test("a client cannot be given what its maker has not", async () => {
  const { key } = await createTestKey({ scopes: ["keys:manage", "chat"] });
  const refused = [["chat", "code"], ["admin"]];
  for (const scopes of refused)
    expect(await codeOf(await api(CLIENTS, { key, json: { name: "x", scopes } }))).toEqual([
      403,
      "GRANT_TOO_WIDE",
    ]);
  const made = await api(CLIENTS, { key, json: { name: "x", scopes: ["chat"] } });
  expect(made.status).toBe(201);
  await made.text();
});

test("a client is given nothing that takes the role of a person, not even by an administrator", async () => {
  const { key } = await createTestKey({ role: "admin" });
  for (const scope of ["admin", "worker"])
    expect(await codeOf(await api(CLIENTS, { key, json: { name: "x", scopes: [scope] } }))).toEqual(
      [403, "GRANT_TOO_WIDE"],
    );
});

test.each([
  ["no scope", { name: "x", scopes: [] }, "/scopes"],
  ["a scope with a space", { name: "x", scopes: ["a b"] }, "/scopes/0"],
  ["all scopes at once", { name: "x", scopes: ["*"] }, "/scopes/0"],
  ["an invented scope", { name: "x", scopes: ["chat", "tasks:fly"] }, "/scopes/1"],
  ["a name of spaces", { name: "  ", scopes: ["chat"] }, "/name"],
  [
    "a secret of the caller's own",
    { name: "x", scopes: ["chat"], client_secret: "s" },
    "/client_secret",
  ],
])("%s is refused", async (_what, json, pointer) => {
  const { key } = await createTestKey();
  const response = await api(CLIENTS, { key, json });
  expect(response.status).toBe(422);
  expect(await response.json()).toMatchObject({ errors: [{ pointer }] });
});

test("a repeated creation is not done twice, and its secret is not told again", async () => {
  const { key } = await createTestKey();
  const send = (): Promise<Response> =>
    api(CLIENTS, {
      key,
      json: { name: "x", scopes: ["chat"] },
      headers: { "Idempotency-Key": "once" },
    });
  expect((await send()).status).toBe(201);
  expect(await codeOf(await send())).toEqual([409, "IDEMPOTENCY_NOT_REPLAYABLE"]);
  const { items } = await (await api(CLIENTS, { key })).json<{ items: unknown[] }>();
  expect(items).toHaveLength(1);
});

test("one's own clients come page by page, the newest first, and nobody else's", async () => {
  const owner = await createTestKey();
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) ids.unshift((await createTestClient({ owner })).clientId);
  await createTestClient();
  const seen: string[] = [];
  let cursor: string | null = "";
  for (let pages = 0; cursor !== null; pages++) {
    expect(pages).toBeLessThan(3);
    const query = cursor === "" ? "" : `&cursor=${cursor}`;
    const response = await api(`${CLIENTS}?limit=2${query}`, { key: owner.key });
    const page = await response.json<{ items: { id: string }[]; next_cursor: string | null }>();
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.next_cursor;
  }
  expect(seen.sort()).toEqual(ids.sort());
});

test("another's client can neither be read nor revoked, and goes on", async () => {
  const client = await createTestClient();
  const { key } = await createTestKey();
  for (const method of ["GET", "DELETE"])
    for (const id of [client.clientId, "cli_none"])
      expect(await codeOf(await api(`${CLIENTS}/${id}`, { key, method }))).toEqual([
        404,
        "OAUTH_CLIENT_NOT_FOUND",
      ]);
  await tokenOf(client);
});

test("a revoked client gets no token, its tokens are refused at once, and others' are not", async () => {
  const client = await createTestClient();
  const sibling = await createTestClient({ owner: client.owner });
  const [token, other] = [await tokenOf(client), await tokenOf(sibling)];
  expect((await api("/api/v1/test", { key: token })).status).toBe(200);

  const path = `${CLIENTS}/${client.clientId}`;
  const revoked = await api(path, { key: client.owner.key, method: "DELETE" });
  expect(revoked.status).toBe(204);

  expect(await codeOf(await api("/api/v1/test", { key: token }))).toEqual([401, "INVALID_TOKEN"]);
  const form = { grant_type: "client_credentials" };
  expect(await answerOf(postForm("/oauth/token", form, { as: client }))).toMatchObject({
    status: 401,
    body: { error: "invalid_client" },
  });
  expect((await api("/api/v1/test", { key: other })).status).toBe(200);
  expect((await api(path, { key: client.owner.key })).status).toBe(404);
  // Whoever was cut off half-way may say it again.
  expect((await api(path, { key: client.owner.key, method: "DELETE" })).status).toBe(204);
});

test("a revocation of another version than the one that was read is refused", async () => {
  const client = await createTestClient();
  const path = `${CLIENTS}/${client.clientId}`;
  const { key } = client.owner;
  const etag = (await api(path, { key })).headers.get("etag") ?? "";
  const wrong = await api(path, { key, method: "DELETE", headers: { "If-Match": '"other"' } });
  expect(await codeOf(wrong)).toEqual([412, "PRECONDITION_FAILED"]);
  const right = await api(path, { key, method: "DELETE", headers: { "If-Match": etag } });
  expect(right.status).toBe(204);
});

test("an owner has so many clients and no more, however many are made at once", async () => {
  const owner = await createTestKey({ ownerLimits: { burst: null, client: null } });
  const insert = env.DB.prepare(
    "INSERT INTO oauth_clients (id, owner_id, name, secret_hash, scopes, created_at) VALUES (?, ?, 'x', 'x', '[]', 0)",
  );
  await env.DB.batch(Array.from({ length: 98 }, (_, i) => insert.bind(`cli_${i}`, owner.ownerId)));
  const statuses = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const response = await api(CLIENTS, {
        key: owner.key,
        json: { name: "x", scopes: ["chat"] },
      });
      await response.text();
      return response.status;
    }),
  );
  expect(statuses.sort((a, b) => a - b)).toEqual([201, 201, 409, 409, 409]);
});
