/** What is done in the console at `/` from a browser's end, in words of the page. */
import { until } from "./server.ts";
import type { Tab } from "./chromium.ts";

/** Waits until an expression in the page is true, be it only behind a reload; rejects with what is to be seen instead. */
export async function seen(tab: Tab, expression: string): Promise<void> {
  try {
    await until(
      () =>
        tab
          .run(`return document.body !== null && Boolean(${expression});`)
          // A page that is left takes its answer with it.
          .catch(() => false)
          .then((value) => value === true),
      20_000,
    );
  } catch (cause) {
    const text = String(await tab.run(`return document.body.innerText;`)).replaceAll(/\s+/g, " ");
    throw new Error(`Not seen: ${expression}\n${tab.complaints.join("\n")}\n${text}`, { cause });
  }
}

/** Goes on by the Tab key until what has the focus matches; people without a mouse come no other way. */
export async function tabTo(tab: Tab, selector: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await tab.press("Tab");
    if (await tab.run(`return document.activeElement.matches(${JSON.stringify(selector)});`))
      return;
  }
  throw new Error(`Nothing that is ${selector} was reached by the Tab key.`);
}

/**
 * Everything on the page that is harder to read than WCAG 2.2 AA lets it be (1.4.3: 4.5:1, large text 3:1), or that is cut
 * off at its right (1.4.10); each panel is looked at.
 */
export const unreadable = (tab: Tab): Promise<unknown> =>
  tab.run(`
    const parse = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number);
    const light = (value) => (value <= 0.03928 * 255 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    const luminance = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
    const backOf = (element) => {
      for (let at = element; at; at = at.parentElement) {
        const back = parse(getComputedStyle(at).backgroundColor);
        if (back.length === 3 || back[3] === 1) return back;
      }
      return [255, 255, 255];
    };
    const found = [];
    for (const link of document.querySelectorAll(".menu a")) {
      link.click();
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (document.documentElement.scrollWidth > innerWidth) found.push(link.hash + " is too wide");
      for (const element of document.querySelectorAll("body *")) {
        const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "");
        if (!hasText || !element.checkVisibility() || element.matches(":disabled, noscript")) continue;
        const style = getComputedStyle(element);
        const [a, b] = [luminance(parse(style.color)), luminance(backOf(element))].sort((x, y) => y - x);
        const size = parseFloat(style.fontSize);
        const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
        if ((a + 0.05) / (b + 0.05) < (isLarge ? 3 : 4.5))
          found.push(link.hash + " " + element.tagName + "." + element.className + " " + style.color + " on " + backOf(element));
      }
    }
    return found;
  `);

/** From here on the page gets this document where it asks for that path; everything else it gets from the server. */
export const answering = (tab: Tab, path: string, document: object): Promise<unknown> =>
  tab.run(`const real = window.fetch;
    window.fetch = (url, init) =>
      new URL(url, location.href).pathname === ${JSON.stringify(path)}
        ? Promise.resolve(Response.json(${JSON.stringify(document)}))
        : real(url, init);`);

/** A server's own word on itself, with a fault in its settings. */
export const ILL = {
  status: "degraded",
  version: "0.1.0",
  components: { database: { status: "healthy", latency_ms: 1 } },
  environment_validation: {
    issues: { critical: [], errors: ["TASK_SHARDS is odd"], warnings: [] },
    faults: [
      {
        code: "TASK_SHARDS_INVALID",
        severity: "error",
        message: "TASK_SHARDS is odd",
        fix: "Set TASK_SHARDS to 8.",
      },
    ],
  },
};

/** What the console says of the cost of two answers, of which so many have no price. */
export async function costTold(tab: Tab, dollars: number, unpriced: number): Promise<unknown> {
  const figures = { requests: 3, tasks: 0, answers: 2, total_tokens: 9 };
  const total = { ...figures, cost_usd: dollars, unpriced_answers: unpriced };
  await answering(tab, "/api/v1/users/usage", { total, by_day: [], by_key: [] });
  await tab.run(`location.hash = "chat"; document.querySelector("#panel-usage .tiles")?.remove();
    setTimeout(() => { location.hash = "usage"; }, 0);`);
  const cost = "#panel-usage .tile:last-child dd";
  await seen(tab, `document.querySelector("${cost}")`);
  return tab.run(`return document.querySelector("${cost}").textContent;`);
}
