import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { keepMended } from "#code/service";
import { recordHistory } from "#history/service";
import { api, createTestKey } from "../../support/api";
import type { TestKey } from "../../support/api";
import { ask, ASKED } from "../../support/chat";

const path = "/api/v1/user/history";

interface Page {
  readonly items: readonly (Readonly<Record<string, unknown>> & { readonly id: string })[];
  readonly next_cursor: string | null;
}

const read = async ({ key }: TestKey, query = ""): Promise<Page> =>
  (await api(`${path}${query}`, { key })).json();

/** So many answers in code, the last one the newest. */
async function filled(owner: TestKey, count: number): Promise<void> {
  for (let i = 0; i < count; i++)
    await recordHistory(env.DB, {
      streamId: `str_01kcm4v7d${i}g3q6zr1w8n5tbe2y`,
      ownerId: owner.ownerId,
      kind: "code",
      question: `question ${i}`,
      answer: `answer ${i}`,
      language: "python",
      model: "m",
      isCached: false,
      conversationId: null,
      createdAtMs: i,
    });
}

test("a chat and a generated piece of code stand in it with all that the contract names", async () => {
  const owner = await createTestKey();
  const { body } = await ask(owner, { message: ASKED });
  const json = { user_question: ASKED };
  const code = await api("/api/v1/generate-code", { key: owner.key, json });
  expect(code.status).toBe(200);
  const { items } = await read(owner, "?limit=10");
  expect(items).toMatchObject([
    { kind: "code", question: ASKED, language: "python", model: "embedded", cached: false },
    { kind: "chat", question: ASKED, answer: body.reply, language: null, model: "embedded" },
  ]);
  expect(Object.keys(items[0] ?? {}).sort()).toEqual([
    "answer",
    "cached",
    "created_at",
    "id",
    "kind",
    "language",
    "model",
    "question",
  ]);
});

test("what was mended takes the place of the first draft, and of nobody else's", async () => {
  const [owner, stranger] = [await createTestKey(), await createTestKey()];
  await filled(owner, 2);
  const streamId = "str_01kcm4v7d1g3q6zr1w8n5tbe2y";
  const mended = { generated_code: "x = 1", explanation: "Mended.", language: "python" };
  await keepMended(env, stranger.ownerId, streamId, mended as never);
  expect((await read(owner)).items[0]).toMatchObject({ answer: "answer 1" });
  await keepMended(env, owner.ownerId, streamId, mended as never);
  expect((await read(owner)).items).toMatchObject([
    { answer: "```python\nx = 1\n```\n\nMended." },
    { answer: "answer 0" },
  ]);
});

test("what is written twice stands there once", async () => {
  const owner = await createTestKey();
  await filled(owner, 1);
  await filled(owner, 1);
  expect((await read(owner)).items).toHaveLength(1);
});

test("the newest comes first, page by page, and one kind alone can be asked for", async () => {
  const owner = await createTestKey();
  await filled(owner, 5);
  const seen: unknown[] = [];
  let query = "?limit=2";
  for (;;) {
    const { items, next_cursor }: Page = await read(owner, query);
    seen.push(...items.map(({ question }) => question));
    if (next_cursor === null) break;
    query = `?limit=2&cursor=${next_cursor}`;
  }
  expect(seen).toEqual([4, 3, 2, 1, 0].map((i) => `question ${i}`));
  expect((await read(owner, "?kind=chat")).items).toEqual([]);
  expect((await read(owner, "?kind=code")).items).toHaveLength(5);
});

test("one item is deleted, then all of them, and nobody else's", async () => {
  const [owner, stranger] = [await createTestKey(), await createTestKey()];
  await filled(owner, 3);
  const [item] = (await read(owner)).items;
  const at = `${path}/${item?.id ?? ""}`;
  expect((await api(at, { key: stranger.key, method: "DELETE" })).status).toBe(404);
  expect((await api(path, { key: stranger.key, method: "DELETE" })).status).toBe(204);
  expect((await read(owner)).items).toHaveLength(3);
  expect((await api(at, { key: owner.key, method: "DELETE" })).status).toBe(204);
  expect((await api(at, { key: owner.key, method: "DELETE" })).status).toBe(404);
  expect((await read(owner)).items).toHaveLength(2);
  expect((await api(path, { key: owner.key, method: "DELETE" })).status).toBe(204);
  expect((await read(owner)).items).toEqual([]);
});
