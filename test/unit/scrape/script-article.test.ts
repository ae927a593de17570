import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { dataOf } from "../../support/extraction";

const read = (body: string): Record<string, unknown> => dataOf({ script: "article", body });

const sentence =
  "The ferry leaves at dawn, when the mist lifts from the water, and comes back with salt, rice and letters. ";
const paragraph = `<p>${sentence.repeat(3)}</p>`;
const menu = `<ul>${"<li><a href='/x'>Somewhere else entirely, with commas, many of them</a></li>".repeat(20)}</ul>`;

describe("what a page is about", () => {
  test.each([
    ["an article element", `<article><h1>Ferries</h1>${paragraph}${paragraph}</article>`],
    ["a div that is named so", `<div id="content"><h1>Ferries</h1>${paragraph}${paragraph}</div>`],
    ["a div without a name", `<div><div><h1>Ferries</h1>${paragraph}${paragraph}</div></div>`],
    [
      "text that is parted by br alone",
      `<div class="x"><h1>Ferries</h1>${sentence.repeat(5)}<br><br>${sentence.repeat(5)}</div>`,
    ],
    [
      "cells of a layout table",
      `<table><tr><td><h1>Ferries</h1>${paragraph}${paragraph}</td></tr></table>`,
    ],
  ])("is found in %s, and nothing around it", (_what, article) => {
    const data =
      read(`<title>Ferries - The Landing</title><meta property="og:site_name" content="The Landing">
      <div class="header">${menu}</div><div class="sidebar"><p>${sentence}</p></div>${article}
      <div class="comments"><p>First! ${sentence}</p></div><footer>${menu}<p>Copyright of somebody, somewhere, sometime</p></footer>`);
    expect(data["readable"]).toBe(true);
    expect(data["title"]).toBe("Ferries");
    const text = String(data["text"]);
    expect(text).toContain("The ferry leaves at dawn");
    for (const around of ["Somewhere else", "Copyright", "First!"])
      expect(text).not.toContain(around);
    expect(String(data["markdown"])).not.toContain("Somewhere else");
  });

  test("keeps its parts together where they stand side by side", () => {
    const parts = Array.from(
      { length: 4 },
      (_none, n) => `<section><h2>Part ${n}</h2>${paragraph}</section>`,
    );
    const data = read(`<nav>${menu}</nav><main><h1>Ferries</h1>${parts.join("")}</main>`);
    for (let n = 0; n < 4; n++) expect(data["text"]).toContain(`Part ${n}`);
  });

  test("leaves out what stands inside of it and is not of it", () => {
    const data =
      read(`<article><h1>Ferries</h1>${paragraph}<div class="share">Share this on all networks</div>
      <form><button>Subscribe now</button></form><div class="related-posts"><ul>${"<li><a href=/a>Another story</a></li>".repeat(6)}</ul></div>${paragraph}</article>`);
    for (const inside of ["Share this", "Subscribe now", "Another story"])
      expect(data["text"]).not.toContain(inside);
  });

  test("is told from the head where the body says nothing of it", () => {
    const data = read(`<title>Ferries | The Landing</title><meta name=author content="A. Boatman">
      <meta property="article:published_time" content="2026-03-02"><div>${paragraph}${paragraph}</div>`);
    expect(data).toMatchObject({
      title: "Ferries",
      author: "A. Boatman",
      published_at: "2026-03-02",
      excerpt: expect.stringContaining("The ferry leaves") as string,
    });
  });

  test("is the whole page where nothing reads as an article", () => {
    expect(read("<h1>Hello</h1><p>Short.</p>")).toMatchObject({
      readable: false,
      title: "Hello",
      text: "Hello\n\nShort.",
    });
    expect(read("")).toMatchObject({ readable: false, title: null, text: "" });
  });

  test("is found in Korean, and on our own sample page", () => {
    const page = readFileSync("public/samples/ferry.html", "utf8");
    const data = read(page);
    expect(data).toMatchObject({ title: "달빛나루 배 시간표", readable: true });
    expect(data["text"]).toContain("다리가 놓이기 전");
    expect(data["text"]).not.toContain("둘러보기");
    expect(data["text"]).not.toContain("지어낸 곳");
  });
});
