/** A list of names that stands in the source as one text. */
export const words = (list: string): string[] => list.trim().split(/\s+/);
