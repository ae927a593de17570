import { env, exports } from "cloudflare:workers";
import { expect, test } from "vitest";

test("the root answers", async () => {
  const response = await exports.default.fetch("http://naru.test/");
  expect(await response.json()).toMatchObject({ message: "naru" });
});
test("db", async () => {
  expect(await env.DB.prepare("select count(*) n from tasks").first("n")).toBe(0);
});
