import { currentTraceparent } from "#platform/correlation";
import { ApiError } from "#platform/errors";
import { ask, credentialOf, ownerGateName } from "./gate-client";
import type { Gate, Limits, ShownCaller } from "./gate-client";
import { limitError } from "./limit-error";

/**
 * Why something open has to end: `lost` where another took the place while its holder was silent; `changed` where the owner's
 * role or the key's scopes are not those under which it was opened; otherwise what is wrong with the credential: the session
 * `ended` (a sign-out, a password change, a reuse of its refresh token), the key or client is `revoked`, either has `expired`,
 * the owner is `disabled`.
 */
export type SlotLoss = "lost" | "changed" | GateRefusal;
export type SlotStanding =
  | { readonly kind: "held" }
  | { readonly kind: "gone"; readonly reason: SlotLoss };
type GateRefusal = NonNullable<Awaited<ReturnType<Gate["renew"]>>["refusal"]>;

/** One of the places in which an owner may have something open. */
export interface StreamSlot {
  /** Asks the gate again, every `SLOT_RENEWAL_MS`. Whoever does not hold the slot any more ends what is open. */
  readonly renew: () => Promise<SlotStanding>;
  readonly release: () => Promise<void>;
}

const POLICIES = ["streams"] as const;
/** How often an open stream renews its slot; whatever takes the right to it ends it within this time. */
export const SLOT_RENEWAL_MS = 4000;
/** Three renewals may go missing before a slot passes for abandoned. */
const SLOT_TTL_MS = 15_000;

/**
 * Takes a slot for something that stays open. `slotId` is unique to it, so that a repeated call takes no second one.
 * Throws TOO_MANY_CONCURRENT where all are taken, INVALID_API_KEY or INVALID_TOKEN where the credential is refused.
 */
export async function takeStreamSlot(
  limits: Limits,
  shown: ShownCaller,
  slotId: string,
): Promise<StreamSlot> {
  const name = ownerGateName(shown.ownerRouting);
  const request = {
    policies: POLICIES,
    credential: credentialOf(shown),
    slot: { id: slotId, ttlMs: SLOT_TTL_MS },
    traceparent: currentTraceparent(),
  };
  const answer = await ask(limits, name, async (gate) => gate.admit(request));
  if (answer.refusal !== null)
    throw new ApiError("keyId" in shown ? "INVALID_API_KEY" : "INVALID_TOKEN", {
      internal: answer.refusal,
    });
  const [denial] = answer.denials;
  if (denial !== undefined) throw limitError(denial, answer.quotas, limits.clock());
  return {
    renew: async () => {
      const renewed = await ask(limits, name, async (gate) => gate.renew(request));
      if (renewed.refusal !== null) return { kind: "gone", reason: renewed.refusal };
      if (!renewed.admitted) return { kind: "gone", reason: "lost" };
      const isSame = rightsOf(renewed.caller) === rightsOf(answer.caller);
      return isSame ? { kind: "held" } : { kind: "gone", reason: "changed" };
    },
    release: () => ask(limits, name, async (gate) => gate.release(slotId)),
  };
}

/** What an open thing may show depends on these; whoever has others opens it anew under them. */
const rightsOf = (
  caller: { readonly role: string; readonly scopes: readonly string[] } | null,
): string => JSON.stringify([caller?.role, caller?.scopes]);
