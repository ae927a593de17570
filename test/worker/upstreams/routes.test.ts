import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { api } from "../../support/api";
import { adminKey, createUpstream, uniqueName, UPSTREAMS } from "../../support/upstreams";

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly etag: string | null;
}

async function ask(path: string, options: Parameters<typeof api>[1]): Promise<Answer> {
  const response = await api(path, options);
  const text = await response.text();
  const body = (text === "" ? {} : JSON.parse(text)) as Answer["body"];
  return { status: response.status, body, etag: response.headers.get("etag") };
}

const audit = async (id: string): Promise<{ action: string; details: object }[]> => {
  const { results } = await env.DB.prepare(
    "SELECT action, details FROM audit WHERE subject_id = ? ORDER BY id",
  )
    .bind(id)
    .all<{ action: string; details: string }>();
  return results.map(({ action, details }) => ({ action, details: JSON.parse(details) }));
};

test("an upstream is made, read, listed, changed, replaced and deleted, and the log has each of it", async () => {
  const key = await adminKey();
  const [name, next] = [uniqueName(), uniqueName()].toSorted() as [string, string];
  const targets = [{ url: "HTTPS://A.example:443/v2/" }, { url: "http://10.0.0.7:81", weight: 3 }];
  const made = await api(UPSTREAMS, { key, json: { name, targets } });
  expect([made.status, made.headers.get("location")]).toEqual([201, `${UPSTREAMS}/${name}`]);
  const shown = await made.json<Record<string, unknown>>();
  expect(shown).toEqual({
    id: expect.stringMatching(/^ups_/),
    name,
    targets: [
      { url: "https://a.example/v2", weight: 1 },
      { url: "http://10.0.0.7:81", weight: 3 },
    ],
    methods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
    paths: ["/*"],
    add_headers: {},
    secret_headers: [],
    timeout_ms: 30_000,
    idle_timeout_ms: 120_000,
    retries: 1,
    cache_seconds: 0,
    health_check: null,
    scope: `gw:${name}`,
    max_body_bytes: 134_217_728,
    enabled: true,
    version: 1,
    created_at: expect.any(String),
    updated_at: expect.any(String),
  });
  const path = `${UPSTREAMS}/${name}`;
  expect((await ask(path, { key })).body).toEqual(shown);

  await createUpstream(key, { name: next });
  const first = await ask(`${UPSTREAMS}?limit=1`, { key });
  const cursor = String(first.body["next_cursor"]);
  const second = await ask(`${UPSTREAMS}?limit=1&cursor=${cursor}`, { key });
  expect([first.body["items"], second.body]).toEqual([
    [shown],
    { items: [expect.objectContaining({ name: next })], next_cursor: null },
  ]);

  const changed = await ask(path, {
    key,
    method: "PATCH",
    json: { retries: 2, health_check: { path: "/healthz" }, scope: null, enabled: false },
  });
  expect([changed.status, changed.body]).toEqual([
    200,
    {
      ...shown,
      retries: 2,
      health_check: {
        path: "/healthz",
        interval_seconds: 10,
        timeout_ms: 2000,
        healthy_after: 2,
        unhealthy_after: 3,
        expected_status: null,
      },
      scope: null,
      enabled: false,
      version: 2,
      updated_at: expect.any(String),
    },
  ]);
  // What changes nothing is no event.
  expect((await ask(path, { key, method: "PATCH", json: { retries: 2 } })).body["version"]).toBe(2);

  const replaced = await ask(path, { key, method: "PUT", json: { targets } });
  expect(replaced.body).toEqual({ ...shown, version: 3, updated_at: expect.any(String) });
  expect((await ask(path, { key, method: "DELETE" })).status).toBe(204);
  for (const method of ["GET", "DELETE"])
    expect((await ask(path, { key, method })).body["code"]).toBe("UPSTREAM_NOT_FOUND");
  expect((await ask(`${path}/health`, { key })).body["code"]).toBe("UPSTREAM_NOT_FOUND");
  expect(await audit(String(shown["id"]))).toEqual([
    { action: "upstream.create", details: { name, version: 1 } },
    {
      action: "upstream.update",
      details: { name, version: 2, changed: ["retries", "health_check", "scope", "enabled"] },
    },
    {
      action: "upstream.update",
      details: { name, version: 3, changed: ["retries", "health_check", "scope", "enabled"] },
    },
    { action: "upstream.delete", details: { name, version: 3 } },
  ]);
});

