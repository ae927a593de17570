import { CENTRIFUGE } from "./centrifuge";
import { CLOSE } from "./codes";
import type { Codec, Protocol } from "./codec";
import { batchFrame, eventFrame, readFrame, writeFrame } from "./frames";

/** Our own protocol. */
export const NARU: Codec = {
  read: (text) => [readFrame(text)],
  write: writeFrame,
  event: eventFrame,
  batch: batchFrame,
  subscribed: (requestId, data, events, _since, nowMs) => {
    const frame = writeFrame("subscribed", requestId, { ...data, events: [] }, nowMs);
    return events.length === 0
      ? frame
      : frame.replace('"events":[]', () => `"events":[${events.join(",")}]`);
  },
  close: CLOSE,
};

export const codecFor = (protocol: Protocol | undefined): Codec =>
  protocol === "centrifuge" ? CENTRIFUGE : NARU;
