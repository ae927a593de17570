import { expect, test } from "vitest";
import { narrowScope } from "#oauth/core/scope";

test.each([
  [undefined, ["a", "b"], ["a", "b"]],
  ["", ["a", "b"], ["a", "b"]],
  ["  ", ["a"], ["a"]],
  ["a", ["a", "b"], ["a"]],
  ["b  a b", ["a", "b"], ["b", "a"]],
  ["gw:billing", ["gw", "a"], ["gw:billing"]],
])("asking for %j of %j gives %j", (requested, granted, value) => {
  expect(narrowScope(requested, granted)).toEqual({ ok: true, value });
});

test.each([
  ["a c", ["a", "b"]],
  ["*", ["a"]],
  ["A", ["a"]],
  ["a\tb", ["a", "b", "a\tb"]],
  ['a"', ['a"']],
  ["ä", ["ä"]],
  ["a".repeat(67), ["a".repeat(67)]],
  ["gw", ["gw:billing"]],
  ["gw:Billing", ["gw"]],
])("asking for %j of %j is refused whole", (requested, granted) => {
  expect(narrowScope(requested, granted)).toEqual({ ok: false, error: "invalid_scope" });
});
