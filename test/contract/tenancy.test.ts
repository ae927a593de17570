/**
 * Two people and every operation that takes the id of something: what one of them made is, for the other, as unknown as
 * what never was. Generated from the API's own document; what it cannot make itself stands in `support/tenancy`.
 */
import { expect, test } from "vitest";
import { api } from "../support/api";
import { endpointsOf, readDocument } from "../support/openapi";
import type { Endpoint } from "../support/openapi";
import {
  BODIES,
  BODY_IDS,
  createTenant,
  FREE_IDS,
  MAKES_OWN,
  NOT_OWNED,
  RESOURCES,
} from "../support/tenancy";
import type { Made, Tenant } from "../support/tenancy";

const DOCUMENT = await readDocument("/openapi.json");
const ENDPOINTS = endpointsOf(DOCUMENT);
const PLACE = "test/support/tenancy.ts";
const nameOf = ({ method, template }: Endpoint): string => `${method.toUpperCase()} ${template}`;

/** The part of a template that ends with its first id. */
const resourceOf = (template: string): string => template.slice(0, template.indexOf("}") + 1);

/** What only administrators may do reaches other people's things on purpose; that nobody else may, the sweep of roles proves. */
const isAdministration = ({ operation }: Endpoint): boolean =>
  operation["x-required-scope"]?.split(":")[0] === "admin";

const WITH_ID = ENDPOINTS.filter(
  (endpoint) =>
    endpoint.template.includes("{") &&
    !isAdministration(endpoint) &&
    NOT_OWNED[resourceOf(endpoint.template)] === undefined,
);

/** The fields of JSON bodies that look like an id: `METHOD /path field`. */
const BODY_FIELDS = ENDPOINTS.filter((endpoint) => !isAdministration(endpoint)).flatMap(
  (endpoint) =>
    idFieldsOf(endpoint.operation.requestBody?.content["application/json"]?.schema).map(
      (field): [string, Endpoint] => [`${nameOf(endpoint)} ${field}`, endpoint],
    ),
);

function idFieldsOf(schema: object | undefined): string[] {
  if (schema === undefined) return [];
  const name = "$ref" in schema ? String(schema.$ref).split("/").at(-1) : undefined;
  const resolved = name === undefined ? schema : DOCUMENT.components.schemas[name];
  const { properties = {} } = (resolved ?? {}) as { properties?: Record<string, object> };
  return Object.keys(properties).filter((field) => field.endsWith("_id"));
}

/** Of the same shape and length, and nobody's: ids end in random characters. */
const unknown = (id: string): string =>
  `${id.slice(0, -4)}${id.endsWith("zzz0") ? "zzz1" : "zzz0"}`;

const pathWith = (template: string, params: Readonly<Record<string, string>>): string =>
  template.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => {
    const value = params[name];
    if (value === undefined)
      throw new Error(`the factory of ${resourceOf(template)} in ${PLACE} tells no "${name}"`);
    return encodeURIComponent(value);
  });

/** One trace for all calls: a problem names its trace. */
const TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

interface Answer {
  readonly status: number;
  readonly text: string;
  /** Without what differs at each call: the id itself, times, the request. */
  readonly essence: unknown;
}

async function ask(
  method: string,
  path: string,
  credential: string,
  body: unknown,
  id: string,
): Promise<Answer> {
  const isChange = ["put", "patch", "delete"].includes(method);
  const response = await api(path, {
    key: credential,
    method: method.toUpperCase(),
    ...(body === undefined ? {} : { json: body }),
    // A condition that everything meets must not be judged before the question of whose it is.
    headers: {
      "X-Request-Id": "tenancy",
      traceparent: TRACEPARENT,
      ...(isChange ? { "If-Match": "*" } : {}),
    },
  });
  const text = await response.text();
  const headers = ["allow", "etag", "location", "content-type", "cache-control", "retry-after"];
  const essence = {
    status: response.status,
    headers: headers.map((name) => response.headers.get(name)?.replaceAll(id, "ID") ?? null),
    body: text
      .replaceAll(id, "ID")
      .replaceAll(encodeURIComponent(id), "ID")
      .replaceAll(/"timestamp":"[^"]*"/g, '"timestamp":""'),
  };
  return { status: response.status, text, essence };
}

const readAs = async (owner: Tenant, { read }: Made): Promise<unknown> => {
  if (read === null) return null;
  const response = await api(read, { key: owner.token });
  expect([read, response.status]).toEqual([read, 200]);
  return response.json();
};

/** A secret that the owner's resource holds; no answer to anybody else may show it. */
const newSecret = (): string => `ferry-${crypto.randomUUID()}`;

function expectNothingOf(owner: Tenant, secret: string, text: string): void {
  for (const own of [secret, owner.id, owner.email])
    expect(text.includes(own), `a stranger reads ${own}`).toBe(false);
}

