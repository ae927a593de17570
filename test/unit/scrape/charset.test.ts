import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decodeBody, parseContentType } from "#scrape/core/charset";

const KOREAN = "나루 소식";
/** "나루 소식" in EUC-KR. */
const EUC_KR = [0xb3, 0xaa, 0xb7, 0xe7, 0x20, 0xbc, 0xd2, 0xbd, 0xc4];

/** Text with `{}` where the Korean bytes stand. */
function page(template: string): Uint8Array {
  const [before = "", after = ""] = template.split("{}");
  return Uint8Array.from([...Buffer.from(before, "latin1"), ...EUC_KR, ...Buffer.from(after)]);
}

const decode = (bytes: Uint8Array, header: string | null = null) => {
  const { text, charset, source } = decodeBody(bytes, header, true);
  return { charset, source, isRight: text.includes(KOREAN) };
};
const RIGHT = (source: string) => ({ charset: "euc-kr", source, isRight: true });

describe("a Korean EUC-KR page comes out right however it is declared", () => {
  test.each([
    ["euc-kr"],
    ["EUC-KR"],
    [" ks_c_5601-1987 "],
    ["KSC5601"],
    ["korean"],
    ["windows-949"],
    ["cp949"],
    ["MS949"],
    ["x-windows-949"],
    ["uhc"],
    ["euckr"],
  ])("by the header's charset %j", (label) => {
    expect(decode(page("<title>{}</title>"), label)).toEqual(RIGHT("header"));
  });

  test.each([
    [`<meta charset="euc-kr">`],
    [`<META CHARSET='EUC-KR'/>`],
    [`<meta charset=ks_c_5601-1987>`],
    [`<meta http-equiv="Content-Type" content="text/html; charset=euc-kr">`],
    [`<meta content='text/html;charset = "euc-kr"' http-equiv=content-type>`],
    [`<meta name="x" charset="cp949">`],
    [`<!-- <meta charset=utf-8> --><meta charset=euc-kr>`],
    [`<!--><meta charset=euc-kr>`],
    [`<p title="<meta charset=utf-8>"><meta charset=euc-kr>`],
    [`<meta charset=no-such-name-but-then><p>`],
  ])("by %s", (markup) => {
    const isKnown = !markup.includes("no-such");
    expect(decode(page(`${markup}<title>{}</title>`))).toEqual(RIGHT(isKnown ? "meta" : "guess"));
  });

  test("by its XML declaration, where no meta says otherwise", () => {
    const xml = `<?xml version="1.0" encoding='euc-kr'?>`;
    expect(decode(page(`${xml}<html>{}`))).toEqual(RIGHT("xml"));
  });

  test("by a meta that stands behind kilobytes of comment", () => {
    const comment = `<!-- ${"x".repeat(5_000)} -->`;
    expect(decode(page(`${comment}<meta charset="euc-kr"><p>{}`))).toEqual(RIGHT("meta"));
  });

  test("not at all", () => {
    expect(decode(page("<title>{}</title>"))).toEqual(RIGHT("guess"));
  });

  test("not at all, in a whole page", () => {
    const bytes = readFileSync("test/fixtures/pages/notice.euc-kr.html");
    const { text, charset } = decodeBody(bytes, null, true);
    expect(charset).toBe("euc-kr");
    expect(text).toContain("한강 나루터에 다시 배가 다닙니다.");
  });
});

test.each([
  [
    "a byte order mark over the header",
    [0xef, 0xbb, 0xbf, 0xea, 0xb0, 0x80],
    "euc-kr",
    "bom",
    "utf-8",
    "가",
  ],
  ["UTF-16LE by its mark", [0xff, 0xfe, 0x00, 0xac], null, "bom", "utf-16le", "가"],
  ["UTF-16BE by its mark", [0xfe, 0xff, 0xac, 0x00], "utf-8", "bom", "utf-16be", "가"],
  [
    "the header over the meta",
    [...Buffer.from("<meta charset=euc-kr>가")],
    "utf-8",
    "header",
    "utf-8",
    "가",
  ],
  [
    "the meta over the XML declaration",
    [...Buffer.from("<?xml encoding='euc-kr'?><meta charset=utf-8>가")],
    null,
    "meta",
    "utf-8",
    "가",
  ],
  [
    "a meta of UTF-16 as UTF-8, since it was read as ASCII",
    [...Buffer.from("<meta charset=utf-16le>가")],
    null,
    "meta",
    "utf-8",
    "가",
  ],
  [
    "x-user-defined as windows-1252",
    [...Buffer.from("<meta charset=x-user-defined>"), 0xe9],
    null,
    "meta",
    "windows-1252",
    "é",
  ],
  ["a replacement encoding as none", [...Buffer.from("가")], "iso-2022-kr", "guess", "utf-8", "가"],
  [
    "an unknown header as none",
    [...Buffer.from("<meta charset=shift_jis>"), 0x82, 0xa0],
    "x-klingon",
    "meta",
    "shift_jis",
    "あ",
  ],
  ["plain UTF-8 without any word", [...Buffer.from("가")], null, "guess", "utf-8", "가"],
  [
    "a character that the end cuts, still as UTF-8",
    [...Buffer.from("가나"), 0xeb, 0x8b],
    null,
    "guess",
    "utf-8",
    "가나",
  ],
  [
    "Latin-1 prose as windows-1252",
    [...Buffer.from("d\xe9j\xe0 vu \xc4rger", "latin1")],
    null,
    "guess",
    "windows-1252",
    "déjà vu Ärger",
  ],
  [
    "Latin-1 capitals, which could be Windows-949, as windows-1252",
    [...Buffer.from("\xc4rger \xc5sa", "latin1")],
    null,
    "guess",
    "windows-1252",
    "Ärger Åsa",
  ],
  ["nothing", [], null, "guess", "utf-8", ""],
] as const)("reads %s", (_name, bytes, header, source, charset, contained) => {
  const decoded = decodeBody(Uint8Array.from(bytes), header, true);
  expect({ ...decoded, text: decoded.text.includes(contained) }).toEqual({
    source,
    charset,
    text: true,
  });
  expect(decoded.text.startsWith("\ufeff")).toBe(false);
});

test("a declaration counts only when it is whole: http-equiv needs its content and the other way round", () => {
  const bytes = Buffer.from(
    `<meta content="text/html; charset=euc-kr"><meta http-equiv="refresh" content="charset=euc-kr"><meta charset>가`,
  );
  expect(decodeBody(bytes, null, true)).toMatchObject({ charset: "utf-8", source: "guess" });
});

test("text and JSON declare nothing inside", () => {
  const bytes = Buffer.from(`"<meta charset=euc-kr>가"`);
  expect(decodeBody(bytes, null, false)).toMatchObject({ charset: "utf-8", source: "guess" });
});

test("malformed bytes become U+FFFD and never an error", () => {
  expect(decodeBody(Uint8Array.of(0x61, 0xff, 0x62), "utf-8", true).text).toBe("a\ufffdb");
});

test.each([
  ["text/html; charset=euc-kr", "text/html", "euc-kr"],
  [`Text/HTML;Charset="EUC-KR"`, "text/html", "EUC-KR"],
  ["text/html;charset='utf-8' ; x=y", "text/html", "utf-8"],
  ["text/html; x=1; charset=; charset=utf-8", "text/html", "utf-8"],
  ["charset=utf-8", "", "utf-8"],
  ["text/html", "text/html", null],
  ["", "", null],
  [null, "", null],
])("Content-Type %j is %j with charset %j", (header, mediaType, charset) => {
  expect(parseContentType(header)).toEqual({ mediaType, charset });
});
