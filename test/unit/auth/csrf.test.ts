import { expect, test } from "vitest";
import { isTrustedOrigin } from "#auth/core/csrf";

const PUBLIC_URL = "https://naru.example.com";
const APP = "https://app.example.com";

test.each<[string, string | undefined, string, string | null, boolean]>([
  ["its own page, as the settings say", PUBLIC_URL, PUBLIC_URL, null, true],
  ["a page of a listed origin", APP, PUBLIC_URL, null, true],
  ["another page", "https://evil.test", PUBLIC_URL, null, false],
  ["its own host without TLS", "http://naru.example.com", PUBLIC_URL, null, false],
  ["its own host on another port", `${PUBLIC_URL}:8443`, PUBLIC_URL, null, false],
  ["any page where no setting says what is our own", "https://evil.test", "", null, false],
  ["no origin at all where no setting says what is our own", "", "", null, false],
  ["the request's own host, in development", "http://box:9000", PUBLIC_URL, "box:9000", true],
  ["another host, in development", "http://evil.test", PUBLIC_URL, "box:9000", false],
  ["a page without an origin, in development", "null", PUBLIC_URL, "null", false],
])("a cookie from %s", (_what, origin, publicUrl, developmentHost, isTrusted) => {
  const own = { publicUrl, developmentHost };
  expect(isTrustedOrigin({ origin, site: undefined }, own, [APP])).toBe(isTrusted);
});
