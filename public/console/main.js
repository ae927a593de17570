/** The console: a user of the project's own client, served as modules from here and from nowhere else. */
import { el, fill } from "./dom.js";
import { FIRST_PANEL } from "./context.js";
import { createAccountPanel } from "./panel-account.js";
import { createChatPanel } from "./panel-chat.js";
import { createCodePanel } from "./panel-code.js";
import { createLivePanel } from "./panel-live.js";
import { createScrapePanel } from "./panel-scrape.js";
import { createServerPanel } from "./panel-server.js";
import { createTasksPanel } from "./panel-tasks.js";
import { createUsagePanel } from "./panel-usage.js";
import { createSession } from "./session.js";
import { EN } from "./texts-en.js";
import { KO } from "./texts-ko.js";

/** @import {CreatePanel, Panel} from "./context.js" */

/** @type {readonly CreatePanel[]} */
const PANELS = [
  createAccountPanel,
  createScrapePanel,
  createChatPanel,
  createLivePanel,
  createTasksPanel,
  createCodePanel,
  createUsagePanel,
  createServerPanel,
];

const locale = document.documentElement.lang === "en" ? "en" : "ko";
const t = locale === "en" ? EN : KO;
const session = createSession(locale);
const panels = PANELS.map((create) => create({ t, locale, session }));

const links = new Map(panels.map(({ id, title }) => [id, el("a", { href: `#${id}` }, title)]));
const gate = el(
  "div",
  { class: "card gate", hidden: true },
  el("p", {}, t.needCredential),
  el("a", { href: "#account", class: "button" }, t.toAccount),
);
const who = el("p", { class: "who" });
const root = document.querySelector("#console");
const bar = document.querySelector("#who");
if (root && bar) {
  fill(
    root,
    el("nav", { class: "menu", "aria-label": t.menu }, [...links.values()]),
    el(
      "div",
      { class: "stage", id: "stage", tabindex: "-1" },
      gate,
      panels.map(({ element }) => element),
    ),
  );
  fill(bar, who);
}

/** @type {Panel | null} */
let shown = null;

/** Where the skip link leads: no panel, but into the one that is shown. */
const SKIP = "#stage";

const panelOf = (/** @type {string} */ wanted) => panels.find(({ id }) => id === wanted);
const wanted = () => panelOf(location.hash.slice(1)) ?? panelOf(FIRST_PANEL);

/** Shows the panel that the address names. Without a credential, those that need one say so instead. */
function show() {
  if (location.hash === SKIP && shown !== null) return;
  const next = wanted();
  if (next === undefined) return;
  const isAllowed = next.isOpen === true || session.whoAmI !== null;
  const visible = isAllowed ? next : null;
  for (const [id, link] of links)
    if (id === next.id) {
      link.setAttribute("aria-current", "page");
      link.scrollIntoView({ block: "nearest", inline: "nearest" });
    } else link.removeAttribute("aria-current");
  gate.hidden = isAllowed;
  document.title = `${next.title} · Naru`;
  if (visible === shown) return;
  shown?.onHide?.();
  for (const panel of panels) panel.element.hidden = panel !== visible;
  shown = visible;
  visible?.onShow?.();
}

function showWho() {
  const { whoAmI } = session;
  fill(
    who,
    whoAmI === null
      ? t.signedOut
      : [el("b", {}, whoAmI.role), " ", el("code", {}, whoAmI.owner_id)],
  );
}

addEventListener("hashchange", () => {
  if (location.hash === SKIP) return;
  show();
  // Whoever came by keyboard goes on in what they chose.
  shown?.element.querySelector("h2")?.focus();
});
session.onChange(() => {
  showWho();
  show();
});

fill(who, t.restoring);
// Whoever cannot be gone on with signs in anew.
await session.restore().catch(() => undefined);
showWho();
show();
document.documentElement.dataset["ready"] = "";
