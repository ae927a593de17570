import { describe, expect, test } from "vitest";
import { chooseVersion, isVersionRange, normalizeVersion } from "#scrape/core/script-version";

const VERSIONS = ["1.0.0", "1.2.0", "1.10.0", "2.0.0-beta.1", "0.9.0"];

describe("which version is meant", () => {
  test.each([
    [undefined, "1.10.0"],
    ["latest", "1.10.0"],
    ["1.2.0", "1.2.0"],
    ["^1.0.0", "1.10.0"],
    ["~1.2", "1.2.0"],
    ["1.x", "1.10.0"],
    ["<1", "0.9.0"],
    ["2.0.0-beta.1", "2.0.0-beta.1"],
    ["^2.0.0", null],
    ["^2.0.0-beta", "2.0.0-beta.1"],
    ["3.0.0", null],
    ["nonsense", null],
  ])("%s is %s", (wanted, expected) => {
    expect(chooseVersion(VERSIONS, wanted)).toBe(expected);
  });

  test("what is not released runs unasked only where nothing else is there", () => {
    expect(chooseVersion(["1.0.0-a", "1.0.0-b"])).toBe("1.0.0-b");
    expect(chooseVersion([])).toBeNull();
  });
});

test.each([
  ["1.2.3", "1.2.3"],
  ["1.2.3-beta.1", "1.2.3-beta.1"],
  // Two versions that differ in their build alone have no order.
  ["1.2.3+build", null],
  ["v1.2.3", null],
  ["01.2.3", null],
  [" 1.2.3", null],
  ["1.2", null],
  [`1.2.3-${"a".repeat(64)}`, null],
])("the version %s is kept as %s", (text, expected) => {
  expect(normalizeVersion(text)).toBe(expected);
});

test("a range is bounded in length, so that no text can keep its parser busy", () => {
  expect(isVersionRange("^1.0 || >=2 <3")).toBe(true);
  expect(isVersionRange(`>=1${" ".repeat(100)}<2`)).toBe(false);
  expect(isVersionRange("one")).toBe(false);
});
