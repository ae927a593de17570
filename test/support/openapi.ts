/** The document of the real application, as its own route answers it. Works wherever the application loads. */
import { createApp } from "#app";

export const METHODS = ["get", "post", "put", "patch", "delete"] as const;
export type Method = (typeof METHODS)[number];

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header" | "cookie";
  readonly required?: boolean;
  readonly example?: string | number;
  readonly schema?: { readonly example?: string | number };
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly deprecated?: boolean;
  readonly tags: readonly string[];
  readonly security: readonly object[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly content: Readonly<Record<string, { readonly schema: object }>>;
  };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Record<string, object> }>
  >;
  readonly "x-required-scope"?: string | null;
  readonly "x-rate-limit-policies"?: readonly string[];
}

export interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Partial<Record<Method, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    readonly securitySchemes: Readonly<Record<string, object>>;
  };
}

export interface Endpoint {
  readonly method: Method;
  /** As the document writes it, with `{name}` for a parameter. */
  readonly template: string;
  readonly operation: Operation;
}

/** `/openapi.json` or `/openapi-3.0.json`, without any binding: the document depends on the code alone. */
export async function readDocument(path: string): Promise<Document> {
  const response = await createApp().request(path, {}, { LOG_LEVEL: "error", ENABLE_METRICS: "0" });
  if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
  return response.json();
}

export const endpointsOf = (document: Document): Endpoint[] =>
  Object.entries(document.paths).flatMap(([template, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation === undefined ? [] : [{ method, template, operation }];
    }),
  );

/**
 * Whether an operation asks for a credential of ours. The endpoints of RFC 6749 authenticate clients in a way of their own:
 * the document shows it, and our guard does not stand there.
 */
export const isGuarded = ({ operation }: Endpoint): boolean => "x-required-scope" in operation;

/** A path that the template matches: each parameter by its example, or by text that is no id of anything. */
export const pathOf = ({ template, operation }: Endpoint): string =>
  template.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => {
    const parameter = operation.parameters?.find((own) => own.in === "path" && own.name === name);
    const example = parameter?.schema?.example ?? parameter?.example ?? "none";
    return encodeURIComponent(String(example));
  });
