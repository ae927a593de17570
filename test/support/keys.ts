import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import type { ClientGate } from "../../durable-objects/client-gate";
import { api, createTestKey, gateOf } from "./api";
import type { TestKey } from "./api";

/** Where API keys are managed. */
export const PATH = "/api/v1/api-keys";
export const LIVELY = {
  burst: { limit: 100_000, window: 60 },
  client: { limit: 100_000, window: 60 },
};

export interface Key {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly status: string;
  readonly expires_at: string | null;
  readonly old_secrets_expire_at: string | null;
  readonly last_used_at: string | null;
  readonly scopes: readonly string[];
}

export const owner = (): Promise<TestKey> => createTestKey({ ownerLimits: LIVELY });

export async function create(as: TestKey, body: object = {}): Promise<Key> {
  const json = { name: "one", scopes: ["keys:manage", "tasks:read"], ...body };
  const response = await api(PATH, { key: as.key, json });
  expect(response.status).toBe(201);
  return response.json();
}

export const statusOf = async (call: Promise<Response>): Promise<number> => {
  const response = await call;
  await response.text();
  return response.status;
};
export const codeOf = async (call: Promise<Response>): Promise<string> =>
  (await (await call).json<{ code: string }>()).code;
export const tryKey = (key: string): Promise<number> => statusOf(api("/api/v1/tasks", { key }));

export const setClock = (as: TestKey, nowMs: number): Promise<void> =>
  runInDurableObject(gateOf(as.ownerId), (instance: ClientGate) => {
    instance.clock = () => nowMs;
  });

/** The object's own D1 binding, which a test lets fail. */
export const databaseOf = (instance: ClientGate): D1Database =>
  (instance as unknown as { readonly env: Env }).env.DB;

export const rows = async (): Promise<Record<string, unknown>[]> =>
  (await env.DB.prepare("SELECT * FROM api_keys ORDER BY id").all()).results;
