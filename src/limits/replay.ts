import { toHex, utf8 } from "#platform/bytes";
import { canonicalJson } from "#platform/canonical-json";
import { randomBase32 } from "#platform/ids";
import type { KeptAnswer, ReplayVerdict } from "./core/replays";
import { ask } from "./gate-client";
import type { Limits } from "./gate-client";

export { MAX_ANSWER_CHARS } from "./core/replays";
export type { KeptAnswer } from "./core/replays";

export interface ReplayRequest {
  /** The gate of the client: a key is unique among the requests of one client. */
  readonly gateName: string;
  readonly idempotencyKey: string;
  readonly method: string;
  readonly path: string;
  /** The parsed JSON. */
  readonly body: unknown;
  /** `SECRET_KEY`. */
  readonly secretKey: string;
}

export interface OpenReplay {
  readonly verdict: ReplayVerdict;
  /** Keeps the answer of a request that ran; null frees the key. */
  readonly settle: (answer: KeptAnswer | null) => Promise<void>;
}

/**
 * Asks the client's gate what to make of a request with an `Idempotency-Key`. Throws DEPENDENCY_UNAVAILABLE where it
 * cannot be asked: to run the request without it could do twice what was to be done once.
 */
export async function openReplay(limits: Limits, request: ReplayRequest): Promise<OpenReplay> {
  const { gateName, idempotencyKey: key } = request;
  const token = randomBase32();
  const fingerprint = await fingerprintOf(request);
  const verdict = await ask(limits, gateName, async (gate) =>
    gate.claimReplay({ key, fingerprint, token }),
  );
  return {
    verdict,
    settle: (answer) =>
      ask(limits, gateName, async (gate) => gate.settleReplay(key, token, answer)),
  };
}

/** A keyed hash: a body may hold a password, which a plain one would let others try out. */
async function fingerprintOf(request: ReplayRequest): Promise<string> {
  const { secretKey, method, path, body } = request;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", utf8(secretKey), algorithm, false, ["sign"]);
  const text = `idempotency\n${method} ${path}\n${canonicalJson(body ?? null)}`;
  return toHex(new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8(text))));
}
