import type { Element } from "domhandler";
import { attributeOf } from "./document-parse";
import { walk } from "./document-walk";
import { isUnread } from "./text";

/** One place of a table: the cell that covers it, and whether it is the cell's own (first) place. */
export interface Slot {
  readonly cell: Element;
  readonly isOrigin: boolean;
}

export interface Grid {
  readonly caption: Element | null;
  /** Rows of equal length; null where no cell covers the place. */
  readonly rows: readonly (readonly (Slot | null)[])[];
  /** How many of the first rows are headers. */
  readonly headerRows: number;
  /** Whether rows, columns or places were cut at their limit. */
  readonly truncated: boolean;
}

export interface GridLimits {
  readonly rows: number;
  readonly columns: number;
  /** Places in all: a table of `colspan=1000` cells must not cost a thousand times its size. */
  readonly slots: number;
}

interface SourceRow {
  readonly cells: Element[];
  readonly group: Element | null;
  readonly inHead: boolean;
}

/** The rows of a table itself, without those of tables inside its cells. */
function readRows(
  table: Element,
  maxRows: number,
): { rows: SourceRow[]; caption: Element | null; more: boolean } {
  const rows: SourceRow[] = [];
  let caption: Element | null = null;
  let group: Element | null = null;
  let row: SourceRow | null = null;
  let more = false;
  walk(table, {
    enter(element) {
      const { name } = element;
      if (name === "table" || isUnread(element)) return false;
      if (name === "caption") {
        caption ??= element;
        return false;
      }
      if (name === "thead" || name === "tbody" || name === "tfoot") {
        group = element;
        row = null;
      } else if (name === "tr") {
        if (rows.length >= maxRows) {
          more = true;
          return false;
        }
        row = { cells: [], group, inHead: group?.name === "thead" };
        rows.push(row);
      } else if (name === "td" || name === "th") {
        if (row === null) {
          if (rows.length >= maxRows) return false;
          // A cell outside of any row begins one, as browsers make it.
          row = { cells: [], group, inHead: group?.name === "thead" };
          rows.push(row);
        }
        row.cells.push(element);
        return false;
      }
      return true;
    },
    leave(element) {
      if (element.name === "tr") row = null;
      if (element === group) group = null;
    },
    isDone: () => more,
  });
  return { rows, caption, more };
}

/** A span as HTML reads it: a whole number from the start of the value, within its bounds. */
function spanOf(cell: Element, name: "colspan" | "rowspan", max: number): number {
  const value = Number.parseInt((attributeOf(cell, name) ?? "1").slice(0, 12), 10);
  if (!Number.isFinite(value) || value < 0) return 1;
  // `rowspan=0` reaches to the end of the row group; `colspan=0` means 1.
  if (value === 0) return name === "rowspan" ? max : 1;
  return Math.min(value, max);
}

interface OpenSpan {
  cell: Element;
  rowsLeft: number;
}

function countHeaderRows(rows: readonly SourceRow[]): number {
  let inHead = 0;
  while (rows[inHead]?.inHead === true) inHead++;
  if (inHead > 0) return inHead;
  const first = rows[0];
  const isHeader =
    first !== undefined &&
    rows.length > 1 &&
    first.cells.length > 1 &&
    first.cells.every((cell) => cell.name === "th");
  return isHeader ? 1 : 0;
}

/**
 * Lays a table out as browsers do ("forming a table" of the HTML standard): spans fill the places
 * that they cover, rows end up equally long. Work is bounded by `limits`, whatever the spans say.
 * Header rows are those of `<thead>`, else a first row made of `<th>` alone.
 */
export function readGrid(table: Element, limits: GridLimits): Grid {
  const source = readRows(table, limits.rows);
  const rows: (Slot | null)[][] = [];
  let spans: (OpenSpan | undefined)[] = [];
  let group: Element | null = null;
  let slots = 0;
  let width = 0;
  let truncated = source.more;
  for (const { cells, group: rowGroup } of source.rows) {
    // A rowspan ends with its row group.
    if (rowGroup !== group) spans = [];
    group = rowGroup;
    const row: (Slot | null)[] = [];
    const place = (cell: Element, isOrigin: boolean): boolean => {
      if (row.length >= limits.columns || slots >= limits.slots) {
        truncated = true;
        return false;
      }
      row.push({ cell, isOrigin });
      slots++;
      return true;
    };
    const placeSpans = (): void => {
      for (let span = spans[row.length]; span !== undefined; span = spans[row.length]) {
        if (--span.rowsLeft <= 0) spans[row.length] = undefined;
        if (!place(span.cell, false)) return;
      }
    };
    for (const cell of cells) {
      placeSpans();
      const columns = spanOf(cell, "colspan", limits.columns);
      const height = spanOf(cell, "rowspan", limits.rows);
      for (let i = 0; i < columns; i++) {
        // Where a wide cell meets one from above, browsers let them overlap; here the one above keeps its place.
        if (i > 0 && spans[row.length] !== undefined) break;
        const column = row.length;
        if (!place(cell, i === 0)) break;
        if (height > 1) spans[column] = { cell, rowsLeft: height - 1 };
      }
    }
    placeSpans();
    // A span to the right of a gap: the gap stays empty.
    for (let column = row.length; column < spans.length; column++) {
      const span = spans[column];
      if (span === undefined) continue;
      while (row.length < column && row.length < limits.columns) row.push(null);
      if (--span.rowsLeft <= 0) spans[column] = undefined;
      if (!place(span.cell, false)) break;
    }
    rows.push(row);
    width = Math.max(width, row.length);
    if (slots >= limits.slots) {
      truncated ||= rows.length < source.rows.length;
      break;
    }
  }
  for (const row of rows) while (row.length < width) row.push(null);
  return {
    caption: source.caption,
    rows,
    headerRows: Math.min(countHeaderRows(source.rows), rows.length),
    truncated,
  };
}
