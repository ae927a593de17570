import { curlBox } from "./curl.js";
import { el, fill, labelled, select } from "./dom.js";
import { attempt, badge, panelFrame } from "./panel.js";

/** @import {ValidateCode} from "/vendor/client/naru.js" */
/** @import {CreatePanel} from "./context.js" */

const SAMPLE = `import os


def area(radius):
    return eval("3.14159 * radius ** 2")
`;
/** @type {readonly (readonly [string, string])[]} */
const LANGUAGES = [
  ["python", "Python"],
  ["javascript", "JavaScript"],
  ["typescript", "TypeScript"],
];

/** @type {CreatePanel} */
export function createCodePanel({ t, locale, session }) {
  const text = t.code;
  const code = el("textarea", {
    name: "code",
    rows: "10",
    class: "mono",
    spellcheck: "false",
    required: true,
    maxlength: "100000",
  });
  code.value = SAMPLE;
  const language = select(LANGUAGES, { name: "language" });
  const type = select(Object.entries(text.types), { name: "type" });
  const button = el("button", { class: "primary" }, text.check);
  const outcome = el("div", { class: "outcome", "aria-live": "polite" });
  const body = () =>
    /** @type {ValidateCode} */ ({
      code: code.value,
      language: language.value,
      validation_type: type.value,
    });
  const curl = curlBox({ t, locale, session }, () => ({ id: "code.validate", body: body() }));

  const check = async () => {
    fill(outcome);
    const { valid, issues } = await session.naru.call("code.validate", { body: body() });
    fill(
      outcome,
      el(
        "div",
        { class: "card" },
        el("p", {}, el("strong", {}, valid ? text.valid : text.invalid)),
        issues.length === 0 ? el("p", {}, text.noIssues) : null,
        el(
          "ul",
          { class: "issues" },
          issues.map((issue) =>
            el(
              "li",
              {},
              badge(issue.severity, t),
              el("code", {}, issue.rule),
              el("span", {}, issue.message),
              el("span", { class: "fine" }, text.line(issue.line, issue.column)),
            ),
          ),
        ),
      ),
    );
  };
  const form = el(
    "form",
    {
      class: "card",
      id: "code-form",
      oninput: curl.update,
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        void attempt({ button, outcome, t }, check);
      },
    },
    labelled(text.code, code),
    el(
      "div",
      { class: "row" },
      labelled(text.language, language),
      labelled(text.what, type),
      button,
    ),
  );
  return {
    id: "code",
    title: text.title,
    element: panelFrame("code", text, form, outcome, curl.box),
  };
}
