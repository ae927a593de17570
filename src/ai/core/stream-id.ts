import { RANDOM_LENGTH, TIME_LENGTH } from "#platform/ids";

/** Base-32 characters in a stream's id that name the object which holds it: 130 bits, so that nobody finds another's by trying. */
export const ROUTING_LENGTH = 26;

const FORM = new RegExp(
  `^str_[0-9a-hjkmnp-tv-z]{${TIME_LENGTH + ROUTING_LENGTH + RANDOM_LENGTH}}$`,
);

/** The routing characters of a stream's id, or null where the text is no such id. */
export const routingOf = (streamId: string): string | null =>
  FORM.test(streamId)
    ? streamId.slice("str_".length + TIME_LENGTH, "str_".length + TIME_LENGTH + ROUTING_LENGTH)
    : null;

/** The name of the object that such an id leads to. */
export const objectName = (routing: string): string => `run:${routing}`;
