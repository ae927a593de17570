import type { CloseCause } from "./codes";
import type { ClientFrame, FrameFault } from "./frames";

/** A protocol other than our own that a socket may speak. */
export type Protocol = "centrifuge";

/** One command of a client, or what is wrong with it. */
export type Reading =
  | {
      readonly ok: true;
      readonly frame: ClientFrame;
      /** A credential that came with it. */
      readonly token?: string;
    }
  | { readonly ok: false; readonly fault: FrameFault };

export interface SubscribedData {
  readonly channel: string;
  readonly epoch: string;
  readonly offset: number;
  readonly was_recovering: boolean;
  readonly recovered: boolean;
}

/** How a socket's texts are read and written: what they mean is the same in every protocol. */
export interface Codec {
  readonly read: (text: string) => readonly Reading[];
  /** An answer under its request's id, or a push under none; null where the protocol has no word for it. */
  readonly write: (
    type: string,
    requestId: string | null,
    data: object,
    nowMs: number,
  ) => string | null;
  /** An event, out of its data as JSON. */
  readonly event: (dataJson: string, nowMs: number) => string;
  readonly batch: (channel: string, items: readonly string[], nowMs: number) => string;
  /** The answer to a subscription, around events that are JSON already. `since` is the offset that was asked for. */
  readonly subscribed: (
    requestId: string | null,
    data: SubscribedData,
    events: readonly string[],
    since: number | null,
    nowMs: number,
  ) => string;
  readonly close: Readonly<Record<CloseCause, { readonly code: number; readonly reason: string }>>;
}
