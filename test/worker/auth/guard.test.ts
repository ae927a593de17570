import { expect, test } from "vitest";
import { api, createTestKey } from "../../support/api";

test("a good key comes in and is told who it is", async () => {
  const { key, keyId, ownerId } = await createTestKey({ scopes: ["scrape"] });
  const response = await api("/api/v1/test", { key });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    owner_id: ownerId,
    key_id: keyId,
    role: "user",
    scopes: ["scrape"],
    expires_at: null,
  });
  expect(response.headers.get("ratelimit")).toBe('"burst";r=99;t=60, "client";r=999;t=3600');
});
