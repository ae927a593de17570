import { toTimestamp } from "#platform/clock";
import type { Locale } from "#platform/locale";
import type { Role } from "#platform/principal";
import { FRAME_BURST, FRAMES_PER_SECOND } from "./bucket";
import type { Protocol } from "./codec";
import { HEARTBEAT_S, MAX_CHANNELS, MAX_FRAME_BYTES } from "./frames";

/** What a socket shows to its owner's gate, again and again: the credential that let it in. */
export type SocketCredential =
  | { readonly keyId: string; readonly hash: string }
  | {
      readonly kind: "session";
      readonly ownerId: string | null;
      readonly sessionId: string | null;
      readonly tokenId: string;
      readonly clientId: string;
      readonly scopes: readonly string[];
      readonly expiresAtMs: number;
    };

/** Who is behind a socket, as the Worker established it. */
export interface SocketIdentity {
  readonly ownerId: string;
  readonly role: Role;
  readonly scopes: readonly string[];
  readonly credential: SocketCredential;
  /** Name of the gate that knows whether the credential still holds. */
  readonly gate: string;
  readonly locale: Locale;
  /** Of the request that opened the socket (W3C Trace Context): what it asks for continues it. */
  readonly traceparent: string;
}

/** The header by which the Worker tells a gateway who comes; it is set whatever a client sent. */
export const IDENTITY_HEADER = "x-naru-identity";

/** Set where the socket speaks another protocol than ours; the value is where it comes from. */
export const CENTRIFUGE_HEADER = "x-naru-centrifuge";

/** What a socket takes part in. */
export interface SocketSubscription {
  readonly channel: string;
  readonly wantsPresence: boolean;
}

/** What a socket remembers while its object sleeps; at most 16 KiB (Durable Objects, "WebSockets"). */
export interface Attachment {
  readonly id: string;
  readonly identity: SocketIdentity;
  /** What it speaks, where that is not our own protocol. */
  readonly protocol?: Protocol;
  /** Where a guest came from: attempts to come in count against it. */
  readonly address?: string;
  /** When it was asked for a sign of life that it still owes. */
  readonly askedAtMs?: number;
  /** It said `connect`: it knows batches and the server's pings. */
  readonly isFluent: boolean;
  readonly subscriptions: readonly SocketSubscription[];
}

/** When the credential ends by itself, or Infinity for a key, whose end its owner's gate tells. */
export const expiryOf = ({ credential }: SocketIdentity): number =>
  "kind" in credential ? credential.expiresAtMs : Infinity;

/** What a socket that says `connect` is told of itself and of what it may do. */
export function connectedData({ id, identity }: Attachment): object {
  const expiresAtMs = expiryOf(identity);
  return {
    connection_id: id,
    user_id: identity.ownerId,
    expires_at: expiresAtMs === Infinity ? null : toTimestamp(expiresAtMs),
    heartbeat_s: HEARTBEAT_S,
    limits: {
      frame_bytes: MAX_FRAME_BYTES,
      channels: MAX_CHANNELS,
      frames_per_second: FRAMES_PER_SECOND,
      burst: FRAME_BURST,
    },
  };
}

export const withSubscription = (
  attachment: Attachment,
  subscription: SocketSubscription,
): Attachment => ({
  ...attachment,
  subscriptions: [
    ...attachment.subscriptions.filter((one) => one.channel !== subscription.channel),
    subscription,
  ],
});

export const withoutSubscription = (attachment: Attachment, channel: string): Attachment => ({
  ...attachment,
  subscriptions: attachment.subscriptions.filter((one) => one.channel !== channel),
});

/** A guest has so long to show a credential. */
export const GUEST_MS = 10_000;

/** Whoever has opened a socket without a credential, until they show one over it or the time for it is over. */
export const guestIdentity = (
  call: Pick<SocketIdentity, "locale" | "traceparent">,
  nowMs: number,
): SocketIdentity => ({
  ownerId: "",
  role: "user",
  scopes: [],
  credential: {
    kind: "session",
    ownerId: null,
    sessionId: null,
    tokenId: "",
    clientId: "",
    scopes: [],
    expiresAtMs: nowMs + GUEST_MS,
  },
  gate: "",
  ...call,
});

export const isGuest = ({ ownerId }: SocketIdentity): boolean => ownerId === "";
