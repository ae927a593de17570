import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import SwaggerParser from "@apidevtools/swagger-parser";
import { Validator } from "@seriousme/openapi-schema-validator";
import { generateApi } from "swagger-typescript-api";
import { describe, expect, test } from "vitest";
import { createApp } from "#app";
import { endpointsOf, METHODS, readDocument } from "../../support/openapi";

const ROOT = join(import.meta.dirname, "..", "..", "..");

describe.each(["/openapi.json", "/openapi-3.0.json"])("%s", (path) => {
  test("passes a validator that checks it against the published schema", async () => {
    const result = await new Validator().validate(
      structuredClone({ ...(await readDocument(path)) }),
    );
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
  });

  test("passes a second validator, which resolves every reference", async () => {
    const document = structuredClone(await readDocument(path)) as never;
    await expect(SwaggerParser.validate(document)).resolves.toBeTruthy();
  });

  test(
    "yields a TypeScript client that compiles under strict rules",
    { timeout: 60_000 },
    async () => {
      const output = mkdtempSync(join(tmpdir(), "naru-client-"));
      try {
        await generateApi({
          fileName: "client.ts",
          output,
          spec: await readDocument(path),
          silent: true,
        });
        writeFileSync(
          join(output, "tsconfig.json"),
          JSON.stringify({
            compilerOptions: {
              strict: true,
              noEmit: true,
              target: "ES2022",
              module: "ESNext",
              moduleResolution: "Bundler",
              lib: ["ES2022", "DOM"],
              types: [],
            },
            files: ["client.ts"],
          }),
        );
        const tsc = spawnSync(join(ROOT, "node_modules", ".bin", "tsc"), ["-p", output], {
          encoding: "utf8",
        });
        expect(tsc.stdout).toBe("");
        expect(tsc.status).toBe(0);
      } finally {
        rmSync(output, { recursive: true });
      }
    },
  );
});

test("the live routes and the document's operations are the same set", async () => {
  const documented = endpointsOf(await readDocument("/openapi.json")).map(
    ({ method, template }) => `${method} ${template}`,
  );
  const live = createApp()
    .routes.filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => {
      // What takes the rest of a path has no name to the router.
      const template = path.replaceAll(/:(\w+)/g, "{$1}").replace(/\/\*$/, "/{path}");
      return `${method.toLowerCase()} ${template}`;
    });
  expect([...new Set(documented)].sort()).toEqual([...new Set(live)].sort());
});

test("both versions describe the same operations", async () => {
  const [newer, older] = await Promise.all([
    readDocument("/openapi.json"),
    readDocument("/openapi-3.0.json"),
  ]);
  expect(newer.openapi).toMatch(/^3\.1\./);
  expect(older.openapi).toMatch(/^3\.0\./);
  const names = (document: typeof newer): string[] =>
    endpointsOf(document).map(({ method, template }) => `${method} ${template}`);
  expect(names(newer)).toEqual(names(older));
});

test("no two operations share an operationId", async () => {
  const ids = endpointsOf(await readDocument("/openapi.json")).map(
    ({ operation }) => operation.operationId,
  );
  expect(ids.length).toBe(new Set(ids).size);
});

/** These paths speak as OpenAI's API does. */
const isOpenAi = (template: string): boolean => template.startsWith("/v1/");

test("every operation says who may call it, and every error is a problem document", async () => {
  const document = await readDocument("/openapi.json");
  for (const { method, template, operation } of endpointsOf(document)) {
    const where = `${method} ${template}`;
    expect(METHODS, where).toContain(method);
    expect(operation.security, where).toBeInstanceOf(Array);
    // The endpoints of RFC 6749 and its kin authenticate clients by a form and answer in a shape of their own.
    if (template.startsWith("/oauth/")) continue;
    const shape = isOpenAi(template) ? "application/json" : "application/problem+json";
    // Signing in asks for no credential, and refuses a wrong one all the same.
    if (!/\/auth\/(login|refresh)$/.test(template))
      expect(operation.security.length > 0 === "401" in operation.responses, where).toBe(true);
    for (const [status, { content = {} }] of Object.entries(operation.responses))
      if (Number(status) >= 400 && !(template.endsWith("/health") && status === "503"))
        expect(Object.keys(content), `${where} ${status}`).toEqual([shape]);
  }
});

test("every JSON body is closed against unknown fields in the document as in the code", async () => {
  const document = await readDocument("/openapi.json");
  for (const { method, template, operation } of endpointsOf(document)) {
    const schema = operation.requestBody?.content["application/json"]?.schema;
    // What OpenAI's clients send beside the fields that are known here goes to the model.
    if (schema === undefined || isOpenAi(template)) continue;
    const name = "$ref" in schema ? String(schema.$ref).split("/").at(-1) : undefined;
    const resolved = name === undefined ? schema : document.components.schemas[name];
    expect(resolved, `${method} ${template}`).toMatchObject({ additionalProperties: false });
  }
});
