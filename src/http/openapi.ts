import type { OpenAPIHono } from "@hono/zod-openapi";
import type { ErrorCode } from "#platform/errors";
import { ERRORS } from "#platform/errors";
import type { AppEnv } from "#http/context";
import { exampleProblem } from "#http/problem-responses";

export interface ApiInfo {
  readonly version: string;
  readonly description: string;
  readonly tags: readonly { readonly name: string; readonly description: string }[];
}

interface Operation {
  description?: string;
  responses: Record<string, { headers?: Record<string, object> }>;
  security?: readonly object[];
  "x-required-scope"?: string | null;
  "x-rate-limit-policies"?: readonly string[];
}
const OPERATIONS = ["get", "post", "put", "patch", "delete"] as const;

/** Headers of our answers, described once. */
const HEADERS = {
  "X-Request-Id": "The request's id: the caller's own where it sent a valid one.",
  "Server-Timing": "Where the time went, in milliseconds.",
  "Content-Language": "The language of the texts for people.",
  "Retry-After": "Seconds to wait before the next try.",
  "WWW-Authenticate": "How to authenticate (RFC 9110).",
  RateLimit: "What is left of each policy (IETF draft ratelimit-headers).",
  "RateLimit-Policy": "The policies that the call counts against.",
  "X-API-Key-Expires":
    "When the API key, or the old secret of it, that the call was made with ends; from 14 days before on.",
  "X-RateLimit-Limit": "The quota of the tightest policy.",
  "X-RateLimit-Remaining": "What is left of the tightest policy.",
  "X-RateLimit-Reset": "Seconds until the tightest policy gives anew.",
} as const;
type HeaderName = keyof typeof HEADERS;

const ON_ALL: readonly HeaderName[] = ["X-Request-Id", "Server-Timing", "Content-Language"];
const ON_LIMITED: readonly HeaderName[] = [
  "RateLimit",
  "RateLimit-Policy",
  "X-RateLimit-Limit",
  "X-RateLimit-Remaining",
  "X-RateLimit-Reset",
  "X-API-Key-Expires",
];

/**
 * The document of all registered routes as JSON text, made at the first call and kept: it depends on the
 * code alone. Credentials, scopes, limits and the common headers are written into each operation here.
 */
export function describeApi(
  app: OpenAPIHono<AppEnv>,
  info: ApiInfo,
): (version: "3.0" | "3.1") => string {
  const made = new Map<string, string>();
  registerComponents(app);
  return (version) => {
    const known = made.get(version);
    if (known !== undefined) return known;
    const config = {
      info: {
        title: "Naru",
        version: info.version,
        description: info.description,
        license: { name: "MIT", url: "https://opensource.org/license/mit" },
      },
      servers: [{ url: "/", description: "The server that this document came from." }],
      tags: info.tags.map((tag) => ({ ...tag })),
    };
    const document =
      version === "3.1"
        ? app.getOpenAPI31Document({ openapi: "3.1.0", ...config })
        : app.getOpenAPIDocument({ openapi: "3.0.3", ...config });
    for (const path of Object.values(document.paths ?? {}) as Record<string, Operation>[])
      for (const method of OPERATIONS) if (path[method] !== undefined) complete(path[method]);
    const text = JSON.stringify(document);
    made.set(version, text);
    return text;
  };
}

function registerComponents(app: OpenAPIHono<AppEnv>): void {
  const registry = app.openAPIRegistry;
  registry.registerComponent("securitySchemes", "bearerAuth", {
    type: "http",
    scheme: "bearer",
    description: "An access token or an API key.",
  });
  registry.registerComponent("securitySchemes", "apiKeyAuth", {
    type: "apiKey",
    in: "header",
    name: "X-API-Key",
    description: "An API key.",
  });
  registry.registerComponent("securitySchemes", "clientAuth", {
    type: "http",
    scheme: "basic",
    description:
      "An OAuth client's id and secret (`client_secret_basic`), each form-encoded first as RFC 6749 section 2.3.1 says. They may stand in the form as `client_id` and `client_secret` instead (`client_secret_post`), but not in both places.",
  });
  for (const [name, description] of Object.entries(HEADERS))
    registry.registerComponent("headers", name, { description, schema: { type: "string" } });
  for (const code of Object.keys(ERRORS) as ErrorCode[])
    registry.registerComponent("examples", code, { value: exampleProblem(code) });
}

function complete(operation: Operation): void {
  const isLimited = (operation["x-rate-limit-policies"] ?? []).length > 0;
  for (const [status, response] of Object.entries(operation.responses)) {
    const names = [
      ...ON_ALL,
      ...(isLimited && status !== "401" ? ON_LIMITED : []),
      ...(["408", "429", "503"].includes(status) ? (["Retry-After"] as const) : []),
      ...(status === "401" ? (["WWW-Authenticate"] as const) : []),
    ];
    response.headers = {
      ...Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }])),
      ...response.headers,
    };
  }
  const scope = operation["x-required-scope"];
  const notes = [
    ...(operation.description === undefined ? [] : [operation.description]),
    ...(typeof scope === "string" ? [`Needs the scope \`${scope}\`.`] : []),
    ...(isLimited
      ? [`Counts against: ${(operation["x-rate-limit-policies"] ?? []).join(", ")}.`]
      : []),
  ];
  if (notes.length > 0) operation.description = notes.join("\n\n");
}
