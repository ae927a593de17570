import { utf8Prefix } from "./text-size";

/** Collects pieces of text up to a number of UTF-8 bytes; what is beyond is cut at a code point. */
export class TextSink {
  isFull = false;
  readonly #parts: string[] = [];
  #room: number;

  constructor(maxBytes: number) {
    this.#room = maxBytes;
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  write(piece: string): void {
    if (this.isFull || piece === "") return;
    const { text, bytes } = utf8Prefix(piece, this.#room);
    this.#room -= bytes;
    this.isFull = text.length < piece.length;
    if (text !== "") this.#parts.push(text);
  }

  toString(): string {
    return this.#parts.join("");
  }
}
