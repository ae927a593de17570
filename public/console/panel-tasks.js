import { curlBox } from "./curl.js";
import { el, fill, labelled, pretty, select } from "./dom.js";
import { attempt, badge, duration, localTime, panelFrame } from "./panel.js";

/** @import {TaskSummary} from "/vendor/client/naru.js" */
/** @import {CreatePanel} from "./context.js" */

/** @typedef {TaskSummary["status"]} Status */
/** @type {readonly Status[]} */
const STATES = ["queued", "running", "completed", "failed", "cancelled", "timed_out"];

/** @type {CreatePanel} */
export function createTasksPanel({ t, locale, session }) {
  const text = t.tasks;
  const state = select(
    [["", text.all], ...STATES.map((one) => /** @type {const} */ ([one, t.status[one]]))],
    { name: "state" },
  );
  const again = el("button", { type: "button" }, t.refresh);
  const more = el("button", { type: "button", hidden: true }, text.more);
  const rows = el("tbody");
  const outcome = el("div");
  const hint = el("p", { class: "hint", hidden: true }, text.empty);
  /** @type {string | null} */
  let cursor = null;
  const filter = () => (state.value === "" ? {} : { status: /** @type {Status} */ (state.value) });
  const curl = curlBox({ t, locale, session }, () => ({
    id: "tasks.list",
    query: { limit: "20", ...filter() },
  }));

  const row = (/** @type {TaskSummary} */ task) => {
    const params = { id: task.request_id };
    const line = el("tr");
    const look = el(
      "button",
      { type: "button", class: "quiet", "aria-expanded": "false" },
      text.details,
    );
    const cancel = el("button", { type: "button", class: "quiet" }, t.cancel);
    const detail = el("tr", { class: "detail", hidden: true });
    look.addEventListener("click", () => {
      detail.hidden = !detail.hidden;
      look.setAttribute("aria-expanded", String(!detail.hidden));
      if (detail.hidden) return;
      void attempt({ button: look, outcome, t }, async () => {
        const full = await session.naru.call("tasks.get", { params });
        fill(detail, el("td", { colspan: "5" }, el("pre", { tabindex: "0" }, pretty(full))));
      });
    });
    cancel.addEventListener(
      "click",
      () =>
        void attempt({ button: cancel, outcome, t }, async () => {
          show(await session.naru.call("tasks.cancel", { params }));
        }),
    );
    const show = (/** @type {TaskSummary} */ now) => {
      const isOpen = now.status === "queued" || now.status === "running";
      fill(
        line,
        el("td", {}, badge(now.status, t)),
        el(
          "td",
          {},
          el("b", {}, now.kind),
          el("br"),
          el("code", { class: "fine" }, now.request_id),
        ),
        el("td", {}, localTime(now.created_at, locale)),
        el(
          "td",
          { class: "number" },
          now.completed_at === null ? "–" : duration(now.execution_time, locale),
        ),
        el("td", { class: "end" }, isOpen ? cancel : null, look),
      );
    };
    show(task);
    return [line, detail];
  };

  const load = async (/** @type {boolean} */ isMore) => {
    const query = { limit: 20, ...filter(), ...(isMore && cursor !== null && { cursor }) };
    const page = await session.naru.call("tasks.list", { query });
    if (!isMore) fill(rows);
    rows.append(...page.items.flatMap(row));
    cursor = page.next_cursor;
    more.hidden = cursor === null;
    hint.hidden = rows.childElementCount > 0;
  };
  const reload = () => void attempt({ button: again, outcome, t }, () => load(false));
  again.addEventListener("click", reload);
  state.addEventListener("change", () => {
    curl.update();
    reload();
  });
  more.addEventListener(
    "click",
    () => void attempt({ button: more, outcome, t }, () => load(true)),
  );

  const titles = [text.state, text.kind, text.created, text.took].map((title) =>
    el("th", { scope: "col" }, title),
  );
  const element = panelFrame(
    "tasks",
    text,
    el(
      "div",
      { class: "card" },
      el("div", { class: "row" }, labelled(text.filter, state), again),
      outcome,
      el(
        "div",
        { class: "scroll" },
        el("table", { class: "tasks" }, el("thead", {}, el("tr", {}, titles, el("td"))), rows),
      ),
      hint,
      el("div", { class: "actions" }, more),
    ),
    curl.box,
  );
  session.onChange(() => {
    fill(rows);
    more.hidden = true;
  });
  return { id: "tasks", title: text.title, element, onShow: reload };
}
