/** Offsets at which lines begin, as JavaScript counts lines (ECMA-262 section 12.3). */
export function lineStarts(code: string): readonly number[] {
  const starts = [0];
  for (const match of code.matchAll(/\r\n|[\n\r\u2028\u2029]/g))
    starts.push(match.index + match[0].length);
  return starts;
}

/** The place of an offset, counted from 1 in both directions. */
export function placeOf(
  offset: number,
  starts: readonly number[],
): { line: number; column: number } {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}
