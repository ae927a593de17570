/** What of a person is told, as one JSON document that is written while it is read. */
import { toTimestamp } from "#platform/clock";
import type { PersonTable } from "./person-tables";

/** Names the form of the document. Members may be added to it; what changes their meaning is another name. */
export const EXPORT_FORMAT = "naru-export-1";

export interface ExportSection {
  readonly name: string;
  /** Told as one object, or null where there is none, instead of as a list. */
  readonly isSingle: boolean;
  /** Read page by page while the document is written, so that no more than a page is held. */
  readonly rows: () => AsyncIterable<object>;
}

/**
 * The document, in parts. Its last member is `complete: true`: a document that was cut off, by a fault or on its way, lacks it and is no JSON either.
 */
export async function* writeExport(
  head: Readonly<Record<string, unknown>>,
  sections: readonly ExportSection[],
): AsyncGenerator<string> {
  yield JSON.stringify({ format: EXPORT_FORMAT, ...head }).slice(0, -1);
  for (const { name, isSingle, rows } of sections) {
    yield `,\n${JSON.stringify(name)}:${isSingle ? "" : "["}`;
    let count = 0;
    for await (const row of rows()) {
      if (isSingle && count > 0) break;
      yield `${count === 0 ? "" : ",\n"}${JSON.stringify(row)}`;
      count += 1;
    }
    if (!isSingle) yield "]";
    else if (count === 0) yield "null";
  }
  yield `,\n"complete":true}\n`;
}

/** A row of D1 as its person is told of it: the columns that are named and no other. */
export function presentRow(
  { columns }: Pick<PersonTable, "columns">,
  row: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(columns).map(([name, form]) => {
      const value = row[name] ?? null;
      if (value === null) return [name, null];
      if (form === "time") return [name, toTimestamp(Number(value))];
      if (form === "flag") return [name, value === 1];
      return [name, form === "json" && typeof value === "string" ? readJson(value) : value];
    }),
  );
}

/** Text that was emptied, as that of a deleted script, holds nothing. */
function readJson(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
