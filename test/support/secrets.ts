/** Everything that is kept or told, as text, to be searched for what must be in none of it. */
import { listDurableObjectIds, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, vi } from "vitest";

/** Every line that is logged from here on. `vi.restoreAllMocks` ends it. */
export function listenToLog(): string[] {
  const lines: string[] = [];
  for (const level of ["log", "warn", "error", "info", "debug"] as const)
    vi.spyOn(console, level).mockImplementation((...parts: unknown[]) => {
      lines.push(parts.map(String).join(" "));
    });
  return lines;
}

/** Everything in D1. */
export async function databaseText(): Promise<string> {
  const tables = await env.DB.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf*' AND name NOT GLOB 'sqlite*'",
  ).all<{ name: string }>();
  const rows = await Promise.all(
    tables.results.map(({ name }) => env.DB.prepare(`SELECT * FROM "${name}"`).all()),
  );
  expect(tables.results.map(({ name }) => name)).toContain("audit");
  return JSON.stringify(rows.map(({ results }) => results));
}

/** Everything that an object stored, its key-value pairs included. */
export const storageText = (stub: DurableObjectStub<never>): Promise<string> =>
  runInDurableObject(stub, async (_object, state) => {
    const pairs = [...(await state.storage.list())];
    const tables = state.storage.sql
      .exec<{ name: string }>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf*'",
      )
      .toArray();
    const rows = tables.map(({ name }) =>
      state.storage.sql.exec(`SELECT * FROM "${name}"`).toArray(),
    );
    return JSON.stringify([pairs, rows]);
  });

const NAMESPACES = [env.CLIENT_GATE, env.ACCOUNT] as unknown as DurableObjectNamespace<never>[];
/** What other tests left: emptied, and still listed. */
const left = new Set<string>();

/** To be run before each test that asks for `objectsText`: it then looks at the objects of that test alone. */
export async function noteObjects(): Promise<void> {
  for (const namespace of NAMESPACES)
    for (const id of await listDurableObjectIds(namespace)) left.add(id.toString());
}

/** Everything that all gates and Accounts of this test stored. */
export async function objectsText(): Promise<string> {
  const texts: string[] = [];
  for (const namespace of NAMESPACES)
    for (const id of await listDurableObjectIds(namespace))
      if (!left.has(id.toString())) texts.push(await storageText(namespace.get(id)));
  expect(texts.length).toBeGreaterThan(0);
  return texts.join("\n");
}

/** Fails where one of `secrets` stands in one of `texts`, which are named by where they are. */
export function expectNowhere(
  secrets: readonly string[],
  texts: Readonly<Record<string, string>>,
): void {
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(8);
    for (const [where, text] of Object.entries(texts))
      expect(text.includes(secret), `${secret.slice(0, 6)}… in ${where}`).toBe(false);
  }
}
