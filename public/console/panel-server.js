import { NaruError } from "/vendor/client/naru.js";
import { curlBox } from "./curl.js";
import { el, fill } from "./dom.js";
import { attempt, badge, facts, localTime, panelFrame } from "./panel.js";

/** @import {Health, Status} from "/vendor/client/naru.js" */
/** @import {CreatePanel} from "./context.js" */
/** @import {Texts} from "./texts-en.js" */

const EVERY_MS = 10_000;

/** @type {CreatePanel} */
export function createServerPanel({ t, locale, session }) {
  const text = t.server;
  const again = el("button", { type: "button" }, t.refresh);
  const outcome = el("div");
  const body = el("div", { class: "columns" });
  const curl = curlBox({ t, locale, session }, () => ({ id: "system.health", isPublic: true }));

  const healthCard = (/** @type {Health} */ health) => {
    const { faults } = health.environment_validation;
    return el(
      "div",
      { class: "card" },
      el("h3", {}, text.health, " ", badge(health.status, t)),
      facts([
        ...Object.entries(health.components).map(
          ([name, { status, latency_ms: ms }]) =>
            /** @type {const} */ ([
              text.components[/** @type {keyof Texts["server"]["components"]} */ (name)] ?? name,
              [badge(status, t), ms === null ? null : el("span", { class: "fine" }, ` ${ms} ms`)],
            ]),
        ),
        [text.version, el("code", {}, health.version)],
        [
          text.settings,
          faults.length === 0
            ? text.settingsFine
            : el(
                "ul",
                { class: "issues" },
                faults.map(({ severity, message, fix }) =>
                  el(
                    "li",
                    {},
                    badge(severity, t),
                    el("span", {}, ` ${message} `),
                    el("span", { class: "fine" }, fix),
                  ),
                ),
              ),
        ],
      ]),
    );
  };

  const workCard = (/** @type {Status} */ status) => {
    const numbers = new Intl.NumberFormat(locale);
    /** @type {readonly (readonly [string, number])[]} */
    const counts = [
      [text.queue, status.queue_length],
      [text.running, status.running_tasks],
      [text.workers, status.active_workers],
      [text.completed, status.completed_tasks],
      [text.failed, status.failed_tasks],
      [text.timedOut, status.timed_out_tasks],
    ];
    return el(
      "div",
      { class: "card" },
      el("h3", {}, text.work),
      facts([
        ...counts.map(([title, value]) => /** @type {const} */ ([title, numbers.format(value)])),
        [text.lastClaim, localTime(status.last_claim_at, locale)],
      ]),
    );
  };

  const load = async () => {
    const [health, status] = await Promise.all([readHealth(), session.naru.call("system.status")]);
    fill(body, healthCard(health), workCard(status));
  };
  /** An ill server tells its health too, with a 503. */
  const readHealth = async () => {
    try {
      return await session.naru.call("system.health");
    } catch (error) {
      if (!(error instanceof NaruError) || error.status !== 503) throw error;
      const answer = await fetch("/health");
      return /** @type {Health} */ (await answer.json());
    }
  };
  const reload = () => void attempt({ button: again, outcome, t }, load);
  again.addEventListener("click", reload);
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;
  return {
    id: "server",
    title: text.title,
    isOpen: true,
    element: panelFrame("server", { ...text, action: again }, outcome, body, curl.box),
    onShow: () => {
      reload();
      timer = setInterval(() => {
        if (document.visibilityState === "visible") reload();
      }, EVERY_MS);
    },
    onHide: () => clearInterval(timer),
  };
}
