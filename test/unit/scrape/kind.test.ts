import type { JsonObject } from "#platform/json-value";
import { describe, expect, test } from "vitest";
import { validateScrape } from "#scrape/kind";
import type { ScrapeContext } from "#scrape/kind";

const CONTEXT: ScrapeContext = {
  config: { scrapeAllowHosts: ["localhost:8787"], scrapeAllowPrivate: false },
  locale: "en",
  root: [],
};
const URL = "https://example.com/a";

function submit(input: JsonObject) {
  const result = validateScrape(input, CONTEXT);
  if (result.ok) return { value: result.value };
  return {
    code: result.error.code,
    pointers: (result.error.options.errors ?? []).map((fault) => fault.pointer),
  };
}
const page = (parameters: JsonObject): JsonObject => ({ script_name: "page", parameters });

test("a scrape goes on with the version that was found and the defaults filled in", () => {
  expect(submit(page({ url: URL }))).toMatchObject({
    value: {
      script_name: "page",
      script_version: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string,
      parameters: { url: URL },
    },
  });
});

describe("refused at once", () => {
  test.each([
    [
      "an unknown script",
      { script_name: "nope", parameters: { url: URL } },
      "SCRIPT_NOT_FOUND",
      [],
    ],
    [
      "an unknown version",
      { script_name: "page", script_version: "99.0.0", parameters: { url: URL } },
      "SCRIPT_NOT_FOUND",
      [],
    ],
    [
      "a name that is none",
      { script_name: "../page", parameters: { url: URL } },
      "VALIDATION_FAILED",
      ["/script_name"],
    ],
    ["no script, no parameters", {}, "VALIDATION_FAILED", ["/script_name", "/parameters"]],
    [
      "parameters that are no object",
      { script_name: "page", parameters: [] },
      "VALIDATION_FAILED",
      ["/parameters"],
    ],
    [
      "an unknown field",
      { script_name: "page", parameters: { url: URL }, "a/b": 1 },
      "VALIDATION_FAILED",
      ["/a~1b"],
    ],
    ["no address", page({}), "VALIDATION_FAILED", ["/parameters/url"]],
    ["an address that is none", page({ url: "nope" }), "VALIDATION_FAILED", ["/parameters/url"]],
    [
      "a selector that is none",
      { script_name: "select", parameters: { url: URL, selectors: { a: "::" } } },
      "INVALID_SELECTOR",
      ["/parameters/selectors/a"],
    ],
  ] as [string, JsonObject, string, string[]][])("%s", (_name, input, code, pointers) => {
    expect(submit(input)).toEqual({ code, pointers });
  });

  test.each([
    "http://127.0.0.1/",
    "http://2130706433/",
    "http://[::ffff:7f00:1]/",
    "http://localhost/",
    "http://user:pass@example.com/",
    "http://example.com:22/",
    "http://metadata.google.internal/",
  ])("the address %s, with a pointer to it", (url) => {
    expect(submit(page({ url }))).toEqual({
      code: "URL_NOT_ALLOWED",
      pointers: ["/parameters/url"],
    });
  });

  test.each(["file:///etc/passwd", "data:text/html,x", "ftp://example.com/"])(
    "the scheme of %s",
    (url) => {
      expect(submit(page({ url }))).toMatchObject({ pointers: ["/parameters/url"] });
    },
  );
});

test("an address that the operator allows passes", () => {
  expect(submit(page({ url: "http://localhost:8787/samples/ferry.html" }))).toHaveProperty("value");
});

describe.each(["en", "ko"] as const)("in %s", (locale) => {
  const isSpoken = (text: string): boolean => /[가-힣]/.test(text) === (locale === "ko");
  const faultsOf = (input: JsonObject) => {
    const result = validateScrape(input, { ...CONTEXT, locale, root: ["input"] });
    return result.ok ? [] : (result.error.options.errors ?? []);
  };

  test.each([
    [{}, ["/input/script_name", "/input/parameters"]],
    [page({ url: "nope", more: 1 }), ["/input/parameters/url", "/input/parameters/more"]],
    [page({ url: "http://10.0.0.1/" }), ["/input/parameters/url"]],
    [page({ url: "http://wiki/" }), ["/input/parameters/url"]],
    [page({ url: "http://example.com:22/" }), ["/input/parameters/url"]],
    [page({ url: "http://u:p@example.com/" }), ["/input/parameters/url"]],
  ] as [JsonObject, string[]][])("%j is told with pointers from where it stands", (input, at) => {
    const faults = faultsOf(input);
    expect(faults.map((fault) => fault.pointer)).toEqual(at);
    for (const { message } of faults) expect(isSpoken(message)).toBe(true);
  });
});
