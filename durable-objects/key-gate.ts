import type { SessionCredential, SessionRefusal, SessionStanding } from "#auth/core/session";
import { readDemoKey } from "#keys/core/demo";
import type { DemoKey } from "#keys/core/demo";
import { parseKey } from "#keys/core/format";
import type { KeyCredential, KeyRecord, KeyRefusal, OwnerRecord } from "#keys/core/record";
import { decideStanding, NOBODY } from "#keys/core/standing";
import type { Standing } from "#keys/core/standing";
import { IdentityGate } from "./identity-gate";

/** What the Worker found genuine and the gate is to judge: a key by its id and hash, or a token by its claims. */
export type GateCredential = KeyCredential | SessionCredential;
export type GateRefusal = KeyRefusal | SessionRefusal;

/** The API keys of a gate's owner. They are written here first, and this is where they are checked; D1 has a copy to search in. */
export abstract class KeyGate extends IdentityGate {
  readonly #demoKeyId = parseKey(this.config.demoApiKey)?.keyId ?? null;
  #demo: DemoKey | null = null;

  /** Where a shown credential stands at this moment. Own fields are out of reach over RPC. */
  readonly identify = async (shown: GateCredential | null): Promise<Standing | SessionStanding> => {
    if (shown === null) return NOBODY;
    if ("kind" in shown) return this.standingOf(shown);
    if (shown.keyId === this.#demoKeyId) this.#demo ??= await readDemoKey(this.config.demoApiKey);
    const demo = shown.keyId === this.#demoKeyId ? this.#demo : null;
    const owner = this.keys.owner ?? demo?.owner ?? null;
    return decideStanding(owner, this.keys.find(shown.keyId) ?? demo?.record, shown, this.clock());
  };

  /** Holds a key from here on. False where the gate belongs to another owner. */
  putKey(owner: OwnerRecord, record: KeyRecord): boolean {
    return this.keys.put(owner, record);
  }

  /** Refuses a key from here on. False where the gate does not hold it. */
  revokeKey(keyId: string): boolean {
    return this.keys.revoke(keyId, this.clock());
  }
}
