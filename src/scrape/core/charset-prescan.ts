/**
 * The HTML standard's "prescan a byte stream to determine its encoding": finds the charset that a
 * page declares in `<meta>`, before anything is decoded. Steps and names follow
 * https://html.spec.whatwg.org/multipage/parsing.html#prescan-a-byte-stream-to-determine-its-encoding
 * It gives the label as written; the caller decides which encoding that is.
 */

interface Attribute {
  readonly name: string;
  readonly value: string;
}

const isSpace = (char: string): boolean =>
  char === " " || char === "\t" || char === "\n" || char === "\f" || char === "\r";
const isLetter = (char: string): boolean =>
  (char >= "a" && char <= "z") || (char >= "A" && char <= "Z");

/** Each byte as the character of the same number, so that positions stay and nothing is lost. */
function toAscii(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 8192) {
    parts.push(String.fromCharCode(...bytes.subarray(i, i + 8192)));
  }
  return parts.join("");
}

/** "Get an attribute": null where the tag ends. */
class AttributeReader {
  position: number;
  readonly #text: string;

  constructor(text: string, position: number) {
    this.#text = text;
    this.position = position;
  }

  #skipSpaces(): void {
    while (isSpace(this.#text.charAt(this.position))) this.position++;
  }

  next(): Attribute | null {
    const text = this.#text;
    while (isSpace(text.charAt(this.position)) || text.charAt(this.position) === "/") {
      this.position++;
    }
    if (this.position >= text.length || text.charAt(this.position) === ">") return null;
    const nameStart = this.position;
    for (; this.position < text.length; this.position++) {
      const char = text.charAt(this.position);
      if (char === "=" && this.position > nameStart) break;
      if (isSpace(char) || char === "/" || char === ">") break;
    }
    const name = text.slice(nameStart, this.position).toLowerCase();
    this.#skipSpaces();
    if (text.charAt(this.position) !== "=") return { name, value: "" };
    this.position++;
    this.#skipSpaces();
    return { name, value: this.#value() };
  }

  #value(): string {
    const text = this.#text;
    const quote = text.charAt(this.position);
    const start = this.position;
    if (quote === '"' || quote === "'") {
      const end = text.indexOf(quote, start + 1);
      this.position = end < 0 ? text.length : end + 1;
      // A value that the window cuts is no value: half a label could name another encoding.
      return end < 0 ? "" : text.slice(start + 1, end).toLowerCase();
    }
    while (
      this.position < text.length &&
      !isSpace(text.charAt(this.position)) &&
      text.charAt(this.position) !== ">"
    ) {
      this.position++;
    }
    return text.slice(start, this.position).toLowerCase();
  }
}

/** "Extracting a character encoding from a meta element": what follows `charset=` in a `content`. */
export function charsetOfContent(content: string): string | null {
  const match = /charset[\t\n\f\r ]*=[\t\n\f\r ]*(?:"([^"]*)"|'([^']*)'|([^"'\t\n\f\r ;]+))/i.exec(
    content,
  );
  return match === null ? null : (match[1] ?? match[2] ?? match[3] ?? null);
}

function charsetOfMeta(reader: AttributeReader): string | null {
  const seen = new Set<string>();
  let gotPragma = false;
  let needPragma: boolean | null = null;
  let charset: string | null = null;
  for (let attribute = reader.next(); attribute !== null; attribute = reader.next()) {
    if (seen.has(attribute.name)) continue;
    seen.add(attribute.name);
    if (attribute.name === "http-equiv") {
      gotPragma = attribute.value === "content-type";
    } else if (attribute.name === "content") {
      const found = charsetOfContent(attribute.value);
      if (found !== null && charset === null) {
        charset = found;
        needPragma = true;
      }
    } else if (attribute.name === "charset" && attribute.value !== "") {
      charset = attribute.value;
      needPragma = false;
    }
  }
  return needPragma === null || (needPragma && !gotPragma) ? null : charset;
}

/** The label of the first `<meta>` that declares one, or null. Linear in the bytes given. */
export function prescanCharset(bytes: Uint8Array): string | null {
  const text = toAscii(bytes);
  let position = 0;
  for (;;) {
    position = text.indexOf("<", position);
    if (position < 0) return null;
    if (text.startsWith("<!--", position)) {
      // The two dashes that open a comment may also close it: `<!-->` is a whole comment.
      const end = text.indexOf("-->", position + 2);
      if (end < 0) return null;
      position = end + 3;
      continue;
    }
    const isMeta =
      text.slice(position + 1, position + 5).toLowerCase() === "meta" &&
      (isSpace(text.charAt(position + 5)) || text.charAt(position + 5) === "/");
    if (isMeta) {
      const reader = new AttributeReader(text, position + 6);
      const charset = charsetOfMeta(reader);
      if (charset !== null) return charset;
      position = reader.position;
      continue;
    }
    const nameAt = position + (text.charAt(position + 1) === "/" ? 2 : 1);
    if (isLetter(text.charAt(nameAt))) {
      let end = nameAt;
      while (end < text.length && !isSpace(text.charAt(end)) && text.charAt(end) !== ">") end++;
      // The attributes are read, not skipped, so that a `>` or `<meta>` inside a value counts for nothing.
      const reader = new AttributeReader(text, end);
      while (reader.next() !== null);
      position = reader.position;
      continue;
    }
    const next = text.charAt(position + 1);
    if (next === "!" || next === "/" || next === "?") {
      const end = text.indexOf(">", position);
      if (end < 0) return null;
      position = end + 1;
      continue;
    }
    position++;
  }
}

/** The `encoding` of an XML declaration at the very start, or null ("get an XML encoding"). */
export function prescanXmlDeclaration(bytes: Uint8Array): string | null {
  const text = toAscii(bytes);
  if (!text.startsWith("<?xml")) return null;
  const end = text.indexOf("?>");
  const declaration = text.slice(0, end < 0 ? text.length : end);
  const match = /encoding[\t\n\r ]*=[\t\n\r ]*(?:"([^"]+)"|'([^']+)')/.exec(declaration);
  return match === null ? null : (match[1] ?? match[2] ?? null);
}
