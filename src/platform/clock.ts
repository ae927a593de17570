/** Milliseconds since the epoch. A parameter wherever time decides, so that tests choose it. */
export type Clock = () => number;

/** The machine's clock. In production it stands still while code computes and moves across I/O. */
export const systemClock: Clock = () => Date.now();

/** RFC 3339 in UTC with milliseconds, the only form in which a time leaves the server. */
export const toTimestamp = (ms: number): string => new Date(ms).toISOString();

/** The moment that an RFC 3339 time names; NaN for what is none. */
export const fromTimestamp = (text: string): number => Date.parse(text);
