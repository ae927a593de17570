const MAX_TITLE = 60;

/**
 * A title for a conversation out of its first message: its first line that says something, without marks of Markdown, cut at a word.
 * No model is asked for it.
 */
export function titleOf(message: string): string {
  const line =
    message
      .split("\n")
      .map((text) =>
        text
          .replace(/^[\s#>*\-`]+/, "")
          .replaceAll(/\s+/g, " ")
          .trim(),
      )
      .find((text) => text !== "") ?? message.trim().replaceAll(/\s+/g, " ");
  return cut(line).toWellFormed();
}

function cut(line: string): string {
  // By what a reader sees as one character: an emoji or a Hangul syllable in parts is not cut through.
  const seen = Array.from(
    new Intl.Segmenter("ko", { granularity: "grapheme" }).segment(line.slice(0, 20 * MAX_TITLE)),
    ({ segment }) => segment,
  );
  if (seen.length <= MAX_TITLE) return seen.join("");
  const head = seen.slice(0, MAX_TITLE - 1).join("");
  const space = head.lastIndexOf(" ");
  return `${(space > head.length / 2 ? head.slice(0, space) : head).trimEnd()}…`;
}
