import { describe, expect, test } from "vitest";
import { fillTemplate } from "#scrape/core/address-template";
import { checkParameters } from "#scrape/core/parameters-check";
import { ParametersSchemaSchema } from "#scrape/core/parameters-schema";
import { ScriptDefinitionSchema } from "#scrape/core/script-definition";
import { describeIssues } from "#platform/faults";
import { faultsOf, scriptJson } from "../../support/script-definitions";

const TITLE = { extract: { title: "h1" } };

/** The faults of the form: `pointer code`. */
function formFaults(json: unknown): string[] {
  const parsed = ScriptDefinitionSchema.safeParse(json);
  if (parsed.success) return [];
  return describeIssues(parsed.error.issues, [], "en").map(
    ({ pointer, code }) => `${pointer} ${code}`,
  );
}

describe("the form of a script", () => {
  test("takes what the documentation shows", () => {
    expect(formFaults(scriptJson([TITLE]))).toEqual([]);
  });

  test.each([
    ["no steps", { ...scriptJson([]), steps: [] }, ["/steps too_small"]],
    ["no fetch", { ...scriptJson([]), steps: [TITLE, TITLE] }, ["/steps fetch_first"]],
    ["a second fetch", scriptJson([{ fetch: "{url}" }]), ["/steps fetch_first"]],
    [
      "two things in a step",
      scriptJson([{ ...TITLE, paginate: { next: "a" } }]),
      ["/steps/1 conflicting_fields"],
    ],
    ["nothing in a step", scriptJson([{}]), ["/steps/1 conflicting_fields"]],
    [
      "an unknown step",
      scriptJson([{ click: "a" }]),
      ["/steps/1/click unknown_field", "/steps/1 conflicting_fields"],
    ],
    [
      "two things taken at once",
      scriptJson([{ extract: { a: { selector: "a", html: true, table: true } } }]),
      ["/steps/1/extract/a conflicting_fields"],
    ],
    [
      "a name that results use",
      scriptJson([{ extract: { _truncated: "a" } }]),
      ["/steps/1/extract/_truncated invalid_key"],
    ],
    [
      "a step over values that is not in the list",
      scriptJson([{ extract: { a: { selector: "a", transforms: [{ op: "eval" }] } } }]),
      ["/steps/1/extract/a/transforms/0/op invalid_union"],
    ],
    [
      "follow steps three deep",
      scriptJson([follow([follow([follow([TITLE])])])]),
      [
        "/steps/1/follow/steps/0/follow/steps/0/follow unknown_field",
        "/steps/1/follow/steps/0/follow/steps/0 conflicting_fields",
      ],
    ],
    [
      "neither links nor from",
      scriptJson([{ follow: { into: "a", steps: [TITLE] } }]),
      ["/steps/1/follow conflicting_fields"],
    ],
    [
      "columns without csv",
      scriptJson([TITLE], { output: { columns: ["a"] } }),
      ["/output conflicting_fields"],
    ],
    ["101 pages", scriptJson([TITLE], { limits: { pages: 101 } }), ["/limits/pages too_big"]],
    [
      "parameters with what no validator runs in linear time",
      scriptJson([TITLE], { parameters: { type: "object", patternProperties: { "(a+)+": {} } } }),
      ["/parameters/patternProperties unknown_field"],
    ],
  ])("refuses %s", (_what, json, faults) => {
    expect(formFaults(json)).toEqual(faults);
  });
});

function follow(steps: readonly object[]): object {
  return { follow: { links: "a", into: "more", steps } };
}

