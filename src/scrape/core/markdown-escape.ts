/**
 * Escapes text so that CommonMark and GFM read it back as that text and as nothing else: no
 * emphasis, link, code, entity, HTML tag or table. Characters that mean something only at the
 * beginning of a line are `escapeLineStart`'s.
 */
export function escapeInline(text: string): string {
  return (
    text
      .replaceAll(/[\\`*[\]<~]/g, "\\$&")
      // At its end, a heading would take such a run for its closing one.
      .replace(/(^|\s)(?=#+$)/, "$1\\")
      .replaceAll(/&(?=#?[a-z0-9]+;)/gi, "\\&")
      .replaceAll(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\_")
  );
}

/** Escapes what would make a line a heading, list, quote, rule, underline, fence or table. `text` is escaped inline. */
export function escapeLineStart(text: string): string {
  if (/^[#>|=]/.test(text)) return `\\${text}`;
  if (/^(?:[-+](?=$|[\s-])|:(?=-))/.test(text)) return `\\${text}`;
  return text.replace(/^(\d{1,9})([.)])(?=$|\s)/, "$1\\$2");
}

/** An address as the destination of a link: nothing in it ends the destination or begins markup. */
export function escapeDestination(url: string): string {
  return url
    .replaceAll("(", "%28")
    .replaceAll(")", "%29")
    .replaceAll("\\", "%5C")
    .replaceAll("<", "%3C")
    .replaceAll(">", "%3E")
    .replaceAll(/\s/g, "%20");
}

const longestRun = (text: string, char: string): number => {
  let longest = 0;
  let run = 0;
  for (const at of text) {
    run = at === char ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
};

/** Code inside of a line, between as many backticks as it takes. */
export function codeSpan(text: string): string {
  const fence = "`".repeat(longestRun(text, "`") + 1);
  const pad = text.startsWith("`") || text.endsWith("`") ? " " : "";
  return `${fence}${pad}${text}${pad}${fence}`;
}

/** The fence of a code block: longer than any run of backticks inside. */
export const fenceOf = (text: string): string => "`".repeat(Math.max(3, longestRun(text, "`") + 1));
