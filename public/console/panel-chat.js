import { curlBox } from "./curl.js";
import { el, fill, labelled } from "./dom.js";
import { attempt, panelFrame } from "./panel.js";

/** @import {CreatePanel} from "./context.js" */

/**
 * What events of the stream carry.
 * @typedef {{ text?: string, conversation_id?: string, model?: string, cached?: boolean, usage?: { prompt_tokens: number, completion_tokens: number } }} ChatData
 */

/** @type {CreatePanel} */
export function createChatPanel({ t, locale, session }) {
  const text = t.chat;
  let conversation = "";
  const talk = el("div", { class: "talk", role: "log", "aria-label": text.title, tabindex: "0" });
  const clear = () => fill(talk, el("p", { class: "hint" }, text.empty));
  clear();
  const message = el("textarea", {
    name: "message",
    rows: "3",
    required: true,
    maxlength: "100000",
    placeholder: `${text.placeholder} ${text.sample}`,
  });
  const button = el("button", { class: "primary" }, t.send);
  const stop = el("button", { type: "button", hidden: true }, t.stop);
  const fresh = el("button", { type: "button", class: "quiet" }, text.fresh);
  const outcome = el("div");
  const body = () => ({
    message: message.value || text.sample,
    ...(conversation !== "" && { conversation_id: conversation }),
  });
  const curl = curlBox({ t, locale, session }, () => ({
    id: "chat.stream",
    body: body(),
    isStream: true,
  }));

  fresh.addEventListener("click", () => {
    conversation = "";
    clear();
    curl.update();
    message.focus();
  });

  const say = async () => {
    const said = body();
    talk.querySelector(":scope > .hint")?.remove();
    const answer = el("div", { class: "said" });
    const note = el("p", { class: "fine" }, t.working);
    const question = el(
      "div",
      { class: "turn mine" },
      el("b", {}, text.you),
      el("p", { class: "said" }, said.message),
    );
    const reply = el("div", { class: "turn" }, el("b", {}, "Naru"), answer, note);
    talk.append(question, reply);
    message.value = "";
    let written = "";
    const leaving = new AbortController();
    const leave = () => leaving.abort();
    stop.addEventListener("click", leave);
    stop.hidden = false;
    try {
      for await (const { event, data } of session.naru.stream("chat.stream", {
        body: said,
        signal: leaving.signal,
      })) {
        const told = /** @type {ChatData} */ (data);
        conversation = told.conversation_id ?? conversation;
        if (event === "delta") {
          written += told.text ?? "";
          fill(answer, proseOf(written));
        }
        if (event === "done")
          fill(
            note,
            [
              told.model,
              told.usage && text.usage(told.usage.prompt_tokens, told.usage.completion_tokens),
              told.cached === true && text.cached,
            ]
              .filter(Boolean)
              .join(" · "),
          );
        talk.scrollTop = talk.scrollHeight;
      }
    } catch (error) {
      if (written === "" && !leaving.signal.aborted) {
        // Nothing came of it: it is put back to be said again.
        question.remove();
        reply.remove();
        if (talk.childElementCount === 0) clear();
        message.value = said.message;
      }
      fill(note, leaving.signal.aborted ? text.stopped : null);
      throw error;
    } finally {
      stop.hidden = true;
      stop.removeEventListener("click", leave);
      curl.update();
    }
  };

  const form = el(
    "form",
    {
      class: "card",
      id: "chat-form",
      oninput: curl.update,
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        void attempt({ button, outcome, t }, say);
      },
    },
    labelled(text.message, message),
    el("div", { class: "actions" }, button, stop, fresh),
    outcome,
  );
  // Enter sends, as people expect of a chat; a line break is Shift and Enter. A syllable that is being composed is not finished by it.
  message.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  return {
    id: "chat",
    title: text.title,
    element: panelFrame("chat", text, el("div", { class: "card" }, talk), form, curl.box),
  };
}

/**
 * A text with its fenced code set apart; a fence that is still open runs to the end.
 * @param {string} text
 */
function proseOf(text) {
  return text
    .split(/^```[^\n]*\n?/m)
    .map((part, i) => (i % 2 === 0 ? part : el("pre", { tabindex: "0" }, part.trimEnd())))
    .map((part) => (typeof part === "string" ? part.trim() : part));
}
