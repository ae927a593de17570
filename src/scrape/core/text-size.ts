/**
 * The longest beginning of a text that fits into so many bytes of UTF-8, and how many it takes.
 * Never cuts inside a code point. A lone surrogate counts as the U+FFFD that it is sent as.
 */
export function utf8Prefix(text: string, maxBytes: number): { text: string; bytes: number } {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const isPair =
      code >= 0xd800 &&
      code <= 0xdbff &&
      text.charCodeAt(i + 1) >= 0xdc00 &&
      text.charCodeAt(i + 1) <= 0xdfff;
    const size = code < 0x80 ? 1 : code < 0x800 ? 2 : isPair ? 4 : 3;
    if (bytes + size > maxBytes) return { text: text.slice(0, i), bytes };
    bytes += size;
    if (isPair) i++;
  }
  return { text, bytes };
}
