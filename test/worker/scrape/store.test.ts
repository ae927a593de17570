import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { deleteVersions, insertVersion } from "#scrape/store";

const LIMITS = { names: 2, versions: 2, rows: 100 };
const add = (name: string, version: string, limits = LIMITS, ownerId = "usr_a", hash = "h") =>
  insertVersion(
    env.DB,
    ownerId,
    { name, version, contentHash: hash, definitionJson: "{}", createdAtMs: 1 },
    limits,
  );

test("names and versions are counted by owner, and two at once cannot both be the last", async () => {
  expect(await add("a", "1.0.0")).toBe("created");
  const both = await Promise.all([add("b", "1.0.0"), add("c", "1.0.0")]);
  expect(both.toSorted()).toEqual(["created", "full"]);
  expect(await add("a", "1.1.0")).toBe("created");
  expect(await add("a", "1.2.0")).toBe("full");
  // What is there already needs no room, and another owner has their own.
  expect(await add("a", "1.1.0")).toBe("exists");
  expect(await add("a", "1.1.0", LIMITS, "usr_a", "other")).toBe("conflict");
  expect(await add("c", "1.0.0", LIMITS, "usr_b")).toBe("created");
});

test("a deletion makes room, and what is deleted takes its part of a bound that nobody meets by use", async () => {
  await add("a", "1.0.0");
  await add("b", "1.0.0");
  await deleteVersions(env.DB, "usr_a", "a", null, 5);
  expect(await add("c", "1.0.0")).toBe("created");
  expect(await add("a", "1.0.0")).toBe("full");
  expect(await add("c", "1.1.0", { ...LIMITS, rows: 3 })).toBe("full");
});
