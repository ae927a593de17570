import { env, exports } from "cloudflare:workers";
import { keyRecord } from "#keys/core/record";
import { mintApiKey } from "#keys/mint";
import { ownerRoutingOf } from "#keys/service";
import { ownerGateName } from "#limits/service";
import { readConfig } from "#platform/config";
import type { LimitOverride } from "#platform/config";
import { newId } from "#platform/ids";
import type { Role } from "#platform/principal";

export interface TestKeyOptions {
  /** All that the role allows, where it is not said. */
  readonly scopes?: readonly string[];
  /** The key's own quotas by policy name, as `RATE_LIMITS` writes them: `{ burst: { limit: 5, window: 60 } }`. */
  readonly limits?: Readonly<Record<string, LimitOverride>>;
  /** The owner's quotas in place of the defaults; null switches a policy off. */
  readonly ownerLimits?: Readonly<Record<string, LimitOverride | null>>;
  /** A new owner, where it is not said. */
  readonly ownerId?: string;
  readonly role?: Role;
  /** Never, where it is not said. */
  readonly expiresAtMs?: number;
  /** Of which the key is, where the server is asked under other settings than those of the tests. */
  readonly environment?: ReturnType<typeof readConfig>["environment"];
}

export interface TestKey {
  /** What the client sends. */
  readonly key: string;
  readonly keyId: string;
  readonly ownerId: string;
}

/** A genuine key, held by its owner's gate. Every call makes a new one, of a new owner unless told. */
export async function createTestKey(options: TestKeyOptions = {}): Promise<TestKey> {
  const { secretKey, ...config } = readConfig(env);
  const { environment = config.environment } = options;
  const ownerId = options.ownerId ?? newId("usr", Date.now());
  const ownerRouting = ownerRoutingOf(ownerId);
  if (ownerRouting === null) throw new Error(`${ownerId} is no owner's id`);
  const { key, keyId, hash } = await mintApiKey({
    environment,
    ownerRouting,
    nowMs: Date.now(),
    secretKey,
  });
  await gateOf(ownerId).putKey(
    { ownerId, role: options.role ?? "user", limits: options.ownerLimits ?? {} },
    keyRecord({
      keyId,
      hash,
      scopes: options.scopes ?? ["*"],
      createdAtMs: Date.now(),
      expiresAtMs: options.expiresAtMs ?? null,
      limits: options.limits ?? {},
    }),
  );
  return { key, keyId, ownerId };
}

/** The gate of an owner. */
export const gateOf = (ownerId: string): ReturnType<Env["CLIENT_GATE"]["getByName"]> =>
  env.CLIENT_GATE.getByName(ownerGateName(ownerRoutingOf(ownerId) ?? ""));

export interface ApiOptions {
  /** Sent as `Authorization: Bearer`. */
  readonly key?: string;
  /** GET, or POST where there is a body. */
  readonly method?: string;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The caller's address. A new one each call, so that tests do not share the limits of strangers. */
  readonly address?: string;
}

/** One call to the Worker, as a client makes it. */
export function api(path: string, options: ApiOptions = {}): Promise<Response> {
  const { key, json } = options;
  const headers = new Headers(options.headers);
  headers.set("CF-Connecting-IP", options.address ?? uniqueAddress());
  if (key !== undefined) headers.set("Authorization", `Bearer ${key}`);
  if (json !== undefined && !headers.has("Content-Type"))
    headers.set("Content-Type", "application/json");
  return exports.default.fetch(`http://naru.test${path}`, {
    method: options.method ?? (json === undefined ? "GET" : "POST"),
    headers,
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    redirect: "manual",
  });
}

/** An IPv6 address of a network of its own (RFC 3849). */
export function uniqueAddress(): string {
  const [a = 0, b = 0] = crypto.getRandomValues(new Uint16Array(2));
  return `2001:db8:${a.toString(16)}:${b.toString(16)}::1`;
}
