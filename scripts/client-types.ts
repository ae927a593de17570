/**
 * `npm run client:types`: writes `src/client/operations.ts` from the document that the API gives of itself, so the client knows every operation by
 * its `operationId`, with what it takes and gives. `npm run check` fails where the committed file is another.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { generateApi } from "swagger-typescript-api";
import { ROOT, WRANGLER_ENV } from "./setup.ts";

/** What the generator tells of an operation, as far as it is used here. */
interface GeneratedRoute {
  readonly raw: { readonly operationId: string; readonly summary: string };
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly query?: TypeText;
    readonly pathParams?: TypeText;
    readonly payload?: TypeText & { readonly optional?: boolean };
    readonly headers?: TypeText;
  };
  readonly response: { readonly type: string; readonly contentTypes: readonly string[] };
}
interface TypeText {
  readonly type: string;
}

interface ApiDocument {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { operationId?: string; responses?: object }>>>
  >;
}

const TARGET = join(ROOT, "src", "client", "operations.ts");
const BUNDLE = join(ROOT, "dist", "openapi.mjs");

const spec = await readOpenApi();
const before = readText();
writeFileSync(TARGET, await generate(spec));
const formatted = spawnSync("oxfmt", [TARGET], {
  cwd: ROOT,
  encoding: "utf8",
  env: { ...process.env, ...WRANGLER_ENV },
});
if (formatted.status !== 0) throw new Error(`${formatted.stdout}${formatted.stderr}`);
const isFresh = before === readText();
if (process.argv.includes("--check") && !isFresh) {
  console.error("src/client/operations.ts was out of date; it is written anew: commit it.");
  process.exit(1);
}
// The generator leaves a formatter's WebAssembly behind that would keep the process up.
process.exit(0);

function readText(): string {
  try {
    return readFileSync(TARGET, "utf8");
  } catch {
    return "";
  }
}

/** The document depends on the code alone: the application answers it without any binding. */
async function readOpenApi(): Promise<ApiDocument> {
  mkdirSync(join(ROOT, "dist"), { recursive: true });
  await build({
    stdin: { contents: 'export { createApp } from "#app"', resolveDir: ROOT },
    bundle: true,
    format: "esm",
    platform: "node",
    external: ["cloudflare:*", "node:*", "*.wasm"],
    outfile: BUNDLE,
    logLevel: "error",
  });
  const { createApp } = (await import(BUNDLE)) as {
    createApp: () => { request: (path: string, init: object, env: object) => Promise<Response> };
  };
  const answer = await createApp().request(
    "/openapi.json",
    {},
    { LOG_LEVEL: "error", ENABLE_METRICS: "0" },
  );
  if (!answer.ok) throw new Error(`The document answered ${answer.status}.`);
  return (await answer.json()) as ApiDocument;
}

async function generate(document: ApiDocument): Promise<string> {
  const routes: GeneratedRoute[] = [];
  const { files } = await generateApi({
    spec: structuredClone(document),
    output: false,
    silent: true,
    generateClient: false,
    generateUnionEnums: true,
    hooks: {
      onCreateRoute: (route) => {
        routes.push(route as unknown as GeneratedRoute);
        return route;
      },
    },
  });
  const contracts = files
    .map(({ fileContent }) => fileContent)
    .join("\n")
    // Its banner switches checks off; here they stay on.
    .replace(/^\/\*[\s\S]*?\*\/\s*/, "")
    .replaceAll(/^\/\/ @ts-nocheck$|^\/\* (?:eslint|tslint)[^\n]*$/gm, "");
  routes.sort((a, b) => (a.raw.operationId < b.raw.operationId ? -1 : 1));
  const types = routes.map((route) => typeOf(route));
  const table = routes.map(({ raw, request }) => {
    const takesKey = request.headers?.type.includes('"idempotency-key"') === true;
    const entry = [request.method.toUpperCase(), pathOf(document, raw.operationId), takesKey];
    return `${JSON.stringify(raw.operationId)}: ${JSON.stringify(entry)},`;
  });
  return [
    "// Written by `npm run client:types` from the API's own document. Never edited.",
    strict(contracts),
    "/** Every operation by its id: what it takes, and what it gives when it works. */",
    `export interface Operations {\n${types.join("\n")}\n}`,
    "/** Method, path, and whether an `Idempotency-Key` makes it safe to send again. */",
    "export const OPERATIONS: Readonly<Record<keyof Operations, readonly [method: string, path: string, takesKey: boolean]>> = {",
    ...table,
    "};",
    "",
  ].join("\n");
}

function optional(name: string, type: TypeText | undefined): string {
  return type === undefined
    ? ""
    : `${name}${/^\s*\w+(?:\?)/m.test(type.type) && !/^\s*"?[\w-]+"?:/m.test(type.type) ? "?" : ""}: ${type.type};`;
}

/** What is not described is not known, instead of being whatever one takes it for. */
function strict(type: string): string {
  return type.replaceAll(/(?<=[:<,|] ?)any\b(?=[;,>[|\s])/g, "unknown").replace(/^any$/, "unknown");
}

function typeOf({ raw, request, response }: GeneratedRoute): string {
  const { query, pathParams, payload } = request;
  const body = payload && `${payload.optional ? "body?" : "body"}: ${payload.type};`;
  return `/** ${raw.summary} */ ${JSON.stringify(raw.operationId)}: { ${optional("params", pathParams)} ${optional("query", query)} ${body ?? ""} response: ${strict(response.type)}; };`;
}

/** As the document writes it: the generator has a notation of its own. */
function pathOf(document: ApiDocument, operationId: string): string {
  for (const [path, item] of Object.entries(document.paths))
    if (Object.values(item).some((one) => one.operationId === operationId)) return path;
  throw new Error(`No path has the operation ${operationId}.`);
}
