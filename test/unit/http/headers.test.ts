import { describe, expect, test } from "vitest";
import { acceptsGzip } from "#http/compression";
import { announceRetirement } from "#http/deprecation";
import { isDependencyFailure } from "#http/dependency-failure";
import { etagOf, matchesTag } from "#http/etag";
import { preferredType } from "#http/negotiation";
import { continueTrace, traceIdOf } from "#platform/trace-context";
import { hasCredential } from "#http/url-guard";

const JSON_TYPE = "application/json";
const HTML_TYPE = "text/html";

test.each([
  [undefined, JSON_TYPE],
  ["*/*", JSON_TYPE],
  ["text/html", HTML_TYPE],
  ["text/html;q=0.5, application/json;q=0.4", HTML_TYPE],
  ["text/*;q=0.5, application/json;q=0.4", HTML_TYPE],
  ["text/html;q=0.4, application/json;q=0.5", JSON_TYPE],
  ["text/html;level=1;q=0.9, */*;q=0.1", HTML_TYPE],
  ["TEXT/HTML", HTML_TYPE],
  ["text/html;q=0, */*", JSON_TYPE],
  ["*/*, text/html;q=0", JSON_TYPE],
  ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML_TYPE],
  ["image/png", null],
  ["*/*;q=0", null],
  ["application/json;q=0", null],
  ["garbage;;,", JSON_TYPE],
  ["", JSON_TYPE],
])("Accept %j chooses %j", (header, type) => {
  expect(preferredType(header, [JSON_TYPE, HTML_TYPE])).toBe(type);
});

test.each([
  [undefined, false],
  ["", false],
  ["gzip", true],
  ["GZIP", true],
  ["br, gzip;q=0.5", true],
  ["br,gzip", true],
  ["gzip;q=0", false],
  ["gzip;q=0.0, *", false],
  ["*", true],
  ["*;q=0", false],
  ["br", false],
  ["notgzip", false],
  ["gzipped", false],
  ["identity", false],
])("Accept-Encoding %j allows gzip: %j", (header, isAllowed) => {
  expect(acceptsGzip(header)).toBe(isAllowed);
});

describe("entity tags", () => {
  test.each([
    [undefined, false],
    ['"a"', true],
    ['W/"a"', true],
    ['"b", "a"', true],
    ["*", true],
    ["a", false],
    ['"A"', false],
    ['"ab"', false],
  ])('If-None-Match %j matches "a": %j', (header, isMatch) => {
    expect(matchesTag(header, '"a"')).toBe(isMatch);
    expect(matchesTag(header, 'W/"a"')).toBe(isMatch);
  });

  test("equal representations share a tag, others do not", async () => {
    expect(await etagOf({ a: 1 })).toBe(await etagOf({ a: 1 }));
    expect(await etagOf({ a: 1 })).not.toBe(await etagOf({ a: 2 }));
    expect(await etagOf({ a: 1 })).toMatch(/^"[\w-]{22}"$/);
  });
});

describe("traceparent", () => {
  const TRACE = "0af7651916cd43dd8448eb211c80319c";
  const SPAN = "b7ad6b7169203331";

  test.each([
    [`00-${TRACE}-${SPAN}-01`, "01"],
    [`00-${TRACE}-${SPAN}-00`, "00"],
    [`cc-${TRACE}-${SPAN}-01-what-the-future-brings`, "01"],
  ])("%s is continued with a span of our own", (header, flags) => {
    const [version, trace, span, own] = continueTrace(header).split("-");
    expect([version, trace, own]).toEqual(["00", TRACE, flags]);
    expect(span).toMatch(/^[0-9a-f]{16}$/);
    expect(span).not.toBe(SPAN);
  });

  test.each([
    undefined,
    "",
    `ff-${TRACE}-${SPAN}-01`,
    `00-${"0".repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${"0".repeat(16)}-01`,
    `00-${TRACE}-${SPAN}-01-extra`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}`,
    TRACE,
  ])("%j begins a new trace", (header) => {
    const made = continueTrace(header);
    expect(made).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(traceIdOf(made)).not.toBe(TRACE);
    expect(traceIdOf(made)).not.toBe(traceIdOf(continueTrace(header)));
  });
});

test.each([
  ["token=x", true],
  ["Token=x", true],
  ["a=b&api_key=x", true],
  ["a=nr_prod_0123456789ab", true],
  ["a=Bearer+eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", true],
  ["code=abc&state=def", false],
  ["cursor=eyJhIjoxfQ", false],
  ["", false],
])("the query %j carries a credential: %j", (query, isCredential) => {
  expect(hasCredential(query)).toBe(isCredential);
});

test.each([
  [Object.assign(new Error(""), { overloaded: true }), true],
  [Object.assign(new Error(""), { overloaded: false }), false],
  [{ retryable: true }, true],
  [new Error("Network connection lost."), true],
  [new Error("D1_ERROR: Network connection lost."), true],
  [new TypeError("x is not a function"), false],
  ["Network connection lost", false],
  [null, false],
  [undefined, false],
])("%s is a binding's failure: %j", (error, isFailure) => {
  expect(isDependencyFailure(error)).toBe(isFailure);
});

test.each([
  ["not-a-date", "2027-01-01"],
  ["2027-01-01", "2026-01-01"],
])("a retirement from %s until %s is refused when the server starts", (since, sunset) => {
  expect(() => announceRetirement({ since, sunset, successor: "/x" })).toThrow(/sunset/);
});
