import { afterEach, describe, expect, test } from "vitest";
import { correlated, correlation, inOwnTrace } from "#platform/correlation";
import { ApiError } from "#platform/errors";
import { createLogger } from "#platform/log";
import { inSpan, useTracer } from "#platform/tracing";
import type { Tracer } from "#platform/tracing";

interface Seen {
  name: string;
  readonly attributes: Record<string, unknown>;
  status: string | null;
}

function record(isTraced = true): { readonly seen: Seen[]; readonly tracer: Tracer } {
  const seen: Seen[] = [];
  return {
    seen,
    tracer: {
      enterSpan: (name, callback) => {
        const span: Seen = { name, attributes: {}, status: null };
        seen.push(span);
        return callback({
          isTraced,
          setAttribute: (key, value) => (span.attributes[key] = value),
          setStatus: ({ code }) => (span.status = code),
          updateName: (to) => (span.name = to),
        });
      },
    },
  };
}
afterEach(() => {
  useTracer(null);
});

describe("a span", () => {
  test("is nothing but the work where nobody traces", async () => {
    const { seen, tracer } = record(false);
    for (const used of [null, tracer]) {
      useTracer(used);
      const work = inSpan("x", { "http.request.method": "GET" }, async (span) => {
        span.set({ "http.response.status_code": 200 });
        span.rename("y");
        span.fail("z");
        return span.isTraced;
      });
      expect(await work).toBe(false);
    }
    expect(seen).toEqual([{ name: "x", attributes: {}, status: null }]);
  });

  test("has the attributes of its beginning and those that came later, without the undefined", async () => {
    const { seen, tracer } = record();
    useTracer(tracer);
    const result = await inSpan(
      "GET",
      { "http.request.method": "GET", "http.route": undefined },
      async (span) => {
        await Promise.resolve();
        span.rename("GET /x/:id");
        span.set({ "http.route": "/x/:id", "http.response.status_code": 200 });
        return 7;
      },
    );
    expect(result).toBe(7);
    expect(seen).toEqual([
      {
        name: "GET /x/:id",
        attributes: {
          "http.request.method": "GET",
          "http.route": "/x/:id",
          "http.response.status_code": 200,
        },
        status: null,
      },
    ]);
  });

  test.each([
    ["a code of ours", new ApiError("CONFLICT"), "CONFLICT"],
    ["a class", new TypeError("user@example.com"), "TypeError"],
    ["something else", "text", "unknown"],
  ])(
    "that ends in %s says so without the message, and the error goes on",
    async (_what, thrown, type) => {
      const { seen, tracer } = record();
      useTracer(tracer);
      const later = inSpan("later", {}, async () => {
        await Promise.resolve();
        throw thrown;
      });
      await expect(later).rejects.toBe(thrown);
      expect(() =>
        inSpan("at once", {}, () => {
          throw thrown;
        }),
      ).toThrow();
      for (const { attributes, status } of seen)
        expect([attributes, status]).toEqual([{ "error.type": type }, "error"]);
      expect(seen).toHaveLength(2);
    },
  );

  test("tells no credential, whatever it is told", () => {
    const { seen, tracer } = record();
    useTracer(tracer);
    inSpan("x", { "gen_ai.request.model": "sk-hunter2hunter2" }, () => {});
    expect(seen[0]?.attributes["gen_ai.request.model"]).toBe("***");
  });
});

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const traceparent = `00-${TRACE}-b7ad6b7169203331-01`;

describe("what a line belongs to", () => {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger("debug", (line) => {
    lines.push(JSON.parse(line) as Record<string, unknown>);
  });
  afterEach(() => {
    lines.length = 0;
  });

  test("is in it, across awaits and what nobody waits for, and two that run at once keep apart", async () => {
    const other = { traceparent: traceparent.replace(TRACE, "f".repeat(32)), taskId: "task_1" };
    let last = Promise.resolve();
    await Promise.all([
      correlated({ traceparent, requestId: "req_1" }, async () => {
        await Promise.resolve();
        last = Promise.resolve().then(() => log.info("later"));
        log.info("first");
      }),
      correlated(other, async () => {
        await Promise.resolve();
        log.info("second");
      }),
    ]);
    await last;
    const told = Object.fromEntries(lines.map(({ event, ...line }) => [event, line]));
    expect(told["first"]).toMatchObject({ trace_id: TRACE, request_id: "req_1" });
    expect(told["later"]).toMatchObject({ trace_id: TRACE, request_id: "req_1" });
    expect(told["second"]).toMatchObject({ trace_id: "f".repeat(32), task_id: "task_1" });
    expect(told["second"]).not.toHaveProperty("request_id");
    expect(correlation()).toBeUndefined();
  });

  test("is a trace of its own for a job that nobody asked for, one for all of its lines", () => {
    inOwnTrace(() => {
      log.info("a");
      log.info("b");
    });
    inOwnTrace(() => {
      log.info("c");
    });
    const [a, b, c] = lines.map((line) => line["trace_id"]);
    expect(a).toMatch(/^[0-9a-f]{32}$/);
    expect([b, c === a]).toEqual([a, false]);
  });

  test("is what the line says itself, where it knows better", () => {
    correlated({ traceparent }, () => {
      log.info("x", { trace_id: "e".repeat(32) });
    });
    expect(lines[0]).toMatchObject({ trace_id: "e".repeat(32) });
  });

  test("shows no credential that a caller gave as its request's id", () => {
    const key = `nr_dev_${"0".repeat(42)}_${"1".repeat(32)}_${"2".repeat(12)}`;
    correlated({ traceparent, requestId: key }, () => {
      log.info("x");
    });
    expect(JSON.stringify(lines)).not.toContain("1".repeat(32));
  });
});
