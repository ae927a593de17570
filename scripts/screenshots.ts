/**
 * `npm run screenshots -- [URL] [FOLDER]`: what the console and the pages for people look like, wide and narrow, light and
 * dark, in both languages. Needs Chromium, and a server that runs (`npm start`); its demo key lets the console in.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findChromium, startChromium } from "../test/support/chromium.ts";
import type { View } from "../test/support/chromium.ts";
import { prepareSecrets, ROOT } from "./setup.ts";

const [url = "http://localhost:8787", folder = join(ROOT, "dist", "screenshots"), only = ""] =
  process.argv.slice(2);
const program = findChromium();
if (program === null) throw new Error("Chromium is not installed: apt-get install chromium");
const { DEMO_API_KEY: key = "" } = await prepareSecrets();

const VIEWS: Record<string, View> = {
  "en-wide": { language: "en" },
  "ko-wide-dark": { language: "ko", isDark: true },
  "ko-narrow": { language: "ko", width: 360, height: 780 },
  "en-narrow-dark": { language: "en", width: 360, height: 780, isDark: true },
};

/** What is done on each panel before it is looked at. */
const PANELS: Record<string, string> = {
  account: "",
  scrape: `document.querySelector("#scrape-form button").click(); await until(() => document.querySelector(".result"));`,
  chat: `const box = document.querySelector("#chat-form textarea"); box.value = box.placeholder.replace(/^[^:]*: ?/, "");
    document.querySelector("#chat-form button").click(); await until(() => / · /.test(document.querySelector(".turn:last-child > .fine")?.textContent ?? ""));`,
  live: `document.querySelector("#live-connect").click(); await until(() => document.querySelector("#panel-live .connected"));
    document.querySelector("#live-echo").click(); await until(() => document.querySelector("#panel-live .log").textContent.includes("task.result"));`,
  tasks: `await until(() => document.querySelector("#panel-tasks tbody tr"));`,
  code: `document.querySelector("#code-form button").click(); await until(() => document.querySelector("#panel-code .issues"));`,
  usage: `await until(() => document.querySelector("#panel-usage .tile"));`,
  server: `await until(() => document.querySelector("#panel-server .facts"));`,
};
const UNTIL = `const until = async (probe) => {
  for (let i = 0; i < 100; i++) { if (probe()) return; await new Promise((resolve) => setTimeout(resolve, 50)); }
};`;

mkdirSync(folder, { recursive: true });
const browser = await startChromium(program);
try {
  for (const [viewName, view] of Object.entries(VIEWS)) {
    if (!viewName.includes(only.split(":")[0] ?? "")) continue;
    const shoot = async (path: string, name: string, before: string): Promise<void> => {
      if (only.includes(":") && !name.startsWith(only.split(":")[1] ?? "")) return;
      const tab = await browser.open(url + path, view);
      await tab.run(`${UNTIL} ${before}`);
      writeFileSync(join(folder, `${name}-${viewName}.png`), await tab.screenshot(false));
      const isTooWide = await tab.run(
        `return document.documentElement.scrollWidth > innerWidth ? document.documentElement.scrollWidth : 0;`,
      );
      if (isTooWide !== 0) console.log(`${name}-${viewName} is ${String(isTooWide)} px wide`);
      for (const complaint of tab.complaints) console.log(`${name}-${viewName}: ${complaint}`);
      await tab.close();
    };
    await shoot(
      "/",
      "signed-out",
      `await until(() => "ready" in document.documentElement.dataset);`,
    );
    for (const [panel, work] of Object.entries(PANELS))
      await shoot(`/#${panel}`, panel, keyed(work));
    await shoot("/errors/RATE_LIMITED", "error", "");
    await shoot("/docs", "docs", `await until(() => document.querySelector(".opblock"));`);
    await shoot("/redoc", "redoc", `await until(() => document.querySelector("h1"));`);
  }
} finally {
  await browser.stop();
}

/** Signs in by the form, then does what is to be seen. */
function keyed(work: string): string {
  return `await until(() => "ready" in document.documentElement.dataset);
    const field = document.querySelector("#key-form input[name=key]");
    if (field) { field.value = ${JSON.stringify(key)}; document.querySelector("#key-form button").click(); }
    await until(() => document.querySelector("#panel-account .facts"));
    ${work} await new Promise((resolve) => setTimeout(resolve, 300));`;
}