test("the values of secret headers are stored sealed and told to nobody", async () => {
  const key = await adminKey();
  const secret = "Bearer wharf-lantern-4711";
  const name = uniqueName();
  const path = `${UPSTREAMS}/${name}`;
  const rowOf = async (): Promise<string> =>
    JSON.stringify(
      await env.DB.prepare("SELECT * FROM upstreams WHERE name = ?").bind(name).first(),
    );
  const texts: string[] = [];
  const headersOf = async (method: string, json: object): Promise<unknown> => {
    const response = await api(method === "POST" ? UPSTREAMS : path, { key, method, json });
    const text = await response.text();
    texts.push(text);
    const { secret_headers: headers, errors } = JSON.parse(text) as {
      secret_headers?: { name: string }[];
      errors?: { pointer: string; code: string }[];
    };
    return headers?.map((header) => header.name) ?? errors?.map((e) => `${e.pointer} ${e.code}`);
  };
  const targets = [{ url: "http://a.example" }];
  const both = { Authorization: secret, "X-API-Key": "k-4711-wharf" };
  expect(await headersOf("POST", { name, targets, secret_headers: both })).toEqual([
    "authorization",
    "x-api-key",
  ]);
  const sealedOf = (row: string): string[] => row.match(/v1\.[\w-]{16}\.[\w-]+/g) ?? [];
  const before = sealedOf(await rowOf());
  expect(before).toHaveLength(2);
  // Left out: both stay. Null: stays. A name that is left out goes.
  expect(await headersOf("PUT", { targets, retries: 3 })).toHaveLength(2);
  expect(sealedOf(await rowOf())).toEqual(before);
  expect(await headersOf("PUT", { targets, secret_headers: { authorization: null } })).toEqual([
    "authorization",
  ]);
  expect(before).toContain(sealedOf(await rowOf())[0]);
  const none = { authorization: null, "x-other": null };
  expect(await headersOf("PATCH", { secret_headers: none })).toEqual([
    "/secret_headers/x-other no_value",
  ]);
  expect(await headersOf("PATCH", { add_headers: { "x-own": "a" } })).toEqual(["authorization"]);
  expect(await headersOf("PATCH", { secret_headers: { "X-Own": "wharf-4711" } })).toEqual([
    "/add_headers/x-own duplicate",
  ]);
  const refused = { authorization: `${secret}\r\nwharf-4711` };
  expect(await headersOf("PATCH", { secret_headers: refused })).toEqual([
    "/secret_headers/authorization value",
  ]);
  for (const read of [path, UPSTREAMS, `${path}/health`])
    texts.push(await (await api(read, { key })).text());
  const { results } = await env.DB.prepare("SELECT * FROM audit").all();
  texts.push(JSON.stringify(results), await rowOf());
  expect(texts.filter((text) => /wharf|4711/.test(text))).toEqual([]);
  expect(await headersOf("PATCH", { secret_headers: {} })).toEqual([]);
  expect(sealedOf(await rowOf())).toEqual([]);
});

