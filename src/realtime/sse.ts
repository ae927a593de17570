import { ApiError } from "#platform/errors";
import type { Principal } from "#platform/principal";
import { watchOwner } from "#tasks/service";
import { callChannel, enterChannel, readHistory } from "./channels";
import type { ChannelPage } from "./channels";
import { KEEP_EVENTS_MS } from "./core/recovery";
import type { Position } from "./core/recovery";

/** Where a stream's events go. */
interface Out {
  readonly send: (event: {
    readonly id: string;
    readonly event: string;
    readonly data: string;
  }) => Promise<void>;
  readonly signal: AbortSignal;
}

/** A stream is ended by us after so long, so that it comes back to whatever is deployed by then. */
const RECYCLE_MS = 300_000;
const SLICE_MS = 10_000;
const PAGE = 100;

/**
 * The places of a stream's channels, in the order in which they were asked for: what a reader names in `Last-Event-ID`. One `<epoch>:<offset>`
 * for each channel, separated by commas.
 */
export function readPlaces(header: string | undefined, channels: number): Position[] | null {
  if (header === undefined || header === "") return null;
  const places = header.split(",").map((text) => /^([0-9a-z]{1,64}):(\d{1,15})$/.exec(text));
  if (places.length !== channels || places.some((place) => place === null))
    throw new ApiError("INVALID_HEADER", { params: { header: "Last-Event-ID" } });
  return places.map((place) => ({ epoch: place?.[1] ?? "", offset: Number(place?.[2]) }));
}

const writePlaces = (places: readonly Position[]): string =>
  places.map(({ epoch, offset }) => `${epoch}:${offset}`).join(",");

/**
 * Follows channels until the reader leaves or the stream is to be recycled. Begins with `subscribed` for each channel, which says whether all that was
 * missed follows (`recovered`); then each event once, in its channel's order.
 */
export async function followChannels(
  env: Env,
  visitor: Principal,
  channels: readonly string[],
  since: readonly Position[] | null,
  { send, signal }: Out,
): Promise<void> {
  const untilMs = Date.now() + RECYCLE_MS;
  if (channels.includes(`user:${visitor.ownerId}`))
    await watchOwner(env, visitor.ownerId, Date.now() + KEEP_EVENTS_MS);
  const opened = await Promise.all(
    channels.map((channel, at) => readHistory(env, visitor, channel, since?.[at] ?? null, PAGE)),
  );
  // A reader without a place starts now; one whose place is gone starts anew, and is told.
  const places = opened.map((page, at): Position => {
    const place = since?.[at];
    return place && page.recovered ? place : { epoch: page.epoch, offset: page.offset };
  });
  for (const [at, page] of opened.entries()) {
    const data = {
      channel: channels[at],
      epoch: page.epoch,
      offset: page.offset,
      was_recovering: since !== null,
      recovered: since !== null && page.recovered,
    };
    await send({ id: writePlaces(places), event: "subscribed", data: JSON.stringify(data) });
  }
  // One event at a time leaves, so that each carries the places of all channels as they are then.
  let turn: Promise<void> = Promise.resolve();
  const tell = (at: number, page: ChannelPage): Promise<void> => {
    const before = turn;
    turn = (async () => {
      await before;
      for (const { offset, dataJson } of page.events) {
        places[at] = { epoch: page.epoch, offset };
        await send({ id: writePlaces(places), event: "event", data: dataJson });
      }
    })();
    return turn;
  };
  const follow = async (channel: string, at: number): Promise<void> => {
    while (!signal.aborted && Date.now() < untilMs) {
      const place = places[at] ?? { epoch: "", offset: 0 };
      const sliceMs = Math.max(1, Math.min(SLICE_MS, untilMs - Date.now()));
      const page = await callChannel(env, channel, async (stub) =>
        stub.wait(channel, place, PAGE, sliceMs),
      );
      // The log was lost under the reader: it is told at its next connection, which begins here.
      if (!page.recovered) return;
      await tell(at, page);
      // A member may have been put out since, a room deleted.
      await enterChannel(env, visitor, channel, "subscribe");
    }
  };
  await Promise.race(channels.map(follow));
}
