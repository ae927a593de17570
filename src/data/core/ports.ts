import type { ErasureStep } from "./erasure";

export type ClaimVerdict = "claimed" | "last_admin" | "unknown";

/** A part of a step, for one person. */
export interface ErasureJob {
  readonly ownerId: string;
  readonly pseudonym: string;
  readonly cursor: number;
}

/** What an erasure asks of the Worker around its object. All of it can be repeated, and throws where it has to be. */
export interface ErasurePorts {
  readonly claim: (ownerId: string) => Promise<ClaimVerdict>;
  /** Does a part of a step: where it goes on, or null where it is done. */
  readonly run: (step: ErasureStep, job: ErasureJob) => Promise<number | null>;
}
