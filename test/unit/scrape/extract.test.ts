import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_INPUT_BYTES } from "#scrape/core/extract";
import { findScript, listScripts } from "#scrape/core/scripts";
import { ADDRESS, refusalOf, runScript } from "../../support/extraction";

describe("what is asked for is judged before anything is read", () => {
  const selectors = { a: "b" };
  const nest = (levels: number): unknown =>
    levels === 0 ? "b" : { selector: "b", fields: { a: nest(levels - 1) } };
  test.each<[string, string, Record<string, unknown>, string[]]>([
    ["no address", "page", { url: undefined }, ["/parameters/url"]],
    ["another scheme", "page", { url: "ftp://a.test/" }, ["/parameters/url"]],
    ["a relative address", "page", { url: "/x" }, ["/parameters/url"]],
    [
      "an address too long",
      "page",
      { url: `https://a.test/${"x".repeat(4096)}` },
      ["/parameters/url"],
    ],
    [
      "unknown parameters",
      "page",
      { nosuch: 1, "o/~ther": 2 },
      ["/parameters/nosuch", "/parameters/o~1~0ther"],
    ],
    [
      "several faults at once",
      "page",
      { include: ["nosuch"], max_links: -1 },
      ["/parameters/include/0", "/parameters/max_links"],
    ],
    ["a limit too high", "links", { limit: 1_000_000 }, ["/parameters/limit"]],
    ["no selectors", "select", {}, ["/parameters/selectors"]],
    ["empty selectors", "select", { selectors: {} }, ["/parameters/selectors"]],
    [
      "too many selectors",
      "select",
      { selectors: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`f${i}`, "b"])) },
      ["/parameters/selectors"],
    ],
    [
      "names of special properties",
      "select",
      { selectors: { constructor: "b" } },
      ["/parameters/selectors/constructor"],
    ],
    [
      "names that results use",
      "select",
      { selectors: { _truncated: "b" } },
      ["/parameters/selectors/_truncated"],
    ],
  ])("%s", (_name, script, parameters, pointers) => {
    const error = refusalOf({ script, parameters });
    expect(error?.code).toBe("VALIDATION_FAILED");
    expect(error?.errors?.map(({ pointer }) => pointer)).toEqual(pointers);
  });

  test("selectors nest four deep and no deeper, and take one thing each", () => {
    expect(refusalOf({ script: "select", parameters: { selectors: { a: nest(3) } } })).toBeNull();
    expect(refusalOf({ script: "select", parameters: { selectors: { a: nest(4) } } })?.code).toBe(
      "VALIDATION_FAILED",
    );
    const both = { a: { selector: "b", html: true, attribute: "c" } };
    expect(refusalOf({ script: "select", parameters: { selectors: both } })?.code).toBe(
      "VALIDATION_FAILED",
    );
  });

  test("selectors, at submit as at the run", () => {
    const parameters = { url: ADDRESS, selectors: { a: "b[" } };
    const checked = findScript("select")?.check(parameters, "");
    expect(checked).toMatchObject({
      ok: false,
      error: { code: "INVALID_SELECTOR", params: { pointer: "/selectors/a" } },
    });
    expect(refusalOf({ script: "select", parameters })?.code).toBe("INVALID_SELECTOR");
    expect(refusalOf({ script: "tables", parameters: { selector: "b[" } })).toMatchObject({
      code: "INVALID_SELECTOR",
      params: { pointer: "/parameters/selector" },
    });
  });

  test("in the caller's language, with one code and pointer for both", () => {
    const faults = (["en", "ko"] as const).map((locale) =>
      ["b:hover", "b[", "> b"].map((selector) => {
        const parameters = { url: ADDRESS, selectors: { a: selector } };
        const checked = findScript("select")?.check(parameters, "", locale);
        return checked?.ok === false ? checked.error.errors?.[0] : undefined;
      }),
    );
    const [english = [], korean = []] = faults;
    english.forEach((fault, i) => {
      expect(korean[i]).toMatchObject({ pointer: "/selectors/a", code: "invalid_selector" });
      expect(fault).toMatchObject({ pointer: "/selectors/a", code: "invalid_selector" });
      expect(korean[i]?.message).toMatch(/[가-힣]/);
      expect(fault?.message).not.toMatch(/[가-힣]/);
    });
  });

  test("the script and the size", () => {
    expect(refusalOf({ script: "nosuch" })).toEqual({
      code: "SCRIPT_NOT_FOUND",
      params: { script_name: "nosuch" },
    });
    expect(refusalOf({ script: "constructor" })?.code).toBe("SCRIPT_NOT_FOUND");
    expect(
      refusalOf({ body: new Uint8Array(MAX_INPUT_BYTES + 1), contentType: "text/plain" }),
    ).toEqual({ code: "RESPONSE_TOO_LARGE", params: { limit: MAX_INPUT_BYTES } });
    expect(
      refusalOf({ script: "select", parameters: { selectors }, body: "<i>".repeat(300_000) })?.code,
    ).toBe("PAGE_TOO_COMPLEX");
  });
});

