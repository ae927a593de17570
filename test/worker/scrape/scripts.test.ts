import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { putScript } from "#scrape/scripts";
import { listVersions } from "#scrape/store";
import { api, createTestKey } from "../../support/api";
import { define, scriptJson } from "../../support/script-definitions";

const NAME = "/api/v1/scripts/ferry";
const BOATS = { extract: { boats: { selector: "li", all: true } } };
const HTML = "<h1>Ferries</h1><ul><li>Dawn</li><li>Moon</li></ul>";

interface Body {
  readonly code?: string;
  readonly request_id?: string;
  readonly errors?: readonly { readonly pointer: string; readonly code: string }[];
  readonly items?: readonly { readonly name: string; readonly version: string }[];
  readonly next_cursor?: string | null;
  readonly [member: string]: unknown;
}

let key = "";
beforeEach(async () => {
  ({ key } = await createTestKey());
});

async function call(
  method: string,
  path: string,
  json?: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Body; headers: Headers }> {
  const response = await api(path, {
    key,
    method,
    headers,
    ...(json === undefined ? {} : { json }),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: text === "" ? {} : (JSON.parse(text) as Body),
    headers: response.headers,
  };
}
const put = (more: object = {}, steps: readonly object[] = [BOATS], path = NAME) =>
  call("PUT", path, scriptJson(steps, more));

describe("a script of one's own", () => {
  test("is kept, read, run in the version that is meant, and listed behind the built-in ones", async () => {
    for (const version of ["1.0.0", "1.10.0", "1.2.0", "2.0.0-beta.1"]) {
      const { status, headers, body } = await put({ version });
      expect([status, body["version"], body["built_in"]]).toEqual([201, version, false]);
      expect(headers.get("location")).toBe(`${NAME}?version=${version}`);
    }
    const read = async (query: string) => (await call("GET", `${NAME}${query}`)).body["version"];
    expect(await read("")).toBe("1.10.0");
    expect(await read("?version=~1.2")).toBe("1.2.0");
    expect(await read("?version=2.0.0-beta.1")).toBe("2.0.0-beta.1");
    const versions = await call("GET", `${NAME}/versions?limit=3`);
    expect(versions.body).toMatchObject({
      items: [
        { version: "2.0.0-beta.1", latest: false },
        { version: "1.10.0", latest: true },
        { version: "1.2.0" },
      ],
    });
    const rest = await call("GET", `${NAME}/versions?cursor=${versions.body.next_cursor ?? ""}`);
    expect(rest.body).toMatchObject({ items: [{ version: "1.0.0" }], next_cursor: null });
    await put({}, [BOATS], "/api/v1/scripts/boats");
    const names: string[] = [];
    let cursor = "";
    do {
      const { body } = await call("GET", `/api/v1/scripts?limit=2${cursor}`);
      names.push(...(body.items ?? []).map((item) => `${item.name} ${item.version}`));
      cursor = body.next_cursor ? `&cursor=${body.next_cursor}` : "";
    } while (cursor !== "");
    expect(names.slice(-2)).toEqual(["boats 1.0.0", "ferry 1.10.0"]);
    expect(names[0]).toBe("page 1.0.0");
  });

  test("never changes a version: the same again is the same, another content a conflict, after its deletion too", async () => {
    expect((await put()).status).toBe(201);
    const again = await put();
    expect(again.status).toBe(200);
    const changed = [{ extract: { boats: "ol" } }];
    expect(await put({}, changed)).toMatchObject({
      status: 409,
      body: { code: "SCRIPT_VERSION_EXISTS" },
    });
    expect((await call("DELETE", NAME)).status).toBe(204);
    expect((await call("GET", NAME)).status).toBe(404);
    expect((await call("DELETE", NAME)).status).toBe(404);
    expect(await put({}, changed)).toMatchObject({ status: 409 });
    expect((await put()).status).toBe(201);
  });

  test("loses one version alone where that is named", async () => {
    await put();
    await put({ version: "2.0.0" });
    expect((await call("DELETE", `${NAME}?version=2.0.0`)).status).toBe(204);
    expect((await call("GET", NAME)).body["version"]).toBe("1.0.0");
  });

  test("does not exist for anybody else", async () => {
    await put();
    const other = await createTestKey();
    for (const [method, path] of [
      ["GET", NAME],
      ["GET", `${NAME}/versions`],
      ["DELETE", NAME],
    ] as const)
      expect((await api(path, { key: other.key, method })).status).toBe(404);
    const json = { script_name: "ferry", parameters: { url: "https://example.com/" } };
    expect((await api("/scrape", { key: other.key, json })).status).toBe(404);
    const mine = await (await api("/api/v1/scripts?limit=100", { key: other.key })).json<Body>();
    expect(mine.items?.some(({ name }) => name === "ferry")).toBe(false);
  });

  test("cannot take a built-in name", async () => {
    const page = "/api/v1/scripts/page";
    expect(await put({}, [BOATS], page)).toMatchObject({
      status: 409,
      body: { code: "SCRIPT_NAME_RESERVED" },
    });
    expect((await call("DELETE", page)).status).toBe(409);
  });

  test("is refused with every fault, of its form and beyond it", async () => {
    const form = await put({ steps: [{ fetch: "{url}" }, { extract: { a: 1 } }], extra: 1 });
    expect([form.status, form.body.code]).toEqual([422, "VALIDATION_FAILED"]);
    expect(form.body.errors?.map(({ pointer }) => pointer)).toContain("/extra");
    const beyond = await put({ version: "v1" }, [{ extract: { a: "a[", b: ":nope" } }]);
    expect(beyond.body.errors?.map(({ pointer }) => pointer)).toEqual([
      "/version",
      "/steps/1/extract/a",
      "/steps/1/extract/b",
    ]);
  });

  test("is changed only as the caller saw it", async () => {
    await put();
    const { headers } = await call("GET", NAME);
    const stale = { "If-Match": '"x"' };
    expect((await call("DELETE", NAME, undefined, stale)).status).toBe(412);
    expect((await call("PUT", NAME, scriptJson([BOATS], { version: "2.0.0" }), stale)).status).toBe(
      412,
    );
    const fresh = { "If-Match": headers.get("etag") ?? "" };
    expect((await call("DELETE", NAME, undefined, fresh)).status).toBe(204);
    expect((await call("PUT", NAME, scriptJson([BOATS]), { "If-Match": "*" })).status).toBe(412);
  });
});

describe("a scrape by a script of one's own", () => {
  const submit = (json: object) => call("POST", "/scrape", json, { Prefer: "respond-async" });

  test("is refused where its parameters break the script's schema, and where its address is not allowed", async () => {
    await put();
    const faulty = await submit({ script_name: "ferry", parameters: { url: 1, x: 2 } });
    expect(faulty.status).toBe(422);
    expect(faulty.body.errors?.map(({ pointer }) => pointer).toSorted()).toEqual([
      "/parameters/url",
      "/parameters/x",
    ]);
    const inside = await submit({ script_name: "ferry", parameters: { url: "http://10.0.0.1/" } });
    expect(inside.body).toMatchObject({
      code: "URL_NOT_ALLOWED",
      errors: [{ pointer: "/parameters/url", code: "private_address" }],
    });
  });

  test("is the same task for the same request, whatever the latest version is by then", async () => {
    await put();
    const json = {
      script_name: "ferry",
      parameters: { url: "https://example.com/" },
      delay_seconds: 3_000,
    };
    const once = { Prefer: "respond-async", "Idempotency-Key": "ferry-1" };
    const first = await call("POST", "/scrape", json, once);
    await put({ version: "1.1.0" });
    const second = await call("POST", "/scrape", json, once);
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(second.body.request_id).toBe(first.body.request_id);
    expect(second.headers.get("idempotency-replayed")).toBe("true");
  });

  test("is refused where no version fits", async () => {
    await put();
    const json = { script_name: "ferry", parameters: { url: "https://example.com/" } };
    expect(await submit({ ...json, script_version: "^2.0.0" })).toMatchObject({
      status: 404,
      body: { code: "SCRIPT_NOT_FOUND" },
    });
    expect((await submit({ ...json, script_version: "two" })).status).toBe(422);
  });
});

describe("a dry run", () => {
  const preview = (json: object, name = "ferry") =>
    call("POST", `/api/v1/scripts/${name}/preview`, json);

  test("reads what was sent, and lists what it would have fetched", async () => {
    await put({}, [
      BOATS,
      { follow: { links: "a", into: "more", steps: [{ extract: { t: "h1" } }] } },
    ]);
    const { status, body } = await preview({
      content: `${HTML}<a href="/b">b</a><a href="/c">c</a>`,
      parameters: { url: "https://example.com/" },
      pages: [{ url: "https://example.com/b", content: "<h1>B</h1>" }],
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      name: "ferry",
      version: "1.0.0",
      status: "completed",
      error: null,
      data: {
        values: {
          boats: ["Dawn", "Moon"],
          more: [
            { url: "https://example.com/b", t: "B" },
            { url: "https://example.com/c", error: "PAGE_NOT_SUPPLIED" },
          ],
        },
        pages: [
          { url: "https://example.com/" },
          { url: "https://example.com/b" },
          { url: "https://example.com/c" },
        ],
        truncated: false,
      },
    });
  });

  test("takes a definition that is not kept", async () => {
    const definition = scriptJson([BOATS], { output: { format: "csv" } });
    const parameters = { url: "https://example.com/" };
    const { body } = await preview({ content: HTML, definition, parameters });
    expect(body).toMatchObject({
      data: { output: { format: "csv", content: "value\r\nDawn\r\nMoon\r\n" } },
    });
    expect((await call("GET", NAME)).status).toBe(404);
    const broken = scriptJson([{ extract: { a: "a[" } }]);
    expect((await preview({ content: HTML, definition: broken, parameters })).body).toMatchObject({
      code: "VALIDATION_FAILED",
      errors: [{ pointer: "/definition/steps/1/extract/a" }],
    });
  });

  test("runs a built-in script, and tells why a page cannot be read", async () => {
    const good = await preview({ content: HTML }, "page");
    expect(good.body).toMatchObject({ status: "completed", data: { title: "Ferries" } });
    const bad = await preview({ content: "%PDF", content_type: "application/pdf" }, "page");
    expect(bad).toMatchObject({
      status: 200,
      body: { status: "failed", data: null, error: { code: "UNSUPPORTED_CONTENT" } },
    });
  });
});

test("while the tools cannot be reached nothing is kept unchecked, and the caller learns that it is us", async () => {
  const unreachable = {
    DB: env.DB,
    TOOLS: { checkScript: () => Promise.reject(new Error("no such service")) },
  } as unknown as Env;
  const put = putScript(unreachable, "usr_a", "ferry", define([BOATS]), "en");
  await expect(put).rejects.toMatchObject({ code: "DEPENDENCY_UNAVAILABLE" });
  expect(await listVersions(env.DB, "usr_a", "ferry")).toEqual([]);
});
