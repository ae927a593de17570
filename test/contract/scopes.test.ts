/** The one table of scopes against the document: what routes ask for, and what keys and clients can be given. */
import { expect, test } from "vitest";
import { roleAllows } from "#platform/principal";
import { SCOPE_NAMES } from "#platform/scopes";
import { endpointsOf, readDocument } from "../support/openapi";

const DOCUMENT = await readDocument("/openapi.json");

const itemsOf = (schema: string): readonly string[] => {
  const { properties } = DOCUMENT.components.schemas[schema] as unknown as {
    readonly properties: {
      readonly scopes: { readonly items: { readonly anyOf: { readonly enum?: string[] }[] } };
    };
  };
  return properties.scopes.items.anyOf.flatMap((choice) => choice.enum ?? []);
};

test("every scope that a route asks for stands in the table", () => {
  const asked = endpointsOf(DOCUMENT).flatMap(
    ({ operation }) => operation["x-required-scope"] ?? [],
  );
  expect(asked.length).toBeGreaterThan(10);
  expect(
    asked.filter((scope) => !SCOPE_NAMES.some((name) => name === scope)),
    "add it to SCOPES in src/platform/scopes.ts",
  ).toEqual([]);
});

test("the document lists what a key and a client can be given", () => {
  for (const schema of ["CreateApiKey", "UpdateApiKey"])
    expect(itemsOf(schema)).toEqual([...SCOPE_NAMES, "*"]);
  expect(itemsOf("CreateOAuthClient")).toEqual(SCOPE_NAMES);
  expect(SCOPE_NAMES.filter((scope) => !roleAllows("service", scope))).toEqual(["admin", "worker"]);
});

test("the endpoints of OAuth say how a client authenticates", () => {
  const oauth = endpointsOf(DOCUMENT).filter(({ template }) => template.startsWith("/oauth/"));
  expect(oauth.map(({ template }) => template)).toEqual([
    "/oauth/token",
    "/oauth/revoke",
    "/oauth/introspect",
  ]);
  for (const { operation } of oauth) expect(operation.security).toEqual([{ clientAuth: [] }, {}]);
  expect(DOCUMENT.components.securitySchemes).toMatchObject({
    clientAuth: { type: "http", scheme: "basic" },
  });
});
