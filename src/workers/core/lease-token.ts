/** What a lease token stands for. */
export interface LeaseClaim {
  readonly taskId: string;
  readonly fence: number;
  readonly workerId: string;
  readonly ownerId: string;
}

/**
 * The text that is signed. The token is made and checked without any state: it says itself which run of which task it is for, and in whose
 * hands. Another worker's token, an older run's and a guessed one are all just wrong.
 */
export const leaseText = ({ taskId, fence, workerId, ownerId }: LeaseClaim): string =>
  `worker-lease\n${taskId}\n${fence}\n${workerId}\n${ownerId}`;

const FORM = /^([1-9]\d{0,9})\.([\w-]{22})$/;

export const writeLeaseToken = (fence: number, tag: string): string => `${fence}.${tag}`;

/** The parts of a token, or null where it has not the form. */
export function readLeaseToken(token: string): { fence: number; tag: string } | null {
  const [, fence = "", tag = ""] = FORM.exec(token) ?? [];
  return fence === "" ? null : { fence: Number(fence), tag };
}
