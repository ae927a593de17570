import { err, ok } from "#platform/result";
import type { Result } from "#platform/result";

/** What a channel is for decides who may come in. */
export const CHANNEL_KINDS = ["public", "room", "user", "task", "system"] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

export interface ChannelName {
  /** The whole name. */
  readonly name: string;
  readonly kind: ChannelKind;
  /** What stands behind the colon. */
  readonly subject: string;
}

/** So that 64 names fit into what a socket can remember while its object sleeps. */
export const MAX_CHANNEL_CHARS = 128;

const NAME = /^(public|room|user|task|system):([A-Za-z0-9][A-Za-z0-9._-]*)$/;

/** A channel's parts. The alphabet is one that needs no escaping in a URL, a log line or a metric. */
export function parseChannel(name: string): Result<ChannelName, "malformed"> {
  const match = name.length <= MAX_CHANNEL_CHARS ? NAME.exec(name) : null;
  const [, kind = "", subject = ""] = match ?? [];
  const known = CHANNEL_KINDS.find((one) => one === kind);
  return known === undefined ? err("malformed") : ok({ name, kind: known, subject });
}

/** Name of the object that keeps a channel. */
export const channelObjectName = (channel: string): string => `ch:${channel}`;

/** Channels where who else is there is anybody's business. */
export const hasPresence = (kind: ChannelKind): boolean => kind === "public" || kind === "room";

/** Whether a channel has members, who alone may come in. */
export const isOfRoom = (channel: string): boolean => channel.startsWith("room:");
