import { curlBox } from "./curl.js";
import { el, fill, labelled } from "./dom.js";
import { attempt, badge, duration, facts, localTime, panelFrame } from "./panel.js";

/** @import {WhoAmI} from "/vendor/client/naru.js" */
/** @import {CreatePanel} from "./context.js" */

/** @type {CreatePanel} */
export function createAccountPanel({ t, locale, session }) {
  const text = t.account;
  const curl = curlBox({ t, locale, session }, () => ({ id: "auth.test" }));
  const body = el("div");

  const keyForm = () => {
    const key = el("input", {
      type: "password",
      name: "key",
      autocomplete: "off",
      spellcheck: "false",
      required: true,
      placeholder: "nr_…",
    });
    const keep = el("input", { type: "checkbox", name: "keep" });
    const button = el("button", { class: "primary" }, text.useKey);
    const outcome = el("div");
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      void attempt({ button, outcome, t }, () => session.useKey(key.value.trim(), keep.checked));
    };
    return el(
      "form",
      { class: "card", onsubmit: submit, id: "key-form" },
      el("h3", {}, text.withKey),
      labelled(text.key, key),
      el("p", { class: "fine" }, text.keyHint),
      el("label", { class: "check" }, keep, text.keepKey),
      button,
      outcome,
    );
  };

  const passwordForm = () => {
    const email = el("input", {
      type: "email",
      name: "email",
      autocomplete: "username",
      required: true,
    });
    const password = el("input", {
      type: "password",
      name: "password",
      autocomplete: "current-password",
      required: true,
    });
    const button = el("button", { class: "primary" }, text.signIn);
    const outcome = el("div");
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      void attempt({ button, outcome, t }, () =>
        session.signIn(email.value.trim(), password.value),
      );
    };
    return el(
      "form",
      { class: "card", onsubmit: submit, id: "password-form" },
      el("h3", {}, text.withPassword),
      labelled(text.email, email),
      labelled(text.password, password),
      el("p", { class: "fine" }, text.passwordHint),
      button,
      outcome,
    );
  };

  const registerForm = () => {
    const name = el("input", {
      name: "name",
      autocomplete: "name",
      required: true,
      maxlength: "100",
    });
    const email = el("input", {
      type: "email",
      name: "email",
      autocomplete: "username",
      required: true,
    });
    const password = el("input", {
      type: "password",
      name: "password",
      autocomplete: "new-password",
      minlength: "8",
      maxlength: "128",
      required: true,
    });
    const button = el("button", {}, text.register);
    const outcome = el("div");
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      void attempt({ button, outcome, t }, async () => {
        const address = email.value.trim();
        await session.register({ name: name.value, email: address, password: password.value });
        await session.signIn(address, password.value);
      });
    };
    return el(
      "details",
      { class: "card" },
      el("summary", {}, el("h3", {}, text.register)),
      el(
        "form",
        { onsubmit: submit, id: "register-form" },
        labelled(text.name, name),
        labelled(text.email, email),
        labelled(text.password, password),
        el("p", { class: "fine" }, text.registerHint),
        button,
        outcome,
      ),
    );
  };

  const known = (/** @type {WhoAmI} */ who) => {
    const again = el("button", {}, t.refresh);
    const leave = el("button", {}, t.signOut);
    const outcome = el("div");
    again.addEventListener(
      "click",
      () => void attempt({ button: again, outcome, t }, session.lookAgain),
    );
    leave.addEventListener(
      "click",
      () => void attempt({ button: leave, outcome, t }, session.signOut),
    );
    return [
      el(
        "div",
        { class: "card" },
        facts([
          [text.owner, el("code", {}, who.owner_id)],
          [text.role, badge(who.role, t)],
          [text.credential, who.key_id === null ? null : el("code", {}, who.key_id)],
          [text.session, who.session_id === null ? null : el("code", {}, who.session_id)],
          [text.expires, who.expires_at === null ? text.never : localTime(who.expires_at, locale)],
          [
            text.scopes,
            el(
              "span",
              { class: "chips" },
              who.scopes.map((scope) => el("code", {}, scope)),
            ),
          ],
        ]),
        el("div", { class: "actions" }, again, leave),
        outcome,
      ),
      el("div", { class: "card" }, el("h3", {}, text.limits), limitsTable(who)),
    ];
  };

  const limitsTable = (/** @type {WhoAmI} */ who) =>
    el(
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
            [text.policy, text.left, text.window].map((title) => el("th", { scope: "col" }, title)),
          ),
        ),
        el(
          "tbody",
          {},
          who.limits.map((limit) =>
            el(
              "tr",
              {},
              el("th", { scope: "row" }, el("code", {}, limit.policy)),
              el(
                "td",
                {},
                el("meter", {
                  min: "0",
                  max: limit.limit,
                  low: limit.limit * 0.2,
                  value: limit.remaining,
                  "aria-label": limit.policy,
                }),
                ` ${limit.remaining} / ${limit.limit}`,
              ),
              el(
                "td",
                {},
                limit.window_seconds === null
                  ? text.atOnce
                  : text.per(duration(limit.window_seconds, locale)),
                limit.reset_seconds === null || limit.remaining === limit.limit
                  ? null
                  : el(
                      "span",
                      { class: "fine" },
                      ` · ${text.resets(duration(limit.reset_seconds, locale))}`,
                    ),
              ),
            ),
          ),
        ),
      ),
    );

  const show = () => {
    const { whoAmI } = session;
    fill(
      body,
      ...(whoAmI === null
        ? [el("div", { class: "columns" }, keyForm(), passwordForm()), registerForm()]
        : known(whoAmI)),
    );
  };
  session.onChange(show);
  show();
  return {
    id: "account",
    title: text.title,
    isOpen: true,
    element: panelFrame("account", text, body, curl.box),
  };
}
