import { NaruError } from "/vendor/client/naru.js";
import { el } from "./dom.js";

/** @import {Texts} from "./texts-en.js" */

/**
 * A refusal as the server words it: what happened, what to do, every fault of the input, and the id under which the server's log knows it.
 * @param {unknown} error
 * @param {Texts} t
 */
export function problemBox(error, t) {
  if (!(error instanceof NaruError))
    return el(
      "div",
      { class: "problem", role: "alert" },
      error instanceof Error ? error.message : String(error),
    );
  const { problem, code, requestId, retryAfterMs } = error;
  const title = problem?.title ?? (code === "NETWORK" ? t.notReached : code);
  const happened = code === "NETWORK" ? t.notReachedDetail : error.message;
  const known = /^[A-Z_]+$/.test(code) && problem !== null;
  return el(
    "div",
    { class: "problem", role: "alert" },
    el("strong", {}, title),
    el("p", {}, happened),
    problem?.detail ? el("p", {}, problem.detail) : null,
    problem?.errors
      ? el(
          "ul",
          {},
          problem.errors.map((fault) =>
            el("li", {}, el("code", {}, fault.pointer || "/"), ` ${fault.message}`),
          ),
        )
      : null,
    retryAfterMs ? el("p", {}, t.retryAfter(Math.ceil(retryAfterMs / 1000))) : null,
    el(
      "p",
      { class: "fine" },
      known ? el("a", { href: `/errors/${code}` }, code) : code,
      requestId === null ? null : [" · ", t.requestId, " ", el("code", {}, requestId)],
    ),
  );
}
