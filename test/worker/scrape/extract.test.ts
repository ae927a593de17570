import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { ExtractInput, ExtractVerdict } from "../../../src/tools";

/** The service binding; RPC's own types expand those of recursive JSON beyond what the compiler bears. */
const tools = env.TOOLS as unknown as {
  extract: (input: ExtractInput) => Promise<ExtractVerdict>;
  ping: () => Promise<string>;
};

const ADDRESS = "http://site.test/page";
/** "<title>나루 소식</title>" in EUC-KR, and "똠방각하 펲시" as only Windows-949 can write it. */
const TITLE = [0xb3, 0xaa, 0xb7, 0xe7, 0x20, 0xbc, 0xd2, 0xbd, 0xc4];
const EXTENDED = [0x8c, 0x63, 0xb9, 0xe6, 0xb0, 0xa2, 0xc7, 0xcf, 0x20, 0xbc, 0x84, 0xbd, 0xc3];
const ascii = (text: string): number[] => [...new TextEncoder().encode(text)];
const koreanPage = (head: string): Uint8Array =>
  Uint8Array.from([
    ...ascii(`${head}<title>`),
    ...TITLE,
    ...ascii("</title><p>"),
    ...EXTENDED,
    ...ascii("</p>"),
  ]);

function extract(body: Uint8Array | ArrayBuffer | string, overrides: Partial<ExtractInput> = {}) {
  const input = {
    contentType: "text/html",
    url: ADDRESS,
    script: "page",
    parameters: { url: ADDRESS },
    ...overrides,
    body: typeof body === "string" ? new TextEncoder().encode(body) : body,
  };
  return tools.extract(input);
}

describe("a Korean page comes out right through the tools Worker, Windows-949's own letters too", () => {
  test.each([
    ["by its header", "", "text/html; charset=EUC-KR"],
    ["by a label outside of the standard", "", "text/html; charset=cp949"],
    ["by its meta", "<meta charset=euc-kr>", "text/html"],
    [
      "by its http-equiv",
      `<meta http-equiv=Content-Type content="text/html; charset=ks_c_5601-1987">`,
      "text/html",
    ],
    ["by its XML declaration", `<?xml version="1.0" encoding="euc-kr"?>`, "application/xhtml+xml"],
    ["without any declaration", "", "text/html"],
    ["without a type", "<!doctype html>", null],
  ])("declared %s", async (_name, head, contentType) => {
    expect(await extract(koreanPage(head), { contentType })).toMatchObject({
      ok: true,
      charset: "euc-kr",
      data: { title: "나루 소식", text: "똠방각하 펲시" },
    });
  });
});

test.each([
  ["shift_jis", [0x93, 0xfa, 0x96, 0x7b], "日本"],
  ["gb18030", [0xd6, 0xd0, 0xb9, 0xfa], "中国"],
  ["big5", [0xa5, 0x78, 0xc6, 0x57], "台灣"],
  ["windows-1251", [0xec, 0xe8, 0xf0], "мир"],
  ["utf-16le", [0x00, 0xac], "가"],
])("a page in %s is read by this runtime too", async (charset, bytes, text) => {
  const body =
    charset === "utf-16le" ? Uint8Array.from(bytes) : Uint8Array.from([...ascii("<p>"), ...bytes]);
  expect(await extract(body, { contentType: `text/html; charset=${charset}` })).toMatchObject({
    ok: true,
    charset,
    data: { text },
  });
});

test("all four scripts answer with plain data", async () => {
  const body = `<title>t</title><a href=/x>x</a><table><tr><th>a<th>b<tr><td>1<td>2</table>`;
  const run = async (script: string, parameters: ExtractInput["parameters"] = {}) => {
    const verdict = await extract(body, { script, parameters: { url: ADDRESS, ...parameters } });
    return verdict.ok ? verdict.data : verdict;
  };
  expect(await run("page")).toMatchObject({
    title: "t",
    links: [{ url: "http://site.test/x", text: "x" }],
  });
  expect(await run("links")).toMatchObject({ links: [{ kind: "internal" }], count: 1 });
  expect(await run("tables")).toMatchObject({
    tables: [{ headers: ["a", "b"], records: [{ a: "1", b: "2" }] }],
  });
  expect(
    await run("select", { selectors: { a: { selector: "a", attribute: "href" }, b: "td" } }),
  ).toEqual({ values: { a: "http://site.test/x", b: "1" } });
});

test.each([
  ["an unknown script", { script: "nosuch" }, "SCRIPT_NOT_FOUND"],
  ["parameters that are not valid", { parameters: { url: ADDRESS, more: 1 } }, "VALIDATION_FAILED"],
  [
    "a selector that is not one",
    { script: "select", parameters: { url: ADDRESS, selectors: { a: "b[" } } },
    "INVALID_SELECTOR",
  ],
  ["a type that no script reads", { contentType: "image/png" }, "UNSUPPORTED_CONTENT"],
  ["an address that is none", { url: "nonsense" }, "EXTRACTION_FAILED"],
])("%s is a verdict and no exception", async (_name, overrides, code) => {
  expect(await extract("<p>x", overrides)).toMatchObject({ ok: false, code });
});

test("hostile pages end in verdicts, and the Worker goes on", async () => {
  const codes: string[] = [];
  for (const body of [
    "<i>".repeat(1_000_000),
    `${"<div>".repeat(100_000)}deep`,
    "<table><tr><td colspan=1000000000 rowspan=1000000000>x",
  ]) {
    const verdict = await extract(body);
    codes.push(verdict.ok ? "ok" : verdict.code);
  }
  expect(codes).toEqual(["PAGE_TOO_COMPLEX", "ok", "ok"]);
  expect(await tools.ping()).toBe("pong");
});

test("a body may come as an ArrayBuffer", async () => {
  const { buffer } = Uint8Array.from(ascii("<title>t</title>"));
  expect(await extract(buffer)).toMatchObject({
    ok: true,
    charset: "utf-8",
    mediaType: "text/html",
    data: { title: "t" },
  });
});