test("what cannot be served is refused, and says where", async () => {
  const key = await adminKey();
  const { name } = await createUpstream(key);
  const targets = [{ url: "http://a.example" }];
  const faultsOf = async (method: string, json: object): Promise<unknown> => {
    const path = method === "POST" ? UPSTREAMS : `${UPSTREAMS}/${name}`;
    const { body } = await ask(path, { key, method, json });
    const errors = body["errors"] as { pointer: string }[] | undefined;
    return errors?.map(({ pointer }) => pointer) ?? body["code"];
  };
  const cases: readonly (readonly [object, unknown])[] = [
    [{}, ["/targets"]],
    [{ targets: [] }, ["/targets"]],
    [{ targets: [{ url: "ftp://a.example" }] }, ["/targets/0/url"]],
    [{ targets: [{ url: "http://me:pw@a.example" }] }, ["/targets/0/url"]],
    [{ targets: [{ url: "http://a.example?x" }] }, ["/targets/0/url"]],
    [{ targets: [...targets, { url: "http://A.example:80/" }] }, ["/targets/1/url"]],
    [{ targets: [{ url: "http://localhost:8787/api" }] }, ["/targets/0/url"]],
    [{ targets: [{ url: "http://[::1]:8787" }] }, ["/targets/0/url"]],
    [{ targets: [{ url: "http://a.example", weight: 0 }] }, ["/targets/0/weight"]],
    [{ targets, methods: ["TRACE"] }, ["/methods/0"]],
    [{ targets, methods: [] }, ["/methods"]],
    [{ targets, paths: ["/a/../b"] }, ["/paths/0"]],
    [{ targets, add_headers: { host: "a" } }, ["/add_headers/host"]],
    [{ targets, add_headers: { Authorization: "a" } }, ["/add_headers/Authorization"]],
    [{ targets, secret_headers: { "x-forwarded-for": "a" } }, ["/secret_headers/x-forwarded-for"]],
    [{ targets, secret_headers: { "X-K": "a", "x-k": "b" } }, ["/secret_headers/x-k"]],
    [{ targets, timeout_ms: 0 }, ["/timeout_ms"]],
    [{ targets, retries: 6 }, ["/retries"]],
    [{ targets, cache_seconds: -1 }, ["/cache_seconds"]],
    [{ targets, scope: "gw:" }, ["/scope"]],
    [{ targets, scope: "tasks:fly" }, ["/scope"]],
    [{ targets, max_body_bytes: 1e12 }, ["/max_body_bytes"]],
    [{ targets, health_check: { path: "health" } }, ["/health_check/path"]],
    [
      { targets, health_check: { path: "/", interval_seconds: 1, timeout_ms: 2000 } },
      ["/health_check/timeout_ms"],
    ],
    [{ targets, ports: [80] }, ["/ports"]],
  ];
  for (const [json, pointers] of cases) {
    const sent = JSON.stringify(json);
    expect([sent, await faultsOf("PUT", json)]).toEqual([sent, pointers]);
  }
  for (const bad of ["A", "-a", "a_b", "a/b", "", "a".repeat(64)])
    expect(await faultsOf("POST", { name: bad, targets })).toEqual(["/name"]);
  expect(await faultsOf("POST", { name, targets })).toBe("UPSTREAM_EXISTS");
  expect(await faultsOf("PUT", { name: "other", targets })).toEqual(["/name"]);
});

test("a change meets the version that its caller saw, or is refused", async () => {
  const key = await adminKey();
  const { name } = await createUpstream(key);
  const path = `${UPSTREAMS}/${name}`;
  const { etag } = await ask(path, { key });
  const headers = { "If-Match": etag ?? "" };
  const json = { retries: 0 };
  expect((await ask(path, { key, method: "PATCH", json, headers })).status).toBe(200);
  const put = { targets: [{ url: "http://b.example" }] };
  for (const [method, body] of [
    ["PATCH", { retries: 3 }],
    ["PUT", put],
    ["DELETE", undefined],
  ] as const) {
    const options = { key, method, headers, ...(body === undefined ? {} : { json: body }) };
    expect((await ask(path, options)).body["code"]).toBe("PRECONDITION_FAILED");
  }
  // Many at once that name one version: one of them changes it.
  const present = { "If-Match": (await ask(path, { key })).etag ?? "" };
  const statuses = await Promise.all(
    [2, 3, 4, 5].map(async (retries) => {
      const options = { key, method: "PATCH", json: { retries }, headers: present };
      return (await ask(path, options)).status;
    }),
  );
  expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 412, 412, 412]);
  expect((await ask(path, { key })).body["version"]).toBe(3);
});

test("a creation that is repeated under its key happens once", async () => {
  const key = await adminKey();
  const json = { name: uniqueName(), targets: [{ url: "http://a.example" }] };
  const headers = { "Idempotency-Key": "order-1" };
  const [first, again] = [
    await ask(UPSTREAMS, { key, json, headers }),
    await ask(UPSTREAMS, { key, json, headers }),
  ];
  expect([first.status, again]).toEqual([201, { ...first, etag: again.etag }]);
});

test("there are no more than the deployment may have", async () => {
  const key = await adminKey();
  const row = env.DB.prepare(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
     INSERT INTO upstreams SELECT 'n' || i, 'ups_' || i, '{"targets":[]}', '{}', 1, 1, 0, 0 FROM n`,
  );
  await row.run();
  const json = { name: uniqueName(), targets: [{ url: "http://a.example" }] };
  expect((await ask(UPSTREAMS, { key, json })).body["code"]).toBe("TOO_MANY_UPSTREAMS");
});
