import { utf8 } from "#platform/bytes";
import type { Attachment } from "./attachment";
import type { Codec } from "./codec";
import { codecFor } from "./codecs";
import type { Delivered } from "./fanout";
import type { Membership } from "./gateway-index";
import type { Comer, PresenceChange } from "./presence-news";

/** A frame is counted by its bytes once, however many sockets it goes to. */
export interface SizedText {
  readonly text: string;
  readonly bytes: number;
}

/** The frames that one reader gets of something that all of a channel's readers are told. Each protocol's texts are made once. */
export type TextsFor = (
  reader: Pick<Attachment, "protocol" | "isFluent">,
  membership: Membership,
) => readonly SizedText[];

/** Events, oldest first: those behind a reader's place, in one frame where it has none of them and knows batches. */
export function eventTexts(channel: string, events: readonly Delivered[], nowMs: number): TextsFor {
  const texts = perCodec((codec) => {
    const frames = events.map(({ offset, dataJson }) => ({
      offset,
      ...withSize(codec.event(dataJson, nowMs)),
    }));
    const jsons = events.map((event) => event.dataJson);
    const batch = events.length > 1 ? withSize(codec.batch(channel, jsons, nowMs)) : null;
    return { frames, batch };
  });
  return ({ protocol, isFluent }, { from }) => {
    const { frames, batch } = texts(codecFor(protocol));
    // Only who said `connect` is known to read batches; who came in amid these events has some of them.
    const isWhole = frames.every((frame) => frame.offset > from);
    return batch && isWhole && isFluent ? [batch] : frames.filter((frame) => frame.offset > from);
  };
}

/** Who came and went, for those who asked to be told. */
export function presenceTexts(channel: string, change: PresenceChange, nowMs: number): TextsFor {
  const tell = ({ ownerId, connectionId }: Comer): object => ({
    user_id: ownerId,
    connection_id: connectionId,
  });
  const { count } = change;
  const data = { channel, joined: change.joined.map(tell), left: change.left.map(tell), count };
  const texts = perCodec((codec) => {
    const text = codec.write("presence", null, data, nowMs);
    return text === null ? [] : [withSize(text)];
  });
  return ({ protocol }, { wantsPresence }) => (wantsPresence ? texts(codecFor(protocol)) : []);
}

const withSize = (text: string): SizedText => ({ text, bytes: utf8(text).byteLength });

/** What is made once for each protocol, when it is first asked for. */
function perCodec<T>(make: (codec: Codec) => T): (codec: Codec) => T {
  const made = new Map<Codec, T>();
  return (codec) => {
    const known = made.get(codec);
    if (known !== undefined) return known;
    const fresh = make(codec);
    made.set(codec, fresh);
    return fresh;
  };
}
