import { el, fill } from "./dom.js";
import { problemBox } from "./problem.js";

/** @import {Child} from "./dom.js" */
/** @import {Texts} from "./texts-en.js" */

/**
 * The frame of a panel: its title, what it is for, what is done with all of it, and its content.
 * @param {string} id
 * @param {{ readonly title: string, readonly lead: string, readonly action?: HTMLElement }} text
 * @param {...(Child | readonly Child[])} content
 */
export function panelFrame(id, { title, lead, action }, ...content) {
  const heading = el("h2", { id: `title-${id}`, tabindex: "-1" }, title);
  return el(
    "section",
    { id: `panel-${id}`, class: "panel", "aria-labelledby": `title-${id}`, hidden: true },
    el(
      "header",
      { class: "panel-head" },
      el("div", {}, heading, el("p", { class: "lead" }, lead)),
      action,
    ),
    ...content,
  );
}

/**
 * Runs what a form or a button asks for: one at a time, and with the refusal, if it comes to one, where the answer would be.
 * @param {{ readonly button: HTMLButtonElement, readonly outcome: HTMLElement, readonly t: Texts }} where
 * @param {() => Promise<void>} job
 */
export async function attempt({ button, outcome, t }, job) {
  if (button.disabled) return;
  button.disabled = true;
  outcome.querySelector(":scope > .problem")?.remove();
  try {
    await job();
  } catch (error) {
    if (!isAbort(error)) outcome.prepend(problemBox(error, t));
  } finally {
    button.disabled = false;
  }
}

/**
 * @param {unknown} error
 * @returns {boolean}
 */
export const isAbort = (error) =>
  error instanceof Error &&
  (error.name === "AbortError" ||
    (error.cause instanceof Error && error.cause.name === "AbortError"));

/**
 * A state as a small label.
 * @param {string} state
 * @param {Texts} t
 */
export const badge = (state, t) =>
  el(
    "span",
    { class: `badge ${state}` },
    Object.hasOwn(t.status, state) ? t.status[/** @type {keyof Texts["status"]} */ (state)] : state,
  );

/**
 * Terms and what they stand for; a null one is left out.
 * @param {readonly (readonly [term: string, value: Child | readonly Child[]])[]} pairs
 */
export const facts = (pairs) =>
  el(
    "dl",
    { class: "facts" },
    pairs
      .filter(([, value]) => value !== null)
      .map(([term, value]) => el("div", {}, el("dt", {}, term), el("dd", {}, ...[value].flat()))),
  );

/**
 * A list of what happens, the newest at its end, cut at the front.
 * @param {string} label
 * @param {string} hint
 */
export function eventLog(label, hint) {
  const max = 200;
  const list = el("ol", {
    class: "log",
    "aria-label": label,
    "aria-live": "polite",
    tabindex: "0",
  });
  const clear = (text = hint) => fill(list, el("li", { class: "hint" }, text));
  clear();
  return {
    list,
    clear,
    /**
     * @param {string} name
     * @param {...(Child | readonly Child[])} content
     */
    add: (name, ...content) => {
      list.querySelector(":scope > .hint")?.remove();
      const time = new Date().toLocaleTimeString([], { hour12: false });
      const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
      list.append(
        el("li", {}, el("time", {}, time), el("b", {}, name), el("span", {}, ...content)),
      );
      while (list.childElementCount > max) list.firstElementChild?.remove();
      if (isAtEnd) list.scrollTop = list.scrollHeight;
    },
  };
}

/**
 * A time of the server's for people here.
 * @param {string | null} timestamp
 * @param {string} locale
 */
export const localTime = (timestamp, locale) =>
  timestamp === null
    ? "–"
    : new Date(timestamp).toLocaleString(locale, { dateStyle: "medium", timeStyle: "medium" });

/** @type {readonly (readonly [unit: string, seconds: number])[]} */
const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/**
 * Seconds in the largest unit that fits.
 * @param {number} seconds
 * @param {string} locale
 */
export function duration(seconds, locale) {
  const [unit, size] = UNITS.find(([, each]) => seconds >= each) ?? ["second", 1];
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit,
    unitDisplay: unit === "second" ? "narrow" : "short",
    maximumFractionDigits: seconds < 1 ? 3 : seconds < 10 ? 1 : 0,
  }).format(seconds / size);
}
