import { expect, test } from "vitest";
import { landedUrl, readReturn, refusedUrl } from "#signin/core/landing";

const OWN = "https://naru.example.com";
const APP = "https://app.example.com";

test.each([
  ["/", `${OWN}/`],
  ["/console?tab=a%20b", `${OWN}/console?tab=a%20b`],
  ["/a/../b", `${OWN}/b`],
  [`${OWN}/console`, `${OWN}/console`],
  [`${APP}/after`, `${APP}/after`],
  ["HTTPS://APP.example.com/after", `${APP}/after`],
  ["/..//evil.test", `${OWN}//evil.test`],
])("%s is a page to go back to", (text, url) => {
  expect(readReturn(text, OWN, [APP, "*"])).toEqual({ ok: true, value: url });
});

test.each([
  "",
  "console",
  "?a=1",
  "//evil.test/",
  "///evil.test/",
  "/\\evil.test/",
  "\\\\evil.test",
  "/\t/evil.test",
  "/\n/evil.test",
  "https:evil.test",
  "https:/evil.test",
  "https:///evil.test",
  "https://evil.test/",
  "https://evil.test/?https://app.example.com",
  "https://app.example.com.evil.test/",
  "https://app.example.com@evil.test/",
  "https://me@app.example.com/",
  "https://app.example.com:8443/",
  "http://app.example.com/",
  "http://naru.example.com/",
  "https://other.example.com/",
  "javascript:alert(1)",
  "data:text/html,x",
  "/page#part",
  `/${"a".repeat(1024)}`,
])("%j is none", (text) => {
  expect(readReturn(text, OWN, [APP, "*"])).toEqual({ ok: false, error: "not_allowed" });
});

test("no page is our own where no setting says what is", () => {
  for (const text of ["/", "https://evil.test/", OWN])
    expect(readReturn(text, "", []).ok).toBe(false);
});

test("only a page that cannot read our cookies is told the CSRF token, and a refusal its code", () => {
  expect(landedUrl(`${OWN}/a`, OWN, "t0ken")).toBe(`${OWN}/a`);
  expect(landedUrl(`${APP}/a?b=1`, OWN, "t0ken")).toBe(`${APP}/a?b=1#csrf_token=t0ken`);
  expect(refusedUrl(`${APP}/a?b=1&error=x`, "OAUTH_DENIED")).toBe(
    `${APP}/a?b=1&error=OAUTH_DENIED`,
  );
});
