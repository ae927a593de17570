import { describe, expect, test } from "vitest";
import { dataOf } from "../../support/extraction";

describe("links", () => {
  const body = `<base href="//cdn.example.com/dir/"><a href=a>one</a><a href="https://www.example.com/b"> two </a>
    <a href=https://evil-example.com/c>three</a><a href=a><img alt=x></a><a href=#x>x</a><a href="javascript:x">x</a>
    <a href="tel:1">x</a><map><area href=/d alt=four></map><a href="https://example.com:8443/e"></a>
    <a href="http://[::1]:80/f" aria-label=six></a><a href="http://">x</a><nav hidden><a href=/h>h</a></nav>`;
  test("are absolute, each once, with where they lead", () => {
    expect(dataOf({ body, script: "links" })).toEqual({
      links: [
        { url: "https://cdn.example.com/dir/a", text: "one", rel: null, kind: "internal" },
        { url: "https://www.example.com/b", text: "two", rel: null, kind: "internal" },
        { url: "https://evil-example.com/c", text: "three", rel: null, kind: "external" },
        { url: "https://cdn.example.com/d", text: "four", rel: null, kind: "internal" },
        { url: "https://example.com:8443/e", text: "", rel: null, kind: "internal" },
        { url: "http://[::1]/f", text: "six", rel: null, kind: "external" },
      ],
      count: 6,
      truncated: false,
    });
  });
  test("to a mailbox are told from those to pages", () => {
    const mail = '<a href="mailto:a@b.example">m</a><a href="https://b.example/">w</a>';
    expect(dataOf({ body: mail, script: "links" })).toMatchObject({
      links: [{ kind: "mailto" }, { kind: "external" }],
    });
  });

  test("are chosen by site and by a part of the address, up to a limit", () => {
    const chosen = (parameters: Record<string, unknown>) =>
      dataOf({ body, script: "links", parameters })["count"];
    expect(
      [{ same_site: true }, { contains: "/DIR/" }, { same_site: true, contains: "evil" }].map(
        chosen,
      ),
    ).toEqual([4, 1, 0]);
    expect(dataOf({ body, script: "links", parameters: { limit: 2 } })).toMatchObject({
      count: 2,
      truncated: true,
    });
  });

  test("are no more text in all than an answer bears, however long their base makes each", () => {
    const long = `<base href="/${"x".repeat(4_000)}/">`;
    const many = Array.from({ length: 9_000 }, (_, i) => `<a href=${i}>${i}</a>`).join("");
    const result = dataOf({ body: long + many, script: "links", parameters: { limit: 10_000 } });
    expect(JSON.stringify(result).length).toBeLessThan(3_000_000);
    expect(result["truncated"]).toBe(true);
  });
});

describe("tables", () => {
  const body =
    "<div id=x><table><tr><td>a<td>b</table><table><tr><td>c<td>d</table></div><table class=y><tr><td>e<td>f</table>";
  test.each([
    [{}, ["a", "c", "e"]],
    [{ index: 1 }, ["c"]],
    [{ index: 9 }, []],
    [{ selector: "#x" }, ["a", "c"]],
    [{ selector: "table.y" }, ["e"]],
    [{ selector: "#x", index: 1 }, ["c"]],
    [{ selector: "p" }, []],
  ])("chosen by %j", (parameters, first) => {
    const { tables, count } = dataOf({ body, script: "tables", parameters }) as {
      tables: { rows: string[][] }[];
      count: number;
    };
    expect(tables.map(({ rows }) => rows[0]?.[0])).toEqual(first);
    expect(count).toBe(first.length);
  });
});