describe("the list of scripts", () => {
  test("names every built-in with a schema of its parameters", () => {
    expect(listScripts().map(({ name, version }) => `${name} ${version}`)).toEqual([
      "page 1.0.0",
      "article 1.0.0",
      "links 1.0.0",
      "tables 1.0.0",
      "select 1.0.0",
      "feed 1.0.0",
      "sitemap 1.0.0",
    ]);
    for (const script of listScripts()) {
      expect(script.parametersJsonSchema()).toMatchObject({
        type: "object",
        additionalProperties: false,
      });
      expect(script.parametersJsonSchema()["required"]).toContain("url");
      expect(script.title.ko).not.toBe(script.title.en);
    }
  });
  test("finds by name and, where asked, by exact version", () => {
    expect(findScript("page")?.name).toBe("page");
    expect(findScript("Page")).toBeNull();
  });
});

describe("any bytes end in an answer, the same each time", () => {
  const PARAMETERS: Record<string, Record<string, unknown>> = {
    page: {
      include: [
        "title",
        "metadata",
        "headings",
        "text",
        "markdown",
        "links",
        "images",
        "word_count",
      ],
    },
    links: { same_site: true },
    tables: {},
    select: {
      selectors: {
        a: { selector: "*", all: true, html: true },
        b: {
          selector: "p:has(+ p)",
          fields: { c: ":scope", d: { selector: "> a", attribute: "href" } },
        },
      },
    },
  };
  const TYPES = fc.constantFrom(
    "text/html",
    "text/html; charset=euc-kr",
    "text/html;charset=utf-16",
    "text/plain",
    "application/json",
    null,
    "",
    ";;;=",
  );
  const MARKUP = fc
    .array(
      fc.constantFrom(
        "<p>",
        "</p>",
        "<a href='/x y'>",
        "</a>",
        "<table><tr><td colspan=99999>",
        "<meta charset=shift_jis>",
        "<title>",
        "<base href=//>",
        "<li>",
        "<pre>",
        "&#xD800;",
        "&#0;",
        "\ud800",
        "한",
        "<svg>",
        "<script type=application/ld+json>[{",
        "</script>",
        "<h1>",
        "<img src='%'>",
      ),
      { maxLength: 60 },
    )
    .map((pieces) => new TextEncoder().encode(pieces.join("")));
  test.each(Object.keys(PARAMETERS))("%s", (script) => {
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 400 }), MARKUP),
        TYPES,
        (body, contentType) => {
          const request = { body, contentType, script, parameters: PARAMETERS[script] ?? {} };
          const result = runScript(request);
          expect(runScript(request)).toEqual(result);
          // What goes over RPC and into a task's record survives both.
          if (result.ok)
            expect(JSON.parse(JSON.stringify(result.value.data))).toEqual(
              structuredClone(result.value.data),
            );
        },
      ),
      { numRuns: 500 },
    );
  });
});
