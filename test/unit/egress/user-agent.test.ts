import { expect, test } from "vitest";
import { version } from "../../../package.json";
import { PRODUCT_TOKEN, USER_AGENT } from "#egress/core/user-agent";

test("the User-Agent names the product by its robots.txt token and the version that is built", () => {
  expect(USER_AGENT.startsWith(`${PRODUCT_TOKEN}/${version} `)).toBe(true);
});
