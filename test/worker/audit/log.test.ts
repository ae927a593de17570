import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { makeEntry, recordAudit } from "#audit/service";
import type { AuditEvent } from "#audit/service";
import { auditInsert } from "#audit/storage";
import { api, createTestKey } from "../../support/api";

const EVENT: AuditEvent = {
  actorId: "usr_a",
  action: "user.disable",
  subjectId: "usr_b",
  address: "192.0.2.1",
  details: { reason: "asked for" },
};

interface Page {
  readonly items: readonly {
    readonly id: string;
    readonly action: string;
    readonly subject_id: string | null;
  }[];
  readonly next_cursor: string | null;
}

const adminKey = async (): Promise<string> => (await createTestKey({ role: "admin" })).key;

async function read(query: string, key: string): Promise<Page> {
  const response = await api(`/api/v1/admin/audit${query}`, { key });
  expect(response.status).toBe(200);
  return response.json();
}

test("the database itself refuses to change, remove or replace an entry", async () => {
  await recordAudit(env, EVENT);
  for (const statement of ["UPDATE audit SET actor_id = 'usr_c'", "DELETE FROM audit"]) {
    const outcome = await env.DB.prepare(statement)
      .run()
      .then(
        () => "done",
        (error: unknown) => String(error),
      );
    expect([statement, outcome]).toEqual([statement, expect.stringContaining("append only")]);
  }
  await env.DB.prepare(
    "INSERT OR REPLACE INTO audit (id, at, action) SELECT id, 0, 'other.thing' FROM audit",
  ).run();
  const { results } = await env.DB.prepare("SELECT actor_id, action FROM audit").all();
  expect(results).toEqual([{ actor_id: "usr_a", action: "user.disable" }]);
});

test("an entry that an outbox writes twice is there once", async () => {
  const entry = makeEntry(EVENT);
  await auditInsert(env.DB, [entry]).run();
  await auditInsert(env.DB, [entry, makeEntry(EVENT)]).run();
  const row = await env.DB.prepare("SELECT count(*) AS n FROM audit").first<{ n: number }>();
  expect(row?.n).toBe(2);
});

test("an entry reads as it was recorded", async () => {
  await recordAudit(env, EVENT);
  const { items } = await read("", await adminKey());
  expect(items).toEqual([
    {
      id: expect.stringMatching(/^aud_/),
      at: expect.stringMatching(/T.*\.\d{3}Z$/),
      actor_id: "usr_a",
      action: "user.disable",
      subject_id: "usr_b",
      address: "192.0.2.1",
      details: { reason: "asked for" },
    },
  ]);
});

test("pages follow each other without a gap or a repetition, also among entries of one millisecond", async () => {
  const entries = Array.from({ length: 7 }, (_, i) => ({
    ...makeEntry({ ...EVENT, subjectId: `usr_${i}` }),
    atMs: i < 5 ? 1000 : 2000,
  }));
  await auditInsert(env.DB, entries).run();
  const key = await adminKey();
  const seen: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const page: Page = await read(`?limit=3${cursor && `&cursor=${cursor}`}`, key);
    expect(page.items.length).toBeLessThanOrEqual(3);
    seen.push(...page.items.map((item) => item.id));
    cursor = page.next_cursor;
  }
  const wanted = entries
    .toSorted((a, b) => b.atMs - a.atMs || (a.id < b.id ? 1 : -1))
    .map((entry) => entry.id);
  expect(seen).toEqual(wanted);
});

test("filters narrow by actor, subject, action and time", async () => {
  await recordAudit(env, EVENT);
  await recordAudit(env, { ...EVENT, actorId: "usr_x", action: "user.enable", subjectId: "usr_y" });
  const key = await adminKey();
  const actions = async (query: string): Promise<string[]> =>
    (await read(query, key)).items.map((item) => item.action);
  expect(await actions("?actor_id=usr_x")).toEqual(["user.enable"]);
  expect(await actions("?subject_id=usr_b")).toEqual(["user.disable"]);
  expect(await actions("?action=user.enable&actor_id=usr_a")).toEqual([]);
  expect(await actions("?from=2999-01-01T00:00:00Z")).toEqual([]);
  expect((await actions("?from=2020-01-01T00:00:00Z&to=2999-01-01T00:00:00Z")).length).toBe(2);
});

test("nobody but an admin reads the log, whatever scopes a credential lists", async () => {
  for (const role of ["user", "service", "worker"] as const) {
    const { key } = await createTestKey({ role, scopes: ["*", "admin"] });
    const response = await api("/api/v1/admin/audit", { key });
    expect([role, response.status]).toEqual([role, 403]);
    await response.text();
  }
});

test("a cursor of another list is refused", async () => {
  const response = await api("/api/v1/admin/audit?cursor=e30", { key: await adminKey() });
  expect(response.status).toBe(400);
  await response.text();
});
