import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { createBreaker } from "#egress/service";
import { api, createTestKey } from "../../support/api";

interface Problem {
  readonly code: string;
  readonly errors?: readonly { readonly pointer: string }[];
}

let key = "";
beforeEach(async () => {
  ({ key } = await createTestKey());
});

describe.each(["/scrape", "/api/v1/scrape"])("POST %s", (path) => {
  const submit = async (json: unknown, headers = {}) => {
    const response = await api(path, { key, json, headers });
    return { status: response.status, body: await response.json<Problem>() };
  };

  test("refuses an address inside a network with a pointer to it, and queues nothing", async () => {
    const { status, body } = await submit({
      script_name: "page",
      parameters: { url: "http://2130706433/" },
    });
    expect(status).toBe(422);
    expect(body).toMatchObject({
      code: "URL_NOT_ALLOWED",
      errors: [{ pointer: "/parameters/url", code: "private_address" }],
    });
    const tasks = await (await api("/api/v1/tasks", { key })).json();
    expect(tasks).toMatchObject({ items: [] });
  });

  test("refuses a script that is not there", async () => {
    expect(
      await submit({ script_name: "nope", parameters: { url: "https://example.com/" } }),
    ).toMatchObject({ status: 404, body: { code: "SCRIPT_NOT_FOUND" } });
  });

  test("names every fault of the parameters", async () => {
    const { status, body } = await submit({
      script_name: "tables",
      parameters: { url: "nope", index: -1, other: true },
    });
    expect(status).toBe(422);
    expect(body.errors?.map((fault) => fault.pointer).sort()).toEqual([
      "/parameters/index",
      "/parameters/other",
      "/parameters/url",
    ]);
  });

  test.each([
    [{ script_name: "a b", parameters: {} }, ["/script_name"]],
    [{ script_name: "x".repeat(65), parameters: {} }, ["/script_name"]],
    [{ script_name: "page", parameters: {}, callback: 1 }, ["/callback"]],
    [{ script_name: "page", parameters: {}, timeout: 0 }, ["/timeout"]],
    [{ script_name: "page", parameters: {}, timeout: 3601 }, ["/timeout"]],
    [{ script_name: "page", parameters: "x" }, ["/parameters"]],
    [{}, ["/parameters", "/script_name"]],
  ])("refuses %j", async (json, pointers) => {
    const { status, body } = await submit(json);
    expect(status).toBe(422);
    expect(body.code).toBe("VALIDATION_FAILED");
    expect(body.errors?.map((fault) => fault.pointer).sort()).toEqual(pointers);
  });

  test("takes a scrape and says where to follow it", async () => {
    // An address needs no resolver, and its breaker is open: the run ends before it would leave this machine.
    const breaker = createBreaker(env.BREAKER, "scrape");
    for (let i = 0; i < 5; i++) {
      const passage = await breaker.enter("93.184.216.34:80");
      if (passage.allowed) await passage.settle("failure");
    }
    const response = await api(path, {
      key,
      json: { script_name: "page", parameters: { url: "http://93.184.216.34/" } },
      headers: { Prefer: "respond-async" },
    });
    expect(response.status).toBe(202);
    const location = response.headers.get("Location") ?? "";
    expect(location).toMatch(/^\/api\/v1\/tasks\/task_/);
    await api(location, { key, method: "DELETE" });
  });

  test("asks for the scope `scrape`", async () => {
    const other = await createTestKey({ scopes: ["tasks:read", "tasks:write"] });
    const response = await api(path, {
      key: other.key,
      json: { script_name: "page", parameters: { url: "https://example.com/" } },
    });
    expect(response.status).toBe(403);
    expect((await api(path, { json: {} })).status).toBe(401);
  });
});

describe("the scripts", () => {
  test("are listed page by page, each with the schema of its parameters", async () => {
    const names: string[] = [];
    let path: string | null = "/api/v1/scripts?limit=3";
    while (path !== null) {
      const page: { items: { name: string; parameters: object }[]; next_cursor: string | null } =
        await (await api(path, { key })).json();
      for (const item of page.items) {
        names.push(item.name);
        expect(item.parameters).toMatchObject({ type: "object", required: expect.any(Array) });
      }
      path =
        page.next_cursor === null ? null : `/api/v1/scripts?limit=3&cursor=${page.next_cursor}`;
    }
    expect(names).toEqual(["page", "article", "links", "tables", "select", "feed", "sitemap"]);
  });

  test.each([
    ["ko", /[가-힣]/],
    ["en", /^[^가-힣]+$/],
  ])("speak %s", async (locale, expected) => {
    const response = await api("/api/v1/scripts/page", {
      key,
      headers: { "Accept-Language": locale },
    });
    expect(await response.json()).toMatchObject({
      name: "page",
      built_in: true,
      description: expect.stringMatching(expected) as string,
    });
  });

  test("that are not there are a 404, that have no name a 422", async () => {
    expect((await api("/api/v1/scripts/nope", { key })).status).toBe(404);
    expect((await api("/api/v1/scripts/a%20b", { key })).status).toBe(422);
  });
});
