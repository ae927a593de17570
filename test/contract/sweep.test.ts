/**
 * Asks every operation of the API's own document the same questions. What a new route has to hold is
 * checked by its being in the document, which another test compares with the routes that are live.
 */
import { env, exports } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { createTestKey, uniqueAddress } from "../support/api";
import { isOpenAi, readOpenAiError } from "../support/openai-shape";
import { endpointsOf, isGuarded, pathOf, readDocument } from "../support/openapi";
import type { Endpoint } from "../support/openapi";

const ENDPOINTS = endpointsOf(await readDocument("/openapi.json"));
const nameOf = ({ method, template }: Endpoint): string => `${method.toUpperCase()} ${template}`;
const named = (endpoints: readonly Endpoint[]): [string, Endpoint][] =>
  endpoints.map((endpoint) => [nameOf(endpoint), endpoint]);

const ALL = named(ENDPOINTS);
const GUARDED = named(ENDPOINTS.filter(isGuarded));
const SCOPED = GUARDED.filter(
  ([, { operation }]) => typeof operation["x-required-scope"] === "string",
);
const WITH_JSON = named(
  ENDPOINTS.filter(({ operation }) => operation.requestBody?.content["application/json"]),
);
const GETS = named(ENDPOINTS.filter(({ method }) => method === "get"));

let key = "";
beforeEach(async () => {
  key = (await createTestKey({ role: "admin" })).key;
});

interface CallOptions {
  readonly method?: string;
  readonly path?: string;
  /** A good key where it is not said; null for none. */
  readonly key?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyInit;
}

function call(endpoint: Endpoint, options: CallOptions = {}): Promise<Response> {
  const headers = new Headers(options.headers);
  // A stranger's own limits must not end the sweep: each call comes from another network.
  headers.set("CF-Connecting-IP", uniqueAddress());
  if (options.key !== null) headers.set("Authorization", `Bearer ${options.key ?? key}`);
  return exports.default.fetch(`http://naru.test${options.path ?? pathOf(endpoint)}`, {
    method: options.method ?? endpoint.method.toUpperCase(),
    headers,
    ...(options.body === undefined ? {} : { body: options.body }),
  });
}