test("every id that an operation takes is known to the sweep", () => {
  const missing = WITH_ID.filter(({ template }) => RESOURCES[resourceOf(template)] === undefined);
  expect(
    missing.map(nameOf),
    `no factory for what these operations take the id of: add one line for each path up to its first id to RESOURCES in ${PLACE}`,
  ).toEqual([]);
  const fields = BODY_FIELDS.map(([name]) => name);
  expect(
    fields.filter((name) => BODY_IDS[name] === undefined && FREE_IDS[name] === undefined),
    `no line for these ids in bodies: add one for each to BODY_IDS in ${PLACE}`,
  ).toEqual([]);
});

test("the table names nothing that is not there", () => {
  const used = new Set(ENDPOINTS.map(({ template }) => resourceOf(template)));
  const named = [...Object.keys(RESOURCES), ...Object.keys(NOT_OWNED)];
  expect(named.filter((resource) => !used.has(resource))).toEqual([]);
  const names = new Set(ENDPOINTS.map(nameOf));
  expect([...Object.keys(BODIES), ...MAKES_OWN].filter((name) => !names.has(name))).toEqual([]);
});

/** The least role that may call all of some operations. */
const roleFor = (endpoints: readonly Endpoint[]): "user" | "worker" =>
  endpoints.some(({ operation }) => operation["x-required-scope"]?.split(":")[0] === "worker")
    ? "worker"
    : "user";

const SWEPT = [...new Set(WITH_ID.map(({ template }) => resourceOf(template)))].filter(
  (resource) => RESOURCES[resource] !== undefined,
);

test.each(SWEPT)(
  "somebody else's %s is as unknown as none, by every operation",
  async (resource) => {
    const operations = WITH_ID.filter(({ template }) => resourceOf(template) === resource);
    const [owner, stranger] = [await createTenant(), await createTenant(roleFor(operations))];
    const secret = newSecret();
    const thing = await RESOURCES[resource]?.(owner, secret);
    if (thing === undefined) throw new Error("no factory");
    const before = await readAs(owner, thing);

    const [first = ""] = /(?<=\{)\w+/.exec(resource) ?? [];
    const id = thing.params[first] ?? "";
    const nobodys = unknown(id);
    for (const endpoint of operations) {
      const name = nameOf(endpoint);
      const body =
        BODIES[name] ?? (endpoint.operation.requestBody?.required === true ? {} : undefined);
      for (const [means, credential] of [
        ["session", stranger.token],
        ["key", stranger.key],
      ] as const) {
        const other = { ...thing.params, [first]: nobodys };
        const [foreign, none] = [
          await ask(
            endpoint.method,
            pathWith(endpoint.template, thing.params),
            credential,
            body,
            id,
          ),
          await ask(endpoint.method, pathWith(endpoint.template, other), credential, body, nobodys),
        ];
        expectNothingOf(owner, secret, foreign.text);
        expect(foreign.essence, `${name} by ${means}: the two answers differ`).toEqual(
          none.essence,
        );
        if (MAKES_OWN.includes(name)) continue;
        expect(
          [name, means, foreign.status],
          `${name} is no 404 for a stranger: ${foreign.text}. Where its body was refused, give a valid one in BODIES in ${PLACE}`,
        ).toEqual([name, means, 404]);
      }
    }
    expect(await readAs(owner, thing)).toEqual(before);
  },
);

test.each(BODY_FIELDS.filter(([name]) => BODY_IDS[name] !== undefined))(
  "somebody else's id is as unknown as none in %s",
  async (name, endpoint) => {
    const { of = "", body, status = 404 } = BODY_IDS[name] ?? {};
    const role = roleFor([endpoint]);
    const [owner, stranger] = [await createTenant(role), await createTenant(role)];
    const secret = newSecret();
    const thing = await (typeof of === "string" ? RESOURCES[of] : of)?.(owner, secret);
    if (thing === undefined)
      throw new Error(`BODY_IDS names ${String(of)}, which RESOURCES has not`);
    const before = await readAs(owner, thing);
    const id = Object.values(thing.params)[0] ?? "";
    const nobodys = unknown(id);
    const { method, template } = endpoint;
    const foreign = await ask(method, template, stranger.token, body?.(id), id);
    const none = await ask(method, template, stranger.token, body?.(nobodys), nobodys);
    expectNothingOf(owner, secret, foreign.text);
    expect(foreign.essence).toEqual(none.essence);
    expect([name, foreign.status, foreign.text]).toEqual([name, status, foreign.text]);
    expect(await readAs(owner, thing)).toEqual(before);
  },
);

test("the sweep sees a route that tells one person of another's", async () => {
  const [owner, stranger] = [await createTenant(), await createTenant()];
  const secret = newSecret();
  const thing = await RESOURCES["/api/v1/tasks/{id}"]?.(owner, secret);
  const id = thing?.params["id"] ?? "";
  const own = await ask("get", thing?.read ?? "", owner.token, undefined, id);
  // Whoever reads it as its owner is told what a stranger must not read.
  expect(own.text).toContain(secret);
  expect(() => expectNothingOf(owner, secret, own.text)).toThrow();
  expect(await readAs(stranger, { params: {}, read: "/api/v1/tasks" })).toMatchObject({
    items: [],
  });
});
