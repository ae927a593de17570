import type { Codec } from "./codec";
import type { Delivered } from "./fanout";
import type { ClientData } from "./frames";
import { MAX_RECOVERED_EVENTS } from "./recovery";
import type { Position } from "./recovery";

/** What a socket asks of a channel that it wants to take part in. */
export interface Wish {
  readonly since: Position | null;
  /** The missed events stand in the answer, instead of following it. */
  readonly isInAnswer: boolean;
  readonly wantsLatest: boolean;
  readonly wantsPresence: boolean;
  /** Rather no subscription than one with a gap. */
  readonly mustRecover: boolean;
}

/** Everything from now on. */
export const FROM_HERE: Wish = {
  since: null,
  isInAnswer: false,
  wantsLatest: false,
  wantsPresence: false,
  mustRecover: false,
};

/** What a `subscribe` frame asks for. */
export const wishOf = (data: ClientData["subscribe"]): Wish => ({
  since: data.recover ?? data.since ?? null,
  isInAnswer: data.since === undefined,
  wantsLatest: data.mode === "latest",
  wantsPresence: data.presence === true,
  mustRecover: data.must_recover === true,
});

/** What a `connect` frame asks for with each of its channels. */
export const wishAgain = ({ epoch, offset, mode, presence }: Resubscription): Wish => ({
  since: epoch === undefined || offset === undefined ? null : { epoch, offset },
  isInAnswer: true,
  wantsLatest: mode === "latest",
  wantsPresence: presence === true,
  mustRecover: false,
});

type Resubscription = ClientData["connect"]["subs"][number];

export interface Joiner {
  readonly connectionId: string;
  readonly ownerId: string;
  /** Where the client stopped; null where it wants what comes from now on. */
  readonly since: Position | null;
  /** Without a place: what of the past it gets. */
  readonly past: keyof typeof PAST;
}

/** Connections of one gateway that come into a channel together. */
export interface JoinRequest {
  readonly channel: string;
  readonly gateway: string;
  /** They are counted among those who are there. */
  readonly isPresent: boolean;
  readonly joiners: readonly Joiner[];
}

/** What a joiner is told, each in its place of the request. */
export interface Joined extends Position {
  readonly wasRecovering: boolean;
  readonly recovered: boolean;
  readonly events: readonly Delivered[];
}

/** How many events a subscriber without a place gets. */
export const PAST = { none: 0, latest: 1, all: MAX_RECOVERED_EVENTS } as const;

/**
 * How much may come in together: whoever asks for the past may be answered with a mebibyte of characters, and a call between objects carries 32 MiB (Workers,
 * "RPC").
 */
export const MAX_JOIN_WEIGHT = 64;
export const joinWeight = ({ since, past }: Joiner): number =>
  since === null && past !== "all" ? 1 : 8;

/** Whether somebody would rather stay out than have this gap. */
export const isRefusedGap = (wish: Wish, joined: Joined): boolean =>
  wish.mustRecover && joined.wasRecovering && !joined.recovered;

/** The answer to a subscription and what follows it. `late` is what arrived while it was under way. */
export function subscribedTexts(
  codec: Codec,
  channel: string,
  requestId: string | null,
  wish: Wish,
  joined: Joined,
  late: readonly Delivered[],
  nowMs: number,
): string[] {
  const { epoch, offset, wasRecovering, recovered, events } = joined;
  const data = { channel, epoch, offset, was_recovering: wasRecovering, recovered };
  const inside = wish.isInAnswer ? events.map((event) => event.dataJson) : [];
  const following = wish.isInAnswer ? late : [...events, ...late];
  return [
    codec.subscribed(requestId, data, inside, wish.since?.offset ?? null, nowMs),
    ...following.map((event) => codec.event(event.dataJson, nowMs)),
  ];
}