/** Calls twice what must be refused, checks the whole shape of the refusal in both languages, and tells status and code. */
async function refusalOf(endpoint: Endpoint, options: CallOptions): Promise<string> {
  const codes = new Set<string>();
  const messages = new Set<string>();
  let status = 0;
  for (const language of ["ko", "en"]) {
    const response = await call(endpoint, {
      ...options,
      headers: {
        ...options.headers,
        "Accept-Language": language,
        "X-Request-Id": `sweep-${language}`,
      },
    });
    status = response.status;
    expect(response.headers.get("content-language")).toBe(language);
    expectConventions(response);
    if (isOpenAi(endpoint)) {
      const { code, error } = await readOpenAiError(response);
      codes.add(code);
      messages.add(error);
      continue;
    }
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    const problem = await response.json<Record<string, unknown>>();
    expect(problem).toMatchObject({
      type: `/errors/${String(problem["code"])}`,
      title: expect.any(String),
      status,
      instance: pathOf(endpoint),
      error: expect.any(String),
      timestamp: expect.stringMatching(/T.*\.\d{3}Z$/),
      request_id: `sweep-${language}`,
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(problem["detail"] === null || typeof problem["detail"] === "string").toBe(true);
    expect(JSON.stringify(problem)).not.toMatch(/\bat \S+:\d+:\d+|SQLITE|D1_ERROR/);
    codes.add(String(problem["code"]));
    messages.add(String(problem["error"]));
  }
  expect(codes.size).toBe(1);
  expect(messages.size).toBe(2);
  return `${status} ${[...codes][0]}`;
}

function expectConventions(response: Response): void {
  for (const name of [
    "content-security-policy",
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "x-request-id",
    "server-timing",
    "content-language",
    "cache-control",
  ])
    expect(response.headers.get(name), name).toBeTruthy();
  expect(response.headers.get("vary")).toContain("Accept-Language");
}

describe("every operation", () => {
  test.each(ALL)("%s answers with the common headers", async (_name, endpoint) => {
    const response = await call(endpoint);
    expectConventions(response);
    await response.text();
  });

  test.each(ALL)("%s keeps the caller's request id", async (_name, endpoint) => {
    const response = await call(endpoint, { headers: { "X-Request-Id": "caller-1" } });
    expect(response.headers.get("x-request-id")).toBe("caller-1");
    await response.text();
  });

  test.each(ALL)("%s is there under no other spelling", async (_name, endpoint) => {
    const path = pathOf(endpoint);
    if (path === "/") return;
    for (const other of [`${path}/`, path.replace(/[a-z]/, (letter) => letter.toUpperCase())]) {
      const response = await call(endpoint, { path: other });
      expect([other, response.status]).toEqual([other, 404]);
      await response.text();
    }
  });

  test.each(ALL)("%s refuses a credential in its URL", async (_name, endpoint) => {
    const path = `${pathOf(endpoint)}?api_key=${key}`;
    expect(await refusalOf(endpoint, { path, key: null })).toBe("400 CREDENTIAL_IN_URL");
  });

  test.each(ALL)(
    "the path of %s tells its methods, and refuses others",
    async (_name, endpoint) => {
      // A path may be one of several templates: a collection's action has the form of an id in it.
      const served = ENDPOINTS.filter(({ template }) =>
        new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(pathOf(endpoint)),
      ).map(({ method }) => method.toUpperCase());
      const options = await call(endpoint, { method: "OPTIONS" });
      expect(options.status).toBe(204);
      const allow = (options.headers.get("allow") ?? "").split(", ");
      expect(allow).toEqual(expect.arrayContaining([...served, "OPTIONS"]));
      expect(allow.includes("HEAD")).toBe(served.includes("GET"));
      const other = ["PATCH", "PUT", "DELETE", "POST"].find((method) => !served.includes(method));
      expect(await refusalOf(endpoint, { method: other ?? "TRACE" })).toBe(
        "405 METHOD_NOT_ALLOWED",
      );
    },
  );
});

test.each(
  ALL.filter(
    ([, { operation }]) => Object.keys(operation.responses["200"]?.content ?? {}).length > 0,
  ),
)("%s refuses to answer in a form that the caller excludes", async (_name, endpoint) => {
  expect(await refusalOf(endpoint, { headers: { Accept: "image/png" } })).toBe(
    "406 NOT_ACCEPTABLE",
  );
});

describe("every operation that reads", () => {
  test.each(GETS)(
    "%s has a HEAD of the same status and type, without a body",
    async (_name, endpoint) => {
      const get = await call(endpoint);
      const head = await call(endpoint, { method: "HEAD" });
      expect(head.status).toBe(get.status);
      expect(head.headers.get("content-type")).toBe(get.headers.get("content-type"));
      await get.text();
      expect(await head.text()).toBe("");
    },
  );

  test.each(GETS)("%s answers 304 to whoever holds its ETag", async (_name, endpoint) => {
    const first = await call(endpoint);
    const etag = first.headers.get("etag");
    await first.text();
    if (etag === null) return;
    const second = await call(endpoint, { headers: { "If-None-Match": etag } });
    // A page's policy names a nonce of this one answer, so that no two of them are equal.
    if (first.headers.get("content-type")?.startsWith("text/html")) return;
    expect(second.status).toBe(304);
  });
});

describe("every operation that asks for a credential", () => {
  test.each(GUARDED)(
    "%s refuses a caller without one, and says how to bring it",
    async (_name, endpoint) => {
      const response = await call(endpoint, { key: null });
      expect(response.headers.get("www-authenticate")).toMatch(/^Bearer/);
      await response.text();
      expect(await refusalOf(endpoint, { key: null })).toBe("401 AUTHENTICATION_REQUIRED");
    },
  );

  test.each(GUARDED)("%s refuses a made-up key", async (_name, endpoint) => {
    const made = `${key.slice(0, -1)}${key.endsWith("0") ? "1" : "0"}`;
    expect(await refusalOf(endpoint, { key: made })).toBe("401 INVALID_API_KEY");
  });

  test.each(SCOPED)("%s refuses a key without its scope", async (_name, endpoint) => {
    const { key: other } = await createTestKey({ scopes: ["none:of-them"] });
    expect(await refusalOf(endpoint, { key: other })).toBe("403 INSUFFICIENT_SCOPE");
  });

  test.each(GUARDED)("%s tells what is left of the limits", async (_name, endpoint) => {
    const response = await call(endpoint);
    for (const name of ["ratelimit", "ratelimit-policy", "x-ratelimit-remaining"])
      expect(response.headers.get(name), name).toBeTruthy();
    await response.text();
  });

  test.each(GUARDED)("%s is 429 with Retry-After when nothing is left", async (_name, endpoint) => {
    const [policy = "none"] = endpoint.operation["x-rate-limit-policies"] ?? [];
    const { key: spent } = await createTestKey({ limits: { [policy]: { limit: 1, window: 60 } } });
    await (await call(endpoint, { key: spent })).text();
    const response = await call(endpoint, { key: spent });
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    await response.text();
    expect(await refusalOf(endpoint, { key: spent })).toBe("429 RATE_LIMITED");
  });
});

describe("every operation that takes JSON", () => {
  const json = { "Content-Type": "application/json" };

  test.each(WITH_JSON)(
    "%s refuses what is no JSON, no UTF-8, too deep, or has a forbidden key",
    async (_name, endpoint) => {
      const bodies: [BodyInit, string][] = [
        ['{"a":', "400 MALFORMED_JSON"],
        [new Uint8Array([0xff]), "400 INVALID_UTF8"],
        ["[".repeat(40) + "]".repeat(40), "400 BODY_TOO_DEEP"],
        ['{"__proto__":{}}', "400 FORBIDDEN_KEY"],
      ];
      if (endpoint.operation.requestBody?.required === true) bodies.push(["", "400 BODY_REQUIRED"]);
      for (const [body, refusal] of bodies)
        expect(await refusalOf(endpoint, { headers: json, body })).toBe(refusal);
    },
  );

  test.each(WITH_JSON)("%s refuses another content type", async (_name, endpoint) => {
    const headers = { "Content-Type": "text/plain" };
    expect(await refusalOf(endpoint, { headers, body: "a=1" })).toBe("415 UNSUPPORTED_MEDIA_TYPE");
  });

  test.each(WITH_JSON)("%s refuses a body over the limit", async (_name, endpoint) => {
    const body = " ".repeat(Number(env.MAX_BODY_BYTES) + 1);
    expect(await refusalOf(endpoint, { headers: json, body })).toBe("413 BODY_TOO_LARGE");
  });

  // OpenAI's clients send fields of their own, and those that are made after this server: they go to the model.
  test.each(WITH_JSON.filter(([, endpoint]) => !isOpenAi(endpoint)))(
    "%s refuses a field that it does not know, by its pointer",
    async (_name, endpoint) => {
      const body = '{"no_such_field":1}';
      expect(await refusalOf(endpoint, { headers: json, body })).toBe("422 VALIDATION_FAILED");
      const response = await call(endpoint, { headers: json, body });
      const { errors } = await response.json<{ errors: { pointer: string; code: string }[] }>();
      expect(errors).toContainEqual(
        expect.objectContaining({ pointer: "/no_such_field", code: "unknown_field" }),
      );
    },
  );
});
