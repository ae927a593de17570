import type { Locale } from "#platform/locale";
import type { Role } from "#platform/principal";
import type { Attachment, SocketCredential, SocketIdentity } from "./attachment";
import type { Protocol } from "./codec";

/**
 * An attachment as it is kept: without the names of its fields and with words once, a third of its size. There is one for every open socket, and the runtime holds
 * them outside of the isolate's heap.
 */
export type PackedAttachment = readonly [
  version: typeof VERSION,
  id: string,
  who: readonly [ownerId: string, role: Role, scopes: string, gate: string],
  credential: PackedCredential,
  call: readonly [locale: Locale, traceparent: string],
  isFluent: boolean,
  subscriptions: string,
  foreign:
    | readonly [protocol: Protocol | null, address: string | null, askedAtMs: number | null]
    | null,
];

type PackedCredential =
  | readonly [keyId: string, hash: string]
  | readonly [
      ownerId: string | null,
      sessionId: string | null,
      tokenId: string,
      clientId: string,
      /** null where they are the identity's own. */
      scopes: string | null,
      expiresAtMs: number,
    ];

/** Of this form; a socket with another one is of another release, and is sent away to come back. */
const VERSION = 2;
/** In front of a channel whose comings and goings the socket is told of. The alphabets of scopes and channels know neither it nor the space. */
const WITH_PRESENCE = "+";

export function packAttachment(attachment: Attachment): PackedAttachment {
  const { id, identity, isFluent, subscriptions } = attachment;
  const { ownerId, role, scopes, gate, locale, traceparent } = identity;
  const { protocol = null, address = null, askedAtMs = null } = attachment;
  const isForeign = protocol !== null || address !== null || askedAtMs !== null;
  return [
    VERSION,
    id,
    [ownerId, role, scopes.join(" "), gate],
    packCredential(identity),
    [locale, traceparent],
    isFluent,
    subscriptions
      .map(({ channel, wantsPresence }) => (wantsPresence ? WITH_PRESENCE + channel : channel))
      .join(" "),
    isForeign ? [protocol, address, askedAtMs] : null,
  ];
}

/** What was packed; null where it is nothing that this release has packed. */
export function unpackAttachment(packed: unknown): Attachment | null {
  if (!Array.isArray(packed) || packed[0] !== VERSION) return null;
  const [, id, [ownerId, role, scopes, gate], credential, [locale, traceparent], ...rest] =
    packed as unknown as PackedAttachment;
  const [isFluent, subscriptions, foreign] = rest;
  const [protocol, address, askedAtMs] = foreign ?? [null, null, null];
  return {
    id,
    identity: {
      ownerId,
      role,
      scopes: words(scopes),
      credential: unpackCredential(credential, scopes),
      gate,
      locale,
      traceparent,
    },
    ...(protocol !== null && { protocol }),
    ...(address !== null && { address }),
    ...(askedAtMs !== null && { askedAtMs }),
    isFluent,
    subscriptions: words(subscriptions).map((word) => {
      const wantsPresence = word.startsWith(WITH_PRESENCE);
      return { channel: wantsPresence ? word.slice(WITH_PRESENCE.length) : word, wantsPresence };
    }),
  };
}

/** What a socket speaks whose attachment is of another release; our own protocol where it does not say. */
export const protocolOfForeign = (packed: unknown): Protocol | undefined =>
  typeof packed === "object" && packed !== null && "protocol" in packed
    ? packed.protocol === "centrifuge"
      ? "centrifuge"
      : undefined
    : undefined;

function packCredential({ credential, scopes }: SocketIdentity): PackedCredential {
  if ("keyId" in credential) return [credential.keyId, credential.hash];
  const { ownerId, sessionId, tokenId, clientId, expiresAtMs } = credential;
  const shown = credential.scopes.join(" ");
  const own = shown === scopes.join(" ") ? null : shown;
  return [ownerId, sessionId, tokenId, clientId, own, expiresAtMs];
}

function unpackCredential(packed: PackedCredential, scopes: string): SocketCredential {
  if (packed.length === 2) return { keyId: packed[0], hash: packed[1] };
  const [ownerId, sessionId, tokenId, clientId, own, expiresAtMs] = packed;
  const shown = words(own ?? scopes);
  return { kind: "session", ownerId, sessionId, tokenId, clientId, scopes: shown, expiresAtMs };
}

const words = (text: string): string[] => (text === "" ? [] : text.split(" "));
