import { ApiError } from "#platform/errors";
import { ask, credentialOf, ownerGateName } from "./gate-client";
import type { Limits, ShownCaller } from "./gate-client";
import { limitError } from "./limit-error";

/** `lost` where another took the place while the holder was silent; `refused` where the credential is no good any more. */
export type SlotStanding = "held" | "lost" | "refused";

/** One of the places in which an owner may have something open. */
export interface StreamSlot {
  /** Asks the gate again, every `SLOT_RENEWAL_MS`. Whoever does not hold the slot any more ends what is open. */
  readonly renew: () => Promise<SlotStanding>;
  readonly release: () => Promise<void>;
}

const POLICIES = ["streams"] as const;
/** How often an open stream renews its slot; a revoked key ends it within this time. */
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
      if (renewed.refusal !== null) return "refused";
      return renewed.admitted ? "held" : "lost";
    },
    release: () => ask(limits, name, async (gate) => gate.release(slotId)),
  };
}
