import { expect, test } from "vitest";
import { api } from "../../support/api";
import {
  PATH,
  LIVELY,
  codeOf,
  create,
  owner,
  setClock,
  statusOf,
  tryKey,
} from "../../support/keys";
import type { Key } from "../../support/keys";

test("after a rotation both secrets work until the grace ends, then the new one alone", async () => {
  const as = await owner();
  const made = await create(as);
  const nowMs = Date.now();
  const response = await api(`${PATH}/${made.id}/rotate`, {
    key: as.key,
    json: { grace_seconds: 3600 },
  });
  const rotated = await response.json<Key>();
  expect([response.status, rotated.id]).toEqual([200, made.id]);
  expect(rotated.key).not.toBe(made.key);
  const graceMs = Date.parse(rotated.old_secrets_expire_at ?? "");
  expect(Math.abs(graceMs - nowMs - 3_600_000)).toBeLessThan(60_000);
  const old = await api("/api/v1/tasks", { key: made.key });
  expect([old.status, old.headers.get("x-api-key-expires")]).toEqual([
    200,
    rotated.old_secrets_expire_at,
  ]);
  expect(await tryKey(rotated.key)).toBe(200);
  await setClock(as, graceMs - 1);
  expect([await tryKey(made.key), await tryKey(rotated.key)]).toEqual([200, 200]);
  await setClock(as, graceMs);
  expect(await codeOf(api("/api/v1/tasks", { key: made.key }))).toBe("API_KEY_EXPIRED");
  expect(await tryKey(rotated.key)).toBe(200);
});

test("a rotation without a body gives a day of grace; one with none ends the old secret at once", async () => {
  const as = await owner();
  const made = await create(as);
  const path = `${PATH}/${made.id}/rotate`;
  const first = await (await api(path, { key: as.key, method: "POST" })).json<Key>();
  const hours = (Date.parse(first.old_secrets_expire_at ?? "") - Date.now()) / 3_600_000;
  expect(Math.round(hours)).toBe(24);
  expect(await tryKey(made.key)).toBe(200);
  const json = { grace_seconds: 0 };
  const second = await (await api(path, { key: as.key, json })).json<Key>();
  expect(second.old_secrets_expire_at).toBeNull();
  expect([await tryKey(made.key), await tryKey(first.key), await tryKey(second.key)]).toEqual([
    401, 401, 200,
  ]);
  expect(await codeOf(api(path, { key: as.key, json: { grace_seconds: 604_801 } }))).toBe(
    "VALIDATION_FAILED",
  );
});

test("a revoked key is refused from that moment on, under any number of calls at once", async () => {
  const as = await owner();
  const made = await create(as, { limits: LIVELY });
  let isRevoked = false;
  const late: number[] = [];
  const caller = async (): Promise<void> => {
    for (let i = 0; i < 8; i++) {
      const startedRevoked = isRevoked;
      const status = await tryKey(made.key);
      if (startedRevoked) late.push(status);
    }
  };
  const callers = Array.from({ length: 8 }, caller);
  const revoked = await api(`${PATH}/${made.id}`, { key: as.key, method: "DELETE" });
  isRevoked = true;
  expect([revoked.status, await revoked.text()]).toEqual([204, ""]);
  expect(await codeOf(api("/api/v1/tasks", { key: made.key }))).toBe("INVALID_API_KEY");
  await Promise.all(callers);
  expect(late.filter((status) => status !== 401)).toEqual([]);
  expect(late.length).toBeGreaterThan(0);
  // Again is no error; what is revoked is still to be read, and not to be changed.
  expect(await statusOf(api(`${PATH}/${made.id}`, { key: as.key, method: "DELETE" }))).toBe(204);
  const shown = await (await api(`${PATH}/${made.id}`, { key: as.key })).json<Key>();
  expect(shown.status).toBe("revoked");
  for (const call of [
    api(`${PATH}/${made.id}/rotate`, { key: as.key, method: "POST" }),
    api(`${PATH}/${made.id}`, { key: as.key, method: "PATCH", json: { name: "x" } }),
  ])
    expect(await codeOf(call)).toBe("API_KEY_REVOKED");
  const active = await (await api(`${PATH}?status=active`, { key: as.key })).text();
  expect(active).not.toContain(made.id);
});

test("of many changes at once under one ETag exactly one is made", async () => {
  const as = await owner();
  const made = await create(as);
  const path = `${PATH}/${made.id}`;
  const etag = (await api(path, { key: as.key })).headers.get("etag") ?? "";
  const statuses = await Promise.all(
    Array.from({ length: 10 }, (_, i) =>
      statusOf(
        api(path, {
          key: as.key,
          method: "PATCH",
          json: { name: `n${i}` },
          headers: { "If-Match": etag },
        }),
      ),
    ),
  );
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  expect(statuses.filter((status) => status === 412)).toHaveLength(9);
  const headers = { "If-Match": etag };
  expect(await statusOf(api(path, { key: as.key, method: "DELETE", headers }))).toBe(412);
  // Being used is no change: the tag of what was just read still holds.
  const fresh = (await api(path, { key: as.key })).headers.get("etag") ?? "";
  await tryKey(made.key);
  expect(
    await statusOf(api(path, { key: as.key, method: "DELETE", headers: { "If-Match": fresh } })),
  ).toBe(204);
});

test("a key warns of its end 14 days before, and not sooner", async () => {
  const as = await owner();
  const soon = await create(as, { expires_in_days: 14 });
  const later = await create(as, { expires_in_days: 15 });
  const warned = async (key: string): Promise<string | null> =>
    (await api("/api/v1/tasks", { key })).headers.get("x-api-key-expires");
  expect(await warned(soon.key)).toBe(soon.expires_at);
  expect(await warned(later.key)).toBeNull();
});

test("an answer with a secret is not told again: the key is made once, and the repetition says where", async () => {
  const as = await owner();
  const call = (): Promise<Response> =>
    api(PATH, {
      key: as.key,
      json: { name: "x", scopes: ["scrape"] },
      headers: { "Idempotency-Key": "make-1" },
    });
  const made = await (await call()).json<Key>();
  const again = await call();
  expect([again.status, again.headers.get("location")]).toEqual([409, `${PATH}/${made.id}`]);
  expect(await codeOf(Promise.resolve(again))).toBe("IDEMPOTENCY_NOT_REPLAYABLE");
  const list = await (await api(PATH, { key: as.key })).json<{ items: Key[] }>();
  expect(list.items.filter((key) => key.name === "x")).toHaveLength(1);
});
