/** What a script found, as a text: CSV (RFC 4180), Markdown or plain. Linear in the values. */
import type { JsonObject, JsonValue } from "#platform/json-value";
import type { ScriptDefinition } from "./script-definition";
import { TextSink } from "./text-sink";

export const MAX_CONTENT_BYTES = 4 * 1024 * 1024;

export interface Content {
  readonly content: string;
  readonly content_type: string;
  readonly truncated: boolean;
}

type Output = ScriptDefinition["output"];

/** The values in the format that the script asks for; null where that is JSON, which they are. */
export function formatValues(values: JsonObject, output: Output): Content | null {
  const sink = new TextSink(MAX_CONTENT_BYTES);
  switch (output.format) {
    case "json":
      break;
    case "csv":
      writeCsv(sink, values, output);
      return finish(sink, "text/csv; charset=utf-8; header=present");
    case "markdown":
      writeMarkdown(sink, values, 2);
      return finish(sink, "text/markdown; charset=utf-8");
    case "text":
      writeText(sink, values, 0);
      return finish(sink, "text/plain; charset=utf-8");
  }
  return null;
}

const finish = (sink: TextSink, contentType: string): Content => ({
  content: sink.toString(),
  content_type: contentType,
  truncated: sink.isFull,
});

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A value on one line: texts as they stand, what has parts as JSON. */
const plain = (value: JsonValue | undefined): string => {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
};

// CSV

function writeCsv(sink: TextSink, values: JsonObject, output: Output): void {
  const named = output.rows === undefined ? undefined : values[output.rows];
  const list = named ?? Object.values(values).find((value) => Array.isArray(value));
  // Without a list the values themselves are the one row.
  const rows: JsonValue[] = Array.isArray(list) ? list : [values];
  const columns = output.columns ?? columnsOf(rows);
  writeRow(sink, columns);
  for (const row of rows) {
    if (sink.isFull) return;
    const cells = isObject(row)
      ? columns.map((name) => (Object.hasOwn(row, name) ? row[name] : null))
      : Array.isArray(row)
        ? row
        : [row];
    writeRow(sink, cells.map(plain));
  }
}

/** The members of all rows as they first appear; of rows that are lists, their places; else one column. */
function columnsOf(rows: readonly JsonValue[]): string[] {
  const names = new Set<string>();
  let width = 0;
  for (const row of rows) {
    if (isObject(row)) for (const name of Object.keys(row)) names.add(name);
    else width = Math.max(width, Array.isArray(row) ? row.length : 1);
  }
  if (names.size > 0) return [...names];
  return width <= 1
    ? ["value"]
    : Array.from({ length: width }, (_none, index) => `column_${index + 1}`);
}

const writeRow = (sink: TextSink, cells: readonly string[]): void =>
  sink.write(`${cells.map(quote).join(",")}\r\n`);

const quote = (cell: string): string =>
  /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;

// Markdown

/** Values nest as deep as fields and follow steps do, so that these recursions are few. */
function writeMarkdown(sink: TextSink, values: JsonObject, level: number): void {
  for (const [name, value] of Object.entries(values)) {
    if (sink.isFull || value === null) continue;
    if (Array.isArray(value)) {
      if (value.length === 0) continue;
      heading(sink, level, name);
      writeList(sink, value, level);
    } else if (isObject(value)) {
      heading(sink, level, name);
      writeMarkdown(sink, value, Math.min(level + 1, 6));
    } else if (typeof value === "string" && value.includes("\n")) {
      // A text of several lines is mostly Markdown already, and else paragraphs.
      heading(sink, level, name);
      sink.write(`${value.trim()}\n\n`);
    } else sink.write(`**${escapeLine(name)}:** ${escapeLine(plain(value))}\n\n`);
  }
}

function writeList(sink: TextSink, items: readonly JsonValue[], level: number): void {
  const records = items.filter(isObject);
  if (records.length < items.length) {
    for (const item of items) sink.write(`- ${escapeLine(plain(item))}\n`);
    sink.write("\n");
    return;
  }
  const isFlat = records.every((record) =>
    Object.values(record).every((value) => !isObject(value) && !Array.isArray(value)),
  );
  if (!isFlat) {
    for (const [index, record] of records.entries()) {
      heading(sink, Math.min(level + 1, 6), String(index + 1));
      writeMarkdown(sink, record, Math.min(level + 2, 6));
    }
    return;
  }
  const columns = columnsOf(records);
  const row = (cells: readonly string[]): void => sink.write(`| ${cells.join(" | ")} |\n`);
  row(columns.map(escapeCell));
  row(columns.map(() => "---"));
  for (const record of records)
    row(
      columns.map((name) => escapeCell(plain(Object.hasOwn(record, name) ? record[name] : null))),
    );
  sink.write("\n");
}

const heading = (sink: TextSink, level: number, name: string): void =>
  sink.write(`${"#".repeat(level)} ${escapeLine(name)}\n\n`);

/** A text on one line in which nothing is markup: it was taken from a page as text. */
const escapeLine = (text: string): string =>
  text.replaceAll(/\s+/g, " ").replaceAll(/[\\`*_[\]<>#|~]/g, "\\$&");
const escapeCell = escapeLine;

// Text

function writeText(sink: TextSink, values: JsonObject, depth: number): void {
  const indent = "  ".repeat(depth);
  for (const [name, value] of Object.entries(values)) {
    if (sink.isFull || value === null) continue;
    if (isObject(value)) {
      sink.write(`${indent}${name}:\n`);
      writeText(sink, value, depth + 1);
    } else if (Array.isArray(value)) {
      sink.write(`${indent}${name}:\n`);
      for (const item of value) {
        if (isObject(item)) {
          writeText(sink, item, depth + 1);
          sink.write("\n");
        } else sink.write(`${indent}  ${plain(item)}\n`);
      }
    } else sink.write(`${indent}${name}: ${plain(value)}\n`);
  }
}
