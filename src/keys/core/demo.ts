import { sha256Hex } from "#platform/bytes";
import { firstOwnerIdOf, parseKey } from "./format";
import { keyRecord } from "./record";
import type { KeyRecord, OwnerRecord } from "./record";

export interface DemoKey {
  readonly owner: OwnerRecord;
  readonly record: KeyRecord;
}

/**
 * The demo key of development as its gate would hold it. It is read from the settings whenever a gate wakes and never
 * stored: a key that was taken out of them opens nothing.
 */
export async function readDemoKey(demoKey: string): Promise<DemoKey | null> {
  const parts = parseKey(demoKey);
  if (parts === null) return null;
  const { keyId, secret } = parts;
  const hash = await sha256Hex(secret);
  return {
    owner: { ownerId: firstOwnerIdOf(keyId), role: "user", limits: {} },
    record: keyRecord({ keyId, hash, scopes: ["*"] }),
  };
}
