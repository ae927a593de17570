import type { JsonObject } from "#platform/json-value";
import type { Document, Element } from "domhandler";
import { isSafeKey } from "./document";
import { walk } from "./document-walk";
import { type Grid, type GridLimits, readGrid } from "./tables-grid";
import { cut, inlineText } from "./text";

export const TABLE_LIMITS = {
  tables: 200,
  rows: 5_000,
  columns: 200,
  slots: 100_000,
  cellLength: 10_000,
  nameLength: 200,
  /** UTF-16 units of text in one answer, names of record fields included. */
  characters: 2 * 1024 * 1024,
} as const;

export interface TableData {
  readonly caption: string | null;
  /** Unique names of the columns; empty where the table has no header row. */
  readonly headers: string[];
  readonly rows: string[][];
  /** The rows by column name; empty where there are no headers. */
  readonly records: JsonObject[];
  readonly truncated: boolean;
}

/** What all tables of one answer may still use. */
export interface TableBudget {
  slots: number;
  characters: number;
}

export const newTableBudget = (): TableBudget => ({
  slots: TABLE_LIMITS.slots,
  characters: TABLE_LIMITS.characters,
});

/** All tables of a page in document order, outer ones before those inside them. */
export function findTables(root: Document | Element): Element[] {
  const tables: Element[] = [];
  walk(root, {
    enter(element) {
      if (element.name === "table") tables.push(element);
      return true;
    },
  });
  return tables;
}

const isTable = (element: Element): boolean => element.name === "table";

/** Names of columns: header texts from top to bottom, without repetition, made unique and safe as keys. */
function namesOf(grid: Grid, textOf: (cell: Element) => string): string[] {
  const width = grid.rows[0]?.length ?? 0;
  const used = new Map<string, number>();
  const names: string[] = [];
  for (let column = 0; column < width; column++) {
    const parts: string[] = [];
    for (const row of grid.rows.slice(0, grid.headerRows)) {
      const slot = row[column];
      const text = slot === null || slot === undefined ? "" : textOf(slot.cell);
      if (text !== "" && parts.at(-1) !== text) parts.push(text);
    }
    const text = cut(parts.join(" / "), TABLE_LIMITS.nameLength).trim();
    const base = isSafeKey(text) ? text : `column_${column + 1}`;
    let name = base;
    for (let n = used.get(base) ?? 2; names.includes(name); n++) {
      name = `${base}_${n}`;
      used.set(base, n + 1);
    }
    names.push(name);
  }
  return names;
}

/**
 * Reads a table into rows and, where it has headers, records. The text of a cell that spans several
 * places stands in each; a table inside a cell is not part of the cell's text, as it is a table of
 * its own. Takes from `budget`; where that ends, the table is cut after a whole row and says so.
 */
export function readTable(table: Element, budget: TableBudget): TableData {
  const limits: GridLimits = {
    rows: TABLE_LIMITS.rows,
    columns: TABLE_LIMITS.columns,
    slots: budget.slots,
  };
  const grid = readGrid(table, limits);
  const texts = new Map<Element, string>();
  const textOf = (cell: Element): string => {
    let text = texts.get(cell);
    if (text === undefined) {
      text = inlineText(cell, TABLE_LIMITS.cellLength, isTable);
      texts.set(cell, text);
    }
    return text;
  };
  const headers = grid.headerRows > 0 ? namesOf(grid, textOf) : [];
  const namesLength = headers.reduce((sum, name) => sum + name.length, 0);
  const rows: string[][] = [];
  const records: JsonObject[] = [];
  let { truncated } = grid;
  budget.slots -= headers.length * grid.headerRows;
  budget.characters -= namesLength;
  for (const gridRow of grid.rows.slice(grid.headerRows)) {
    const row = gridRow.map((slot) => (slot === null ? "" : textOf(slot.cell)));
    const length = row.reduce((sum, text) => sum + text.length, 0);
    const cost = headers.length > 0 ? 2 * length + namesLength : length;
    if (cost > budget.characters) {
      truncated = true;
      break;
    }
    budget.characters -= cost;
    budget.slots -= row.length;
    rows.push(row);
    if (headers.length > 0) {
      records.push(Object.fromEntries(headers.map((name, column) => [name, row[column] ?? ""])));
    }
  }
  return {
    caption: grid.caption === null ? null : inlineText(grid.caption, 1_000) || null,
    headers,
    rows,
    records,
    truncated,
  };
}
