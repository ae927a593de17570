import { expect, test } from "vitest";
import { createLogger, describeError } from "#platform/log";

test("a line is one JSON object with time, level and event, and the fields that were chosen", () => {
  const lines: string[] = [];
  createLogger("info", (line) => lines.push(line)).warn("thing.happened", { a: 1, b: undefined });
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain("\n");
  expect(JSON.parse(lines[0] ?? "")).toEqual({
    timestamp: expect.stringMatching(/\.\d{3}Z$/),
    level: "warn",
    event: "thing.happened",
    // Nothing runs here that a request led to: a trace of this line alone.
    trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    a: 1,
  });
});

test.each([
  ["debug", 4],
  ["info", 3],
  ["warn", 2],
  ["error", 1],
] as const)("at %s, %i of the four levels are written", (level, count) => {
  const lines: string[] = [];
  const log = createLogger(level, (line) => lines.push(line));
  log.debug("a");
  log.info("a");
  log.warn("a");
  log.error("a");
  expect(lines).toHaveLength(count);
});

test("of a failure its name and the start of its message are kept, never its stack", () => {
  const fields = describeError(new TypeError("x".repeat(1000)));
  expect(fields).toEqual({ error_name: "TypeError", error_message: "x".repeat(300) });
  expect(describeError("text")).toEqual({ error_name: "unknown", error_message: "text" });
});
