import { curlBox } from "./curl.js";
import { el, fill, labelled } from "./dom.js";
import { attempt, badge, eventLog, panelFrame } from "./panel.js";
import { problemBox } from "./problem.js";

/** @import {CreatePanel} from "./context.js" */

/** @type {CreatePanel} */
export function createLivePanel({ t, locale, session }) {
  const text = t.live;
  const log = eventLog(text.title, text.empty);
  const state = el("span", { class: "badge", role: "status" }, text.state.disconnected);
  const button = el(
    "button",
    { class: "primary", type: "button", id: "live-connect" },
    text.connect,
  );
  const echo = el("button", { type: "button", id: "live-echo" }, text.echo);
  const channel = el("input", {
    name: "channel",
    value: "public:console",
    required: true,
    maxlength: "128",
    spellcheck: "false",
  });
  const words = el("input", { name: "text", required: true, maxlength: "1000" });
  const publish = el("button", {}, text.publish);
  const outcome = el("div");
  const own = el("code", {}, "user:…");
  const ownChannel = () => `user:${session.whoAmI?.owner_id ?? "…"}`;
  const curl = curlBox({ t, locale, session }, () => ({
    id: "realtime.sse",
    query: { channel: ownChannel() },
    isStream: true,
  }));
  /** Those that the present client follows. @type {Set<string>} */
  const followed = new Set();

  const follow = (/** @type {string} */ name) => {
    if (followed.has(name)) return;
    followed.add(name);
    session.naru.realtime.subscribe(name, {
      onEvent: ({ event, payload, offset }) => {
        const { status } = /** @type {{ status?: unknown }} */ (payload ?? {});
        log.add(
          event,
          typeof status === "string" ? [badge(status, t), " "] : null,
          el("span", { class: "fine" }, `${name === ownChannel() ? "" : name} #${offset}`),
          el("code", { class: "block" }, JSON.stringify(payload).slice(0, 600)),
        );
      },
      onSubscribed: ({ channel: entered }) => log.add(text.following, el("code", {}, entered)),
      onEnd: (error) => {
        followed.delete(name);
        outcome.append(problemBox(error, t));
      },
    });
  };

  session.onSocket((now, error) => {
    fill(state, text.state[now]);
    state.className = `badge ${now}`;
    fill(button, now === "disconnected" ? text.connect : text.disconnect);
    if (now === "connected" && log.list.querySelector(".hint")) log.clear(text.waiting);
    if (error !== null) outcome.append(problemBox(error, t));
  });
  let client = session.naru;
  session.onChange(() => {
    fill(own, ownChannel());
    if (session.naru === client) return;
    // Another caller has another client; the socket of the one before is closed.
    client = session.naru;
    followed.clear();
    log.clear();
    fill(outcome);
    fill(state, text.state.disconnected);
    state.className = "badge";
    fill(button, text.connect);
  });

  button.addEventListener("click", () => {
    fill(outcome);
    const { realtime } = session.naru;
    if (realtime.state !== "disconnected") return realtime.disconnect();
    follow(ownChannel());
    return realtime.connect();
  });
  echo.addEventListener(
    "click",
    () =>
      void attempt({ button: echo, outcome, t }, async () => {
        await session.naru.call("tasks.create", {
          body: { kind: "echo", input: { hello: "ferry" } },
          headers: { Prefer: "respond-async" },
        });
      }),
  );
  const form = el(
    "form",
    {
      class: "row",
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        void attempt({ button: publish, outcome, t }, async () => {
          follow(channel.value);
          session.naru.realtime.connect();
          await session.naru.realtime.publish(channel.value, "note", { text: words.value });
          words.value = "";
        });
      },
    },
    labelled(text.channel, channel),
    labelled(text.text, words, "field wide"),
    publish,
  );
  const element = panelFrame(
    "live",
    text,
    el(
      "div",
      { class: "card" },
      el("div", { class: "actions" }, button, echo, state, own),
      outcome,
      log.list,
    ),
    el("div", { class: "card" }, form),
    curl.box,
  );
  return { id: "live", title: text.title, element };
}
