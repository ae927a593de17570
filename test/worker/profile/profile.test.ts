import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { savedCodeProfile } from "#profile/service";
import { api, createTestKey } from "../../support/api";
import { openDirectly } from "../../support/people";

const PLACES = [
  ["/api/v1/users/profile", { display_name: "Jiwoo", interests: ["maps"] }, { bio: "Other" }],
  ["/api/v1/users/settings", { pythonSkillLevel: "expert" }, { explanationStyle: "brief" }],
] as const;

describe.each(PLACES)("%s", (path, one, other) => {
  const put = (key: string, json: object, headers = {}): Promise<Response> =>
    api(path, { key, method: "PUT", json, headers });

  test("is empty at first, and then what was put, as a whole", async () => {
    const { key } = await createTestKey();
    const first = await api(path, { key });
    expect(await first.json()).toMatchObject({ updated_at: null });
    const answer = await put(key, one);
    const shown = await answer.json<Record<string, unknown>>();
    expect(shown).toMatchObject(one);
    const read = await api(path, { key });
    expect(read.headers.get("etag")).toBe(answer.headers.get("etag"));
    expect(await read.json()).toEqual(shown);
    // What is left out is empty again.
    const replaced = await (await put(key, other)).json<Record<string, unknown>>();
    expect(replaced).toMatchObject(other);
    expect(replaced).not.toMatchObject(one);
  });

  test("lets one of two writers through who saw the same, at first and later", async () => {
    const { key } = await createTestKey();
    for (let round = 0; round < 2; round++) {
      const seen = await api(path, { key });
      const headers = { "If-Match": seen.headers.get("etag") ?? "" };
      await seen.text();
      const answers = await Promise.all([put(key, one, headers), put(key, other, headers)]);
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412]);
      await Promise.all(answers.map((answer) => answer.text()));
    }
  });

  test("is each owner's own", async () => {
    const [a, b] = [await createTestKey(), await createTestKey()];
    await put(a.key, one);
    expect(await (await api(path, { key: b.key })).json()).not.toMatchObject(one);
  });

  test("is not for a key without the scope of the account", async () => {
    const { key } = await createTestKey({ scopes: ["chat", "code"] });
    expect((await api(path, { key })).status).toBe(403);
    expect((await put(key, one)).status).toBe(403);
  });
});

test("a profile shows the account of a person beside what they tell", async () => {
  const { person, tokens } = await openDirectly();
  const response = await api("/api/v1/users/profile", { key: tokens.access_token });
  expect(await response.json()).toMatchObject({ id: person.id, email: person.email, role: "user" });
});

test.each([
  ["profile", { time_zone: "Mars/Olympus" }, "/time_zone"],
  ["profile", { website: "javascript:alert(1)" }, "/website"],
  ["settings", { pythonSkillLevel: "wizard" }, "/pythonSkillLevel"],
  ["settings", { default_mode: "pirate" }, "/default_mode"],
])("%s refuse %j", async (name, json, pointer) => {
  const { key } = await createTestKey();
  const response = await api(`/api/v1/users/${name}`, { key, method: "PUT", json });
  expect(response.status).toBe(422);
  const { errors } = await response.json<{ errors: { pointer: string }[] }>();
  expect(errors[0]?.pointer).toBe(pointer);
});

test("of the settings, what is set is how code is written, and the rest is left to others", async () => {
  const { key, ownerId } = await createTestKey();
  expect(await savedCodeProfile(env, ownerId)).toBeNull();
  const json = { pythonSkillLevel: "expert", default_mode: "coder" };
  await api("/api/v1/users/settings", { key, method: "PUT", json });
  expect(await savedCodeProfile(env, ownerId)).toEqual({ pythonSkillLevel: "expert" });
});