describe("what a script's form does not show", () => {
  const parameters = (properties: object, required: string[] = []) => ({
    parameters: { type: "object", properties, required },
  });
  const fetching = (fetch: string, more: object) => ({
    steps: [{ fetch }, TITLE],
    ...more,
  });

  test.each([
    ["a version that is none", [TITLE], { version: "one" }, ["/version invalid_version"]],
    [
      "every selector that is none",
      [
        { extract: { a: "a[", b: { selector: "ul", fields: { c: ":nope" } } } },
        { paginate: { next: "<" } },
      ],
      {},
      [
        "/steps/1/extract/a invalid_selector",
        "/steps/1/extract/b/fields/c invalid_selector",
        "/steps/2/paginate/next invalid_selector",
      ],
    ],
    [
      "a pattern that backtracks",
      [
        {
          extract: {
            a: { selector: "a", transforms: [{ op: "trim" }, { op: "match", pattern: "(a)\\1" }] },
          },
        },
      ],
      {},
      ["/steps/1/extract/a/transforms/1 invalid_pattern"],
    ],
    [
      "steps over a record",
      [{ extract: { a: { selector: "a", table: true, transforms: [{ op: "trim" }] } } }],
      {},
      ["/steps/1/extract/a/transforms conflicting_fields"],
    ],
    ["one name twice", [TITLE, TITLE], {}, ["/steps/2/extract/title duplicate_name"]],
    [
      "a follow step under a field's name",
      [TITLE, { follow: { links: "a", into: "title", steps: [TITLE] } }],
      {},
      ["/steps/2/follow/into duplicate_name"],
    ],
    [
      "addresses from a list that is not there",
      [TITLE, { follow: { from: "boats.url", into: "more", steps: [TITLE] } }],
      {},
      ["/steps/2/follow/from unknown_list"],
    ],
    [
      "pages turned twice",
      [TITLE, { paginate: { next: "a" } }, { paginate: { next: "b" } }],
      {},
      ["/steps/3/paginate duplicate_name"],
    ],
    [
      "rows that no step makes",
      [TITLE],
      { output: { format: "csv", rows: "boats" } },
      ["/output/rows unknown_list"],
    ],
    [
      "a parameter that is not declared",
      [],
      fetching("https://a.example/{q}", parameters({})),
      ["/steps/0/fetch invalid_address"],
    ],
    [
      "a parameter that may be missing",
      [],
      fetching("https://a.example/{q}", parameters({ q: { type: "string" } })),
      ["/steps/0/fetch invalid_address"],
    ],
    [
      "a parameter that chooses the host",
      [],
      fetching("https://{q}/x", parameters({ q: { type: "string" } }, ["q"])),
      ["/steps/0/fetch invalid_address"],
    ],
    [
      "a parameter that ends the host",
      [],
      fetching("https://a.example{q}", parameters({ q: { type: "string" } }, ["q"])),
      ["/steps/0/fetch invalid_address"],
    ],
    [
      "a pattern and a default of the parameters",
      [],
      fetching(
        "https://a.example/",
        parameters({
          a: { type: "string", pattern: "(?=a)" },
          b: { type: "integer", default: "x" },
        }),
      ),
      ["/parameters/properties/a/pattern invalid_pattern"],
    ],
    [
      "a default that breaks its own schema",
      [],
      fetching("https://a.example/", parameters({ b: { type: "integer", default: "x" } })),
      ["/parameters/properties/b/default invalid_default"],
    ],
  ])("%s is refused with a pointer", (_what, steps, more, faults) => {
    expect(faultsOf(steps, more)).toEqual(faults);
  });

  test("51 fields over all steps are too many", () => {
    const fields = Object.fromEntries(Array.from({ length: 51 }, (_none, n) => [`f${n}`, "a"]));
    expect(faultsOf([{ extract: fields }])).toEqual(["/steps too_big"]);
  });
});

test.each([
  ["{url}", { url: " https://a.example/?b=c d " }, "https://a.example/?b=c d"],
  [
    "https://a.example/{q}?n={n}&f={f}",
    { q: "a/../b c&d", n: 3, f: true },
    "https://a.example/a%2F..%2Fb%20c%26d?n=3&f=true",
  ],
  ["https://a.example/{q}", { q: "\uD800" }, "https://a.example/%EF%BF%BD"],
])(
  "the template %s is filled in so that no parameter reaches beyond its place",
  (template, parameters, url) => {
    expect(fillTemplate(template, parameters)).toBe(url);
  },
);

describe("parameters", () => {
  const schema = ParametersSchemaSchema.parse({
    type: "object",
    properties: {
      url: { type: "string", format: "uri" },
      code: { type: "string", pattern: "^[A-Z]{2}\\d+$" },
      count: { type: "integer", minimum: 1, maximum: 5, default: 2 },
      tags: { type: "array", items: { type: "string", pattern: "^[a-z]+$" }, maxItems: 2 },
    },
    required: ["url"],
  });
  const check = (parameters: object) => {
    const checked = checkParameters(schema, parameters, "/parameters", "en");
    if (checked.ok) return checked.value;
    return checked.error.errors?.map(({ pointer, code }) => `${pointer} ${code}`).toSorted();
  };

  test("come with their defaults", () => {
    expect(check({ url: "https://a.example/", tags: ["a"] })).toEqual({
      url: "https://a.example/",
      tags: ["a"],
      count: 2,
    });
  });

  test("are refused with every fault, those of patterns among them", () => {
    expect(check({ code: "x1", count: 9, tags: ["a", "B"], other: 1 })).toEqual([
      "/parameters/code pattern_mismatch",
      "/parameters/count too_big",
      "/parameters/other unknown_field",
      "/parameters/tags/1 pattern_mismatch",
      "/parameters/url required",
    ]);
  });

  test("meet no engine that backtracks", () => {
    const slow = ParametersSchemaSchema.parse({
      type: "object",
      properties: { a: { type: "string", pattern: "^(a+)+$" } },
    });
    const checked = checkParameters(slow, { a: `${"a".repeat(10_000)}!` }, "", "en");
    expect(checked.ok ? null : checked.error.errors?.[0]?.code).toBe("pattern_mismatch");
  });
});
