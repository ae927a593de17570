/** D1's `upstreams`, for the routes that change them and for the pools that serve them, and what a pool keeps of its own. */
import { isSealedWithNewest, reseal } from "#platform/secret-box";
import type { EncryptionKeys } from "#platform/secret-box";
import { NO_POOL } from "./core/pool";
import type { PoolState, StoredUpstream } from "./core/pool";
import type { Upstream } from "./core/upstream";

export type { StoredUpstream } from "./core/pool";

export interface UpstreamBox {
  readonly db: D1Database;
  readonly keys: EncryptionKeys;
}

/** A row of D1's `upstreams`. */
// oxlint-disable-next-line typescript/consistent-type-definitions -- an interface has no index signature
export type UpstreamRow = {
  name: string;
  id: string;
  definition: string;
  secrets: string;
  is_enabled: number;
  version: number;
  created_at: number;
  updated_at: number;
};

/** What of an upstream stands in `definition`. */
export type StoredDefinition = Omit<
  Upstream,
  "id" | "name" | "secretHeaders" | "version" | "isEnabled" | "createdAtMs" | "updatedAtMs"
>;
export type StoredSecrets = Readonly<
  Record<string, { readonly sealed: string; readonly updated_at: number }>
>;

/** Sealed for its upstream and header: a sealed text that is copied to another one opens nothing there. */
export const secretContext = (upstreamId: string, header: string): string =>
  `upstream:${upstreamId}:${header}`;

/** An upstream by its name; null where there is none. */
export async function loadUpstream(box: UpstreamBox, name: string): Promise<StoredUpstream | null> {
  const row = await box.db
    .prepare("SELECT * FROM upstreams WHERE name = ?")
    .bind(name)
    .first<UpstreamRow>();
  return row === null ? null : readRow(box, row);
}

/**
 * What a row says. Secrets that are under an older key move to the newest on the way, so that older keys can leave the
 * settings some day; one that does not open stays as it is.
 */
export async function readRow(box: UpstreamBox, row: UpstreamRow): Promise<StoredUpstream> {
  const secrets = await sealAgain(box, row);
  const names = Object.keys(secrets).sort();
  return {
    upstream: {
      ...(JSON.parse(row.definition) as StoredDefinition),
      id: row.id,
      name: row.name,
      secretHeaders: names.map((name) => ({ name, updatedAtMs: secrets[name]?.updated_at ?? 0 })),
      version: row.version,
      isEnabled: row.is_enabled === 1,
      createdAtMs: row.created_at,
      updatedAtMs: row.updated_at,
    },
    sealed: Object.fromEntries(names.map((name) => [name, secrets[name]?.sealed ?? ""])),
  };
}

async function sealAgain({ db, keys }: UpstreamBox, row: UpstreamRow): Promise<StoredSecrets> {
  const secrets = JSON.parse(row.secrets) as StoredSecrets;
  const entries = Object.entries(secrets);
  if (entries.every(([, { sealed }]) => isSealedWithNewest(keys, sealed))) return secrets;
  if (keys.newest === 0) return secrets;
  const next = Object.fromEntries(
    await Promise.all(
      entries.map(async ([name, secret]) => {
        const moved = await reseal(keys, secret.sealed, secretContext(row.id, name));
        return [name, moved.ok ? { ...secret, sealed: moved.value } : secret] as const;
      }),
    ),
  );
  // No change of the definition, so its version stays. Whoever was faster did the same, or changed the secret itself.
  const { meta } = await db
    .prepare("UPDATE upstreams SET secrets = ? WHERE id = ? AND secrets = ?")
    .bind(JSON.stringify(next), row.id, row.secrets)
    .run();
  return meta.changes === 1 ? next : secrets;
}

/** Says what the value looks like: one of another version of the code is not read. */
const KEY = "pool:1";
export const loadPool = (storage: DurableObjectStorage): PoolState =>
  storage.kv.get<PoolState>(KEY) ?? NO_POOL;

export const savePool = (storage: DurableObjectStorage, state: PoolState): void =>
  storage.kv.put(KEY, state);
