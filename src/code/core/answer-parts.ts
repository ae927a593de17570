/**
 * Takes a model's answer apart into code and what is said of it, while it comes. Whatever the model writes, what comes out is
 * two texts: fences that never end, fences inside of fences, control characters and half characters included.
 */
export interface Part {
  readonly type: "code" | "explanation";
  readonly content: string;
}

const FENCE = /^ {0,3}(`{3,}|~{3,})[ \t]*([^\s`]*)[^`\n]*$/;
const MAY_BE_FENCE = /^ {0,3}(?:`{1,}|~{1,}|$)/;
/** A line without an end is passed on after so much of it. */
const MAX_HELD_CHARS = 200;

/** Labels under which models write the same language. */
const SAME: Readonly<Record<string, string>> = {
  py: "python",
  python3: "python",
  js: "javascript",
  jsx: "javascript",
  mjs: "javascript",
  node: "javascript",
  ts: "typescript",
  tsx: "typescript",
  sh: "bash",
  shell: "bash",
  golang: "go",
  rs: "rust",
  "c++": "cpp",
  cs: "csharp",
  "c#": "csharp",
  postgresql: "sql",
  sqlite: "sql",
  mysql: "sql",
};
export const languageLabel = (label: string): string =>
  Object.hasOwn(SAME, label.toLowerCase())
    ? (SAME[label.toLowerCase()] ?? "")
    : label.toLowerCase();

/** Feeds on pieces of an answer and gives what is new of each part, in order. */
export class AnswerSplitter {
  #language: string;
  #line = "";
  /** What closes the block that is open, and whether it is the code that was asked for. */
  #open: { readonly mark: string; readonly isCode: boolean } | null = null;
  #isLineBegun = false;
  #blocks = 0;

  /**
   * `language` is the one that was asked for; blocks that say another are part of the explanation. Where it is empty, the first
   * block that names one decides.
   */
  constructor(language: string) {
    this.#language = languageLabel(language);
  }

  /** The language of the code so far; empty where nobody named one. */
  get language(): string {
    return this.#language;
  }

  add(text: string): readonly Part[] {
    const parts: Part[] = [];
    this.#line += text.replaceAll("\r\n", "\n");
    for (let end = this.#line.indexOf("\n"); end >= 0; end = this.#line.indexOf("\n")) {
      const line = this.#line.slice(0, end);
      this.#line = this.#line.slice(end + 1);
      this.#take(line, "\n", parts);
    }
    const isHeld =
      !this.#isLineBegun && this.#line.length < MAX_HELD_CHARS && MAY_BE_FENCE.test(this.#line);
    if (this.#line !== "" && !isHeld && !endsInHalf(this.#line)) {
      push(parts, this.#part, this.#line);
      this.#isLineBegun = true;
      this.#line = "";
    }
    return merged(parts);
  }

  end(): readonly Part[] {
    const parts: Part[] = [];
    if (this.#line !== "") this.#take(this.#line, "", parts);
    this.#line = "";
    return merged(parts);
  }

  get #part(): Part["type"] {
    return this.#open?.isCode === true ? "code" : "explanation";
  }

  #take(line: string, newline: string, parts: Part[]): void {
    const fence = this.#isLineBegun ? null : FENCE.exec(line);
    this.#isLineBegun = false;
    if (fence === null) return push(parts, this.#part, line + newline);
    const [, mark = "", label = ""] = fence;
    if (this.#open === null) {
      const named = languageLabel(label);
      if (this.#language === "") this.#language = named;
      const isCode = named === "" || named === this.#language;
      this.#open = { mark, isCode };
      if (!isCode) push(parts, "explanation", line + newline);
      else if (this.#blocks++ > 0) push(parts, "code", "\n");
    } else if (label === "" && mark.startsWith(this.#open.mark)) {
      if (!this.#open.isCode) push(parts, "explanation", line + newline);
      this.#open = null;
    } else push(parts, this.#part, line + newline);
  }
}

/** The first half of a pair waits for the second. */
const endsInHalf = (text: string): boolean => /[\ud800-\udbff]$/.test(text);

// oxlint-disable-next-line no-control-regex -- what terminals and editors take for commands
const CONTROL = /[\0-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

function push(parts: Part[], type: Part["type"], content: string): void {
  const clean = content.toWellFormed().replace(CONTROL, "");
  if (clean !== "") parts.push({ type, content: clean });
}

function merged(parts: readonly Part[]): readonly Part[] {
  const list: Part[] = [];
  for (const part of parts) {
    const last = list.at(-1);
    if (last?.type === part.type)
      list[list.length - 1] = { ...part, content: last.content + part.content };
    else list.push(part);
  }
  return list;
}

/** As much code as the tools check, and as much said of it as anybody reads. */
const MAX_CODE = 100_000;
const MAX_EXPLANATION = 20_000;

export interface GeneratedAnswer {
  /** Empty where the model wrote none. */
  readonly code: string;
  readonly explanation: string;
  /** As asked for, or as the first block names it; empty where nobody did. */
  readonly language: string;
}

/** A whole answer in its two parts. */
export function splitAnswer(text: string, language: string): GeneratedAnswer {
  const splitter = new AnswerSplitter(language);
  const parts = [...splitter.add(text), ...splitter.end()];
  const textOf = (type: Part["type"]): string =>
    parts
      .filter((part) => part.type === type)
      .map(({ content }) => content)
      .join("");
  return {
    language: splitter.language,
    code: textOf("code")
      .replace(/^(?:[ \t]*\n)+/, "")
      .trimEnd()
      .slice(0, MAX_CODE)
      .toWellFormed(),
    explanation: textOf("explanation")
      .trim()
      .replace(/\n{3,}/g, "\n\n")
      .slice(0, MAX_EXPLANATION)
      .toWellFormed(),
  };
}
