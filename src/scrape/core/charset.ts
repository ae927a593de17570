import { prescanCharset, prescanXmlDeclaration } from "./charset-prescan";

/** Where the encoding of a page was found. */
export type CharsetSource = "bom" | "header" | "meta" | "xml" | "guess";

export interface DecodedText {
  readonly text: string;
  /** The WHATWG name of the encoding in lower case, such as `utf-8` or `euc-kr`. */
  readonly charset: string;
  readonly source: CharsetSource;
}

/** The Encoding Standard wants 1024 bytes; pages with long comments before their `<meta>` need more. */
const PRESCAN_BYTES = 1024;
const LATE_PRESCAN_BYTES = 64 * 1024;

/** Names that pages use for Windows-949 and UTF-8 and that the Encoding Standard does not list. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["cp949", "euc-kr"],
  ["cp-949", "euc-kr"],
  ["ms949", "euc-kr"],
  ["x-windows-949", "euc-kr"],
  ["windows949", "euc-kr"],
  ["uhc", "euc-kr"],
  ["x-uhc", "euc-kr"],
  ["euckr", "euc-kr"],
  ["euc_kr", "euc-kr"],
  ["ksc5601-1987", "euc-kr"],
  ["ks_c_5601", "euc-kr"],
  ["utf_8", "utf-8"],
  ["utf8mb4", "utf-8"],
]);

/** The decoder of a label, or null where no encoding has that name (or only the empty "replacement" one). */
function decoderFor(label: string): TextDecoder | null {
  const name = label.trim().toLowerCase();
  try {
    // The decoder drops a byte order mark of its own encoding, so that no text begins with U+FEFF.
    return new TextDecoder(ALIASES.get(name) ?? name);
  } catch {
    return null;
  }
}

function bomLabel(bytes: Uint8Array): string | null {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return null;
}

/**
 * A declaration that was read as ASCII cannot stand in a UTF-16 page, so it means UTF-8; and
 * x-user-defined means windows-1252 (HTML standard, "prescan a byte stream", steps of `meta`).
 */
function correctDeclared(decoder: TextDecoder): TextDecoder {
  if (decoder.encoding.startsWith("utf-16")) return new TextDecoder("utf-8");
  if (decoder.encoding === "x-user-defined") return new TextDecoder("windows-1252");
  return decoder;
}

const declaredDecoder = (label: string | null): TextDecoder | null => {
  const decoder = label === null ? null : decoderFor(label);
  return decoder === null ? null : correctDeclared(decoder);
};

/** Decodes strictly, or gives null at the first malformed byte. A cut last character is no fault. */
function decodeStrictly(bytes: Uint8Array, label: string): string | null {
  try {
    return new TextDecoder(label, { fatal: true, ignoreBOM: false }).decode(bytes, {
      stream: true,
    });
  } catch {
    return null;
  }
}

/**
 * Whether double bytes look as in Korean prose. Nearly every byte sequence decodes as Windows-949
 * once its extension (trail bytes below A1) counts, "Ärger" in Latin-1 too; Korean text is almost
 * wholly in KS X 1001, where both bytes are A1 or above.
 */
function looksKorean(bytes: Uint8Array): boolean {
  let inStandard = 0;
  let pairs = 0;
  for (let i = 0; i < bytes.length; i++) {
    if ((bytes[i] ?? 0) < 0x80) continue;
    i++;
    pairs++;
    if ((bytes[i - 1] ?? 0) >= 0xa1 && (bytes[i] ?? 0) >= 0xa1) inStandard++;
  }
  return inStandard * 2 >= pairs;
}

function guess(bytes: Uint8Array): DecodedText {
  const utf8 = decodeStrictly(bytes, "utf-8");
  if (utf8 !== null) return { text: utf8, charset: "utf-8", source: "guess" };
  if (looksKorean(bytes)) {
    const korean = decodeStrictly(bytes, "euc-kr");
    if (korean !== null) return { text: korean, charset: "euc-kr", source: "guess" };
  }
  return {
    text: new TextDecoder("windows-1252").decode(bytes),
    charset: "windows-1252",
    source: "guess",
  };
}

/**
 * Decodes a fetched body. The encoding comes from the first of: byte order mark, `charset` of the
 * Content-Type, `<meta>` (HTML standard's prescan of 1024 bytes), XML declaration, a `<meta>` within
 * 64 KiB, and then a guess: UTF-8 if valid, Windows-949 if it decodes wholly, else windows-1252.
 * Labels that name no encoding are passed over. Malformed bytes become U+FFFD; it never fails.
 * `markup` is false for JSON and plain text, which declare nothing inside.
 */
export function decodeBody(
  bytes: Uint8Array,
  headerCharset: string | null,
  markup: boolean,
): DecodedText {
  const decode = (decoder: TextDecoder, source: CharsetSource): DecodedText => ({
    text: decoder.decode(bytes),
    charset: decoder.encoding.toLowerCase(),
    source,
  });
  const bom = bomLabel(bytes);
  if (bom !== null) return decode(new TextDecoder(bom), "bom");
  const header = headerCharset === null ? null : decoderFor(headerCharset);
  if (header !== null) return decode(header, "header");
  if (markup) {
    const early = declaredDecoder(prescanCharset(bytes.subarray(0, PRESCAN_BYTES)));
    if (early !== null) return decode(early, "meta");
    const xml = declaredDecoder(prescanXmlDeclaration(bytes.subarray(0, PRESCAN_BYTES)));
    if (xml !== null) return decode(xml, "xml");
    const late = declaredDecoder(prescanCharset(bytes.subarray(0, LATE_PRESCAN_BYTES)));
    if (late !== null) return decode(late, "meta");
  }
  return guess(bytes);
}

/** A Content-Type, taken apart. */
export interface ContentType {
  /** `type/subtype` in lower case without parameters; empty where the header has none. */
  readonly mediaType: string;
  readonly charset: string | null;
}

/**
 * Reads a Content-Type header leniently, as servers write it: quotes of either kind, stray
 * spaces, a `charset` without a type. The first `charset` counts (MIME Sniffing standard).
 */
export function parseContentType(header: string | null): ContentType {
  const parts = (header ?? "").slice(0, 1024).split(";");
  const first = (parts[0] ?? "").trim().toLowerCase();
  let charset: string | null = null;
  for (const part of parts) {
    const equals = part.indexOf("=");
    if (equals < 0 || part.slice(0, equals).trim().toLowerCase() !== "charset") continue;
    const value = part
      .slice(equals + 1)
      .trim()
      .replaceAll(/["']/g, "")
      .trim();
    if (value !== "") {
      charset = value;
      break;
    }
  }
  return { mediaType: first.includes("=") ? "" : first, charset };
}
