import { expect, test } from "vitest";
import { api, createTestKey } from "../../support/api";

test("an echo task goes to a worker and back on one request", async () => {
  const { key } = await createTestKey();
  const response = await api("/api/v1/tasks", {
    key,
    json: { kind: "echo", input: { hello: "나루" } },
  });
  const body = await response.json();
  expect(body).toMatchObject({ status: "completed", data: { hello: "나루" } });
  expect(response.status).toBe(200);
});
