/**
 * How much a socket has been sent since it last gave a sign of having read. The runtime queues without bound, so somebody has to count: what
 * the socket itself says is buffered where the runtime tells it, else the bytes since the last sign.
 */
export interface Outflow {
  /** Bytes since the last sign. */
  readonly unread: number;
  /** Bytes of them that the server's ping in flight asks about; 0 where none is. */
  readonly asked: number;
}

export const NO_OUTFLOW: Outflow = { unread: 0, asked: 0 };

/** From here on the server asks whether what it sent has been read. */
export const ASK_AFTER_BYTES = 262_144;
/** A reader so far behind is cut off; it comes back and reads on where it was. */
export const MAX_UNREAD_BYTES = 1_048_576;

export type OutflowVerdict = "fine" | "ask" | "slow";

/** Counts a frame that is about to be sent. `bufferedBytes` is what the runtime knows, where it does. */
export function countSent(
  outflow: Outflow,
  bytes: number,
  bufferedBytes: number | undefined,
): { readonly outflow: Outflow; readonly verdict: OutflowVerdict } {
  const unread = bufferedBytes === undefined ? outflow.unread + bytes : bufferedBytes + bytes;
  if (unread > MAX_UNREAD_BYTES) return { outflow: { ...outflow, unread }, verdict: "slow" };
  const mustAsk = bufferedBytes === undefined && outflow.asked === 0 && unread >= ASK_AFTER_BYTES;
  return {
    outflow: { unread, asked: mustAsk ? unread : outflow.asked },
    verdict: mustAsk ? "ask" : "fine",
  };
}

/** The ping came back: what was sent before it has been read. */
export const countAnswered = ({ unread, asked }: Outflow): Outflow => ({
  unread: Math.max(0, unread - asked),
  asked: 0,
});
