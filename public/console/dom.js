/**
 * Elements from code. Text goes in as text nodes and attributes as attributes: nothing here, and nothing that uses
 * this, ever parses markup, so what a scraped page or a model says can only be read.
 */

/** @typedef {Node | string | number | null | undefined | false} Child */
/** @typedef {Readonly<Record<string, string | number | boolean | null | undefined | ((event: Event) => unknown)>>} Properties */

/**
 * Makes an element. `on…` properties are listeners, `class` and everything else are attributes; a `true` one is empty, a false or null one is left out.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Properties} [properties]
 * @param {...(Child | readonly Child[])} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === false || value === null || value === undefined) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  fill(element, ...children);
  return element;
}

/**
 * Replaces what stands in an element.
 * @param {Element} element
 * @param {...(Child | readonly Child[])} children
 */
export function fill(element, ...children) {
  element.replaceChildren(
    ...children.flat().flatMap((child) => {
      if (child === null || child === undefined || child === false) return [];
      return [child instanceof Node ? child : String(child)];
    }),
  );
}

let count = 0;

/**
 * A label over its field, tied together.
 * @template {HTMLElement} T
 * @param {string} text
 * @param {T} field
 * @param {string} [className]
 */
export function labelled(text, field, className = "field") {
  count += 1;
  field.id ||= `f${count}`;
  return el("div", { class: className }, el("label", { for: field.id }, text), field);
}

/**
 * @param {readonly (readonly [value: string, text: string])[]} options
 * @param {Properties} [properties]
 */
export const select = (options, properties = {}) =>
  el(
    "select",
    properties,
    options.map(([value, text]) => el("option", { value }, text)),
  );

/**
 * What a value is as indented JSON.
 * @param {unknown} value
 */
export const pretty = (value) => JSON.stringify(value, null, 2) ?? "";

/**
 * Puts text on the clipboard and says so on the button for a moment.
 * @param {HTMLButtonElement} button
 * @param {string} text
 * @param {string} done
 */
export async function copyFrom(button, text, done) {
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = done;
    setTimeout(() => {
      button.textContent = before;
    }, 1500);
  } catch {
    // Without the permission there is still the text to be marked.
  }
}
