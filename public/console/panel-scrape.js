import { curlBox } from "./curl.js";
import { el, fill, labelled, pretty, select } from "./dom.js";
import { attempt, badge, eventLog, panelFrame } from "./panel.js";

/** @import {Task} from "/vendor/client/naru.js" */
/** @import {CreatePanel} from "./context.js" */
/** @import {Texts} from "./texts-en.js" */

/** Characters of an event; the whole result stands below. */
const MAX_SHOWN = 300;
const ASYNC = { Prefer: "respond-async" };

/** A page of our own works offline; a deployment may not call itself, so there it is another's. */
const SAMPLE = /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(location.hostname)
  ? `${location.origin}/samples/ferry.html`
  : "https://example.com/";

/** @type {CreatePanel} */
export function createScrapePanel({ t, locale, session }) {
  const text = t.scrape;
  const url = el("input", {
    type: "url",
    name: "url",
    required: true,
    value: SAMPLE,
    spellcheck: "false",
  });
  const script = select(Object.entries(text.scripts), { name: "script" });
  const button = el("button", { class: "primary" }, t.send);
  const stop = el("button", { type: "button", hidden: true }, t.cancel);
  const outcome = el("div", { class: "outcome" });
  const log = eventLog(text.events, text.noEvents);
  const body = () => ({ script_name: script.value, parameters: { url: url.value } });
  const curl = curlBox({ t, locale, session }, () => ({ id: "scrape.createAlias", body: body() }));

  const run = async () => {
    const { naru } = session;
    log.clear();
    fill(outcome);
    const task = await naru.call("scrape.createAlias", { body: body(), headers: ASYNC });
    const params = { id: task.request_id };
    const cancel = () => void naru.call("tasks.cancel", { params }).catch(() => undefined);
    stop.hidden = false;
    stop.addEventListener("click", cancel);
    try {
      for await (const { event, data } of naru.stream("tasks.events", { params }))
        log.add(event, describeEvent(event, data, t));
      fill(outcome, resultOf(await naru.call("tasks.get", { params }), t));
    } finally {
      stop.hidden = true;
      stop.removeEventListener("click", cancel);
    }
  };

  const form = el(
    "form",
    {
      class: "card",
      id: "scrape-form",
      oninput: curl.update,
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        void attempt({ button, outcome, t }, run);
      },
    },
    el(
      "div",
      { class: "row" },
      labelled(text.url, url, "field wide"),
      labelled(text.script, script),
    ),
    el("div", { class: "actions" }, button, stop),
  );
  const element = panelFrame(
    "scrape",
    text,
    form,
    el("div", { class: "card" }, el("h3", {}, text.events), log.list),
    outcome,
    curl.box,
  );
  return { id: "scrape", title: text.title, element };
}

/**
 * @param {string} event
 * @param {unknown} data
 * @param {Texts} t
 */
function describeEvent(event, data, t) {
  const {
    status,
    attempt: attempts,
    error,
    reason,
  } = /** @type {{ status?: string, attempt?: number, error?: { message?: string } | null, reason?: string }} */ (
    data ?? {}
  );
  if (event === "status" && status !== undefined)
    return [
      badge(status, t),
      attempts !== undefined && attempts > 0 ? ` ${t.scrape.attempt(attempts)}` : null,
      error?.message === undefined ? null : ` ${error.message}`,
    ];
  if (event === "done") return [reason ?? null];
  const text = pretty(data);
  return [text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text];
}

/**
 * What came of the task: everything of the page's is text.
 * @param {Task} task
 * @param {Texts} t
 */
function resultOf(task, t) {
  /** @type {{ title?: unknown, markdown?: unknown } | null} */
  const data = task.data ?? null;
  const title = typeof data?.title === "string" ? data.title : "";
  const markdown = typeof data?.markdown === "string" ? data.markdown : "";
  return el(
    "div",
    { class: "card result" },
    el(
      "div",
      { class: "actions" },
      badge(task.status, t),
      el("code", { class: "fine" }, task.request_id),
    ),
    title === "" ? null : el("h3", { class: "result-title" }, title),
    task.error === null
      ? null
      : el(
          "p",
          {},
          el("code", {}, task.error.code),
          ` ${task.error.message}`,
          task.error.detail ? ` ${task.error.detail}` : "",
        ),
    markdown === ""
      ? null
      : el("pre", { class: "text", tabindex: "0", "aria-label": t.scrape.markdown }, markdown),
    data === null
      ? null
      : el(
          "details",
          { open: markdown === "" },
          el("summary", {}, t.scrape.json),
          el("pre", { tabindex: "0" }, pretty(data)),
        ),
  );
}
