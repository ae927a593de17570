import { curlBox } from "./curl.js";
import { el, fill } from "./dom.js";
import { attempt, panelFrame } from "./panel.js";

/** @import {UsageReport} from "/vendor/client/naru.js" */
/** @import {CreatePanel} from "./context.js" */

/** @type {CreatePanel} */
export function createUsagePanel({ t, locale, session }) {
  const text = t.usage;
  const again = el("button", { type: "button" }, t.refresh);
  const outcome = el("div");
  const body = el("div");
  const curl = curlBox({ t, locale, session }, () => ({ id: "usage.get" }));
  const numbers = new Intl.NumberFormat(locale);
  const money = new Intl.NumberFormat(locale, {
    style: "currency",
    currency: "USD",
    maximumFractionDigits: 4,
  });
  const tile = (/** @type {string} */ title, /** @type {string} */ value, note = "") =>
    el(
      "div",
      { class: "tile" },
      el("dt", {}, title),
      el("dd", {}, value, note === "" ? null : el("span", { class: "fine" }, ` ${note}`)),
    );
  /** An answer whose model has no price did cost something: nobody knows how much. */
  const costTile = (/** @type {UsageReport["total"]} */ total) => {
    const { cost_usd: cost, answers, unpriced_answers: unpriced } = total;
    const isUnknown = unpriced > 0 && unpriced === answers;
    return tile(
      text.cost,
      isUnknown ? "–" : money.format(cost),
      unpriced === 0 ? "" : text.unpriced(numbers.format(unpriced)),
    );
  };

  const days = (/** @type {UsageReport["by_day"]} */ list) => {
    const most = Math.max(1, ...list.map(({ requests }) => requests));
    return el(
      "ul",
      { class: "bars" },
      list.map(({ day, requests }) =>
        el(
          "li",
          {},
          el("span", { class: "fine" }, day),
          el("meter", { class: "bar", min: "0", max: most, value: requests, "aria-label": day }),
          el("span", { class: "number" }, numbers.format(requests)),
        ),
      ),
    );
  };

  const keys = (/** @type {UsageReport["by_key"]} */ list) => {
    const titles = [text.key, text.requests, text.answers, text.tokens];
    return el(
      "div",
      { class: "scroll" },
      el(
        "table",
        {},
        el(
          "thead",
          {},
          el(
            "tr",
            {},
            titles.map((title, i) => el("th", { scope: "col", class: i > 0 && "number" }, title)),
          ),
        ),
        el(
          "tbody",
          {},
          list.map((one) =>
            el(
              "tr",
              {},
              el(
                "th",
                { scope: "row" },
                one.key_id === null
                  ? text.signedIn
                  : [one.name ?? "", " ", el("code", { class: "fine" }, one.key_id)],
              ),
              [one.requests, one.answers, one.total_tokens].map((value) =>
                el("td", { class: "number" }, numbers.format(value)),
              ),
            ),
          ),
        ),
      ),
    );
  };

  const load = async () => {
    const { total, by_day: byDay, by_key: byKey } = await session.naru.call("usage.get");
    fill(
      body,
      el(
        "dl",
        { class: "tiles" },
        tile(text.requests, numbers.format(total.requests)),
        tile(text.tasks, numbers.format(total.tasks)),
        tile(text.answers, numbers.format(total.answers)),
        tile(text.tokens, numbers.format(total.total_tokens)),
        costTile(total),
      ),
      byDay.length === 0
        ? null
        : el("div", { class: "card" }, el("h3", {}, text.byDay), days(byDay)),
      byKey.length === 0
        ? null
        : el("div", { class: "card" }, el("h3", {}, text.byKey), keys(byKey)),
    );
  };
  const reload = () => void attempt({ button: again, outcome, t }, load);
  again.addEventListener("click", reload);
  session.onChange(() => fill(body));
  const element = panelFrame("usage", { ...text, action: again }, outcome, body, curl.box);
  return { id: "usage", title: text.title, element, onShow: reload };
}
