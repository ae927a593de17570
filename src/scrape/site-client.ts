import { randomBase32 } from "#platform/ids";
import { systemTimer } from "#egress/service";
import type { TimerPort } from "#egress/service";
import { SLOT_RENEW_MS } from "./core/politeness";
import type { SiteVerdict, SlotOutcome } from "./core/politeness";
import { siteOf } from "./core/site";

/** A slot of a site, renewed until it is given back. */
export interface SiteHold {
  readonly site: string;
  readonly release: (outcome: SlotOutcome) => Promise<void>;
}

export type SiteEntry =
  | { readonly granted: true; readonly hold: SiteHold }
  | { readonly granted: false; readonly notBeforeMs: number };

/** What of a SiteGate is called from outside. */
export interface SiteGateStub {
  readonly acquire: (request: {
    slot: string;
    crawlDelayMs: number;
    waitMs: number;
  }) => Promise<SiteVerdict>;
  readonly renew: (slot: string) => Promise<boolean>;
  readonly release: (slot: string, outcome: SlotOutcome) => Promise<void>;
}

/** Enters the site of `url`, or says when to come back. Throws where the site's gate cannot be reached. */
export async function enterSite(
  gateOf: (site: string) => SiteGateStub,
  url: URL,
  request: { readonly crawlDelayMs: number; readonly waitMs: number },
  timer: TimerPort = systemTimer,
): Promise<SiteEntry> {
  const site = siteOf(url);
  const slot = randomBase32();
  // An object that was reset answers at the second call, from a fresh stub. The slot's name is the same, so that
  // an answer that was lost holds no second slot.
  const verdict = await gateOf(site)
    .acquire({ slot, ...request })
    .catch(() => gateOf(site).acquire({ slot, ...request }));
  if (!verdict.granted) return { granted: false, notBeforeMs: verdict.notBeforeMs };
  let cancelRenewal = (): void => undefined;
  const renewLater = (): void => {
    cancelRenewal = timer(SLOT_RENEW_MS, () => {
      // A fresh stub each time: one that was reset stays broken. A lost renewal is made up for by the next.
      gateOf(site)
        .renew(slot)
        .catch(() => false);
      renewLater();
    });
  };
  renewLater();
  return {
    granted: true,
    hold: {
      site,
      release: async (outcome) => {
        cancelRenewal();
        // Unreleased, the slot expires by itself.
        await gateOf(site)
          .release(slot, outcome)
          .catch(() => undefined);
      },
    },
  };
}
