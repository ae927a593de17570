import { numberFromBase32, numberToBase32, toBase32 } from "#platform/bytes";

/** Ids are `<prefix>_<time><routing><random>`: 10 base-32 digits of milliseconds first, so that they sort by creation. */
export const TIME_LENGTH = 10;
const RANDOM_BYTES = 10;
export const RANDOM_LENGTH = 16;

export type IdPrefix =
  | "task"
  | "conv"
  | "msg"
  | "key"
  | "usr"
  | "req"
  | "ses"
  | "fb"
  | "aud"
  | "tok"
  | "cli"
  | "whs"
  | "dlv"
  | "wrk"
  | "str"
  | "run"
  | "evt"
  | "con"
  | "room"
  | "hist"
  | "ups";

/** `count` bytes from the platform's generator, as base 32. */
export const randomBase32 = (count = RANDOM_BYTES): string =>
  toBase32(crypto.getRandomValues(new Uint8Array(count)));

/** A new id. `routing` is base-32 text that names what holds the record, so that the id alone leads there. */
export const newId = (prefix: IdPrefix, nowMs: number, routing = ""): string =>
  `${prefix}_${numberToBase32(nowMs, TIME_LENGTH)}${routing}${randomBase32()}`;

/** The creation time in an id's body in milliseconds, or null where the text is no id. */
export function idTimeMs(id: string): number | null {
  const body = id.slice(id.indexOf("_") + 1);
  return body.length < TIME_LENGTH ? null : numberFromBase32(body.slice(0, TIME_LENGTH));
}
