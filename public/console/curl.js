import { OPERATIONS } from "/vendor/client/operations.js";
import { copyFrom, el, fill } from "./dom.js";

/** @import {OperationId} from "/vendor/client/naru.js" */
/** @import {Context} from "./context.js" */

/**
 * @typedef {object} Request
 * @property {OperationId} id
 * @property {Readonly<Record<string, string>>} [params]
 * @property {Readonly<Record<string, string>>} [query]
 * @property {unknown} [body]
 * @property {readonly string[]} [headers]
 * @property {boolean} [isPublic] It needs no credential.
 * @property {boolean} [isStream] Its answer is to be shown as it comes.
 */

/**
 * Text in single quotes, as a shell reads it.
 * @param {string} text
 */
const quoted = (text) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/**
 * A call as a command to paste. The credential stands in a variable: a secret never appears in what people copy.
 * @param {Request} request
 * @param {string} origin
 * @param {string} credential
 */
export function curlOf(
  { id, params = {}, query = {}, body, headers = [], ...more },
  origin,
  credential,
) {
  const [method, template] = OPERATIONS[id];
  const path = template.replaceAll(/\{(\w+)\}/g, (_whole, name) =>
    encodeURIComponent(params[name] ?? ""),
  );
  const search = new URLSearchParams(query).toString();
  const url = `${origin}${path}${search === "" ? "" : `?${search}`}`;
  const isPlain = method === "GET" || (method === "POST" && body !== undefined);
  return [
    `curl -s${more.isStream === true ? "N" : ""}${isPlain ? "" : ` -X ${method}`} ${quoted(url)}`,
    ...(more.isPublic === true ? [] : [`-H ${credential}`]),
    ...headers.map((header) => `-H ${quoted(header)}`),
    ...(body === undefined
      ? []
      : ["-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(body))}`]),
  ].join(" \\\n  ");
}

/**
 * The same call as `curl` makes it, kept up to date by `update`.
 * @param {Context} context
 * @param {() => Request} request
 */
export function curlBox({ t, session }, request) {
  const code = el("code");
  const copy = el("button", { type: "button", class: "quiet" }, t.copy);
  const text = () => curlOf(request(), location.origin, session.curlHeader);
  copy.addEventListener("click", () => void copyFrom(copy, text(), t.copied));
  const box = el(
    "details",
    { class: "curl" },
    el("summary", {}, t.sameByCurl),
    el("div", { class: "curl-body" }, el("pre", { tabindex: "0" }, code), copy),
  );
  const update = () => fill(code, text());
  update();
  session.onChange(update);
  return { box, update };
}
