import type { Locale } from "#platform/locale";
import type { Role } from "#platform/principal";

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

/** What a socket takes part in. Flags are a bit each, so that 64 channels leave room. */
export interface SocketSubscription {
  readonly channel: string;
  readonly wantsPresence: boolean;
}

/** What a socket remembers while its object sleeps; at most 16 KiB (Durable Objects, "WebSockets"). */
export interface Attachment {
  readonly v: 1;
  readonly id: string;
  readonly identity: SocketIdentity;
  readonly openedAtMs: number;
  /** It said `connect`, and so knows batches and the server's pings. */
  readonly isFluent: boolean;
  readonly subscriptions: readonly SocketSubscription[];
}

/** When the credential ends by itself, or Infinity for a key, whose end its owner's gate tells. */
export const expiryOf = ({ credential }: SocketIdentity): number =>
  "kind" in credential ? credential.expiresAtMs : Infinity;

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
